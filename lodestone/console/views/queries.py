"""The SQL of saved views."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def list_saved_views(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, path: str
) -> list[Record]:
    """Return the views of a list that a person keeps in a workspace, by name."""
    return await tx.fetch(
        """
        select id, name, query
        from public.saved_views
        where user_id = $1 and workspace_team_id is not distinct from $2 and list = $3
        order by lower(name), id
        """,
        user_id,
        team_id,
        path,
    )


async def count_saved_views(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, path: str, besides: str
) -> int:
    """Count the views of a list that a person keeps in a workspace, besides the one of a name."""
    count: int = await tx.fetchval(
        """
        select count(*) from public.saved_views
        where user_id = $1 and workspace_team_id is not distinct from $2
            and list = $3 and name <> $4
        """,
        user_id,
        team_id,
        path,
        besides,
    )
    return count


async def upsert_saved_view(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, path: str, name: str, query: str
) -> None:
    """Keep a view; one of the same name is replaced."""
    await tx.execute(
        """
        insert into public.saved_views (user_id, workspace_team_id, list, name, query)
        values ($1, $2, $3, $4, $5)
        on conflict (user_id, workspace_team_id, list, name) do update set query = excluded.query
        """,
        user_id,
        team_id,
        path,
        name,
        query,
    )


async def delete_saved_view(tx: Tx, *, view_id: UUID) -> None:
    """Forget a view. Raises NotFound when it is nobody's or somebody else's."""
    if await tx.fetchval("delete from public.saved_views where id = $1 returning id", view_id):
        return
    raise NotFound("There is no such view.")
