"""What the super-admin area shows and takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Plan(StrEnum):
    """What an account may pay for."""

    FREE = "free"
    PRO = "pro"
    UNLIMITED = "unlimited"


class AccountState(StrEnum):
    """Where an account stands."""

    ACTIVE = "active"
    INVITED = "invited"
    UNCONFIRMED = "unconfirmed"
    SUSPENDED = "suspended"
    LEAVING = "leaving"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Which accounts to list, and in what order."""

    search: str | None = None
    plan: Plan | None = None
    state: AccountState | None = None
    is_super_admin: bool | None = None
    sort: str = "created_at"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the list of accounts."""

    id: UUID
    email: str
    name: str | None
    username: str | None
    is_super_admin: bool
    created_at: datetime
    plan: str
    plan_status: str
    state: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers above the list of accounts."""

    accounts: int
    joined: int
    seen: int
    paying: int
    suspended: int
    unknown_customers: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that a super admin or a service did; `actor` and `subject` are addresses."""

    id: UUID
    action: str
    details: Mapping[str, Any]
    created_at: datetime
    actor_id: UUID | None
    actor: str
    actor_name: str | None
    subject_id: UUID | None
    subject: str | None
    subject_name: str | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything of one account that its page shows; the parts are rows by column."""

    account: Mapping[str, Any]
    usage: list[Mapping[str, Any]]
    teams: list[Mapping[str, Any]]
    sessions: list[Mapping[str, Any]]
    content: Mapping[str, Any]
    activity: list[Mapping[str, Any]]
    audit: list[AuditEntry]
