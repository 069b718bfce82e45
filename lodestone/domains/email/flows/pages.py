"""The screens of flows: the list, the mails in their order, the people, and the rules."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.domains.email.designs import fields
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows import rules, service, writing
from lodestone.domains.email.flows.models import (
    Flow,
    FlowDraft,
    FlowRules,
)
from lodestone.domains.email.flows.people import service as people
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    redirect,
    render,
)

PATH = "/app/email/flows"
CONDITION_ROWS = 3

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Flows",
        PATH,
        "bolt",
        "Email",
        order=20,
        keywords="automation drip series welcome trigger sequence",
    )
)
add_entry(Entry("New flow", f"{PATH}/new", "plus", is_action=True))

COLUMNS = [
    Column("name", "Flow"),
    Column("status", "Status"),
    Column("steps", "Mails", align="end", hide="md"),
    Column("active", "On the way", align="end", hide="sm"),
    Column("reached", "Through", align="end", hide="md"),
    Column("updated_at", "Changed", hide="lg"),
]
FILTERS = [
    Filter("status", "Status", [("active", "Active"), ("paused", "Paused"), ("draft", "Draft")])
]
_PLAIN_FACTS = {
    "opened_last": "they opened the last mail",
    "clicked_last": "they clicked in the last mail",
    "has_company": "we know their company",
    "has_tag": "they have the tag …",
    "came_by": "they came by …",
}
FACTS = [
    *_PLAIN_FACTS.items(),
    *(
        (f"happened:{happening.value}", f"since they entered: {words}")
        for happening, words in rules.HAPPENINGS.items()
    ),
]
HAPPENINGS = [(happening.value, words) for happening, words in rules.HAPPENINGS.items()]
TRIGGERS = [each for each in HAPPENINGS if each[0] not in ("opened", "clicked")]


@router.get(PATH)
async def list_flows(request: Request, scope: CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-updated_at")
    rows, total = await service.list_flows(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total, "describe": rules.describe_trigger}
    return render(request, "email/flows/list.html", context)


@router.get(f"{PATH}/new")
async def ask_for_flow(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: ReadTx
) -> Response:
    values = {"trigger_type": "lead_magnet", **dict(request.query_params)}
    return await _flow_form(request, tx, scope, values=values)


@router.post(f"{PATH}/new")
async def draft_flow(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    form = await read_form(request)
    try:
        given = parse(FlowDraft, _without_blanks(form))
        actor, team_id, tenant_id = await subscribers.acting_for(scope)
        async with runtime.acting_as(actor) as tx:
            flow_id = await service.draft_flow(
                tx, scope=scope, team_id=team_id, tenant_id=tenant_id, given=given
            )
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _flow_form(request, tx, scope, values=form, errors=refusal.fields)
    return redirect(f"{PATH}/{flow_id}", toast="Drafted. Now write the mails")


async def _flow_form(
    request: Request,
    tx: Tx,
    scope: Scope,
    *,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
) -> Response:
    blank = {"name": "", "description": "", "trigger_lead_magnet_id": "", "trigger_event_type": ""}
    context = {
        "values": {**blank, "trigger_type": "manual", **values},
        "errors": errors or {},
        "lead_magnets": await service.list_lead_magnets(tx, scope=scope),
        "happenings": TRIGGERS,
    }
    return render(request, "email/flows/new.html", context, status=422 if errors else 200)


def _without_blanks(form: dict[str, str]) -> dict[str, Any]:
    may_be_blank = ("name", "description")
    return {name: value for name, value in form.items() if value or name in may_be_blank}


@router.get(f"{PATH}/{{flow_id}}")
async def show_flow(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, flow_id: UUID
) -> Response:
    return await render_editor(request, tx, scope, flow_id)


async def render_editor(
    request: Request,
    tx: Tx,
    scope: Scope,
    flow_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    open_step: str = "",
    values: dict[str, str] | None = None,
) -> Response:
    flow = await service.get_flow(tx, scope=scope, flow_id=flow_id)
    known = {**fields.FALLBACKS, **(fields.RESOURCE_FIELDS if flow.has_resource else {})}
    context = {
        **(await read_head(tx, scope, flow)),
        "steps": await service.list_steps(tx, flow_id=flow_id),
        "stats": await service.list_stats(tx, flow_id=flow_id),
        "designs": await designs.list_choices(tx, team_id=flow.team_id),
        "lead_magnets": await service.list_lead_magnets(tx, scope=scope),
        "readers": await designs.list_readers(tx, scope=scope),
        "fields": [(name, fields.LABELS[name]) for name in known],
        "facts": FACTS,
        "happenings": HAPPENINGS,
        "triggers": TRIGGERS,
        "condition_rows": CONDITION_ROWS,
        "errors": errors or {},
        "open_step": open_step or request.query_params.get("step", ""),
        "values": values or {},
        "most": writing.MOST,
        "usual": writing.USUAL,
    }
    return render(request, "email/flows/show.html", context, status=422 if errors else 200)


async def read_head(tx: Tx, scope: Scope, flow: Flow) -> dict[str, Any]:
    titles = dict(await service.list_lead_magnets(tx, scope=scope))
    magnet = titles.get(str(flow.trigger_lead_magnet_id))
    return {
        "flow": flow,
        "outcomes": await people.count_outcomes(tx, flow_id=flow.id),
        "trigger": rules.describe_trigger(
            flow.trigger_type, event=flow.trigger_event_type, lead_magnet=magnet
        ),
    }


@router.post(f"{PATH}/{{flow_id}}")
async def revise_flow(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    form = await read_form(request)
    actor = (await subscribers.acting_for(scope))[0]
    try:
        given = parse(FlowDraft, _without_blanks(form))
        async with runtime.acting_as(actor) as tx:
            await service.revise_flow(tx, scope=scope, flow_id=flow_id, given=given)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await render_editor(request, tx, scope, flow_id, errors=refusal.fields)
    return redirect(f"{PATH}/{flow_id}", toast="Saved")


@router.post(f"{PATH}/{{flow_id}}/activate")
async def activate_flow(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    try:
        async with runtime.acting_as(actor) as tx:
            await service.activate_flow(tx, scope=scope, flow_id=flow_id)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await render_editor(request, tx, scope, flow_id, errors=refusal.fields)
    return redirect(f"{PATH}/{flow_id}", toast="On: people enter from now on")


@router.post(f"{PATH}/{{flow_id}}/pause")
async def pause_flow(_: CurrentUser, scope: CurrentScope, flow_id: UUID) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        await service.pause_flow(tx, scope=scope, flow_id=flow_id)
    path = f"{PATH}/{flow_id}"
    return redirect(path, toast="Paused: everybody waits", undo=f"{path}/activate")


@router.post(f"{PATH}/{{flow_id}}/delete")
async def delete_flow(_: CurrentUser, scope: CurrentScope, flow_id: UUID) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        await service.delete_flow(tx, scope=scope, flow_id=flow_id)
    return redirect(PATH, toast="Deleted")


@router.get(f"{PATH}/{{flow_id}}/rules")
async def show_rules(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, flow_id: UUID
) -> Response:
    return await _rules_form(request, tx, scope, flow_id)


@router.post(f"{PATH}/{{flow_id}}/rules")
async def change_rules(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    form = await read_form(request)
    actor = (await subscribers.acting_for(scope))[0]
    exits = [event for event, _ in TRIGGERS if f"exit_{event}" in form]
    try:
        given = parse(
            FlowRules,
            {
                **{name: value for name, value in form.items() if name in FlowRules.model_fields},
                "goal_event": form.get("goal_event") or None,
                "exit_events": exits,
                "allows_reentry": "allows_reentry" in form,
            },
        )
        async with runtime.acting_as(actor) as tx:
            await service.change_rules(tx, scope=scope, flow_id=flow_id, given=given)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _rules_form(
                request, tx, scope, flow_id, values=form, errors=refusal.fields
            )
    return redirect(f"{PATH}/{flow_id}/rules", toast="Saved")


async def _rules_form(
    request: Request,
    tx: Tx,
    scope: Scope,
    flow_id: UUID,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    flow = await service.get_flow(tx, scope=scope, flow_id=flow_id)
    context = {
        **(await read_head(tx, scope, flow)),
        "values": {**flow.model_dump(), **(values or {})},
        "errors": errors or {},
        "happenings": HAPPENINGS,
        "exits": TRIGGERS,
    }
    return render(request, "email/flows/rules.html", context, status=422 if errors else 200)
