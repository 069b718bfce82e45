"""What mail is made of, and what its screens and endpoints take and return."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class MessageKind(StrEnum):
    """Why a message is sent; the first three also reach people who unsubscribed."""

    RESOURCE = "resource"
    TRANSACTIONAL = "transactional"
    TEST = "test"
    FLOW = "flow"
    SEQUENCE = "sequence"
    BROADCAST = "broadcast"
    DIGEST = "digest"
    REVIEW = "review"


MARKETING = frozenset(
    {
        MessageKind.FLOW,
        MessageKind.SEQUENCE,
        MessageKind.BROADCAST,
        MessageKind.DIGEST,
        MessageKind.REVIEW,
    }
)
"""What nobody gets who did not subscribe, and nobody twice as often as they can bear."""


class MessageStatus(StrEnum):
    """Where a message stands. `uncertain`: it may have left, and a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


class NewMessage(BaseModel):
    """A message to queue, in the columns of the outbox."""

    dedupe_key: str
    kind: MessageKind
    recipient: str
    recipient_name: str | None = None
    from_email: str | None = None
    from_name: str | None = None
    reply_to_email: str | None = None
    subject: str
    html: str
    text: str
    headers: dict[str, str] = {}
    tenant_id: UUID
    team_id: UUID | None = None
    user_id: UUID | None = None
    subscriber_id: UUID | None = None
    funnel_lead_id: UUID | None = None
    lead_magnet_id: UUID | None = None


class Message(BaseModel):
    """A claimed message, ready to send."""

    id: UUID
    dedupe_key: str
    recipient: str
    recipient_name: str | None
    from_email: str | None
    from_name: str | None
    reply_to_email: str | None
    subject: str
    html: str
    text: str
    headers: dict[str, Any]
    attempts: int
    tenant_id: UUID
    funnel_lead_id: UUID | None
    kind: MessageKind


class MessageRow(BaseModel):
    """A line of the outbox."""

    id: UUID
    kind: MessageKind
    status: MessageStatus
    recipient: str
    subject: str
    attempts: int
    error_message: str | None
    not_before: datetime
    sent_at: datetime | None
    created_at: datetime


class Subscriber(BaseModel):
    """An address on a team's list, as its unsubscribe page shows it."""

    id: UUID
    email: str
    status: str
    team_name: str
