"""How a background job stands, for whoever started it."""

from uuid import UUID

from fastapi import APIRouter

from lodestone.auth.dependencies import CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.domains.lead_magnets.background_jobs import service
from lodestone.domains.lead_magnets.background_jobs.models import JobStatus
from lodestone.platform import runtime
from lodestone.platform.errors import NotFound

router = APIRouter(prefix="/api/lead-magnets/jobs", tags=["lead magnets"])


@router.get("/{background_job_id}")
async def read_job(user: CurrentUser, background_job_id: UUID) -> JobStatus:
    """Return its status, its result once it is completed, or why it failed."""
    await _require_seen(user, background_job_id)
    return await service.follow(user.user_id, job_id=background_job_id)


async def _require_seen(user: SignedIn, background_job_id: UUID) -> None:
    """Raise NotFound when whoever asks, or the key they ask with, may not see the job."""
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        if await service.find_job(tx, job_id=background_job_id) is None:
            raise NotFound("There is no such job.")


@router.post("/{background_job_id}/cancel")
async def cancel_job(user: CurrentUser, background_job_id: UUID) -> JobStatus:
    """Stop it, if it is not over."""
    await _require_seen(user, background_job_id)
    async with runtime.acting_as(service.writer_for(user.user_id)) as tx:
        await service.cancel(tx, job_id=background_job_id)
    return await service.follow(user.user_id, job_id=background_job_id)
