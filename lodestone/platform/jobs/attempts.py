"""One attempt at one job: its arguments read, its context bound, its failure judged."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

import structlog
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Context, TracebackRecord
from pgqueuer.models import Job as TakenJob
from pgqueuer.ports.driver import Driver
from pgqueuer.types import JobId
from pydantic import ValidationError

from lodestone.platform import telemetry
from lodestone.platform.jobs.progress import RunningJob, running
from lodestone.platform.jobs.queries import working
from lodestone.platform.jobs.registry import GiveUp, Job
from lodestone.platform.jobs.tables import TABLES

BACKOFF_FACTOR = 3.0
LONGEST_PAUSE_SECONDS = 3600.0

_log = structlog.get_logger(__name__)


@dataclass
class JobQueries(Queries):
    """PgQueuer's statements over our tables; an interrupted job loses no attempt."""

    interrupted: set[JobId] = field(default_factory=set)

    @classmethod
    def over(cls, driver: Driver) -> Self:
        return cls(
            driver,
            qbe=QueryBuilderEnvironment(TABLES),
            qbq=QueryQueueBuilder(TABLES),
            qbs=QuerySchedulerBuilder(TABLES),
        )

    async def retry_job(
        self, job: TakenJob, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        if job.id not in self.interrupted:
            await super().retry_job(job, delay, traceback_record)
            return
        self.interrupted.discard(job.id)
        await self.driver.execute(working.RELEASE_JOB, job.id)


@dataclass
class Attempt(AbstractEntrypointExecutor):
    """Runs the handler; what it raises decides between another attempt and the dead letters."""

    job: Job[Any]
    queries: JobQueries

    @classmethod
    def of(cls, job: Job[Any], queries: JobQueries) -> Self:
        parameters = EntrypointExecutorParameters(
            concurrency_limit=job.concurrency, func=_unused, on_failure="hold"
        )
        return cls(parameters, job, queries)

    async def execute(self, job: TakenJob, context: Context) -> None:
        """Raises: RetryRequested for another attempt, anything else for the dead letters."""
        headers = job.headers or {}
        bound = {key: value for key, value in headers.items() if key in telemetry.CONTEXT_KEYS}
        # Each job runs in a task of its own, whose context ends with it: nothing to unbind.
        structlog.contextvars.bind_contextvars(
            **bound, job=self.job.name, job_id=job.id, attempt=job.attempts + 1
        )
        running.set(_running_job(job, headers))
        started = time.perf_counter()
        try:
            await self._run(job)
        except asyncio.CancelledError as error:
            raise self._interruption(job, error) from error
        except Exception as error:
            raise self._verdict(job, error) from error
        telemetry.count_job(self.job.name, "done", time.perf_counter() - started)

    async def _run(self, job: TakenJob) -> None:
        if job.attempts >= self.job.attempts:
            raise GiveUp(f"The worker died in each of {job.attempts} attempts.")
        try:
            args = self.job.decode(job.payload or b"{}")
        except ValidationError as error:
            raise GiveUp(f"The stored arguments don't fit the handler: {error}") from error
        async with asyncio.timeout(self.job.timeout_seconds):
            await self.job.handler(args)

    def _verdict(self, job: TakenJob, error: Exception) -> Exception:
        """Return what tells the queue: try again later, or keep as failed."""
        attempt = job.attempts + 1
        if getattr(error, "permanent", False) or attempt >= self.job.attempts:
            telemetry.count_job(self.job.name, "failed")
            _log.error("job failed for good", error=_line(error))
            return error
        pause = max(self.pause_seconds(attempt), getattr(error, "retry_after_seconds", 0))
        telemetry.count_job(self.job.name, "retried")
        _log.warning("job failed, tries again", error=_line(error), in_seconds=round(pause, 1))
        return RetryRequested(timedelta(seconds=pause), _line(error))

    def _interruption(self, job: TakenJob, error: asyncio.CancelledError) -> Exception:
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            # The handler cancelled itself: that is a failure like any other.
            return self._verdict(job, RuntimeError(f"the handler was cancelled: {error}"))
        self.queries.interrupted.add(job.id)
        return RetryRequested(timedelta(0), "The worker was stopped.")

    def pause_seconds(self, attempt: int) -> float:
        """Return how long to wait after a failed attempt (1, 2, …), spread by half around it."""
        pause = self.job.backoff_seconds * BACKOFF_FACTOR ** (attempt - 1)
        return min(pause, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311


async def _unused(_: TakenJob) -> None:
    raise NotImplementedError("Attempt.execute replaces the function")


def _running_job(job: TakenJob, headers: dict[str, object]) -> RunningJob:
    return RunningJob(
        job.id, job.entrypoint, _uuid(headers.get("user_id")), _uuid(headers.get("tenant_id"))
    )


def _uuid(value: object) -> UUID | None:
    return None if value is None else UUID(str(value))


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
