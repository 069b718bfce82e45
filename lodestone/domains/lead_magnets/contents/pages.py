"""The editor of a magnet's content, its preview, and its content as a file."""

import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.background_jobs import service as background_jobs
from lodestone.domains.lead_magnets.contents import export, jobs, polishing, service
from lodestone.domains.lead_magnets.contents.service import FRAMES, Layers, ReadingPage
from lodestone.platform import runtime
from lodestone.platform.errors import NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/lead-magnets/{lead_magnet_id}")
_PREVIEW_POLICY = (
    "default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; "
    f"script-src 'self'; frame-src {FRAMES}; base-uri 'none'; frame-ancestors 'self'"
)


@router.get("/content")
async def edit_content(
    request: Request, _: CurrentUser, tx: OneTx, lead_magnet_id: UUID
) -> Response:
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    identity.enter_workspace(request, team_id=layers.team_id)
    content = service.read_content(layers)
    work = await polishing.find_last_work(tx, lead_magnet_id=lead_magnet_id)
    context = {
        "magnet": layers,
        "metadata": content.metadata if content else None,
        "editor": _editor(layers, content.to_json() if content else None),
        "work": work,
        "unfinished": service.list_unfinished(layers) if not layers.has_sections else {},
    }
    return render(request, "lead_magnets/content.html", context)


@router.get("/preview")
async def preview_content(_: CurrentUser, tx: OneTx, lead_magnet_id: UUID) -> Response:
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    content = service.read_content(layers)
    if content is None:
        raise NotFound("There is no content yet.")
    page = ReadingPage(
        title=layers.title,
        site_name="Preview",
        colour=export.COLOUR,
        text_colour=export.ON_COLOUR,
        hide_branding=True,
    )
    headers = {
        "cache-control": "private, no-store",
        "content-security-policy": _PREVIEW_POLICY,
        "x-frame-options": "SAMEORIGIN",
    }
    rendered = service.render_content(content.to_json())
    return HTMLResponse(service.render_reading(page, rendered), headers=headers)


@router.get("/export.{kind}")
async def export_content(_: CurrentUser, tx: OneTx, lead_magnet_id: UUID, kind: str) -> Response:
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    make = export.EXPORTS.get(kind)
    if make is None:
        raise NotFound("Content comes as md, html or json.")
    file = make(layers)
    name = re.sub(r"[^\w-]+", "-", layers.title.casefold()).strip("-")[:80] or "content"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{kind}",
        "cache-control": "private, no-store",
    }
    return Response(file.body, media_type=file.media_type, headers=headers)


@router.post("/content/format")
async def format_content(_: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Response:
    await service.format_content(tx, lead_magnet_id=lead_magnet_id)
    return redirect(_path(lead_magnet_id), toast="Set for reading. Every word is where it was.")


@router.post("/content/polish")
async def polish_content(user: CurrentUser, lead_magnet_id: UUID) -> Response:
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        await jobs.begin_polish(tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id)
    return redirect(_path(lead_magnet_id))


@router.post("/content/generate")
async def generate_content(user: CurrentUser, lead_magnet_id: UUID) -> Response:
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        await jobs.begin_writing(tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id)
    return redirect(_path(lead_magnet_id))


@router.post("/content/stop")
async def stop_work(request: Request, user: CurrentUser, lead_magnet_id: UUID) -> Response:
    job_id = await _read_job(request)
    await background_jobs.follow(user.user_id, job_id=job_id)
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        await background_jobs.cancel(tx, job_id=job_id)
    return redirect(_path(lead_magnet_id), toast="Stopped. Your text is as it was.")


@router.post("/content/use")
async def use_result(request: Request, user: CurrentUser, lead_magnet_id: UUID) -> Response:
    job_id = await _read_job(request)
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        await polishing.use_result(tx, lead_magnet_id=lead_magnet_id, job_id=job_id)
    return redirect(_path(lead_magnet_id), toast="The polished text is in place")


@router.post("/content/put-back")
async def put_back(request: Request, user: CurrentUser, lead_magnet_id: UUID) -> Response:
    job_id = await _read_job(request)
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        await polishing.put_back(tx, lead_magnet_id=lead_magnet_id, job_id=job_id)
    return redirect(_path(lead_magnet_id), toast="Put back as it was")


async def _read_job(request: Request) -> UUID:
    return parse(polishing.WorkChoice, await read_form(request)).job_id


def _editor(layers: Layers, content: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the editor's script begins with."""
    return {
        "save": f"/api/lead-magnets/{layers.id}/content",
        "preview": f"/app/lead-magnets/{layers.id}/preview",
        "key": str(layers.id),
        "version": layers.version,
        "isSaved": layers.has_sections,
        "content": content or {"heroSummary": "", "sections": []},
    }


def _path(lead_magnet_id: UUID) -> str:
    return f"/app/lead-magnets/{lead_magnet_id}/content"
