"""The use cases of libraries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets.external_resources import service as external_resources
from lodestone.domains.lead_magnets.libraries import queries, rules
from lodestone.domains.lead_magnets.libraries.models import (
    DEFAULT_ICON,
    AssetType,
    Candidate,
    ItemAdd,
    Library,
    LibraryCreate,
    LibraryItem,
    LibraryUpdate,
    ShownItem,
    ShownLibrary,
)
from lodestone.domains.lead_magnets.queries import get_lead_magnet
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput

__all__ = [
    "AssetType",
    "Candidate",
    "Library",
    "LibraryCreate",
    "LibraryItem",
    "LibraryUpdate",
    "ShownItem",
    "ShownLibrary",
    "add_item",
    "create_library",
    "delete_library",
    "feature_item",
    "get_library",
    "list_candidates",
    "list_items",
    "list_libraries",
    "remove_item",
    "reorder_items",
    "revise_library",
    "show_library",
]

MOST_CANDIDATES = 200


async def create_library(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, given: LibraryCreate
) -> UUID:
    """Make an empty library. Raises Conflict when a hundred have this name."""
    for slug in rules.name_slugs(given.name):
        library_id = await queries.insert_library(
            tx,
            user_id=user_id,
            team_id=team_id,
            name=given.name,
            description=given.description or None,
            icon=given.icon or DEFAULT_ICON,
            auto_feature_days=given.auto_feature_days,
            slug=slug,
        )
        if library_id is not None:
            return library_id
    raise Conflict("Too many libraries have this name. Choose another.")


async def get_library(tx: Tx, *, library_id: UUID) -> Library:
    """Return a library. Raises NotFound when it is invisible."""
    return Library.model_validate(dict(await queries.get_library(tx, library_id=library_id)))


async def list_libraries(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    sort: str = "updated_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Library], int]:
    """Return a page of a workspace's libraries and how many it has in all."""
    rows = await queries.list_libraries(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_libraries(
        tx, team_id=scope.home_team_id, author_id=scope.author_id, search=search
    )
    return [Library.model_validate(dict(row)) for row in rows], total


async def revise_library(tx: Tx, *, library_id: UUID, given: LibraryUpdate) -> None:
    """Write a library anew. Raises: NotFound, InvalidInput when the slug is taken."""
    is_free = await queries.update_library(
        tx,
        library_id=library_id,
        name=given.name,
        description=given.description or None,
        icon=given.icon or DEFAULT_ICON,
        auto_feature_days=given.auto_feature_days,
        slug=given.slug,
    )
    if not is_free:
        sentence = "Another library has this short name."
        raise InvalidInput(sentence, fields={"slug": sentence})


async def delete_library(tx: Tx, *, library_id: UUID) -> None:
    """Delete a library; what was in it stays.

    Raises: NotFound when it is invisible, Conflict while a funnel gives it away.
    """
    library = await get_library(tx, library_id=library_id)
    if library.funnel_page_id is not None:
        raise Conflict("A funnel gives this library away. Its leads stay, so the library does too.")
    await queries.delete_library(tx, library_id=library_id)


async def list_items(tx: Tx, *, library_id: UUID) -> list[LibraryItem]:
    """Return a library's items in their order."""
    rows = await queries.list_items(tx, library_id=library_id)
    return [LibraryItem.model_validate(dict(row)) for row in rows]


async def list_candidates(tx: Tx, *, library_id: UUID) -> list[Candidate]:
    """Return what the library's workspace could still put into it."""
    rows = await queries.list_candidates(tx, library_id=library_id, limit=MOST_CANDIDATES)
    return [Candidate.model_validate(dict(row)) for row in rows]


async def add_item(tx: Tx, *, library_id: UUID, given: ItemAdd) -> UUID:
    """Put a magnet or a link at the end of a library.

    Raises: NotFound when either is invisible or of another workspace, Conflict when it is in it.
    """
    library = await get_library(tx, library_id=library_id)
    is_magnet = given.asset_type is AssetType.LEAD_MAGNET
    if is_magnet:
        team_id = (await get_lead_magnet(tx, lead_magnet_id=given.asset_id))["team_id"]
    else:
        link = await external_resources.get_resource(tx, resource_id=given.asset_id)
        team_id = link.team_id
    if team_id != library.team_id:
        raise Conflict("This belongs to another workspace than the library.")
    item_id = await queries.insert_item(
        tx,
        library_id=library_id,
        asset_type=given.asset_type,
        lead_magnet_id=given.asset_id if is_magnet else None,
        external_resource_id=None if is_magnet else given.asset_id,
    )
    if item_id is None:
        raise Conflict("This is in the library already.")
    return item_id


async def remove_item(tx: Tx, *, library_id: UUID, item_id: UUID) -> ItemAdd:
    """Take an item out, and return what brings it back. Raises NotFound."""
    row = await queries.delete_item(tx, library_id=library_id, item_id=item_id)
    return ItemAdd.model_validate(dict(row))


async def reorder_items(tx: Tx, *, library_id: UUID, item_ids: Sequence[UUID]) -> None:
    """Put a library's items in an order; what it does not name comes last.

    Raises NotFound when the library is invisible.
    """
    await get_library(tx, library_id=library_id)
    stored = await queries.lock_items(tx, library_id=library_id)
    order = rules.settle_order(stored, item_ids)
    await queries.update_order(tx, library_id=library_id, item_ids=order)


async def feature_item(tx: Tx, *, library_id: UUID, item_id: UUID, is_featured: bool) -> None:
    """Show an item among the first, or where it stands. Raises NotFound."""
    await queries.update_item(tx, library_id=library_id, item_id=item_id, is_featured=is_featured)


async def show_library(tx: Tx, *, library_id: UUID) -> ShownLibrary:
    """Return a library as visitors see it. Raises NotFound when it is invisible."""
    library = await get_library(tx, library_id=library_id)
    items = await list_items(tx, library_id=library_id)
    return rules.arrange(library, items, now=datetime.now(UTC))
