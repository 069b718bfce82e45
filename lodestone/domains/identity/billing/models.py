"""What plans, usage and Stripe's words are made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class Plan(StrEnum):
    """What an account has bought."""

    FREE = "free"
    PRO = "pro"
    UNLIMITED = "unlimited"


class SubscriptionStatus(StrEnum):
    """How it stands with a subscription, as the table has it."""

    ACTIVE = "active"
    TRIALING = "trialing"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    INCOMPLETE = "incomplete"
    UNPAID = "unpaid"


class Period(StrEnum):
    """What a limit is about: a calendar month, all there is at a time, or yes and no."""

    MONTH = "month"
    TOTAL = "total"
    FEATURE = "feature"


class Resource(StrEnum):
    """What is limited; each has a row in `plan_limits`."""

    LEAD_MAGNETS = "lead_magnets"
    POSTS = "posts"
    FUNNELS = "funnels"
    SEQUENCES = "sequences"
    CUSTOM_DOMAIN = "custom_domain"
    EMAIL_DOMAIN = "email_domain"
    SENDER = "sender"
    WHITE_LABEL = "white_label"


class EventStatus(StrEnum):
    """What became of an event."""

    PENDING = "pending"
    APPLIED = "applied"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"


class Usage(BaseModel):
    """What an account has used of one thing; `most` None is without a limit."""

    resource: Resource
    name: str
    period: Period
    used: int
    most: int | None

    @property
    def is_reached(self) -> bool:
        return self.most is not None and self.used >= self.most

    @property
    def share(self) -> float:
        """Return how much of it is used, from 0 to 1; 0 without a limit."""
        if self.most is None:
            return 0.0
        return min(1.0, self.used / self.most) if self.most else 1.0


class PlanLimit(BaseModel):
    """A row of the configuration: how much each plan holds of one thing."""

    resource: Resource
    name: str
    period: Period
    free: int | None
    pro: int | None
    unlimited: int | None

    def of(self, plan: Plan) -> int | None:
        """Return how much a plan holds, None for without a limit."""
        return {Plan.FREE: self.free, Plan.PRO: self.pro, Plan.UNLIMITED: self.unlimited}[plan]


class Subscription(BaseModel):
    """What an account has bought, and the plan that is in force."""

    user_id: UUID
    plan: Plan
    plan_in_force: Plan
    status: SubscriptionStatus
    stripe_customer_id: str | None = None
    stripe_subscription_id: str | None = None
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    cancel_at_period_end: bool = False
    past_due_since: datetime | None = None
    grace_end: datetime | None = None
    stripe_event_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether there is a subscription at Stripe that can be changed or ended."""
        return self.stripe_subscription_id is not None and self.status in LIVE


LIVE = frozenset(
    {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE}
)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A subscription as Stripe told it; `plan` None is a price that we don't sell."""

    subscription_id: str
    customer_id: str
    item_id: str | None
    plan: Plan | None
    status: SubscriptionStatus
    period_start: datetime | None
    period_end: datetime | None
    is_ending: bool
    created: datetime

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True, slots=True)
class Price:
    """What a plan costs, in the currency's smallest unit."""

    amount: int | None
    currency: str
    interval: str


class StripeEvent(BaseModel):
    """The part of an event that every one has."""

    id: str = Field(min_length=1, max_length=255, pattern=r"^evt_[A-Za-z0-9_]+$")
    type: str = Field(min_length=1, max_length=255)
    created: int = Field(ge=0, le=2**40)
    data: dict[str, Any]


class StoredEvent(BaseModel):
    """An event that was kept, and what became of it."""

    id: str
    type: str
    created: datetime
    customer_id: str | None
    status: EventStatus
    note: str | None
    received_at: datetime
    handled_at: datetime | None


class BillingSummary(BaseModel):
    """All that the billing card shows of an account."""

    subscription: Subscription
    usage: list[Usage]
    is_beta: bool
    is_selling: bool
