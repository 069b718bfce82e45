"""The use cases of background jobs. What changes one takes a transaction of the writer's."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lodestone.domains.lead_magnets.background_jobs import queries
from lodestone.domains.lead_magnets.background_jobs.models import (
    BackgroundJob,
    JobStatus,
    Kind,
    Status,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, LodestoneError, NotFound
from lodestone.platform.jobs import Job, find_progress

__all__ = [
    "BackgroundJob",
    "JobStatus",
    "Kind",
    "Status",
    "WorkOn",
    "begin",
    "cancel",
    "carry_out",
    "end_stalled",
    "find_job",
    "follow",
    "retry",
    "writer_for",
]

STALLED_MINUTES = 45
"""Longer than three attempts of the longest work, with the pauses between them."""

CANCELLED = "You stopped it."
_STALLED = "It took too long. Nothing that you wrote is lost: try it again."
_BROKE_OFF = "Something went wrong on our side. Nothing that you wrote is lost: try it again."


@dataclass(frozen=True, slots=True)
class WorkOn:
    """A background job, and for whom the service works on it."""

    background_job_id: UUID
    user_id: UUID


Work = Callable[[BackgroundJob], Awaitable[dict[str, Any]]]
Keep = Callable[[Tx, BackgroundJob, dict[str, Any]], Awaitable[None]]


def writer_for(user_id: UUID) -> Service:
    """Return the actor that writes jobs and drafts for a person."""
    return Service(Writer.MAGNETLAB, user_id=user_id)


async def begin(
    tx: Tx, task: Job[WorkOn], *, user_id: UUID, kind: Kind, given: Mapping[str, Any]
) -> BackgroundJob:
    """Keep what is to be done, and enqueue it on the same transaction."""
    row = await queries.insert_job(tx, user_id=user_id, kind=kind, given=given)
    return await _enqueue(tx, task, BackgroundJob.model_validate(dict(row)))


async def retry(tx: Tx, task: Job[WorkOn], *, job_id: UUID) -> BackgroundJob:
    """Let a failed job begin anew with the same input. Raises: NotFound, Conflict."""
    row = await queries.lock_job(tx, job_id=job_id)
    if row is None:
        raise NotFound("There is no such job.")
    if not await queries.set_pending(tx, job_id=job_id):
        raise Conflict("Only what has failed can be tried again.")
    return await _enqueue(tx, task, BackgroundJob.model_validate(dict(row)))


async def _enqueue(tx: Tx, task: Job[WorkOn], job: BackgroundJob) -> BackgroundJob:
    task_id = await task.enqueue(tx, WorkOn(job.id, job.user_id))
    await queries.update_task(tx, job_id=job.id, task_id=str(task_id))
    return job.model_copy(update={"task_id": str(task_id), "status": Status.PENDING})


async def cancel(tx: Tx, *, job_id: UUID) -> bool:
    """Stop a job that is not over: what it may still bring is not kept. False when it was over."""
    return await queries.set_failed(tx, job_id=job_id, error=CANCELLED)


async def find_job(tx: Tx, *, job_id: UUID) -> BackgroundJob | None:
    """Find a job that the actor sees."""
    row = await queries.find_job(tx, job_id=job_id)
    return BackgroundJob.model_validate(dict(row)) if row is not None else None


async def follow(user_id: UUID, *, job_id: UUID) -> JobStatus:
    """Return how a job stands, ending it when the queue has given it up.

    Raises: NotFound when it is missing or somebody else's.
    """
    async with runtime.acting_as(writer_for(user_id), readonly=True) as tx:
        job = await find_job(tx, job_id=job_id)
    if job is None or job.user_id != user_id:
        raise NotFound("There is no such job.")
    message = None
    if not job.status.is_over and job.task_id is not None:
        async with runtime.acting_as(Root(), readonly=True) as tx:
            progress = await find_progress(tx, job_id=int(job.task_id))
        message = progress.message if progress else None
        if progress is None or progress.state.is_over:
            job = await _end_broken(job)
    return JobStatus(
        job_id=job.id,
        job_type=job.kind,
        status=job.status,
        result=job.result,
        error=job.error,
        progress=message or None,
    )


async def _end_broken(job: BackgroundJob) -> BackgroundJob:
    """End a job that the queue is done with, unless it was completed a moment ago."""
    async with runtime.acting_as(writer_for(job.user_id)) as tx:
        await queries.set_failed(tx, job_id=job.id, error=_BROKE_OFF)
        found = await find_job(tx, job_id=job.id)
    return found or job


async def carry_out(args: WorkOn, work: Work, keep: Keep) -> None:
    """Do the work outside any transaction; keep its result, and what follows from it, in one.

    A job that is over, or was cancelled meanwhile, changes nothing. A refusal that a person can
    understand ends the job with it; anything else is for the queue to try again.
    """
    actor = writer_for(args.user_id)
    async with runtime.acting_as(actor) as tx:
        row = await queries.lock_job(tx, job_id=args.background_job_id)
        if row is None or Status(row["status"]).is_over:
            return
        job = BackgroundJob.model_validate(dict(row))
        await queries.set_processing(tx, job_id=job.id)
    try:
        result = await work(job)
    except LodestoneError as refusal:
        async with runtime.acting_as(actor) as tx:
            await queries.set_failed(tx, job_id=job.id, error=refusal.message)
        return
    async with runtime.acting_as(actor) as tx:
        if await queries.set_completed(tx, job_id=job.id, result=result):
            await keep(tx, job, result)


async def end_stalled() -> int:
    """Fail what has not moved for 45 minutes, so that nobody waits for ever; return how many."""
    async with runtime.acting_as(Root()) as tx:
        stalled = await queries.list_stalled(tx, minutes=STALLED_MINUTES)
        for row in stalled:
            await queries.set_failed(tx, job_id=row["id"], error=_STALLED)
    return len(stalled)
