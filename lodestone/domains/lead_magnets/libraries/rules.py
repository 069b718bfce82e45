"""Pure rules of libraries: slugs, and what stands where on the public page."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from lodestone.domains.lead_magnets.libraries.models import (
    DEFAULT_ICON,
    AssetType,
    Library,
    LibraryItem,
    ShownItem,
    ShownLibrary,
)

MOST_SLUG = 60
MOST_SUFFIX = 99
_ICONS = {AssetType.LEAD_MAGNET: "🎁", AssetType.EXTERNAL_RESOURCE: "🔗"}


def name_slugs(name: str) -> Iterator[str]:
    """Yield the slug of a name, then the same with -1 to -99."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_SLUG].strip("-") or "library"
    yield slug
    yield from (f"{slug}-{number}" for number in range(1, MOST_SUFFIX + 1))


def settle_order(stored: Sequence[UUID], wanted: Sequence[UUID]) -> list[UUID]:
    """Return the stored ids in the order that is wanted; what it does not name comes last."""
    known = set(stored)
    named = list(dict.fromkeys(each for each in wanted if each in known))
    return named + [each for each in stored if each not in set(named)]


def arrange(library: Library, items: Iterable[LibraryItem], *, now: datetime) -> ShownLibrary:
    """Return a library as visitors see it: what nobody could open is left out."""
    first: list[ShownItem] = []
    rest: list[ShownItem] = []
    for item in items:
        if not item.is_shown:
            continue
        shown = _show(library, item, now=now)
        (first if shown.is_featured or shown.is_new else rest).append(shown)
    return ShownLibrary(
        name=library.name,
        description=library.description or None,
        icon=library.icon or DEFAULT_ICON,
        first=first,
        rest=rest,
    )


def _show(library: Library, item: LibraryItem, *, now: datetime) -> ShownItem:
    is_link = item.asset_type is AssetType.EXTERNAL_RESOURCE
    return ShownItem(
        title=item.title,
        description=item.description,
        icon=item.icon or _ICONS[item.asset_type],
        path=(
            f"/r/{item.external_resource_id}?library={library.id}"
            if is_link
            else f"/p/{item.username}/{item.slug}"
        ),
        is_featured=item.is_featured,
        is_new=item.is_new(now=now, days=library.auto_feature_days),
    )
