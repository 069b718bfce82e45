"""The screens of a workspace's brand kit: the business, its look, and what mails say of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets.background_jobs import service as background
from lodestone.domains.lead_magnets.background_jobs.service import Status, writer_for
from lodestone.domains.lead_magnets.brand_kits import forms, service
from lodestone.domains.lead_magnets.brand_kits.models import (
    LISTS,
    MOST_FONT_BYTES,
    MOST_LOGO_BYTES,
    BrandKit,
    Context,
    Look,
    Reading,
    ReadSource,
    Sending,
)
from lodestone.domains.lead_magnets.wizard import jobs
from lodestone.domains.lead_magnets.wizard.views import (
    BLANK,
    BUSINESS_TYPES,
    SOURCE_KINDS,
    TONES,
)
from lodestone.domains.lead_magnets.wizard.views import LISTS as LABELS
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_body, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/brand"
_FORM_AROUND_FILE = 20_000
_NEEDS_CONTEXT = "First say what you do: the rest stands on it"

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Brand",
        PATH,
        "sparkle",
        "Settings",
        order=15,
        keywords="brand kit logo colour font tone business testimonial",
    )
)


@router.get("")
async def show_context(
    request: Request,
    user: CurrentUser,
    scope: identity.CurrentScope,
    tx: OneTx,
    reading: UUID | None = None,
) -> Response:
    kit = await _find(tx, scope)
    return await _context_page(request, user, kit, reading=reading)


async def _find(tx: Any, scope: Scope) -> BrandKit | None:
    return await service.find_kit(tx, user_id=scope.user_id, team_id=scope.team_id)


async def _context_page(
    request: Request,
    user: SignedIn,
    kit: BrandKit | None,
    *,
    reading: UUID | None = None,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    job = await background.follow(user.user_id, job_id=reading) if reading else None
    is_read = job is not None and job.status is Status.COMPLETED
    found = (job.result or {}).get("reading") if job and is_read else None
    read = Reading.model_validate(found) if found else None
    values: dict[str, Any] = {**BLANK, **dict.fromkeys(LISTS, "")}
    values |= _shown(kit.model_dump(mode="json")) if kit else {}
    filled: list[str] = []
    if read is not None:
        offered = _shown(read.extracted.model_dump(mode="json"))
        filled = [name for name, value in offered.items() if value and not values.get(name)]
        values |= {name: offered[name] for name in filled}
    values |= form or {}
    context = {
        "kit": kit,
        "tab": "context",
        "values": values,
        "errors": errors or {},
        "business_types": BUSINESS_TYPES,
        "tones": TONES,
        "lists": LABELS,
        "source_kinds": SOURCE_KINDS,
        "read_values": {
            "kind": (form or {}).get("source_kind", "sales-page"),
            "text": (form or {}).get("source_text", ""),
            "url": (form or {}).get("source_url", "") or (kit.website_url if kit else "") or "",
        },
        "job": job,
        "read": read,
        "filled": filled,
        "has_model": runtime.current().ai.serves(prompts.USUAL_MODEL),
    }
    return render(
        request, "lead_magnets/brand/context.html", context, status=422 if errors else 200
    )


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as text areas show them: a list is a text of lines."""
    names = (*LISTS, *BLANK)
    return {
        name: "\n".join(value) if isinstance(value, list) else value or ""
        for name, value in values.items()
        if name in names
    }


@router.post("")
async def save_context(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    names = {*LISTS, *BLANK}
    try:
        given = parse(Context, {name: value for name, value in form.items() if name in names})
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            kit = await _find(tx, scope)
        return await _context_page(request, user, kit, form=form, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        await service.save_context(tx, user_id=user.user_id, team_id=scope.team_id, given=given)
    return redirect(PATH, toast="Saved")


@router.post("/read")
async def read_source(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    try:
        source = parse(
            ReadSource,
            {
                "kind": form.get("source_kind") or "other",
                "text": form.get("source_text", ""),
                "url": form.get("source_url", ""),
            },
        )
        service.check_source(source)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            kit = await _find(tx, scope)
        return await _context_page(request, user, kit, form=form, errors=refusal.fields)
    async with runtime.acting_as(writer_for(user.user_id)) as tx:
        job = await jobs.begin_reading(
            tx,
            user_id=user.user_id,
            team_id=scope.team_id,
            source=source.model_dump(mode="json"),
        )
    return redirect(f"{PATH}?reading={job.id}")


@router.get("/look")
async def show_look(request: Request, scope: identity.CurrentScope, tx: OneTx) -> Response:
    kit = await _find(tx, scope)
    return _look_page(request, kit) if kit else redirect(PATH, toast=_NEEDS_CONTEXT)


def _look_page(
    request: Request,
    kit: BrandKit,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    values = {name: getattr(kit, name) or "" for name in Look.model_fields}
    context = {"kit": kit, "tab": "look", "values": {**values, **(form or {})}}
    context |= {"errors": errors or {}}
    return render(request, "lead_magnets/brand/look.html", context, status=422 if errors else 200)


@router.post("/look")
async def save_look(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    form = await read_form(request)
    async with runtime.acting_as(user.actor) as tx:
        kit = await _find(tx, scope)
        if kit is None:
            return redirect(PATH, toast=_NEEDS_CONTEXT)
        try:
            given = parse(Look, form)
        except InvalidInput as refusal:
            return _look_page(request, kit, form=form, errors=refusal.fields)
        await service.revise_kit(tx, user_id=user.user_id, team_id=scope.team_id, given=given)
    return redirect(f"{PATH}/look", toast="Saved: new pages look like this")


async def _read_upload(request: Request, *, most: int) -> tuple[bytes, str, dict[str, str]]:
    """Return a posted file, its name and the other fields. Raises LodestoneError 413."""
    await read_body(request, most_bytes=most + _FORM_AROUND_FILE)
    async with request.form(max_files=1, max_fields=5) as form:
        file = form.get("file")
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        if not isinstance(file, UploadFile) or not file.filename:
            return b"", "", fields
        return await file.read(), file.filename, fields


@router.post("/logos")
async def add_logo(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    body, file_name, fields = await _read_upload(request, most=MOST_LOGO_BYTES)
    try:
        await service.add_logo(
            user.actor,
            user_id=user.user_id,
            team_id=scope.team_id,
            name=fields.get("name", "").strip() or file_name.rpartition(".")[0],
            body=body,
        )
    except InvalidInput as refusal:
        return await _refused_file(request, user, scope, refusal)
    return redirect(f"{PATH}/look", toast="Logo added")


async def _refused_file(
    request: Request, user: SignedIn, scope: Scope, refusal: InvalidInput
) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        kit = await _find(tx, scope)
    if kit is None:
        return redirect(PATH, toast=_NEEDS_CONTEXT)
    return _look_page(request, kit, errors=refusal.fields)


@router.post("/logos/remove")
async def remove_logo(
    user: CurrentUser, scope: identity.CurrentScope, tx: UserTx, url: Annotated[str, Form()]
) -> Response:
    await service.remove_logo(tx, user_id=user.user_id, team_id=scope.team_id, image_url=url)
    return redirect(f"{PATH}/look", toast="Logo removed")


@router.post("/logos/main")
async def choose_logo(
    user: CurrentUser, scope: identity.CurrentScope, tx: UserTx, url: Annotated[str, Form()]
) -> Response:
    await service.choose_logo(tx, user_id=user.user_id, team_id=scope.team_id, image_url=url)
    return redirect(f"{PATH}/look", toast="New pages show this logo")


@router.post("/font")
async def keep_font(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    body, _, fields = await _read_upload(request, most=MOST_FONT_BYTES)
    try:
        await service.keep_font(
            user.actor,
            user_id=user.user_id,
            team_id=scope.team_id,
            family=fields.get("family", ""),
            body=body,
        )
    except InvalidInput as refusal:
        return await _refused_file(request, user, scope, refusal)
    return redirect(f"{PATH}/look", toast="New pages use this font")


@router.post("/font/remove")
async def remove_font(user: CurrentUser, scope: identity.CurrentScope, tx: UserTx) -> Response:
    await service.remove_font(tx, user_id=user.user_id, team_id=scope.team_id)
    return redirect(f"{PATH}/look", toast="Back to the usual font")


@router.get("/words")
async def show_words(request: Request, scope: identity.CurrentScope, tx: OneTx) -> Response:
    kit = await _find(tx, scope)
    return _words_page(request, kit) if kit else redirect(PATH, toast=_NEEDS_CONTEXT)


def _words_page(
    request: Request,
    kit: BrandKit,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    context = {
        "kit": kit,
        "tab": "words",
        "values": {**forms.show_sending(kit), **(form or {})},
        "errors": errors or {},
        "places": forms.STEP_PLACES,
    }
    return render(request, "lead_magnets/brand/words.html", context, status=422 if errors else 200)


@router.post("/words")
async def save_words(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    form = await read_form(request)
    async with runtime.acting_as(user.actor) as tx:
        kit = await _find(tx, scope)
        if kit is None:
            return redirect(PATH, toast=_NEEDS_CONTEXT)
        try:
            given = parse(Sending, forms.read_sending(form))
        except InvalidInput as refusal:
            return _words_page(request, kit, form=form, errors=refusal.fields)
        await service.revise_kit(tx, user_id=user.user_id, team_id=scope.team_id, given=given)
    return redirect(f"{PATH}/words", toast="Saved")
