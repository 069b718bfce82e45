"""The SQL of the map of pages."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def list_published(tx: Tx, *, after: UUID | None, limit: int) -> list[Record]:
    """Return addresses of published pages with the day of their last change, by id."""
    return await tx.fetch(
        "select id, username, slug, updated_at from list_published_funnels($1, $2)", after, limit
    )


async def list_starts(tx: Tx, *, size: int) -> list[UUID]:
    """Return the id before each part of the map but the first, in order."""
    rows = await tx.fetch("select id from list_funnel_map_parts($1)", size)
    return [row["id"] for row in rows]
