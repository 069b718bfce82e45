"""The screen of ad pixels: their ids, tokens and events, and a test."""

import json
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import rendering
from lodestone.domains.funnels.connections import service as connections
from lodestone.domains.funnels.deliveries import jobs as deliveries
from lodestone.domains.funnels.deliveries import service as outbox
from lodestone.domains.funnels.deliveries.service import Destination
from lodestone.domains.funnels.models import PageType, PublicPage
from lodestone.domains.funnels.pixels import service
from lodestone.domains.funnels.pixels.models import DEFAULT_EVENTS, PIXELS
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render, static_url

PATH = "/app/pixels"

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Ad pixels",
        PATH,
        "target",
        "Settings",
        order=28,
        keywords="meta facebook linkedin conversions capi tracking consent",
    )
)


def script_tag(page: PublicPage, page_type: PageType) -> Markup:
    """Return what asks a page's visitors for consent; nothing where its people have no pixel."""
    if not page.pixels:
        return Markup("")
    return Markup('<script src="{}" data-pixels="{}" data-page="{}" async></script>').format(
        static_url("funnels/pixels.js"), json.dumps(page.pixels), page_type.value
    )


rendering.add_head_part(script_tag)


@router.get(PATH)
async def show_pixels(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post(f"{PATH}/{{name}}")
async def save_pixel(request: Request, user: CurrentUser, name: str) -> Response:
    destination = _destination(name)
    form = await read_form(request)
    try:
        given = parse(PIXELS[destination], form)
        await service.save_pixel(user_id=user.user_id, destination=destination, given=given)
    except InvalidInput as refusal:
        shown: dict[str, Any] = {key: value for key, value in form.items() if key != "token"}
        return await _page(request, user, name=name, values=shown, errors=refusal.fields)
    return redirect(PATH, toast=f"{destination.label} is saved")


@router.post(f"{PATH}/{{name}}/test")
async def test_pixel(request: Request, user: CurrentUser, name: str) -> Response:
    destination = _destination(name)
    try:
        await service.check_testable(user_id=user.user_id, destination=destination)
    except InvalidInput as refusal:
        return await _page(request, user, name=name, errors=refusal.fields)
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        delivery_id = await outbox.write_test(tx, user_id=user.user_id, destination=destination)
        await deliveries.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect(f"/app/deliveries?destination={name}", toast="Test on its way")


@router.post(f"{PATH}/{{name}}/disconnect")
async def disconnect_pixel(user: CurrentUser, name: str) -> Response:
    destination = _destination(name)
    await connections.disconnect(user_id=user.user_id, service=destination)
    return redirect(PATH, toast=f"{destination.label} is disconnected")


async def _page(
    request: Request,
    user: SignedIn,
    *,
    name: str = "",
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        connected = await connections.list_connections(tx, user_id=user.user_id)
    kept = {
        str(one): {
            "pixel_id": "",
            "partner_id": "",
            "conversion_id": "",
            "test_event_code": "",
            "default_conversion_value": "",
            "enabled_events": list(DEFAULT_EVENTS),
            **(connected[one].metadata if one in connected else {}),
        }
        for one in PIXELS
    }
    if values is not None:
        events = {"tells_views": "PageView", "tells_leads": "Lead"}
        on = [event for field, event in events.items() if field in values]
        kept[name] = {**kept[name], **values, "enabled_events": on}
    context = {
        "pixels": kept,
        "connected": connected,
        "errors": {str(one): (errors or {}) if one == name else {} for one in PIXELS},
    }
    return render(request, "funnels/pixels/list.html", context, status=422 if errors else 200)


def _destination(name: str) -> Destination:
    for destination in PIXELS:
        if destination == name:
            return destination
    raise NotFound("There is nothing at this address.")
