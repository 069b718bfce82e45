"""The SQL of the audit."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_LISTED = """
    select l.id, l.action, l.details, l.created_at, l.actor_id, l.subject_id,
        coalesce(a.email, l.service_id, 'the installation') as actor,
        a.name as actor_name, s.email as subject, s.name as subject_name
    from admin_audit_log as l
    left join users as a on a.id = l.actor_id
    left join users as s on s.id = l.subject_id
"""
_MATCHES = """
    ($1::text is null or e.actor ilike '%' || $1 || '%' or e.subject ilike '%' || $1 || '%'
        or e.action ilike '%' || $1 || '%' or e.details::text ilike '%' || $1 || '%')
    and ($2::text is null or e.action like $2 || '.%')
    and ($3::uuid is null or e.subject_id = $3)
"""
_DIRECTIONS = {"desc": "desc", "asc": "asc"}


async def insert_entry(
    tx: Tx,
    *,
    actor_id: UUID | None,
    subject_id: UUID | None,
    action: str,
    details: Mapping[str, Any],
    service_id: str | None = None,
) -> None:
    """Note what was done, by whom, to whom."""
    await tx.execute(
        """
        insert into admin_audit_log (actor_id, service_id, subject_id, action, details)
        values ($1, $2, $3, $4, $5)
        """,
        actor_id,
        service_id,
        subject_id,
        action,
        dict(details),
    )


async def list_entries(
    tx: Tx,
    *,
    search: str | None,
    kind: str | None,
    subject_id: UUID | None,
    direction: str,
    limit: int,
    offset: int,
) -> list[Record]:
    """List the audit; `kind` is what stands before the dot of an action."""
    return await tx.fetch(
        f"""
        select * from ({_LISTED}) as e
        where {_MATCHES}
        order by e.created_at {_DIRECTIONS[direction]}, e.id
        limit $4 offset $5
        """,
        search,
        kind,
        subject_id,
        limit,
        offset,
    )


async def count_entries(
    tx: Tx, *, search: str | None, kind: str | None, subject_id: UUID | None
) -> int:
    """Count what `list_entries` would list without its limit."""
    count: int = await tx.fetchval(
        f"select count(*) from ({_LISTED}) as e where {_MATCHES}", search, kind, subject_id
    )
    return count


async def list_looks(tx: Tx, *, subject_id: UUID, limit: int) -> list[Record]:
    """List who looked with an account's eyes, and why: its person may know."""
    return await tx.fetch(
        """
        select l.id, l.created_at, l.details ->> 'reason' as reason, a.name as actor_name
        from admin_audit_log as l
        left join users as a on a.id = l.actor_id
        where l.subject_id = $1 and l.action = 'view.started'
        order by l.created_at desc, l.id
        limit $2
        """,
        subject_id,
        limit,
    )
