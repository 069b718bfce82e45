"""What the pipeline holds, and what its screens take and return."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class LeadStatus(StrEnum):
    """Where a lead stands, with the values of the database's enum in its order."""

    PENDING = "pending"
    SCRAPING = "scraping"
    ANALYZING = "analyzing"
    SCORING = "scoring"
    COMPOSING = "composing"
    NOTIFYING = "notifying"
    COMPLETE = "complete"
    ERROR = "error"
    QUALIFIED = "qualified"
    MEETING_BOOKED = "meeting_booked"
    MEETING_ATTENDED = "meeting_attended"


class LeadSource(StrEnum):
    """The first touch of a lead."""

    ORGANIC = "organic"
    PLUSVIBE = "plusvibe"
    HEYREACH = "heyreach"


class Touch(BaseModel):
    """One contact that made or met a lead, as it is kept in `opt_in_data`."""

    source: LeadSource
    email: str
    name: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    funnel_lead_id: UUID
    funnel_slug: str
    lead_magnet_title: str | None = None
    touched_at: datetime


class LeadRow(BaseModel):
    """A line of the pipeline."""

    id: UUID
    email: str | None
    full_name: str | None
    status: LeadStatus
    source: str | None
    touches: int
    created_at: datetime
    updated_at: datetime


class LeadEvent(BaseModel):
    """A line of a lead's trail."""

    id: UUID
    event_type: str
    event_source: str | None
    title: str
    description: str | None
    metadata: dict[str, Any] | None
    created_at: datetime


class Lead(LeadRow):
    """A lead with its opt-in data and its trail, newest event first."""

    opt_in_data: dict[str, Any]
    next_statuses: list[LeadStatus] = []
    events: list[LeadEvent] = []
