"""How people move through flows.

Each move is one transaction: the message is queued and the person stands one step further, or
neither. A worker that dies in between leaves both undone. `email_flow_passages` holds each step
once for each person and run, and the message's key follows from the three: nothing is sent twice.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email import service as email
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows import rules
from lodestone.domains.email.flows.models import (
    ContactStatus,
    Facts,
    Flow,
    FlowMessage,
    FlowStatus,
    Happening,
    RunningFlow,
    Step,
    Traveller,
)
from lodestone.domains.email.flows.queries import contacts, signals
from lodestone.domains.email.flows.queries import flows as queries
from lodestone.domains.email.models import MessageKind
from lodestone.domains.funnels import service as funnels
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx

BATCH = 25
_CONFIRMED = "confirmed"
_REASON = "You get this mail because you are on the list of {{sender_name|us}}."


@dataclass(slots=True)
class FollowUps:
    """What has to be enqueued with the moves: messages, later moves, and mails to personalise."""

    messages: list[UUID] = field(default_factory=list)
    due: set[datetime] = field(default_factory=set)
    to_write: list[tuple[UUID, UUID]] = field(default_factory=list)
    moved: int = 0


async def find_running(flow_id: UUID, *, only_active: bool = True) -> RunningFlow | None:
    """Find a flow with its steps; None when it is gone, or does not run though it must."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return await load_running(tx, flow_id=flow_id, only_active=only_active)


async def load_running(tx: Tx, *, flow_id: UUID, only_active: bool = True) -> RunningFlow | None:
    """Find a flow with its steps; None when it is gone, or does not run though it must."""
    row = await contacts.find_running_flow(tx, flow_id=flow_id)
    if row is None or (only_active and row["status"] != FlowStatus.ACTIVE):
        return None
    steps = await queries.list_steps(tx, flow_id=flow_id)
    return RunningFlow(
        flow=Flow.model_validate(dict(row)),
        steps=tuple(Step.model_validate(dict(step)) for step in steps),
        owner_id=row["owner_id"],
        lead_magnet_id=row["trigger_lead_magnet_id"],
        timezone=row["settings_timezone"],
        send_time=row["settings_send_time"],
        is_on=row["is_on"],
        has_postscript=row["has_postscript"],
    )


def actor_of(running: RunningFlow) -> Service:
    """Return the service that moves a flow's people: for the owner of its team, whoever made it."""
    return Service(Writer.GTM_SYSTEM, user_id=running.owner_id, tenant_id=running.flow.tenant_id)


async def enter(
    tx: Tx,
    running: RunningFlow,
    *,
    subscriber_id: UUID,
    email_address: str,
    status: str,
    happened_at: datetime,
    first_name: str | None = None,
    funnel_lead_id: UUID | None = None,
) -> UUID | None:
    """Let a subscriber enter a flow; return the contact, or None when they don't.

    Who is on the way stays where they are. Who went through enters again if the flow allows it, by
    something that happened after they entered last. Who has yet to confirm waits at the door.
    """
    if status not in ("active", "pending"):
        return None
    waiting_for = _CONFIRMED if status == "pending" else None
    known = await contacts.find_contact(tx, flow_id=running.flow.id, email=email_address)
    if known is not None:
        is_over = known["status"] in (
            ContactStatus.UNSUBSCRIBED,
            ContactStatus.FAILED,
        ) or (known["status"] == ContactStatus.COMPLETED and running.flow.allows_reentry)
        if not is_over or known["entered_at"] >= happened_at:
            return None
        contact_id: UUID | None = known["id"]
        await contacts.begin_again(
            tx,
            contact_id=known["id"],
            subscriber_id=subscriber_id,
            funnel_lead_id=funnel_lead_id,
            waiting_for=waiting_for,
        )
    else:
        contact_id = await contacts.insert_contact(
            tx,
            flow_id=running.flow.id,
            tenant_id=running.flow.tenant_id,
            subscriber_id=subscriber_id,
            email=email_address,
            first_name=first_name,
            funnel_lead_id=funnel_lead_id,
            waiting_for=waiting_for,
        )
    return contact_id


async def move_on(tx: Tx, running: RunningFlow, *, contact_id: UUID) -> FollowUps:
    """Take somebody who just entered, or whose mail was decided, as far as they may go now."""
    follow_ups = FollowUps()
    row = await contacts.lock_contact(tx, contact_id=contact_id)
    if row is None:
        return follow_ups
    traveller = Traveller.model_validate(dict(row))
    if traveller.waiting_for == _CONFIRMED:
        return follow_ups
    await _schedule(tx, running, traveller, follow_ups, after=datetime.now(UTC))
    return follow_ups


async def run_due(tx: Tx, running: RunningFlow, *, contact_id: UUID | None = None) -> FollowUps:
    """Move people of a flow who are due, or the one named; `moved` is 0 when nobody is."""
    follow_ups = FollowUps()
    if not running.is_on or running.flow.status is not FlowStatus.ACTIVE:
        return follow_ups
    for row in await contacts.lock_due(
        tx, flow_id=running.flow.id, contact_id=contact_id, most=BATCH
    ):
        follow_ups.moved += 1
        await _take_step(tx, running, Traveller.model_validate(dict(row)), follow_ups)
    return follow_ups


async def _take_step(
    tx: Tx, running: RunningFlow, traveller: Traveller, follow_ups: FollowUps
) -> None:
    """Do what is due for somebody: send, skip, hand over for review, or end."""
    if traveller.subscriber_status == "pending":
        await contacts.set_due(
            tx, contact_id=traveller.id, next_run_at=None, waiting_for=_CONFIRMED
        )
        return
    if traveller.subscriber_status != "active":
        await contacts.end_contact(
            tx, contact_id=traveller.id, status=ContactStatus.UNSUBSCRIBED, outcome=None
        )
        return
    if traveller.current_step >= len(running.steps):
        await _finish(tx, traveller, "finished")
        return
    step = running.steps[traveller.current_step]
    waited_in_vain = traveller.waiting_for is not None
    if waited_in_vain and step.wait_otherwise == "exit":
        await _finish(tx, traveller, "left")
        return
    is_wanted = not (waited_in_vain and step.wait_otherwise == "skip") and rules.all_hold(
        step.only_if, await _facts(tx, running, traveller)
    )
    if running.flow.ai_system_prompt and is_wanted:
        if await _note(tx, traveller, step, "review"):
            await contacts.hold_contact(tx, contact_id=traveller.id)
            follow_ups.to_write.append((traveller.id, step.id))
        else:
            await step_on(tx, running, traveller, follow_ups, has_sent=False)
        return
    is_new = await _note(tx, traveller, step, "sent" if is_wanted else "skipped")
    if is_new and is_wanted:
        await send_step(tx, running, traveller, step, follow_ups)
    await step_on(tx, running, traveller, follow_ups, has_sent=is_new and is_wanted)


async def step_on(
    tx: Tx,
    running: RunningFlow,
    traveller: Traveller,
    follow_ups: FollowUps,
    *,
    has_sent: bool,
) -> None:
    """Move somebody one step further, and as far as they may go now."""
    await contacts.advance_contact(tx, contact_id=traveller.id, has_sent=has_sent)
    now = datetime.now(UTC)
    further = traveller.model_copy(
        update={
            "current_step": traveller.current_step + 1,
            "last_sent_at": now if has_sent else traveller.last_sent_at,
            "waiting_for": None,
        }
    )
    await _schedule(tx, running, further, follow_ups, after=now)


async def _schedule(
    tx: Tx, running: RunningFlow, traveller: Traveller, follow_ups: FollowUps, *, after: datetime
) -> None:
    """Note when the next step is due; one that is due at once is taken in the same transaction."""
    if traveller.current_step >= len(running.steps):
        await _finish(tx, traveller, "finished")
        return
    step = running.steps[traveller.current_step]
    due = rules.due_at(
        after,
        days=step.delay_days,
        at=rules.read_time(running.flow.send_time, running.send_time),
        zone=rules.find_zone(traveller.timezone, running.timezone),
    )
    waiting_for = None
    if step.wait_for is not None:
        since = traveller.last_sent_at or traveller.entered_at
        happened = await contacts.list_happened(
            tx, tenant_id=running.flow.tenant_id, email=traveller.email, since=since
        )
        if step.wait_for in happened:
            due = after
        else:
            waiting_for = step.wait_for
    await contacts.set_due(tx, contact_id=traveller.id, next_run_at=due, waiting_for=waiting_for)
    is_running = running.is_on and running.flow.status is FlowStatus.ACTIVE
    if due <= after and is_running:
        await _take_step(
            tx, running, traveller.model_copy(update={"waiting_for": None}), follow_ups
        )
    else:
        follow_ups.due.add(due)


async def _finish(tx: Tx, traveller: Traveller, outcome: str) -> None:
    await contacts.end_contact(
        tx, contact_id=traveller.id, status=ContactStatus.COMPLETED, outcome=outcome
    )


async def _note(tx: Tx, traveller: Traveller, step: Step, outcome: str) -> bool:
    """Note what becomes of a step for somebody; False when it was done in this run before."""
    return await contacts.insert_passage(
        tx,
        traveller_id=traveller.id,
        flow_id=traveller.flow_id,
        step_id=step.id,
        run_number=traveller.run_number,
        outcome=outcome,
    )


async def _facts(tx: Tx, running: RunningFlow, traveller: Traveller) -> Facts:
    steps = running.steps[traveller.current_step].only_if
    if not steps:
        return Facts()
    asked = {condition.fact for condition in steps}
    happened: list[str] = []
    reading: Record | None = None
    if "happened" in asked:
        happened = await contacts.list_happened(
            tx,
            tenant_id=running.flow.tenant_id,
            email=traveller.email,
            since=traveller.entered_at,
        )
    if asked & {"opened_last", "clicked_last"}:
        reading = await contacts.find_last_reading(tx, contact_id=traveller.id)
    known = traveller.metadata or {}
    sources = {str(each) for each in known.get("sources", [])} | {traveller.source or ""}
    return Facts(
        happened=frozenset(happened),
        has_opened_last=bool(reading and (reading["has_opened"] or reading["has_clicked"])),
        has_clicked_last=bool(reading and reading["has_clicked"]),
        tags=frozenset(str(tag) for tag in known.get("tags", [])),
        sources=frozenset(sources),
        has_company=bool(traveller.company),
    )


async def send_step(
    tx: Tx,
    running: RunningFlow,
    traveller: Traveller,
    step: Step,
    follow_ups: FollowUps,
    *,
    subject: str | None = None,
    body: str | None = None,
    review_id: UUID | None = None,
) -> UUID:
    """Queue the message of a step, with its own words or a reviewer's, and note it as passed."""
    brand = await designs.find_brand(tx, team_id=running.flow.team_id)
    letter = designs.Letter(
        subject=subject or step.subject,
        body=body or step.body,
        reason=_REASON,
        preheader=step.preheader,
        has_postscript=running.has_postscript,
    )
    compiled = await designs.compile_design(
        tx, team_id=running.flow.team_id, letter=letter, design_id=step.design_id, brand=brand
    )
    values = await values_of(tx, running, traveller, sender_name=brand.name)
    filled = compiled.fill(values)
    key = rules.message_key(
        contact_id=traveller.id, step_id=step.id, run_number=traveller.run_number
    )
    message = FlowMessage(
        dedupe_key=key if review_id is None else f"review:{review_id}",
        kind=MessageKind.FLOW if review_id is None else MessageKind.REVIEW,
        recipient=traveller.email,
        recipient_name=values["name"],
        from_email=running.flow.from_email,
        from_name=running.flow.from_name,
        reply_to_email=running.flow.reply_to_email,
        subject=filled.subject[:500],
        html=filled.html,
        text=filled.text,
        headers={
            "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tenant_id=running.flow.tenant_id,
        team_id=running.flow.team_id,
        user_id=running.owner_id,
        subscriber_id=traveller.subscriber_id,
        funnel_lead_id=traveller.funnel_lead_id,
        lead_magnet_id=running.lead_magnet_id,
        flow_id=running.flow.id,
        flow_contact_id=traveller.id,
        step_number=step.step_number,
        review_id=review_id,
    )
    message_id = await email.queue_message(tx, message=message)
    await contacts.set_passage(
        tx,
        contact_id=traveller.id,
        step_id=step.id,
        run_number=traveller.run_number,
        outcome="sent",
        message_id=message_id,
    )
    follow_ups.messages.append(message_id)
    return message_id


async def values_of(
    tx: Tx, running: RunningFlow, traveller: Traveller, *, sender_name: str
) -> dict[str, str | None]:
    """Return what the fields stand for in the mails to somebody in a flow."""
    resource: dict[str, str | None] = {}
    if traveller.funnel_lead_id is not None:
        lead = await funnels.get_lead(tx, lead_id=traveller.funnel_lead_id)
        page = await funnels.get_funnel(tx, funnel_page_id=lead.funnel_page_id)
        token = funnels.sign_lead(lead.id)
        path = f"{page.path}/content?lead={token}" if page.path else ""
        resource = {
            "resource_url": f"{runtime.current().base_url}{path}",
            "resource_title": page.lead_magnet_title or page.optin_headline,
        }
    if traveller.subscriber_id is None:
        return {"email": traveller.email, "name": traveller.first_name, **resource}
    return designs.merge_values(
        subscriber_id=traveller.subscriber_id,
        email=traveller.email,
        first_name=traveller.first_name,
        last_name=traveller.last_name,
        company=traveller.company,
        sender_name=sender_name,
        **resource,
    )


async def end(tx: Tx, *, contact_id: UUID, outcome: str) -> None:
    """End somebody's way by a goal or a rule; what waits for a review is dropped."""
    await contacts.end_contact(
        tx, contact_id=contact_id, status=ContactStatus.COMPLETED, outcome=outcome
    )
    await contacts.drop_reviews(tx, contact_id=contact_id)


async def tell(
    tx: Tx, *, tenant_id: UUID, email_address: str, event: Happening, source: str
) -> None:
    """Tell the flows of a tenant what somebody did; the same source again says nothing."""
    await signals.say_signal(
        tx, tenant_id=tenant_id, email=email_address, event=event, source=source
    )
