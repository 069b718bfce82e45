"""What flows are made of, and what their screens and endpoints take and return."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, model_validator

from lodestone.domains.email.models import NewMessage

MOST_STEPS = 30
MOST_CONDITIONS = 8

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\r\n]*$")
]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]


class FlowStatus(StrEnum):
    """Whether a flow runs."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"


class Trigger(StrEnum):
    """How people enter."""

    MANUAL = "manual"
    LEAD_MAGNET = "lead_magnet"
    EVENT = "event"


class Happening(StrEnum):
    """What people do that flows can begin with, wait for, or end by."""

    OPTED_IN = "opted_in"
    QUALIFIED = "qualified"
    POSITIVE_REPLY = "positive_reply"
    MEETING_BOOKED = "meeting_booked"
    MEETING_ATTENDED = "meeting_attended"
    PURCHASE = "purchase"
    STUDENT_ENROLLED = "student_enrolled"
    WEBHOOK = "webhook"
    OPENED = "opened"
    CLICKED = "clicked"


OF_MAILS = frozenset({Happening.OPENED, Happening.CLICKED})
"""What only somebody in a flow does."""


class ContactStatus(StrEnum):
    """Where somebody stands in a flow; `paused` waits for a review."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    UNSUBSCRIBED = "unsubscribed"
    FAILED = "failed"


class Condition(BaseModel):
    """One thing that must hold before a step is sent; `value` is an event, a tag or a source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: Literal["happened", "opened_last", "clicked_last", "has_tag", "came_by", "has_company"]
    value: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    is_true: bool = True

    @model_validator(mode="after")
    def _has_its_value(self) -> Self:
        if self.fact in ("has_tag", "came_by") and not self.value:
            raise ValueError("Say which tag or source.")
        if self.fact == "happened" and self.value not in set(Happening):
            raise ValueError("Say what has to have happened.")
        return self


class StepDraft(BaseModel):
    """A step as the editor sends it."""

    subject: Annotated[Line, Field(min_length=1)]
    preheader: Annotated[Line, Field(max_length=200)] = ""
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]
    delay_days: Annotated[int, Field(ge=0, le=365)] = 1
    design_id: UUID | None = None
    wait_for: Happening | None = None
    wait_otherwise: Literal["send", "skip", "exit"] = "send"
    only_if: Annotated[list[Condition], Field(max_length=MOST_CONDITIONS)] = []

    @model_validator(mode="after")
    def _waits_for_a_while(self) -> Self:
        if self.wait_for is not None and self.delay_days == 0:
            raise ValueError("Say how many days to wait at most.")
        return self


class Step(StepDraft):
    """A step as it is kept; `step_number` counts from 0."""

    id: UUID
    flow_id: UUID
    step_number: int


class StepStats(BaseModel):
    """What became of a step so far; opens and clicks are of distinct messages."""

    step_id: UUID
    sent: int
    skipped: int
    waiting: int
    opened: int
    clicked: int
    failed: int


class FlowDraft(BaseModel):
    """What a flow is, apart from its mails."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    trigger_type: Trigger = Trigger.MANUAL
    trigger_lead_magnet_id: UUID | None = None
    trigger_event_type: Happening | None = None

    @model_validator(mode="after")
    def _keeps_one_trigger(self) -> Self:
        if self.trigger_event_type in OF_MAILS:
            raise ValueError("A flow can't begin with its own mails being read.")
        if self.trigger_type is not Trigger.LEAD_MAGNET:
            self.trigger_lead_magnet_id = None
        if self.trigger_type is not Trigger.EVENT:
            self.trigger_event_type = None
        return self


class FlowRules(BaseModel):
    """How a flow ends, who it is from and when its mails go out."""

    goal_event: Happening | None = None
    exit_events: list[Happening] = []
    allows_reentry: bool = False
    send_time: Clock = ""
    from_name: Annotated[Line, Field(max_length=200)] = ""
    from_email: EmailStr | Literal[""] = ""
    reply_to_email: EmailStr | Literal[""] = ""
    ai_system_prompt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""


class Flow(BaseModel):
    """A flow as it is kept."""

    id: UUID
    tenant_id: UUID
    team_id: UUID
    name: str
    description: str | None
    status: FlowStatus
    trigger_type: Trigger
    trigger_lead_magnet_id: UUID | None
    trigger_event_type: Happening | None
    goal_event: Happening | None
    exit_events: list[Happening]
    allows_reentry: bool
    send_time: str | None
    from_name: str | None
    from_email: str | None
    reply_to_email: str | None
    ai_system_prompt: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Return whether its steps may be changed now."""
        return self.status is not FlowStatus.ACTIVE

    @property
    def has_resource(self) -> bool:
        """Return whether its mails follow an opt-in, so that there is something to deliver."""
        return self.trigger_type is Trigger.LEAD_MAGNET


class FlowRow(BaseModel):
    """A line of the list."""

    id: UUID
    name: str
    status: FlowStatus
    trigger_type: Trigger
    trigger_event_type: Happening | None
    lead_magnet_title: str | None
    steps: int
    active: int
    reached: int
    failed: int
    updated_at: datetime


class ContactRow(BaseModel):
    """A line of a flow's people."""

    id: UUID
    subscriber_id: UUID | None
    email: str
    name: str | None
    status: ContactStatus
    outcome: str | None
    current_step: int
    run_number: int
    waiting_for: str | None
    entered_at: datetime
    last_sent_at: datetime | None
    next_run_at: datetime | None
    error_message: str | None


class ContactAdd(BaseModel):
    """Somebody of the list who is put into a flow."""

    email: EmailStr


class FlowMessage(NewMessage):
    """A message of a flow or a review, in the columns of the outbox."""

    flow_id: UUID
    flow_contact_id: UUID
    step_number: int
    review_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RunningFlow:
    """A flow as the engine needs it: with its steps, and for whom the service acts."""

    flow: Flow
    steps: tuple[Step, ...]
    owner_id: UUID
    lead_magnet_id: UUID | None
    timezone: str | None
    send_time: str | None
    is_on: bool
    has_postscript: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of somebody in a flow."""

    happened: frozenset[str] = frozenset()
    has_opened_last: bool = False
    has_clicked_last: bool = False
    tags: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    has_company: bool = False


class Traveller(BaseModel):
    """A contact with the subscriber behind it, locked."""

    id: UUID
    flow_id: UUID
    email: str
    status: ContactStatus
    current_step: int
    run_number: int
    waiting_for: str | None
    entered_at: datetime
    last_sent_at: datetime | None
    funnel_lead_id: UUID | None
    subscriber_id: UUID | None
    subscriber_status: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    source: str | None
    timezone: str | None
    metadata: dict[str, Any] | None
