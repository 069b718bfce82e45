"""The use cases of flows: they are written, switched on and off, and people enter them.

People read through their own transaction; what is written goes through the service for them, which
sees the same rows and no others.
"""

from typing import Any
from uuid import UUID

from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows import engine, rules
from lodestone.domains.email.flows.models import (
    MOST_STEPS,
    Flow,
    FlowDraft,
    FlowRow,
    FlowRules,
    FlowStatus,
    Step,
    StepDraft,
    StepStats,
    Trigger,
)
from lodestone.domains.email.flows.queries import flows as queries
from lodestone.domains.email.flows.writing import Brief, Written
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "activate_flow",
    "add_step",
    "brief_series",
    "change_rules",
    "change_step",
    "delete_flow",
    "draft_flow",
    "get_flow",
    "get_step",
    "list_flows",
    "list_lead_magnets",
    "list_stats",
    "list_steps",
    "move_step",
    "pause_flow",
    "preview_step",
    "remove_step",
    "replace_steps",
    "revise_flow",
]


async def list_flows(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[FlowRow], int]:
    """Return a page of a workspace's flows and how many it has in all."""
    team_id = scope.home_team_id
    if team_id is None:
        return [], 0
    rows = await queries.list_flows(
        tx, team_id=team_id, search=search, status=status, limit=limit, offset=offset
    )
    total = await queries.count_flows(tx, team_id=team_id, search=search, status=status)
    return [FlowRow.model_validate(dict(row)) for row in rows], total


async def get_flow(tx: Tx, *, scope: Scope, flow_id: UUID) -> Flow:
    """Return a flow of a workspace. Raises NotFound when it is missing or another's."""
    flow = Flow.model_validate(dict(await queries.get_flow(tx, flow_id=flow_id)))
    if flow.team_id != scope.home_team_id:
        raise NotFound("There is no such flow.")
    return flow


async def list_steps(tx: Tx, *, flow_id: UUID) -> list[Step]:
    """Return the steps of a flow in their order."""
    rows = await queries.list_steps(tx, flow_id=flow_id)
    return [Step.model_validate(dict(row)) for row in rows]


async def list_stats(tx: Tx, *, flow_id: UUID) -> dict[UUID, StepStats]:
    """Return what became of each step so far."""
    rows = await queries.list_step_stats(tx, flow_id=flow_id)
    return {row["step_id"]: StepStats.model_validate(dict(row)) for row in rows}


async def list_lead_magnets(tx: Tx, *, scope: Scope) -> list[tuple[str, str]]:
    """Return the magnets that a flow of the workspace may begin with."""
    if scope.home_team_id is None:
        return []
    rows = await queries.list_lead_magnets(tx, team_id=scope.home_team_id, user_id=scope.author_id)
    return [(str(row["id"]), row["title"]) for row in rows]


async def draft_flow(
    tx: Tx, *, scope: Scope, team_id: UUID, tenant_id: UUID, given: FlowDraft
) -> UUID:
    """Draft a flow without steps and return its id."""
    return await queries.insert_flow(
        tx,
        tenant_id=tenant_id,
        team_id=team_id,
        user_id=scope.user_id,
        values=_flow_values(given),
    )


async def revise_flow(tx: Tx, *, scope: Scope, flow_id: UUID, given: FlowDraft) -> None:
    """Change what a flow is; how people enter stays while it is active.

    Raises: Conflict for another trigger of an active flow.
    """
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    before = (flow.trigger_type, flow.trigger_lead_magnet_id, flow.trigger_event_type)
    after = (given.trigger_type, given.trigger_lead_magnet_id, given.trigger_event_type)
    if not flow.is_open and before != after:
        raise Conflict("Pause the flow before you change how people enter.")
    await queries.update_flow(tx, flow_id=flow_id, values=_flow_values(given))


def _flow_values(given: FlowDraft) -> dict[str, Any]:
    return {**given.model_dump(), "description": given.description or None}


async def change_rules(tx: Tx, *, scope: Scope, flow_id: UUID, given: FlowRules) -> None:
    """Change how a flow ends, who it is from and when its mails go out."""
    await get_flow(tx, scope=scope, flow_id=flow_id)
    values = {
        name: (value if isinstance(value, bool | list) else value or None)
        for name, value in given.model_dump().items()
    }
    await queries.update_rules(tx, flow_id=flow_id, values=values)


async def add_step(tx: Tx, *, scope: Scope, flow_id: UUID, given: StepDraft) -> UUID:
    """Add a step at the end. Raises Conflict while the flow is active, InvalidInput for fields."""
    flow = await _open_flow(tx, scope=scope, flow_id=flow_id)
    await _check_step(tx, flow, given)
    if len(await queries.list_steps(tx, flow_id=flow_id)) >= MOST_STEPS:
        raise Conflict(f"A flow has at most {MOST_STEPS} mails.")
    return await queries.insert_step(
        tx, flow_id=flow_id, step_number=None, values=_step_values(given)
    )


async def change_step(
    tx: Tx, *, scope: Scope, flow_id: UUID, step_id: UUID, given: StepDraft
) -> None:
    """Change a step. Raises as `add_step`, and NotFound."""
    flow = await _open_flow(tx, scope=scope, flow_id=flow_id)
    await _find_step(tx, flow_id=flow_id, step_id=step_id)
    await _check_step(tx, flow, given)
    await queries.update_step(tx, step_id=step_id, values=_step_values(given))


async def move_step(tx: Tx, *, scope: Scope, flow_id: UUID, step_id: UUID, to: int) -> None:
    """Put a step at another place, counted from 0. Raises as `change_step`."""
    await _open_flow(tx, scope=scope, flow_id=flow_id)
    step = await _find_step(tx, flow_id=flow_id, step_id=step_id)
    order = [row["id"] for row in await queries.list_steps(tx, flow_id=flow_id)]
    order.remove(step.id)
    order.insert(max(0, min(to, len(order))), step.id)
    await queries.renumber_steps(tx, flow_id=flow_id, step_ids=order)


async def remove_step(tx: Tx, *, scope: Scope, flow_id: UUID, step_id: UUID) -> None:
    """Delete a step; people keep their place among the others. Raises as `change_step`."""
    await _open_flow(tx, scope=scope, flow_id=flow_id)
    step = await _find_step(tx, flow_id=flow_id, step_id=step_id)
    await queries.delete_step(tx, flow_id=flow_id, step_id=step_id, step_number=step.step_number)


async def get_step(tx: Tx, *, scope: Scope, flow_id: UUID, step_id: UUID) -> Step:
    """Return a step of a workspace's flow. Raises NotFound when there is none."""
    await get_flow(tx, scope=scope, flow_id=flow_id)
    return await _find_step(tx, flow_id=flow_id, step_id=step_id)


async def brief_series(tx: Tx, *, scope: Scope, flow_id: UUID, count: int) -> Brief:
    """Return what the mails of a flow are to be about. Raises Conflict while it is active."""
    flow = await _open_flow(tx, scope=scope, flow_id=flow_id)
    brand = await designs.find_brand(tx, team_id=flow.team_id)
    magnet = None
    if flow.trigger_lead_magnet_id is not None:
        magnet = await queries.find_lead_magnet(tx, lead_magnet_id=flow.trigger_lead_magnet_id)
    return Brief(
        flow_name=flow.name,
        description=flow.description or "",
        trigger=rules.describe_trigger(
            flow.trigger_type,
            event=flow.trigger_event_type,
            lead_magnet=magnet["title"] if magnet else None,
        ),
        goal=rules.HAPPENINGS[flow.goal_event] if flow.goal_event else "",
        sender_name=brand.name,
        audience=(magnet["target_audience"] or "") if magnet else "",
        resource=magnet["title"] if magnet else "",
        count=count,
    )


async def replace_steps(tx: Tx, *, scope: Scope, flow_id: UUID, written: list[Written]) -> None:
    """Put written mails in the place of all steps. Raises Conflict while the flow is active."""
    flow = await _open_flow(tx, scope=scope, flow_id=flow_id)
    await queries.delete_steps(tx, flow_id=flow_id)
    for number, (mail, delay) in enumerate(
        zip(written, rules.delays_of([mail.day for mail in written]), strict=True)
    ):
        draft = StepDraft(subject=mail.subject, body=mail.body, delay_days=delay)
        await _check_step(tx, flow, draft)
        await queries.insert_step(
            tx, flow_id=flow_id, step_number=number, values=_step_values(draft)
        )


def _step_values(given: StepDraft) -> dict[str, Any]:
    return {
        **given.model_dump(exclude={"only_if"}),
        "only_if": [condition.model_dump() for condition in given.only_if],
    }


async def _open_flow(tx: Tx, *, scope: Scope, flow_id: UUID) -> Flow:
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    if not flow.is_open:
        raise Conflict("Pause the flow before you change its mails.")
    return flow


async def _find_step(tx: Tx, *, flow_id: UUID, step_id: UUID) -> Step:
    for step in await list_steps(tx, flow_id=flow_id):
        if step.id == step_id:
            return step
    raise NotFound("There is no such step.")


async def _check_step(tx: Tx, flow: Flow, given: StepDraft) -> None:
    designs.check_fields(
        {"subject": given.subject, "preheader": given.preheader, "body": given.body},
        with_resource=flow.has_resource,
    )
    if given.design_id is not None:
        await designs.get_design(tx, team_id=flow.team_id, design_id=given.design_id)


async def activate_flow(tx: Tx, *, scope: Scope, flow_id: UUID) -> None:
    """Switch a flow on: people enter from now on, and who is due goes on.

    Raises: InvalidInput naming what is missing; Conflict for a second flow of a lead magnet.
    """
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    steps = await list_steps(tx, flow_id=flow_id)
    missing = await _what_is_missing(tx, flow, steps)
    if missing:
        raise InvalidInput("This flow can't be switched on yet.", fields=missing)
    if flow.trigger_type is Trigger.LEAD_MAGNET and flow.trigger_lead_magnet_id is not None:
        other = await queries.find_active_flow_name(
            tx, lead_magnet_id=flow.trigger_lead_magnet_id, but_not=flow.id
        )
        if other is not None:
            raise Conflict(f"“{other}” is the active flow of this lead magnet. Pause it first.")
    await queries.set_status(tx, flow_id=flow_id, status=FlowStatus.ACTIVE)


async def _what_is_missing(tx: Tx, flow: Flow, steps: list[Step]) -> dict[str, str]:
    missing: dict[str, str] = {}
    if not steps:
        missing["steps"] = "Write at least one mail."
    if flow.trigger_type is Trigger.LEAD_MAGNET and flow.trigger_lead_magnet_id is None:
        missing["trigger_lead_magnet_id"] = "Choose the lead magnet that it begins with."
    if flow.trigger_type is Trigger.EVENT and flow.trigger_event_type is None:
        missing["trigger_event_type"] = "Choose what it begins with."
    for step in steps:
        try:
            await _check_step(tx, flow, step)
        except InvalidInput as refusal:
            sentence = " ".join(refusal.fields.values())
            missing[f"step_{step.step_number + 1}"] = f"Mail {step.step_number + 1}: {sentence}"
    running = await engine.find_running(flow.id, only_active=False)
    if running is not None and not running.is_on:
        missing["sender"] = "Sending is off: switch it on under Mail settings."
    return missing


async def pause_flow(tx: Tx, *, scope: Scope, flow_id: UUID) -> None:
    """Let everybody in a flow wait where they are. Raises Conflict when it is not active."""
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    if flow.status is not FlowStatus.ACTIVE:
        raise Conflict("Only an active flow can be paused.")
    await queries.set_status(tx, flow_id=flow_id, status=FlowStatus.PAUSED)


async def delete_flow(tx: Tx, *, scope: Scope, flow_id: UUID) -> None:
    """Delete a flow that does not run. Raises Conflict while it is active."""
    await _open_flow(tx, scope=scope, flow_id=flow_id)
    await queries.delete_flow(tx, flow_id=flow_id)


async def preview_step(
    tx: Tx, *, scope: Scope, flow_id: UUID, given: StepDraft, subscriber_id: UUID | None
) -> designs.Filled:
    """Return a step as somebody would get it. Raises InvalidInput for fields, NotFound."""
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    await _check_step(tx, flow, given)
    brand = await designs.find_brand(tx, team_id=flow.team_id)
    letter = designs.Letter(
        subject=given.subject, body=given.body, preheader=given.preheader, has_postscript=True
    )
    compiled = await designs.compile_design(
        tx, team_id=flow.team_id, letter=letter, design_id=given.design_id, brand=brand
    )
    return compiled.fill(await designs.sample_values(tx, scope, brand, subscriber_id))
