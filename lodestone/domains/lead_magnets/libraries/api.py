"""Libraries for programs: make, change, fill, put in order."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.libraries import service
from lodestone.domains.lead_magnets.libraries.models import (
    ItemAdd,
    ItemPlace,
    ItemUpdate,
    Library,
    LibraryCreate,
    LibraryItem,
    LibraryPatch,
    LibraryUpdate,
)
from lodestone.platform.forms import parse

MOST_LISTED = 500

router = APIRouter(prefix="/api/libraries", tags=["libraries"])


@router.get("")
async def list_libraries(
    scope: identity.CurrentScope,
    tx: OneTx,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Library]:
    """List the workspace's libraries, the newest change first."""
    rows, _ = await service.list_libraries(tx, scope=scope, limit=limit, offset=offset)
    return rows


@router.post("", status_code=201)
async def create_library(
    user: CurrentUser, scope: identity.CurrentScope, tx: UserTx, given: LibraryCreate
) -> Library:
    """Make an empty library; its slug is made of its name."""
    library_id = await service.create_library(
        tx, user_id=user.user_id, team_id=scope.team_id, given=given
    )
    return await service.get_library(tx, library_id=library_id)


@router.get("/{library_id}")
async def get_library(tx: OneTx, library_id: UUID) -> Library:
    """Return a library."""
    return await service.get_library(tx, library_id=library_id)


@router.patch("/{library_id}")
async def revise_library(tx: UserTx, library_id: UUID, given: LibraryPatch) -> Library:
    """Change what is given and nothing else; 422 when the slug is another library's."""
    library = await service.get_library(tx, library_id=library_id)
    known = library.model_dump(include=set(LibraryUpdate.model_fields))
    stored = {name: value for name, value in known.items() if value is not None}
    update = parse(LibraryUpdate, {**stored, **given.model_dump(exclude_none=True)})
    await service.revise_library(tx, library_id=library_id, given=update)
    return await service.get_library(tx, library_id=library_id)


@router.delete("/{library_id}", status_code=204)
async def delete_library(tx: UserTx, library_id: UUID) -> None:
    """Delete a library; 409 while a funnel gives it away."""
    await service.delete_library(tx, library_id=library_id)


@router.get("/{library_id}/items")
async def list_items(tx: OneTx, library_id: UUID) -> list[LibraryItem]:
    """List what is in a library, in its order."""
    await service.get_library(tx, library_id=library_id)
    return await service.list_items(tx, library_id=library_id)


@router.post("/{library_id}/items", status_code=201)
async def add_item(tx: UserTx, library_id: UUID, given: ItemAdd) -> list[LibraryItem]:
    """Put a magnet or a link at the end; 409 when it is in the library already."""
    await service.add_item(tx, library_id=library_id, given=given)
    return await service.list_items(tx, library_id=library_id)


@router.put("/{library_id}/items/order")
async def reorder_items(tx: UserTx, library_id: UUID, given: list[ItemPlace]) -> list[LibraryItem]:
    """Put items in the order of `sortOrder`; what is not named comes last."""
    order = [each.id for each in sorted(given, key=lambda each: each.sort_order)]
    await service.reorder_items(tx, library_id=library_id, item_ids=order)
    return await service.list_items(tx, library_id=library_id)


@router.patch("/{library_id}/items/{item_id}", status_code=204)
async def feature_item(tx: UserTx, library_id: UUID, item_id: UUID, given: ItemUpdate) -> None:
    """Feature an item, or no longer."""
    await service.feature_item(
        tx, library_id=library_id, item_id=item_id, is_featured=given.is_featured
    )


@router.delete("/{library_id}/items/{item_id}", status_code=204)
async def remove_item(tx: UserTx, library_id: UUID, item_id: UUID) -> None:
    """Take an item out; what it was stays."""
    await service.remove_item(tx, library_id=library_id, item_id=item_id)
