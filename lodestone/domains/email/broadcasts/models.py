"""What broadcasts are, and what their screens and endpoints take."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator


class BroadcastStatus(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BroadcastUpdate(BaseModel):
    """A draft as its editor sends it."""

    subject: str = Field(default="", max_length=500)
    preheader: str = Field(default="", max_length=200)
    body: str = Field(default="", max_length=200_000)
    segment_id: UUID | None = None
    filter: dict[str, Any] | None = None
    is_test: bool = False
    subject_b: str = Field(default="", max_length=500)
    body_b: str = Field(default="", max_length=200_000)
    test_percent: int = Field(default=0, ge=0, le=100)
    winner_by: str = Field(default="opened", pattern="^(opened|clicked)$")
    winner_after_hours: int = Field(default=4, ge=1, le=72)
    holdout_percent: int = Field(default=0, ge=0, le=50)
    design_id: UUID | None = None

    @field_validator("subject", "preheader", "subject_b")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if any(sign in value for sign in "\r\n\x00"):
            raise ValueError("This is one line.")
        return value.strip()

    @field_validator("body", "body_b")
    @classmethod
    def _storable(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError("This holds a sign that can't be stored.")
        return value.replace("\r\n", "\n")

    @model_validator(mode="after")
    def _no_test_without_one(self) -> Self:
        if not self.is_test:
            self.subject_b, self.body_b, self.test_percent = "", "", 0
        return self


class Broadcast(BaseModel):
    """One mail to many."""

    id: UUID
    team_id: UUID
    tenant_id: UUID
    user_id: UUID | None
    status: BroadcastStatus
    subject: str
    preheader: str | None
    body: str
    subject_b: str | None
    body_b: str | None
    segment_id: UUID | None
    segment_filter: dict[str, Any] | None
    audience_filter: dict[str, Any] | None
    test_percent: int
    winner_by: str
    winner_after_hours: int
    winner: str | None
    winner_picked_at: datetime | None
    holdout_percent: int
    recipient_count: int | None
    scheduled_at: datetime | None
    started_at: datetime | None
    expanded_at: datetime | None
    sent_at: datetime | None
    from_name: str | None
    from_email: str | None
    reply_to_email: str | None
    design_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def has_test(self) -> bool:
        """Say whether there are two wordings."""
        return bool(self.subject_b or self.body_b)

    @property
    def picks_winner(self) -> bool:
        """Say whether most people wait for the better wording."""
        return self.has_test and 0 < self.test_percent < 100


class BroadcastRow(BaseModel):
    """A line of the list."""

    id: UUID
    subject: str
    status: BroadcastStatus
    recipient_count: int | None
    scheduled_at: datetime | None
    sent_at: datetime | None
    created_at: datetime
    sent: int
    opened: int
    clicked: int
    delivered: int


class Tally(BaseModel):
    """How many messages of a broadcast are where."""

    queued: int = 0
    waiting_for_winner: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held_out: int = 0
    withheld: int = 0

    @property
    def is_over(self) -> bool:
        """Say whether nothing waits any more."""
        return not (self.queued or self.sending or self.waiting_for_winner)

    @property
    def total(self) -> int:
        return (
            self.queued
            + self.waiting_for_winner
            + self.sending
            + self.sent
            + self.failed
            + self.uncertain
            + self.withheld
        )


class Result(BaseModel):
    """What became of the messages with one wording; each counts once."""

    variant: str
    sent: int
    delivered: int
    opened: int
    clicked: int
    bounced: int
    complained: int
    unsubscribed: int
