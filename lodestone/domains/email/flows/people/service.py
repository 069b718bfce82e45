"""The use cases of people in flows: they enter, are looked at, and are taken out."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lodestone.domains.email.flows import engine
from lodestone.domains.email.flows.engine import FollowUps
from lodestone.domains.email.flows.models import ContactRow, RunningFlow
from lodestone.domains.email.flows.queries import contacts
from lodestone.domains.email.flows.service import get_flow
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput


async def count_outcomes(tx: Tx, *, flow_id: UUID) -> dict[str, Any]:
    """Return how many people entered a flow and where they stand."""
    return await contacts.count_outcomes(tx, flow_id=flow_id)


async def list_contacts(
    tx: Tx,
    *,
    flow_id: UUID,
    search: str | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ContactRow], int]:
    """Return a page of a flow's people and how many there are."""
    rows = await contacts.list_contacts(
        tx, flow_id=flow_id, search=search, status=status, limit=limit, offset=offset
    )
    total = await contacts.count_contacts(tx, flow_id=flow_id, search=search, status=status)
    return [ContactRow.model_validate(dict(row)) for row in rows], total


async def enter_by_hand(
    tx: Tx, *, scope: Scope, flow_id: UUID, email_address: str
) -> tuple[RunningFlow, FollowUps]:
    """Put somebody of the list into a flow.

    Raises: InvalidInput when they are not on the list or get no mail, Conflict when they are in the
    flow already or it does not run.
    """
    flow = await get_flow(tx, scope=scope, flow_id=flow_id)
    running = await engine.find_running(flow.id)
    if running is None:
        raise Conflict("Switch the flow on before you add people.")
    person = await contacts.find_subscriber(
        tx, team_id=flow.team_id, email=email_address.strip().lower()
    )
    if person is None:
        raise InvalidInput(
            "This address is not on the list.",
            fields={"email": "Nobody on the list has this address. Add them there first."},
        )
    if person["status"] not in ("active", "pending"):
        raise InvalidInput(
            "This person gets no mail.", fields={"email": "This person gets no mail any more."}
        )
    contact_id = await engine.enter(
        tx,
        running,
        subscriber_id=person["id"],
        email_address=person["email"],
        status=person["status"],
        happened_at=datetime.now(UTC),
        first_name=person["first_name"],
    )
    if contact_id is None:
        raise Conflict("This person is in the flow already, or went through it.")
    return running, await engine.move_on(tx, running, contact_id=contact_id)


async def enter_by_opt_in(
    tx: Tx,
    running: RunningFlow,
    *,
    subscriber_id: UUID,
    email_address: str,
    status: str,
    first_name: str | None,
    funnel_lead_id: UUID,
    captured_at: datetime,
) -> FollowUps:
    """Let somebody who opted in enter the flow of the lead magnet, and go as far as they may."""
    contact_id = await engine.enter(
        tx,
        running,
        subscriber_id=subscriber_id,
        email_address=email_address,
        status=status,
        happened_at=captured_at,
        first_name=first_name,
        funnel_lead_id=funnel_lead_id,
    )
    if contact_id is None:
        return FollowUps()
    return await engine.move_on(tx, running, contact_id=contact_id)


async def find_active_flow(tx: Tx, *, lead_magnet_id: UUID) -> UUID | None:
    """Find the flow that people who opt in for a lead magnet enter; there is one at most."""
    return await contacts.find_active_flow(tx, lead_magnet_id=lead_magnet_id)


async def remove_contacts(tx: Tx, *, scope: Scope, flow_id: UUID, contact_ids: list[UUID]) -> int:
    """Take people who are on the way out of a flow; they stay on the list. Return how many."""
    await get_flow(tx, scope=scope, flow_id=flow_id)
    count = 0
    for contact_id in contact_ids:
        row = await contacts.lock_contact(tx, contact_id=contact_id)
        if row is None or row["flow_id"] != flow_id or row["status"] not in ("active", "paused"):
            continue
        await engine.end(tx, contact_id=contact_id, outcome="left")
        count += 1
    return count
