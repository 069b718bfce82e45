"""Work in the background, as its person sees it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What is done, with the values of `job_type`."""

    IDEATION = "ideation"
    EXTRACTION = "extraction"
    POSTS = "posts"
    BRAND_CONTEXT = "brand-context"
    TRANSCRIPT = "transcript-insights"
    COMPETITOR = "competitor-analysis"
    QUESTIONS = "questions"
    CONTENT_GENERATION = "content-generation"
    CONTENT_POLISH = "content-polish"

    @property
    def ceiling(self) -> timedelta:
        """Return after how long one attempt is given up."""
        return timedelta(minutes=10 if self is Kind.IDEATION else 5)


class Status(StrEnum):
    """Where it stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more happens by itself."""
        return self in {Status.COMPLETED, Status.FAILED}


class BackgroundJob(BaseModel):
    """One piece of work. `task_id` is the job of the queue, whose progress can be watched."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    user_id: UUID
    kind: str = Field(alias="job_type")
    status: Status
    input: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    task_id: str | None = Field(alias="trigger_task_id")
    created_at: datetime
    updated_at: datetime


class JobStatus(BaseModel):
    """What a client asks for while it waits; `result` is null until the job is completed."""

    job_id: UUID = Field(serialization_alias="jobId")
    job_type: str = Field(serialization_alias="jobType")
    status: Status
    result: dict[str, Any] | None
    error: str | None
    progress: str | None
