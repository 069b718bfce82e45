"""The SQL of the end of a team."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one


async def get_ending(tx: Tx, *, team_id: UUID) -> dict[str, Any]:
    """Return when the end of a team was asked for, and what keeps it."""
    row = await fetch_one(
        tx,
        """
        select t.deletion_requested_at,
            (
                select count(distinct p.user_id) from team_profiles as p
                where p.team_id = t.id and p.status = 'active' and p.user_id <> t.owner_id
            ) as people,
            (
                select count(*) from email_broadcasts as b
                where b.team_id = t.id and b.status in ('scheduled', 'sending')
            ) + (
                select count(*) from email_flows as f
                where f.team_id = t.id and f.status = 'active'
            ) as mailings
        from teams as t
        where t.id = $1
        """,
        team_id,
    )
    return dict(row)


async def request_end(tx: Tx, *, team_id: UUID) -> bool:
    """Note that a team is to go; False when it is already, or is a personal workspace."""
    found = await tx.fetchval(
        """
        update teams set deletion_requested_at = now()
        where id = $1 and deletion_requested_at is null and closed_at is null and not is_personal
        returning id
        """,
        team_id,
    )
    return found is not None


async def keep_team(tx: Tx, *, team_id: UUID) -> bool:
    """Take the end of a team back; False when none is to come."""
    found = await tx.fetchval(
        """
        update teams set deletion_requested_at = null
        where id = $1 and deletion_requested_at is not null and closed_at is null
        returning id
        """,
        team_id,
    )
    return found is not None


async def list_due(tx: Tx, *, days: int) -> list[UUID]:
    """List the teams whose day has come."""
    rows = await tx.fetch(
        """
        select id from teams
        where closed_at is null and deletion_requested_at <= now() - make_interval(days => $1)
        order by deletion_requested_at, id
        limit 500
        """,
        days,
    )
    return [row["id"] for row in rows]


async def lock_due(tx: Tx, *, team_id: UUID, days: int) -> Record | None:
    """Lock a team that is to go now; `export` says how far the owner's newest export since is."""
    return await tx.fetchrow(
        """
        select t.owner_id, t.name, (
            select e.state from account_exports as e
            where e.user_id = t.owner_id and e.created_at >= t.deletion_requested_at
            order by e.state in ('ready', 'removed') desc, e.created_at desc limit 1
        ) as export
        from teams as t
        where t.id = $1 and t.closed_at is null
            and t.deletion_requested_at <= now() - make_interval(days => $2)
        for update of t
        """,
        team_id,
        days,
    )


async def close_team(tx: Tx, *, team_id: UUID) -> None:
    """End a team for good."""
    await tx.execute("select platform.close_team($1)", team_id)
