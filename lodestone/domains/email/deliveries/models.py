"""Reports of providers, events of messages, and statistics."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel


class EventType(StrEnum):
    """What can become of a message."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    DELIVERY_DELAYED = "delivery_delayed"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says about one mail; `email_id` is the provider's."""

    event_type: EventType
    email_id: str
    recipient: str
    subject: str | None
    link: str | None
    bounce_type: str | None
    happened_at: datetime


class Sums(BaseModel):
    """How many messages were sent, and what became of them; each counts once."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0


class DaySums(Sums):
    """The messages that were sent on a day."""

    day: date


class SourceSums(Sums):
    """The messages of one broadcast, flow step or lead magnet."""

    id: UUID | None
    title: str
    detail: str | None = None


class Statistics(BaseModel):
    """Sums of a stretch of days, by day and by source."""

    days: int
    totals: Sums
    before: Sums
    by_day: list[DaySums]
    broadcasts: list[SourceSums]
    flow_steps: list[SourceSums]
    lead_magnets: list[SourceSums]
