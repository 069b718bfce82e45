"""Contents for the editor and for programs: read, save, change a draft, have it polished."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.lead_magnets.background_jobs import service as background_jobs
from lodestone.domains.lead_magnets.contents import jobs, service
from lodestone.domains.lead_magnets.contents.models import MOST_BYTES, ExtractedContent, Saved
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import read_json

router = APIRouter(prefix="/api/lead-magnets/{lead_magnet_id}", tags=["lead magnets"])


class Content(BaseModel):
    """A magnet's content. `unfinished` names what the draft in its format still lacks, by path."""

    version: int
    polished: dict[str, Any] | None
    generated: dict[str, Any] | None
    extracted: dict[str, Any] | None
    unfinished: dict[str, str]


class Draft(BaseModel):
    """A draft in its format, and what it still lacks, by path."""

    generated: dict[str, Any]
    unfinished: dict[str, str]


class Begun(BaseModel):
    """Work that has begun; ask for it at `/api/lead-magnets/jobs/{jobId}`."""

    job_id: UUID = Field(serialization_alias="jobId")
    status: str


@router.get("/content")
async def read_content(_: CurrentUser, tx: OneTx, lead_magnet_id: UUID) -> Content:
    """Return every layer of the content."""
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    return Content(
        version=layers.version,
        polished=layers.polished_content,
        generated=layers.generated_content,
        extracted=layers.extracted_content,
        unfinished=service.list_unfinished(layers),
    )


@router.put("/content")
async def save_content(request: Request, _: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Saved:
    """Keep the whole content: `{version, content}`; 409 when it was changed since that version."""
    given = service.check_save(await read_json(request, most_bytes=2 * MOST_BYTES))
    return await service.save_content(tx, lead_magnet_id=lead_magnet_id, given=given)


@router.patch("/content/generated")
async def patch_draft(request: Request, _: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Draft:
    """Change fields of the draft: lists are replaced whole, null takes a field away."""
    patch = await read_json(request, most_bytes=MOST_BYTES)
    if not isinstance(patch, dict):
        raise InvalidInput("Send an object.", fields={"body": "Send an object."})
    generated, unfinished = await service.patch_generated(
        tx, lead_magnet_id=lead_magnet_id, patch=patch
    )
    return Draft(generated=generated, unfinished=unfinished)


@router.put("/content/extracted")
async def keep_extracted(
    request: Request, _: CurrentUser, tx: UserTx, lead_magnet_id: UUID
) -> ExtractedContent:
    """Keep what the author said."""
    given = await read_json(request, most_bytes=MOST_BYTES)
    return await service.keep_extracted(tx, lead_magnet_id=lead_magnet_id, given=given)


@router.post("/content/format")
async def format_content(_: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Saved:
    """Set the text for reading, every word kept."""
    return await service.format_content(tx, lead_magnet_id=lead_magnet_id)


@router.post("/content/polish", status_code=202)
async def polish_content(user: CurrentUser, lead_magnet_id: UUID) -> Begun:
    """Have the text polished; what it was can be put back."""
    await _require_seen(user, lead_magnet_id)
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        job = await jobs.begin_polish(tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id)
    return Begun(job_id=job.id, status=job.status)


@router.post("/content/generate", status_code=202)
async def generate_content(user: CurrentUser, lead_magnet_id: UUID) -> Begun:
    """Have the content written from the magnet's idea."""
    await _require_seen(user, lead_magnet_id)
    async with runtime.acting_as(background_jobs.writer_for(user.user_id)) as tx:
        job = await jobs.begin_writing(tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id)
    return Begun(job_id=job.id, status=job.status)


async def _require_seen(user: SignedIn, lead_magnet_id: UUID) -> None:
    """Raise NotFound when whoever asks, or the key they ask with, may not see the magnet."""
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
