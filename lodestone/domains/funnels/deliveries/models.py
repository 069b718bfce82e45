"""What a delivery is made of, and what a destination learns of a lead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

NO_CONSENT = "The visitor did not agree to advertising."


class Destination(StrEnum):
    """An outside service that is told of leads; the name is that of its connection."""

    KIT = "kit"
    MAILERLITE = "mailerlite"
    MAILCHIMP = "mailchimp"
    ACTIVECAMPAIGN = "activecampaign"
    GOHIGHLEVEL = "gohighlevel"
    CONDUCTOR = "conductor"
    META_PIXEL = "meta_pixel"
    LINKEDIN_INSIGHT = "linkedin_insight"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Destination.KIT: "Kit",
    Destination.MAILERLITE: "MailerLite",
    Destination.MAILCHIMP: "Mailchimp",
    Destination.ACTIVECAMPAIGN: "ActiveCampaign",
    Destination.GOHIGHLEVEL: "GoHighLevel",
    Destination.CONDUCTOR: "Conductor",
    Destination.META_PIXEL: "Meta",
    Destination.LINKEDIN_INSIGHT: "LinkedIn",
}


class LeadEvent(StrEnum):
    """What is told."""

    CREATED = "lead.created"
    QUALIFIED = "lead.qualified"
    TEST = "test"


class Lead(BaseModel):
    """A lead with all that any destination may be told; each takes only its own part of it."""

    id: UUID
    funnel_page_id: UUID
    user_id: UUID
    team_id: UUID | None = None
    email: str
    name: str | None = None
    is_qualified: bool | None = None
    qualification_answers: dict[str, Any] | None = None
    qualification_questions: dict[str, Any] | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    created_at: datetime
    answered_at: datetime | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    linkedin_url: str | None = None
    fbc: str | None = None
    fbp: str | None = None
    has_ad_consent: bool | None = None
    slug: str
    username: str | None = None
    title: str | None = None

    @property
    def answers_by_question(self) -> dict[str, str]:
        """Return the answers under what was asked at the time, or the question's id."""
        asked = self.qualification_questions or {}
        return {
            str(asked.get(key) or key): str(value)
            for key, value in (self.qualification_answers or {}).items()
        }


class Candidate(BaseModel):
    """A destination that a page's leads may go to, and whose connection it is."""

    destination: Destination
    user_id: UUID
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to write; with a reason to leave it out it is noted and never sent."""

    destination: Destination
    user_id: UUID
    skipped_because: str | None = None


class Due(BaseModel):
    """A delivery that was taken to be tried now."""

    id: UUID
    user_id: UUID
    funnel_lead_id: UUID | None
    destination: Destination
    event: LeadEvent
    event_id: str
    attempts: int
    created_at: datetime


class Result(StrEnum):
    """What one try led to."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try led to. `POSTPONED` was no try: our own limit of the service was used up."""

    result: Result
    response_status: int | None = None
    response_excerpt: str | None = None
    error: str | None = None
    wait_seconds: float | None = None


class Delivery(BaseModel):
    """A line of the log."""

    id: UUID
    destination: str
    event: str
    status: str
    attempts: int
    lead_id: UUID | None
    email: str | None
    slug: str | None
    response_status: int | None
    response_excerpt: str | None
    error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    is_webhook: bool

    @property
    def label(self) -> str:
        """Return the destination as people call it; a webhook by the name it was given."""
        return self.destination if self.is_webhook else Destination(self.destination).label

    @property
    def may_send_again(self) -> bool:
        """Whether sending it again can do anything: not while it waits, nor without consent."""
        return self.status != "pending" and self.error != NO_CONSENT
