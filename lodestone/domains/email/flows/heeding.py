"""What flows make of what people do: somebody enters, goes on, or leaves."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from lodestone.domains.email.flows import engine
from lodestone.domains.email.flows.engine import FollowUps
from lodestone.domains.email.flows.models import ContactStatus, RunningFlow
from lodestone.domains.email.flows.queries import contacts, signals
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx

Meaning = Literal["goal", "left", "waited for"]


@dataclass(frozen=True, slots=True)
class Concern:
    """Somebody on the way through a flow, and what the signal means there."""

    flow_id: UUID
    contact_id: UUID
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that somebody did, with whom it concerns and which flows begin with it."""

    email: str
    event: str
    happened_at: datetime
    concerns: tuple[Concern, ...]
    begins: tuple[UUID, ...]


async def read_signal(signal_id: UUID) -> Signal | None:
    """Return a signal; None when it is gone."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        row = await signals.find_signal(tx, signal_id=signal_id)
        if row is None:
            return None
        concerned = await signals.list_concerned(
            tx, tenant_id=row["tenant_id"], email=row["email"], event=row["event_type"]
        )
        triggered = await signals.list_triggered_flows(
            tx, tenant_id=row["tenant_id"], event=row["event_type"]
        )
    return Signal(
        email=row["email"],
        event=row["event_type"],
        happened_at=row["happened_at"],
        concerns=tuple(Concern(each["flow_id"], each["id"], each["meaning"]) for each in concerned),
        begins=tuple(triggered),
    )


async def heed(tx: Tx, concern: Concern, *, event: str) -> FollowUps:
    """Let somebody reach the goal, leave, or go on; whoever is through meanwhile stays so."""
    row = await contacts.lock_contact(tx, contact_id=concern.contact_id)
    if row is None or row["status"] not in (ContactStatus.ACTIVE, ContactStatus.PAUSED):
        return FollowUps()
    if concern.meaning != "waited for":
        await engine.end(tx, contact_id=concern.contact_id, outcome=concern.meaning)
        return FollowUps()
    if await signals.wake_contact(tx, contact_id=concern.contact_id, event=event):
        return FollowUps(due={datetime.now(UTC)})
    return FollowUps()


async def let_in(
    tx: Tx, running: RunningFlow, *, email_address: str, happened_at: datetime
) -> FollowUps:
    """Let somebody of the list enter a flow that begins with what they did."""
    person = await contacts.find_subscriber(tx, team_id=running.flow.team_id, email=email_address)
    if person is None:
        return FollowUps()
    contact_id = await engine.enter(
        tx,
        running,
        subscriber_id=person["id"],
        email_address=person["email"],
        status=person["status"],
        happened_at=happened_at,
        first_name=person["first_name"],
    )
    if contact_id is None:
        return FollowUps()
    return await engine.move_on(tx, running, contact_id=contact_id)


async def find_due_contact(tx: Tx, *, flow_id: UUID) -> UUID | None:
    """Return whoever has been due longest in a flow."""
    return await contacts.find_due(tx, flow_id=flow_id)


async def fail_contact(tx: Tx, *, contact_id: UUID, error: str) -> None:
    """Let somebody whose step is refused wait as failed, visibly."""
    await contacts.end_contact(
        tx, contact_id=contact_id, status=ContactStatus.FAILED, outcome=None, error=error[:500]
    )


async def list_due_flows(tx: Tx) -> list[UUID]:
    """Return the flows with people who have been due for a minute."""
    return await contacts.list_due_flows(tx)
