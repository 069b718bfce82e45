"""The screens of tracked links."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.external_resources import service
from lodestone.domains.lead_magnets.external_resources.models import (
    DEFAULT_ICON,
    ExternalResource,
    ExternalResourceGiven,
)
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Listing, add_entry, redirect, render

PATH = "/app/links"
BLANK = {"title": "", "url": "", "icon": DEFAULT_ICON}
COLUMNS = [
    Column("title", "Link", sortable=True),
    Column("state", "Given away by", hide="md"),
    Column("click_count", "Clicks", sortable=True, align="end"),
    Column("created_at", "Added", sortable=True, hide="lg"),
]

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry("Links", PATH, "link", "Capture", order=16, keywords="tracked clicks redirect url tool")
)


@router.get("")
async def list_links(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=[], sort="-created_at")
    rows, total = await service.list_resources(
        tx,
        scope=scope,
        search=listing.q or None,
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total}
    return render(request, "lead_magnets/external_resources/list.html", context)


@router.get("/new")
async def start_link(request: Request, _: CurrentUser) -> Response:
    return _form(request, values=BLANK)


@router.post("/new")
async def add_link(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    form = await read_form(request)
    try:
        given = parse(ExternalResourceGiven, form)
    except InvalidInput as refusal:
        return _form(request, values={**BLANK, **form}, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        resource_id = await service.add_resource(
            tx, user_id=user.user_id, team_id=scope.team_id, given=given
        )
    return redirect(f"{PATH}/{resource_id}", toast="Kept")


@router.get("/{resource_id}")
async def show_link(request: Request, _: CurrentUser, tx: OneTx, resource_id: UUID) -> Response:
    link = await service.get_resource(tx, resource_id=resource_id)
    return await _show(request, tx, link, values=link.model_dump())


@router.post("/{resource_id}")
async def save_link(request: Request, user: CurrentUser, resource_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = parse(ExternalResourceGiven, form)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            link = await service.get_resource(tx, resource_id=resource_id)
            return await _show(request, tx, link, values={**BLANK, **form}, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        await service.revise_resource(tx, resource_id=resource_id, given=given)
    return redirect(f"{PATH}/{resource_id}", toast="Saved")


@router.post("/{resource_id}/delete")
async def delete_link(_: CurrentUser, tx: UserTx, resource_id: UUID) -> Response:
    await service.delete_resource(tx, resource_id=resource_id)
    return redirect(PATH, toast="Deleted")


def _form(
    request: Request, *, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Response:
    context = {"values": values, "errors": errors or {}}
    status = 422 if errors else 200
    return render(request, "lead_magnets/external_resources/new.html", context, status=status)


async def _show(
    request: Request,
    tx: Tx,
    link: ExternalResource,
    *,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    identity.enter_workspace(request, team_id=link.team_id)
    context = {
        "link": link,
        "values": values,
        "errors": errors or {},
        "days": await service.list_click_days(tx, resource_id=link.id),
        "address": f"{runtime.current().base_url}{link.path}",
    }
    status = 422 if errors else 200
    return render(request, "lead_magnets/external_resources/show.html", context, status=status)
