"""The editor of a magnet's tool, its try-out, and what visitors said to a chat."""

import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.archetypes.service import InteractiveType
from lodestone.domains.lead_magnets.interactive import service
from lodestone.domains.lead_magnets.interactive.service import ToolOf
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.forms import read_form
from lodestone.platform.pages import redirect, render, render_text

router = APIRouter(include_in_schema=False, prefix="/app/lead-magnets/{lead_magnet_id}/tool")
MOST_BYTES = 512 * 1024
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_NAMES = {
    InteractiveType.CALCULATOR: "calculator",
    InteractiveType.ASSESSMENT: "assessment",
    InteractiveType.GPT: "chat",
}


@router.get("")
async def edit_tool(request: Request, _: CurrentUser, tx: OneTx, lead_magnet_id: UUID) -> Response:
    magnet = await service.get_tool(tx, lead_magnet_id=lead_magnet_id)
    identity.enter_workspace(request, team_id=magnet.team_id)
    chats = await service.list_chats(tx, lead_magnet_id=lead_magnet_id)
    return _show(request, magnet, magnet.interactive_config, chats=chats)


@router.post("")
async def save_tool(request: Request, _: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    magnet = await service.get_tool(tx, lead_magnet_id=lead_magnet_id)
    try:
        given = json.loads(form.get("config", ""))
    except ValueError:
        raise InvalidInput("This is no tool.", fields={"config": "It can't be read."}) from None
    try:
        await service.keep_tool(tx, lead_magnet_id=lead_magnet_id, given=given)
    except InvalidInput as refusal:
        return _show(request, magnet, given, errors=refusal.fields)
    return redirect(f"/app/lead-magnets/{lead_magnet_id}/tool", toast="Saved")


@router.post("/draft")
async def draft_tool(user: CurrentUser, lead_magnet_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        magnet = await service.get_tool(tx, lead_magnet_id=lead_magnet_id)
    tool, is_written = await service.draft_tool(magnet)
    async with runtime.acting_as(user.actor) as tx:
        await service.keep_tool(tx, lead_magnet_id=lead_magnet_id, given=tool.to_json())
    toast = "Drafted" if is_written else "Drafted by rule: no model is set up"
    return redirect(f"/app/lead-magnets/{lead_magnet_id}/tool", toast=toast)


@router.get("/preview")
async def preview_tool(
    request: Request, user: CurrentUser, tx: OneTx, lead_magnet_id: UUID
) -> Response:
    magnet = await service.get_tool(tx, lead_magnet_id=lead_magnet_id)
    tool = magnet.config
    if tool is None:
        raise NotFound("There is no tool yet.")
    session = service.open_session(
        lead_magnet_id=magnet.id, funnel_lead_id=None, acting_user_id=user.user_id
    )
    html = service.render_tool(tool, given=_given(request), session=session)
    body = render_text("lead_magnets/tools/preview.html", {"title": magnet.title, "tool": html})
    headers = {
        "cache-control": "private, no-store",
        "content-security-policy": _POLICY,
        "x-frame-options": "SAMEORIGIN",
    }
    return HTMLResponse(body, headers=headers)


@router.get("/chats/{chat_id}")
async def show_chat(
    request: Request, _: CurrentUser, tx: OneTx, lead_magnet_id: UUID, chat_id: UUID
) -> Response:
    magnet = await service.get_tool(tx, lead_magnet_id=lead_magnet_id)
    said = await service.list_said(tx, chat_id=chat_id)
    if not said:
        raise NotFound("There is no such conversation.")
    return render(request, "lead_magnets/tool_chat.html", {"magnet": magnet, "said": said})


def _given(request: Request) -> dict[str, list[str]]:
    return {name: request.query_params.getlist(name) for name in request.query_params}


def _show(
    request: Request,
    magnet: ToolOf,
    config: dict[str, Any] | None,
    *,
    errors: dict[str, str] | None = None,
    chats: Any = (),
) -> Response:
    if magnet.kind is None:
        raise NotFound("This format is read, not used: it has no tool.")
    context = {
        "magnet": magnet,
        "kind": _NAMES[magnet.kind],
        "config": json.dumps(config) if config else None,
        "is_saved": magnet.config is not None,
        "errors": errors or {},
        "chats": chats,
    }
    return render(request, "lead_magnets/tool.html", context, status=422 if errors else 200)
