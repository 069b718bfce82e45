"""The SQL of leads and their events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_LEAD = """
    l.id, l.email, l.full_name, l.status, l.opt_in_data ->> 'source' as source,
    coalesce(jsonb_array_length(l.opt_in_data -> 'touches'), 0) as touches, l.created_at,
    l.updated_at
"""


async def upsert_lead(
    tx: Tx,
    *,
    tenant_id: UUID,
    slug: str,
    email: str,
    full_name: str | None,
    opt_in_data: Mapping[str, Any],
    touch: Mapping[str, Any],
) -> Record:
    """Insert a lead, or add the touch to the one with this address; answers id and is_new.

    The first source stays, empty fields are filled, and a touch that is already there is not added
    again.
    """
    return await fetch_one(
        tx,
        """
        insert into leads as l (tenant_id, slug, email, full_name, opt_in_data)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, lower(email)) where email is not null do update set
            full_name = coalesce(l.full_name, excluded.full_name),
            opt_in_data = case
                when coalesce(l.opt_in_data -> 'touches', '[]') @> jsonb_build_array($6::jsonb)
                    then l.opt_in_data
                else
                    excluded.opt_in_data || coalesce(l.opt_in_data, '{}')
                    || jsonb_build_object(
                        'touches',
                        coalesce(l.opt_in_data -> 'touches', '[]') || jsonb_build_array($6::jsonb)
                    )
            end
        returning l.id, xmax = 0 as is_new
        """,
        tenant_id,
        slug,
        email,
        full_name,
        dict(opt_in_data),
        dict(touch),
    )


async def insert_event(
    tx: Tx,
    *,
    event_id: UUID,
    tenant_id: UUID,
    lead_id: UUID,
    event_type: str,
    event_source: str,
    title: str,
    description: str | None,
    metadata: Mapping[str, Any],
    created_at: datetime,
) -> None:
    """Append an event to a lead's trail; the same id again changes nothing."""
    await tx.execute(
        """
        insert into events (
            id, tenant_id, lead_id, event_type, event_source, title, description, metadata,
            created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (id) do nothing
        """,
        event_id,
        tenant_id,
        lead_id,
        event_type,
        event_source,
        title,
        description,
        dict(metadata),
        created_at,
    )


_ORDERS = {
    "full_name": "lower(coalesce(l.full_name, l.email))",
    "status": "l.status",
    "updated_at": "l.updated_at",
    "created_at": "l.created_at",
}


async def list_leads(
    tx: Tx,
    *,
    search: str | None,
    status: str | None,
    source: str | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List leads, sorted by a key of `_ORDERS`."""
    return await tx.fetch(
        f"""
        select {_LEAD}
        from leads as l
        where (
                $1::text is null
                or l.email ilike '%' || $1 || '%' or l.full_name ilike '%' || $1 || '%'
            )
            and ($2::text is null or l.status = $2::lead_status)
            and ($3::text is null or l.opt_in_data ->> 'source' = $3)
        order by {_ORDERS[sort]} {"desc" if descending else "asc"}, l.id
        limit $4 offset $5
        """,
        search,
        status,
        source,
        limit,
        offset,
    )


async def count_leads(tx: Tx, *, search: str | None, status: str | None, source: str | None) -> int:
    """Count what `list_leads` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from leads as l
        where (
                $1::text is null
                or l.email ilike '%' || $1 || '%' or l.full_name ilike '%' || $1 || '%'
            )
            and ($2::text is null or l.status = $2::lead_status)
            and ($3::text is null or l.opt_in_data ->> 'source' = $3)
        """,
        search,
        status,
        source,
    )
    return count


async def get_lead(tx: Tx, *, lead_id: UUID) -> Record:
    """Return a lead. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"select {_LEAD}, l.opt_in_data, l.tenant_id from leads as l where l.id = $1",
        lead_id,
    )
    if row is None:
        raise NotFound("There is no such lead.")
    return row


async def find_lead_by_email(tx: Tx, *, email: str) -> UUID | None:
    """Find the lead with an address in the actor's tenant."""
    identifier: UUID | None = await tx.fetchval(
        """
        select id from leads
        where tenant_id = (select auth_tenant_id()) and lower(email) = lower($1)
        """,
        email,
    )
    return identifier


async def list_events(tx: Tx, *, lead_id: UUID, limit: int) -> list[Record]:
    """List a lead's events, newest first."""
    return await tx.fetch(
        """
        select e.id, e.event_type, e.event_source, e.title, e.description, e.metadata, e.created_at
        from events as e
        where e.tenant_id = (select auth_tenant_id()) and e.lead_id = $1
        order by e.created_at desc, e.id
        limit $2
        """,
        lead_id,
        limit,
    )


async def set_lead_status(tx: Tx, *, lead_id: UUID, status: str) -> None:
    """Move a lead. Raises NotFound when it is invisible."""
    moved = await tx.fetchval(
        "update leads set status = $2::lead_status where id = $1 returning id", lead_id, status
    )
    if moved is None:
        raise NotFound("There is no such lead.")


async def qualify_lead(tx: Tx, *, lead_id: UUID) -> None:
    """Move a lead to qualified, unless it is there or further."""
    await tx.execute(
        """
        update leads set status = 'qualified'
        where id = $1 and status not in ('qualified', 'meeting_booked', 'meeting_attended')
        """,
        lead_id,
    )


async def list_next_statuses(tx: Tx, *, status: str) -> list[str]:
    """List the statuses that may follow."""
    rows = await tx.fetch("select * from access.allowed_moves('leads', 'status', $1)", status)
    return [row[0] for row in rows]
