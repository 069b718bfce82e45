"""What the list of leads asks for and shows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints


class Qualified(StrEnum):
    """What the survey found."""

    YES = "yes"
    NO = "no"
    UNASKED = "unanswered"


class Shown(StrEnum):
    """Which leads are listed."""

    CURRENT = "current"
    BOOKED = "booked"
    PAID = "paid"
    PARTIAL = "partial"
    ARCHIVED = "archived"


class Sort(StrEnum):
    """What the list is ordered by."""

    CREATED = "created_at"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which leads of a workspace are meant; None is any. `until` is a day that still counts."""

    search: str | None = None
    funnel_page_id: UUID | None = None
    lead_magnet_id: UUID | None = None
    qualified: Qualified | None = None
    source: str | None = None
    since: date | None = None
    until: date | None = None
    shown: Shown = Shown.CURRENT
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place in the list after which a page begins, or before which it ends."""

    value: str
    lead_id: UUID
    is_before: bool = False


class Lead(BaseModel):
    """A line of the list."""

    id: UUID
    email: str
    name: str | None
    is_qualified: bool | None
    answered_at: datetime | None
    partial_at: datetime | None
    booked_at: datetime | None
    revenue_cents: int
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    created_at: datetime
    archived_at: datetime | None
    funnel_page_id: UUID
    slug: str
    lead_magnet_title: str | None
    parts: int

    @property
    def shown_name(self) -> str:
        """Return what the person is called here."""
        return self.name or self.email


class ExportedLead(BaseModel):
    """A line of the export."""

    id: UUID
    email: str
    name: str | None
    is_qualified: bool | None
    lead_magnet_title: str | None
    slug: str
    answers: dict[str, Any]
    texts: dict[str, Any]
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    booked_at: datetime | None
    revenue_cents: int
    created_at: datetime


class LeadDetail(Lead):
    """A lead with what it answered."""

    user_id: UUID
    team_id: UUID | None
    linkedin_url: str | None
    user_agent: str | None
    answers: dict[str, Any]
    texts: dict[str, Any]
    partial: dict[str, Any]
    merged_into_id: UUID | None
    funnel_headline: str
    arm: str | None


class Happening(BaseModel):
    """A line of a lead's timeline; `kind` says what happened, `text` more of it."""

    kind: str
    at: datetime
    text: str | None = None
    ref_id: UUID | None = None


class OutcomeKind(StrEnum):
    """What became of a lead."""

    BOOKED = "booked"
    REVENUE = "revenue"


class OutcomeCreate(BaseModel):
    """An outcome as a person or a program reports it; `key` names it, so that it counts once."""

    kind: OutcomeKind
    amount_cents: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    currency: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, pattern="^[A-Za-z]{3}$")
    ] = "usd"
    happened_at: datetime | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class Mergeable(BaseModel):
    """A lead as a merge sees it."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    email: str
    name: str | None
    linkedin_url: str | None
    is_qualified: bool | None
    answered_at: datetime | None
    booked_at: datetime | None
    revenue_cents: int
    created_at: datetime
    merged_into_id: UUID | None
    slug: str
    lead_magnet_title: str | None


class DuplicateReason(StrEnum):
    """Why leads are taken for one person."""

    ADDRESS = "address"
    LINKEDIN = "linkedin"
    NAME = "name"


class DuplicateGroup(BaseModel):
    """Leads that are probably one person."""

    reason: DuplicateReason
    leads: list[Mergeable]


class Merge(BaseModel):
    """A merge that a lead has part in."""

    id: UUID
    funnel_lead_id: UUID
    merged_at: datetime
    undone_at: datetime | None
    parts: int
