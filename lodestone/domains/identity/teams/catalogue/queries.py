"""The SQL of the catalogue."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def list_cards(tx: Tx, *, search: str | None) -> list[Record]:
    """List the cards that the acting person may read, by owner."""
    return await tx.fetch(
        """
        select c.*
        from list_catalogue() as c
        where $1::text is null or c.title ilike '%' || $1 || '%'
            or c.pain_point ilike '%' || $1 || '%' or c.target_audience ilike '%' || $1 || '%'
        """,
        search,
    )


async def reads_any(tx: Tx, *, user_id: UUID) -> bool:
    """Say whether anybody has opened their catalogue to a person."""
    found: bool = await tx.fetchval(
        """
        select exists (select from team_members where member_id = $1 and status = 'active')
        """,
        user_id,
    )
    return found
