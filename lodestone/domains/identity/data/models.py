"""Exports and deletions as their screens show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ExportState(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"
    REMOVED = "removed"


class DeletionState(StrEnum):
    """Where a deletion stands."""

    SCHEDULED = "scheduled"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Export:
    """One export; `job_id` is where its progress is watched."""

    id: UUID
    user_id: UUID
    state: ExportState
    job_id: int | None
    tables_count: int | None
    rows_count: int | None
    size_bytes: int | None
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    downloaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """One deletion; `blockers` are sentences."""

    id: UUID
    user_id: UUID
    state: DeletionState
    export_id: UUID | None
    blockers: list[str]
    requested_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """A table of which an account owns rows: `condition` says which, over the alias `r`."""

    name: str
    columns: Sequence[str]
    condition: str


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file in the folder of an account or of a team that it owns."""

    bucket_id: str
    name: str
    version: str
    size: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export holds."""

    tables: int
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What the screen of one's data shows."""

    exports: list[Export]
    deletion: Deletion | None
    blockers: list[str]
    looks: list[dict[str, object]] = field(default_factory=list)
