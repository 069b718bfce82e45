"""The use cases of operations, and the door for other domains."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from lodestone.domains.operations import queries, rules
from lodestone.domains.operations.models import (
    Lead,
    LeadEvent,
    LeadRow,
    LeadSource,
    LeadStatus,
    Touch,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx

__all__ = [
    "Lead",
    "LeadEvent",
    "LeadRow",
    "LeadSource",
    "LeadStatus",
    "Touch",
    "add_note",
    "append_event",
    "find_lead_by_email",
    "get_lead",
    "list_leads",
    "move_lead",
    "record_survey",
    "record_touch",
]

TRAIL_LENGTH = 200


async def record_touch(tx: Tx, *, tenant_id: UUID, touch: Touch) -> UUID:
    """Keep a touch on the one lead of its address, and note it on the trail; return the lead's id.

    May run any number of times for the same touch: it is kept once.
    """
    row = await queries.upsert_lead(
        tx,
        tenant_id=tenant_id,
        slug=rules.lead_slug(name=touch.name, email=touch.email, key=touch.funnel_lead_id),
        email=touch.email,
        full_name=touch.name,
        opt_in_data=rules.opt_in_data(touch),
        touch=touch.model_dump(mode="json", exclude_none=True, exclude={"email", "name"}),
    )
    lead_id: UUID = row["id"]
    await queries.insert_event(
        tx,
        event_id=rules.event_id("touch", touch.funnel_lead_id),
        tenant_id=tenant_id,
        lead_id=lead_id,
        event_type="lead_created" if row["is_new"] else "lead_updated",
        event_source="form",
        title=f"Opted in to {touch.lead_magnet_title or touch.funnel_slug}",
        description=f"Came from {touch.utm_source}" if touch.utm_source else None,
        metadata={
            "funnel_lead_id": str(touch.funnel_lead_id),
            "funnel_slug": touch.funnel_slug,
        },
        created_at=touch.touched_at,
    )
    return lead_id


async def record_survey(
    tx: Tx,
    *,
    tenant_id: UUID,
    lead_id: UUID,
    touch: Touch,
    is_qualified: bool,
    answered_at: datetime,
) -> None:
    """Note a survey's answers and verdict on the trail; the qualified move on unless they booked.

    May run any number of times for the same survey: it is noted once.
    """
    about = touch.lead_magnet_title or touch.funnel_slug
    verdict = "lead_qualified" if is_qualified else "lead_disqualified"
    for event_type, title in (
        ("survey_completed", f"Answered the questions of {about}"),
        (verdict, "Qualified" if is_qualified else "Did not qualify"),
    ):
        await append_event(
            tx,
            tenant_id=tenant_id,
            lead_id=lead_id,
            event_type=event_type,
            event_source="form",
            title=title,
            once_for=touch.funnel_lead_id,
            metadata={"funnel_lead_id": str(touch.funnel_lead_id)},
            happened_at=answered_at,
        )
    if is_qualified:
        await queries.qualify_lead(tx, lead_id=lead_id)


async def append_event(
    tx: Tx,
    *,
    tenant_id: UUID,
    lead_id: UUID,
    event_type: str,
    event_source: str,
    title: str,
    once_for: UUID | None = None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Append to a lead's trail; with `once_for`, one event of this type for that subject."""
    await queries.insert_event(
        tx,
        event_id=rules.event_id(event_type, once_for) if once_for else uuid4(),
        tenant_id=tenant_id,
        lead_id=lead_id,
        event_type=event_type,
        event_source=event_source,
        title=title,
        description=description,
        metadata=metadata or {},
        created_at=happened_at or datetime.now(UTC),
    )


async def list_leads(
    tx: Tx,
    *,
    search: str | None = None,
    status: LeadStatus | None = None,
    source: str | None = None,
    sort: str = "updated_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[LeadRow], int]:
    """Return a page of leads and how many there are in all."""
    rows = await queries.list_leads(
        tx,
        search=search,
        status=status,
        source=source,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_leads(tx, search=search, status=status, source=source)
    return [LeadRow.model_validate(dict(row)) for row in rows], total


async def get_lead(tx: Tx, *, lead_id: UUID) -> Lead:
    """Return a lead with its trail. Raises NotFound when it is missing or invisible."""
    row = await queries.get_lead(tx, lead_id=lead_id)
    events = await queries.list_events(tx, lead_id=lead_id, limit=TRAIL_LENGTH)
    moves = await queries.list_next_statuses(tx, status=row["status"])
    return Lead.model_validate(
        {
            **dict(row),
            "opt_in_data": row["opt_in_data"] or {},
            "events": [dict(event) for event in events],
            "next_statuses": moves,
        }
    )


async def find_lead_by_email(tx: Tx, *, email: str) -> UUID | None:
    """Find the lead with an address in the actor's tenant."""
    return await queries.find_lead_by_email(tx, email=email)


async def add_note(*, lead_id: UUID, text: str, actor_id: UUID) -> None:
    """Note something on a lead's trail, which only the service writes.

    Raises NotFound when the lead is invisible to the person.
    """
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, user_id=actor_id)) as tx:
        lead = await queries.get_lead(tx, lead_id=lead_id)
        await append_event(
            tx,
            tenant_id=lead["tenant_id"],
            lead_id=lead_id,
            event_type="note",
            event_source="user",
            title="Note",
            description=text.strip(),
            metadata={"actor": str(actor_id)},
        )


async def move_lead(tx: Tx, *, lead_id: UUID, status: LeadStatus) -> None:
    """Move a lead; the database notes who did, and refuses moves that the states don't allow.

    Raises NotFound when it is invisible; asyncpg's error LS409 for a refused move.
    """
    await queries.set_lead_status(tx, lead_id=lead_id, status=status)
