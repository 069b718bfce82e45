"""The builder's own tabs, its preview, and what it saves while somebody types."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import looks, public, service
from lodestone.domains.funnels.builder.models import TargetType
from lodestone.domains.funnels.builder.rules import name_missing
from lodestone.domains.funnels.forms import screens
from lodestone.domains.funnels.models import FunnelUpdate, PageType, PublicPage
from lodestone.domains.funnels.pictures import service as pictures
from lodestone.domains.funnels.pictures.rules import MOST_BYTES
from lodestone.domains.funnels.sections.editors import unflatten
from lodestone.domains.funnels.sections.models import Draft
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.domains.lead_magnets.service import ShownLibrary
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_body, read_form, read_json
from lodestone.platform.pages import redirect, render

DAYS = 30
FONTS = [
    ("", "The reader's own"),
    ("Humanist", "Humanist"),
    ("Geometric", "Geometric"),
    ("Rounded", "Rounded"),
    ("Serif", "Serif"),
    ("Slab", "Slab serif"),
    ("Mono", "Monospaced"),
]

router = APIRouter(include_in_schema=False)

service.add_tab(service.Tab("optin", "Opt-in", "/app/funnels/{id}", 10))
service.add_tab(
    service.Tab("thankyou", "Thank you", "/app/funnels/{id}/thankyou", 20, PageType.THANKYOU)
)
service.add_tab(service.Tab("theme", "Theme", "/app/funnels/{id}/theme", 30))
service.add_tab(
    service.Tab("content", "Content", "/app/funnels/{id}/content", 50, PageType.CONTENT)
)
service.add_tab(service.Tab("results", "Results", "/app/funnels/{id}/results", 900))
OWN = ("optin", "thankyou", "theme", "content", "results")


@router.post("/app/funnels/draft")
async def draft_funnel(
    user: CurrentUser,
    lead_magnet_id: Annotated[UUID | None, Form()] = None,
    target_type: Annotated[TargetType, Form()] = TargetType.LEAD_MAGNET,
    target_id: Annotated[UUID | None, Form()] = None,
) -> Response:
    if lead_magnet_id is not None:
        return await _draft_for_magnet(user, lead_magnet_id)
    if target_id is None:
        raise InvalidInput("What is given away?", fields={"target_id": "Name it by its id."})
    async with runtime.acting_as(user.actor) as tx:
        page = await service.draft_giveaway(
            tx, user_id=user.user_id, target_type=target_type, target_id=target_id, given=None
        )
    return redirect(f"/app/funnels/{page.id}", toast="Drafted")


async def _draft_for_magnet(user: SignedIn, lead_magnet_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.refuse_second(tx, target_id=lead_magnet_id)
    copy = await service.write_copy(
        actor=user.actor, user_id=user.user_id, lead_magnet_id=lead_magnet_id
    )
    async with runtime.acting_as(user.actor) as tx:
        page = await service.draft_funnel(
            tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id, copy=copy
        )
    return redirect(f"/app/funnels/{page.id}", toast="Drafted from the lead magnet")


@router.get("/app/funnels/{funnel_page_id}")
async def show_optin(request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID) -> Response:
    return await _show(request, tx, funnel_page_id, "optin")


@router.get("/app/funnels/{funnel_page_id}/thankyou")
async def show_thankyou(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _show(request, tx, funnel_page_id, "thankyou")


@router.get("/app/funnels/{funnel_page_id}/theme")
async def show_theme(request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID) -> Response:
    return await _show(request, tx, funnel_page_id, "theme")


@router.get("/app/funnels/{funnel_page_id}/content")
async def show_content(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _show(request, tx, funnel_page_id, "content")


@router.get("/app/funnels/{funnel_page_id}/results")
async def show_results(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _show(request, tx, funnel_page_id, "results")


@router.post("/app/funnels/{funnel_page_id}")
async def save_funnel(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    """Save a tab's form as a whole: what a browser without script sends."""
    form = await read_form(request)
    tab = form.pop("tab", "optin")
    tab = tab if tab in OWN else "optin"
    given = {key: value if value else None for key, value in form.items()}
    errors: dict[str, str] = {}
    try:
        update = parse(FunnelUpdate, given)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_funnel(tx, funnel_page_id=funnel_page_id, given=update)
    except InvalidInput as refusal:
        errors = refusal.fields
    except Conflict as refusal:
        errors = {"slug": refusal.message}
    if not errors:
        path = f"/app/funnels/{funnel_page_id}"
        return redirect(path if tab == "optin" else f"{path}/{tab}", toast="Saved")
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        return await _show(request, tx, funnel_page_id, tab, values=form, errors=errors)


@router.post("/app/funnels/{funnel_page_id}/changes")
async def save_changes(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    """Save fields while somebody types; answers what they were before, for the way back."""
    update = parse(FunnelUpdate, await read_json(request))
    try:
        async with runtime.acting_as(user.actor) as tx:
            before = await service.get_funnel(tx, funnel_page_id=funnel_page_id)
            after = await service.revise_funnel(tx, funnel_page_id=funnel_page_id, given=update)
    except Conflict as refusal:
        raise InvalidInput(refusal.message, fields={"slug": refusal.message}) from refusal
    names = update.model_fields_set
    return JSONResponse(
        {
            "before": before.model_dump(mode="json", include=set(names)),
            "after": after.model_dump(mode="json", include=set(names)),
        }
    )


@router.post("/app/funnels/{funnel_page_id}/pictures")
async def upload_picture(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    """Keep a picture for a page, in the workspace's public files; answers its address."""
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        page = await service.get_funnel(tx, funnel_page_id=funnel_page_id)
    content = await read_body(request, most_bytes=MOST_BYTES)
    url = await pictures.keep_picture(
        user.actor, owner_id=page.team_id or page.user_id, content=content
    )
    return JSONResponse({"url": url}, status_code=201)


@router.post("/app/funnels/{funnel_page_id}/publish")
async def publish_funnel(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    form = await read_form(request)
    tab = form.get("tab", "optin") if form.get("tab") in OWN else "optin"
    try:
        async with runtime.acting_as(user.actor) as tx:
            await service.publish_funnel(tx, funnel_page_id=funnel_page_id)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _show(request, tx, funnel_page_id, tab, missing=refusal.fields)
    return redirect(
        f"/app/funnels/{funnel_page_id}",
        toast="Published",
        undo=f"/app/funnels/{funnel_page_id}/unpublish",
    )


@router.post("/app/funnels/{funnel_page_id}/unpublish")
async def unpublish_funnel(_: CurrentUser, tx: UserTx, funnel_page_id: UUID) -> Response:
    await service.unpublish_funnel(tx, funnel_page_id=funnel_page_id)
    return redirect(
        f"/app/funnels/{funnel_page_id}",
        toast="Unpublished",
        undo=f"/app/funnels/{funnel_page_id}/publish",
    )


@router.post("/app/funnels/{funnel_page_id}/brand")
async def apply_brand(user: CurrentUser, tx: UserTx, funnel_page_id: UUID) -> Response:
    await service.apply_brand(tx, user_id=user.user_id, funnel_page_id=funnel_page_id)
    return redirect(f"/app/funnels/{funnel_page_id}/theme", toast="The brand is applied")


@router.get("/app/funnels/{funnel_page_id}/preview")
async def preview_funnel(
    _: CurrentUser, tx: OneTx, funnel_page_id: UUID, page: PageType = PageType.OPTIN
) -> Response:
    shown = await service.preview_page(tx, funnel_page_id=funnel_page_id)
    return public.preview(
        shown,
        page_type=page,
        survey=await screens.preview_screen(tx, funnel_page_id=funnel_page_id),
        library=await _find_library(tx, shown),
    )


@router.post("/app/funnels/{funnel_page_id}/preview")
async def preview_draft(
    request: Request,
    user: CurrentUser,
    funnel_page_id: UUID,
    page: PageType = PageType.OPTIN,
) -> Response:
    """Answer a page with what somebody is typing; what can't be taken yet is as it was."""
    body = await read_json(request)
    given = dict(body) if isinstance(body, dict) else {}
    typed = given.pop("section", None)
    section = _read_section(typed) if isinstance(typed, dict) else None
    draft = _take_what_fits(given)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        shown = await service.preview_page(
            tx, funnel_page_id=funnel_page_id, draft=draft, section=section
        )
        survey = await screens.preview_screen(tx, funnel_page_id=funnel_page_id)
        library = await _find_library(tx, shown)
    return public.preview(shown, page_type=page, survey=survey, library=library)


async def _find_library(tx: Tx, page: PublicPage) -> ShownLibrary | None:
    if page.library_id is None:
        return None
    return await lead_magnets.show_library(tx, library_id=page.library_id)


def _read_section(typed: Mapping[str, Any]) -> Draft:
    fields = typed.get("fields")
    config = unflatten(fields) if isinstance(fields, dict) else {}
    return parse(Draft, {"id": typed.get("id"), "config": config})


def _take_what_fits(given: Mapping[str, Any]) -> FunnelUpdate:
    try:
        return parse(FunnelUpdate, given)
    except InvalidInput as refusal:
        rest = {name: value for name, value in given.items() if name not in refusal.fields}
        return parse(FunnelUpdate, rest)


async def _show(
    request: Request,
    tx: Tx,
    funnel_page_id: UUID,
    tab: str,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    missing: dict[str, str] | None = None,
) -> Response:
    shell = await service.get_shell(tx, funnel_page_id=funnel_page_id, tab=tab)
    page = shell.page
    scope = identity.enter_workspace(request, team_id=page.team_id)
    context: dict[str, Any] = {
        "shell": shell,
        "values": {**page.model_dump(), **(values or {})},
        "errors": errors or {},
        "missing": name_missing(page, missing or {}),
        "fonts": FONTS,
        "default_colour": looks.DEFAULT_COLOUR,
        "is_magnet": page.target_type == TargetType.LEAD_MAGNET,
    }
    if tab == "results":
        context |= await _count(tx, scope, page.id)
    status = 422 if errors or missing else 200
    return render(request, f"funnels/builder/{tab}.html", context, status=status)


async def _count(tx: Tx, scope: identity.Scope, funnel_page_id: UUID) -> dict[str, Any]:
    counted = await service.list_days(tx, days=DAYS, funnel_page_id=funnel_page_id)
    leads, total = await service.list_leads(tx, scope=scope, funnel_page_id=funnel_page_id, limit=5)
    views = sum(day.views for day in counted)
    captured = sum(day.leads for day in counted)
    return {
        "days": counted,
        "views": views,
        "captured": captured,
        "conversion": captured / views if views else None,
        "leads": leads,
        "lead_total": total,
    }
