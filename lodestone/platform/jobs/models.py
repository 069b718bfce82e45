"""What the console sees of jobs. All times are UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"
    DISCARDED = "discarded"

    @classmethod
    def of_status(cls, status: str) -> Self:
        """Translate the queue's own word."""
        return cls(_STATE_BY_STATUS[status])

    @property
    def is_over(self) -> bool:
        """Say whether nothing more happens by itself."""
        return self in {JobState.FAILED, JobState.DONE, JobState.DISCARDED}


_STATE_BY_STATUS = {
    "queued": "waiting",
    "picked": "running",
    "failed": "failed",
    "successful": "done",
    "exception": "discarded",
    "canceled": "discarded",
    "deleted": "discarded",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. `attempts` counts those that failed; `error` is what the last of them said.

    `next_run_at` is set while the job waits; a finished job keeps no attempts and no error.
    """

    id: int
    name: str
    state: JobState
    attempts: int
    priority: int
    created_at: datetime
    updated_at: datetime
    next_run_at: datetime | None
    error: str | None
    user_id: UUID | None
    tenant_id: UUID | None


@dataclass(frozen=True, slots=True)
class JobStep:
    """One step of a job's history; `error` and `traceback` are set where an attempt failed."""

    at: datetime
    state: JobState
    error: str | None
    traceback: str | None


@dataclass(frozen=True, slots=True)
class JobDetail:
    """One job with its arguments (None once it is done) and its steps, the oldest first."""

    job: JobRow
    args: Any
    request_id: str | None
    steps: tuple[JobStep, ...]
    progress: "Progress | None"


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of one name are in one state now, and since when the oldest could run."""

    name: str
    state: JobState
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many jobs of one name reached one state in the hour that starts at `hour_at`."""

    hour_at: datetime
    name: str
    state: JobState
    count: int


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """When a schedule ran and runs."""

    name: str
    cron: str
    next_run_at: datetime
    last_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come; `total` is None while unknown, `updated_at` before any report."""

    job_id: int
    name: str
    state: JobState
    done: int
    total: int | None
    message: str
    updated_at: datetime | None
    user_id: UUID | None
    tenant_id: UUID | None

    @property
    def fraction(self) -> float | None:
        """Return 0 to 1, or None while the total is unknown."""
        if self.state is JobState.DONE:
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else None
