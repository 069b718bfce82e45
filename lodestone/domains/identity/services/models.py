"""What services may do, and what they send and get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Action(StrEnum):
    """What a key can be allowed to do."""

    CREATE_ACCOUNTS = "accounts.create"


@dataclass(frozen=True, slots=True)
class Caller:
    """A service whose call is genuine, and whom it says it acts for."""

    key_id: UUID
    service_id: str
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came; `path` begins behind the external root, header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key as its list shows it; the secret is shown once, when it is made."""

    id: UUID
    service_id: str
    secret_end: str
    allowed_actions: list[str]
    allows_bearer: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    is_live: bool
    created_by_name: str | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made just now."""

    id: UUID
    service_id: str
    secret: str


class AccountCreate(BaseModel):
    """An account that a service makes for somebody who bought elsewhere."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    email: str = Field(min_length=3, max_length=320)
    full_name: str = Field(min_length=1, max_length=120)
    linkedin_url: str | None = Field(default=None, max_length=500)
    company: str | None = Field(default=None, max_length=120)
    job_title: str | None = Field(default=None, max_length=200)

    @field_validator("linkedin_url")
    @classmethod
    def _on_the_web(cls, value: str | None) -> str | None:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("This has to begin with https://.")
        return value or None

    @field_validator("company", "job_title")
    @classmethod
    def _or_nothing(cls, value: str | None) -> str | None:
        return value or None


class AccountMade(BaseModel):
    """The account, and whether it was there before; a new one has a team when it was described."""

    user_id: UUID
    email: str
    already_existed: bool
    team_id: UUID | None = None
