"""The SQL of accounts and workspaces."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def get_workspace(tx: Tx, *, user_id: UUID) -> Record:
    """Return where a person works. Raises NotFound when the account is invisible."""
    row = await tx.fetchrow(
        """
        select
            u.id as user_id, u.email, u.name, u.username, p.tenant_id, t.id as personal_team_id
        from users as u
        left join profiles as p on p.id = u.id
        left join teams as t on t.owner_id = u.id and t.is_personal
        where u.id = $1
        """,
        user_id,
    )
    if row is None:
        raise NotFound("There is no such account.")
    return row
