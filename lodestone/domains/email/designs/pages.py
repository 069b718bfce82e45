"""The screens of designs: the list and the block editor with its preview."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.email import service as email
from lodestone.domains.email.designs import editor, service
from lodestone.domains.email.designs.models import DesignDraft
from lodestone.domains.email.sending.jobs import SendMessage, send_message
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form, read_json
from lodestone.platform.pages import Column, Entry, Listing, add_entry, redirect, render
from lodestone.platform.pages.icons import icon

PATH = "/app/email/designs"
MOST_BYTES = 512 * 1024
STARTERS = {"letter": "Letter", "newsletter": "Newsletter", "announcement": "Announcement"}

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Designs",
        PATH,
        "layers",
        "Email",
        order=60,
        keywords="templates blocks look newsletter layout",
    )
)

COLUMNS = [
    Column("name", "Design"),
    Column("used_by", "Mails", align="end", hide="sm"),
    Column("updated_at", "Changed"),
]
_FRAME_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "img-src https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups",
    "x-frame-options": "SAMEORIGIN",
}


class _Shown(BaseModel):
    draft: DesignDraft
    subscriber_id: UUID | None = None


@router.get(PATH)
async def list_designs(request: Request, scope: CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=[], sort="-updated_at")
    rows, total = await service.list_designs(
        tx, scope=scope, search=listing.q or None, limit=listing.limit, offset=listing.offset
    )
    context = {"listing": listing, "rows": rows, "total": total, "starters": STARTERS}
    return render(request, "email/designs/list.html", context)


@router.get(f"{PATH}/new")
async def ask_for_start(request: Request, _: CurrentUser) -> Response:
    return render(request, "email/designs/new.html", {"starters": STARTERS})


@router.post(f"{PATH}/new")
async def begin_design(
    _: CurrentUser, scope: CurrentScope, tx: UserTx, kind: Annotated[str, Form()] = "letter"
) -> Response:
    draft = service.starter(kind)
    design_id = await service.keep_design(tx, scope=scope, draft=draft)
    return redirect(f"{PATH}/{design_id}")


@router.get(f"{PATH}/{{design_id}}")
async def show_editor(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, design_id: UUID
) -> Response:
    design = await service.get_design(tx, team_id=scope.home_team_id, design_id=design_id)
    brand = await service.find_brand(tx, team_id=design.team_id)
    state = {
        "path": f"{PATH}/{design_id}",
        "name": design.name,
        "blocks": [block.model_dump(mode="json") for block in design.blocks],
        "look": design.look.model_dump(mode="json"),
        "kinds": [{**kind, "icon": str(icon(kind["icon"], 18))} for kind in editor.KINDS],
        "look_fields": editor.LOOK,
        "fields": editor.FIELDS,
        "brand": {"colour": brand.colour},
        "icons": {name: str(icon(name, 16)) for name in _ICONS},
    }
    context = {
        "design": design,
        "state": state,
        "readers": await service.list_readers(tx, scope=scope),
    }
    return render(request, "email/designs/edit.html", context)


_ICONS = ("chevron-up", "chevron-down", "copy", "trash", "plus", "selector")


@router.post(f"{PATH}/{{design_id}}")
async def save_design(
    request: Request, user: CurrentUser, scope: CurrentScope, design_id: UUID
) -> Response:
    try:
        draft = parse(DesignDraft, await read_json(request, most_bytes=MOST_BYTES))
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_design(tx, scope=scope, design_id=design_id, draft=draft)
    except InvalidInput as refusal:
        return _refused(refusal)
    return JSONResponse({"saved": True})


@router.post(f"{PATH}/{{design_id}}/preview")
async def preview_design(
    request: Request, user: CurrentUser, scope: CurrentScope, design_id: UUID
) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES * 2)
    try:
        shown = parse(_Shown, _posted(form))
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            await service.get_design(tx, team_id=scope.home_team_id, design_id=design_id)
            filled = await service.preview_design(
                tx, scope=scope, draft=shown.draft, subscriber_id=shown.subscriber_id
            )
    except InvalidInput as refusal:
        context = {"sentences": list(refusal.fields.values()) or [refusal.message]}
        answer = render(request, "email/designs/no_preview.html", context, status=422)
        answer.headers.update(_FRAME_HEADERS)
        return answer
    return HTMLResponse(filled.html, headers=_FRAME_HEADERS)


def _posted(form: dict[str, str]) -> dict[str, Any]:
    try:
        draft = json.loads(form.get("draft", ""))
    except ValueError as error:
        raise InvalidInput("The draft is not JSON.", fields={"draft": "Send JSON."}) from error
    return {"draft": draft, "subscriber_id": form.get("subscriber_id") or None}


@router.post(f"{PATH}/{{design_id}}/test")
async def send_test(
    request: Request, user: CurrentUser, scope: CurrentScope, design_id: UUID
) -> Response:
    """Mail the draft, as it stands in the editor, to whoever asks."""
    try:
        shown = parse(_Shown, await read_json(request, most_bytes=MOST_BYTES))
        service.check_design(shown.draft)
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            await service.get_design(tx, team_id=scope.home_team_id, design_id=design_id)
            filled = await service.preview_design(
                tx, scope=scope, draft=shown.draft, subscriber_id=shown.subscriber_id
            )
    except InvalidInput as refusal:
        return _refused(refusal)
    actor, team_id, tenant_id = await subscribers.acting_for(scope)
    message = service.test_message(
        filled, recipient=user.email, team_id=team_id, tenant_id=tenant_id, user_id=user.user_id
    )
    async with runtime.acting_as(actor) as tx:
        message_id = await email.queue_message(tx, message=message)
        await send_message.enqueue(tx, SendMessage(message_id, user.user_id))
    return JSONResponse({"sent_to": user.email})


@router.post(f"{PATH}/{{design_id}}/duplicate")
async def duplicate_design(
    _: CurrentUser, scope: CurrentScope, tx: UserTx, design_id: UUID
) -> Response:
    found = await service.get_design(tx, team_id=scope.home_team_id, design_id=design_id)
    draft = DesignDraft(name=f"{found.name} (copy)"[:200], blocks=found.blocks, look=found.look)
    copy_id = await service.keep_design(tx, scope=scope, draft=draft)
    return redirect(f"{PATH}/{copy_id}", toast="Copied")


@router.post(f"{PATH}/{{design_id}}/delete")
async def delete_design(
    _: CurrentUser, scope: CurrentScope, tx: UserTx, design_id: UUID
) -> Response:
    await service.delete_design(tx, scope=scope, design_id=design_id)
    return redirect(PATH, toast="Deleted")


def _refused(refusal: InvalidInput) -> Response:
    return JSONResponse(
        {"code": refusal.code, "message": refusal.message, "details": {"fields": refusal.fields}},
        status_code=422,
    )
