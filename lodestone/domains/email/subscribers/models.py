"""What a list is made of, and what its screens and endpoints take and return."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from lodestone.domains.email.subscribers.rules import as_line, normalise_address

Address = Annotated[str, Field(max_length=255), AfterValidator(normalise_address)]
Name = Annotated[str, AfterValidator(as_line), StringConstraints(max_length=100)]


class SubscriberStatus(StrEnum):
    """Where somebody stands; only `active` gets marketing mail."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class ImportState(StrEnum):
    """Where a file stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SubscriberCreate(BaseModel):
    """Somebody whom a person of the team adds, and that they agreed to receive mail."""

    model_config = ConfigDict(extra="forbid")

    email: Address
    first_name: Name | None = None
    last_name: Name | None = None
    company: Name | None = None
    has_agreed: bool = False


class SubscriberUpdate(BaseModel):
    """The names of somebody on the list and where their clock goes; absent or null: unknown."""

    first_name: Name | None = None
    last_name: Name | None = None
    company: Name | None = None
    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _exists(cls, timezone: str | None) -> str | None:
        if timezone and timezone not in available_timezones():
            raise ValueError("There is no such time zone. Write one such as Europe/Berlin.")
        return timezone or None


class SubscriberRow(BaseModel):
    """A line of the list."""

    id: UUID
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    status: SubscriberStatus
    source: str | None
    subscribed_at: datetime | None
    unsubscribed_at: datetime | None
    created_at: datetime

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class SubscriberDetail(SubscriberRow):
    """Somebody on the list, whole."""

    team_id: UUID
    source_id: UUID | None
    muted_kinds: list[str]
    timezone: str | None
    metadata: dict[str, Any]


class SubscriberPage(BaseModel):
    """A page of the list, newest first."""

    total: int
    items: list[SubscriberRow]


class Added(BaseModel):
    """What became of an address that somebody of the team brought; `is_new`: not known before."""

    id: UUID
    is_new: bool


class OptedIn(BaseModel):
    """What an opt-in led to; whoever has yet to confirm the address gets a mail."""

    id: UUID
    status: SubscriberStatus
    must_confirm: bool


class HistoryItem(BaseModel):
    """One thing that happened between a person and the list."""

    at: datetime
    what: str
    text: str | None
    message_id: UUID | None


class Preferences(BaseModel):
    """What somebody wants, as their own page shows it."""

    id: UUID
    email: str
    status: SubscriberStatus
    team_name: str
    muted_kinds: list[str]


class Import(BaseModel):
    """A file of people, and what its rows are."""

    id: UUID
    team_id: UUID
    tenant_id: UUID
    file_name: str
    encoding: str
    delimiter: str
    columns: list[str]
    mapping: dict[str, int]
    state: ImportState
    job_id: int | None
    total_count: int
    new_count: int
    known_count: int
    refused_count: int
    imported_count: int
    updated_count: int
    error_message: str | None
    created_at: datetime
    finished_at: datetime | None


class Refusal(BaseModel):
    """A row of a file that is not taken."""

    row_number: int
    email: str | None
    reason: str
    cells: list[str]
