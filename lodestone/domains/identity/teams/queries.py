"""The SQL of teams."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def list_workspaces(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the teams in which a person works, their personal one first, then by name."""
    return await tx.fetch(
        """
        select t.id as team_id, t.name, t.owner_id, t.is_personal and t.owner_id = $1 as is_own
        from team_access as a
        join teams as t on t.id = a.team_id
        where a.user_id = $1 and a.via in ('ownership', 'profile')
        group by t.id
        order by is_own desc, lower(t.name), t.id
        """,
        user_id,
    )
