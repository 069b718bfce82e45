"""The use cases of discovery. Source: https://www.sitemaps.org/protocol.html."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.domains.funnels.discovery import queries
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer

PART = 20_000
"""Pages in one part of the map; the protocol's limit is 50,000."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A page in the map."""

    path: str
    updated_at: datetime


async def list_parts() -> list[UUID | None]:
    """Return where each part of the map begins: after no page at all, then after these."""
    async with runtime.reading_as(Service(Writer.MAGNETLAB)) as tx:
        return [None, *await queries.list_starts(tx, size=PART)]


async def list_pages(*, after: UUID | None) -> list[Mapped]:
    """Return the published pages of one part of the map."""
    async with runtime.reading_as(Service(Writer.MAGNETLAB)) as tx:
        rows = await queries.list_published(tx, after=after, limit=PART)
    return [Mapped(f"/p/{row['username']}/{row['slug']}", row["updated_at"]) for row in rows]
