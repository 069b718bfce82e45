"""How far long work has come: handlers report it, pages watch it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs.models import Progress
from lodestone.platform.jobs.queries.progress import find_progress, upsert_progress

REPORT_SECONDS = 0.25


@dataclass(slots=True)
class RunningJob:
    """The job that this task runs."""

    id: int
    name: str
    user_id: UUID | None
    tenant_id: UUID | None
    last_report: float | None = None


running: ContextVar[RunningJob | None] = ContextVar("running_job", default=None)


async def report_progress(*, done: int, total: int | None = None, message: str = "") -> None:
    """Store how far the running job has come, at once and whatever becomes of its work.

    Reports in quick succession are left out, save the last one (`done == total`). Outside a job
    nobody watches, and it does nothing.
    """
    job = running.get()
    if job is None:
        return
    now = time.monotonic()
    is_early = job.last_report is not None and now - job.last_report < REPORT_SECONDS
    if is_early and done != total:
        return
    job.last_report = now
    async with runtime.acting_as(Root()) as tx:
        await upsert_progress(
            tx,
            job_id=job.id,
            name=job.name,
            user_id=job.user_id,
            tenant_id=job.tenant_id,
            done=done,
            total=total,
            message=message,
        )


async def watch_progress(job_id: int, *, every_seconds: float = 0.5) -> AsyncIterator[Progress]:
    """Yield the progress now and after each change, until the job is over.

    It asks the database by primary key, so it works behind a pooler, where LISTEN does not.
    Yields nothing for a job that does not exist. Whoever calls checks `user_id` first.
    """
    last: Progress | None = None
    while True:
        async with runtime.acting_as(Root(), readonly=True) as tx:
            progress = await find_progress(tx, job_id=job_id)
        if progress is None:
            return
        if progress != last:
            yield progress
        if progress.state.is_over:
            return
        last = progress
        await asyncio.sleep(every_seconds)
