"""How far a job has come, as a stream that pages draw a bar from."""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from lodestone.auth.dependencies import CurrentUser
from lodestone.console.jobs import service
from lodestone.console.jobs.models import JobId
from lodestone.platform.jobs import Progress

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


@router.get("/{job_id}/events", response_class=StreamingResponse)
async def stream_progress(user: CurrentUser, job_id: JobId) -> StreamingResponse:
    """Stream `{"done", "total", "message", "status"}` as server-sent events until it is over."""
    found = await service.watch(user, job_id=job_id)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_lines(found), media_type="text/event-stream", headers=headers)


async def _lines(found: AsyncIterator[Progress]) -> AsyncIterator[str]:
    async for progress in found:
        message = {
            "done": progress.done,
            "total": progress.total or 0,
            "message": progress.message,
            "status": progress.state.value,
        }
        yield f"data: {json.dumps(message)}\n\n"
