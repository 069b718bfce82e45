"""What a webhook is made of."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class WebhookEvent(StrEnum):
    """Of what an address can be told."""

    CREATED = "lead.created"
    QUALIFIED = "lead.qualified"


class WebhookCreate(BaseModel):
    """A new address to tell, and of what."""

    name: Name
    url: Url
    events: list[WebhookEvent] = Field(default=list(WebhookEvent), min_length=1)


class Webhook(BaseModel):
    """An address that is told of leads."""

    id: UUID
    name: str
    url: str
    is_active: bool
    created_at: datetime
    delivered: int
    failed: int
    events: list[str]
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    previous_secret_until: datetime | None


class WebhookDelivery(BaseModel):
    """One notice to one address, and how it went."""

    id: UUID
    webhook_name: str | None
    event: str
    url: str
    status: str
    attempts: int
    response_status: int | None
    response_excerpt: str | None
    error: str | None
    next_attempt_at: datetime | None
    created_at: datetime


class DueDelivery(BaseModel):
    """A delivery that was taken to be tried now; without a secret it goes out unsigned.

    While a secret is being changed it is signed with both.
    """

    id: UUID
    url: str
    payload: dict[str, Any]
    event: str
    attempts: int
    webhook_config_id: UUID | None
    signing_secret: str | None
    previous_signing_secret: str | None


class Outcome(BaseModel):
    """What one try led to."""

    response_status: int | None = None
    response_excerpt: str | None = None
    error: str | None = None
    duration_ms: int
    is_delivered: bool
    is_final: bool
