"""The screens of libraries: the list, and one with its items in order."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.libraries import service
from lodestone.domains.lead_magnets.libraries.models import (
    DEFAULT_DAYS,
    DEFAULT_ICON,
    AssetType,
    ItemAdd,
    LibraryCreate,
    LibraryItem,
    LibraryUpdate,
)
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Listing, add_entry, redirect, render

PATH = "/app/libraries"
BLANK: Mapping[str, Any] = {
    "name": "",
    "description": "",
    "icon": DEFAULT_ICON,
    "auto_feature_days": DEFAULT_DAYS,
}
COLUMNS = [
    Column("name", "Library", sortable=True),
    Column("status", "Page", hide="sm"),
    Column("items", "Items", sortable=True, align="end"),
    Column("updated_at", "Changed", sortable=True, hide="lg"),
]

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry("Libraries", PATH, "book", "Capture", order=15, keywords="collection resources vault hub")
)


@router.get("")
async def list_libraries(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=[], sort="-updated_at")
    rows, total = await service.list_libraries(
        tx,
        scope=scope,
        search=listing.q or None,
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total}
    return render(request, "lead_magnets/libraries/list.html", context)


@router.get("/new")
async def start_library(request: Request, _: CurrentUser) -> Response:
    return _form(request, values=BLANK)


@router.post("/new")
async def create_library(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    try:
        given = parse(LibraryCreate, form)
    except InvalidInput as refusal:
        return _form(request, values={**BLANK, **form}, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        library_id = await service.create_library(
            tx, user_id=user.user_id, team_id=scope.team_id, given=given
        )
    return redirect(f"{PATH}/{library_id}", toast="Made. Now put something in it")


@router.get("/{library_id}")
async def show_library(request: Request, _: CurrentUser, tx: OneTx, library_id: UUID) -> Response:
    return await _show(request, tx, library_id)


@router.post("/{library_id}")
async def save_library(request: Request, user: CurrentUser, library_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = parse(LibraryUpdate, form)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_library(tx, library_id=library_id, given=given)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _show(request, tx, library_id, values=form, errors=refusal.fields)
    return redirect(f"{PATH}/{library_id}", toast="Saved")


@router.post("/{library_id}/delete")
async def delete_library(_: CurrentUser, tx: UserTx, library_id: UUID) -> Response:
    await service.delete_library(tx, library_id=library_id)
    return redirect(PATH, toast="Deleted. What was in it stays")


@router.post("/{library_id}/items")
async def add_item(
    _: CurrentUser, tx: UserTx, library_id: UUID, asset: Annotated[str, Form()] = ""
) -> Response:
    """Add what a choice `lead_magnet:<id>` or `external_resource:<id>` names."""
    kind, _colon, identifier = asset.partition(":")
    given = parse(ItemAdd, {"asset_type": kind, "asset_id": identifier})
    await service.add_item(tx, library_id=library_id, given=given)
    return redirect(f"{PATH}/{library_id}", toast="Added")


@router.post("/{library_id}/order")
async def reorder_items(
    _: CurrentUser, tx: UserTx, library_id: UUID, ids: Annotated[list[UUID], Form()]
) -> Response:
    await service.reorder_items(tx, library_id=library_id, item_ids=ids)
    return redirect(f"{PATH}/{library_id}")


@router.post("/{library_id}/items/{item_id}")
async def feature_item(
    _: CurrentUser, tx: UserTx, library_id: UUID, item_id: UUID, featured: Annotated[bool, Form()]
) -> Response:
    await service.feature_item(tx, library_id=library_id, item_id=item_id, is_featured=featured)
    return redirect(f"{PATH}/{library_id}", toast="Featured" if featured else "No longer featured")


@router.post("/{library_id}/items/{item_id}/remove")
async def remove_item(_: CurrentUser, tx: UserTx, library_id: UUID, item_id: UUID) -> Response:
    await service.remove_item(tx, library_id=library_id, item_id=item_id)
    return redirect(f"{PATH}/{library_id}", toast="Taken out")


def _form(
    request: Request, *, values: Mapping[str, Any], errors: dict[str, str] | None = None
) -> Response:
    context = {"values": values, "errors": errors or {}}
    status = 422 if errors else 200
    return render(request, "lead_magnets/libraries/new.html", context, status=status)


async def _show(
    request: Request,
    tx: Tx,
    library_id: UUID,
    *,
    values: Mapping[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    library = await service.get_library(tx, library_id=library_id)
    identity.enter_workspace(request, team_id=library.team_id)
    items = await service.list_items(tx, library_id=library_id)
    candidates = await service.list_candidates(tx, library_id=library_id)
    context = {
        "library": library,
        "items": items,
        "ids": [item.id for item in items],
        "hidden": sum(not item.is_shown for item in items),
        "hrefs": {item.id: _href(item) for item in items},
        "magnets": [each for each in candidates if each.asset_type is AssetType.LEAD_MAGNET],
        "links": [each for each in candidates if each.asset_type is AssetType.EXTERNAL_RESOURCE],
        "values": {**library.model_dump(), **(values or {})},
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return render(request, "lead_magnets/libraries/show.html", context, status=status)


def _href(item: LibraryItem) -> str:
    if item.asset_type is AssetType.EXTERNAL_RESOURCE:
        return f"/app/links/{item.external_resource_id}"
    return f"/app/lead-magnets/{item.lead_magnet_id}"
