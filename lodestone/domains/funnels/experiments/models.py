"""What an experiment is made of, and what its form takes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints


class Status(StrEnum):
    """Where an experiment stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"


class TestField(StrEnum):
    """What may be tested, each a column of the page."""

    __test__ = False  # not a test of pytest's

    OPTIN_HEADLINE = "optin_headline"
    OPTIN_SUBLINE = "optin_subline"
    OPTIN_BUTTON_TEXT = "optin_button_text"
    HEADLINE = "headline"
    SUBLINE = "subline"
    VSL_URL = "vsl_url"
    PASS_MESSAGE = "pass_message"  # noqa: S105 - for those who pass the survey

    @property
    def column(self) -> str:
        """Return the column of `funnel_pages`."""
        return {
            "headline": "thankyou_headline",
            "subline": "thankyou_subline",
            "pass_message": "qualification_pass_message",
        }.get(self.value, self.value)

    @property
    def is_on_optin(self) -> bool:
        """Whether it is on the opt-in page, which strangers see; else on the thank-you page."""
        return self.value.startswith("optin_")

    @property
    def is_shown_late(self) -> bool:
        """Whether it is seen only once the survey is answered: it moves no answer."""
        return self in {TestField.VSL_URL, TestField.PASS_MESSAGE}

    @property
    def seen_by(self) -> str:
        """Return who sees it, as counts name them."""
        if self.is_on_optin:
            return "optin"
        return "qualified" if self is TestField.PASS_MESSAGE else "thankyou"

    @property
    def most_characters(self) -> int:
        """Return how long a value may be."""
        return {
            "optin_headline": 500,
            "headline": 500,
            "optin_button_text": 100,
            "vsl_url": 2000,
        }.get(self.value, 1000)

    @property
    def may_be_empty(self) -> bool:
        """Whether an arm may do without it."""
        return self not in {
            TestField.OPTIN_HEADLINE,
            TestField.OPTIN_BUTTON_TEXT,
            TestField.HEADLINE,
            TestField.PASS_MESSAGE,
        }


class Goal(StrEnum):
    """What counts as a success."""

    OPTIN = "optin"
    ANSWERED = "answered"
    QUALIFIED = "qualified"
    BOOKED = "booked"
    REVENUE = "revenue"

    @property
    def is_after_the_survey(self) -> bool:
        """Whether it can still happen once the survey is answered."""
        return self in {Goal.BOOKED, Goal.REVENUE}


class RunningArm(BaseModel):
    """An arm as a page shows it."""

    id: UUID
    value: str | None


class RunningExperiment(BaseModel):
    """What a page under test is rendered from."""

    id: UUID
    test_field: TestField
    arms: Annotated[list[RunningArm], Field(min_length=1)]


class Exposure(BaseModel):
    """A visitor who is shown an arm; the hash is another one in every experiment."""

    experiment_id: UUID
    variant_id: UUID
    visitor_hash: str


ArmValue = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class ExperimentCreate(BaseModel):
    """A plan: what is tested, against which values, for what, and on how many visitors."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    test_field: TestField
    goal: Goal
    values: list[ArmValue | None]
    min_sample_size: Annotated[int, Field(ge=50, le=10_000_000)]
    expected_lift: Annotated[float, Field(ge=0.01, le=10)]


class Variant(BaseModel):
    """A stored arm with its numbers; visitors once each."""

    id: UUID
    position: int
    label: str
    value: str | None
    views: int
    successes: int
    revenue_cents: int


class Experiment(BaseModel):
    """A stored experiment with the page that it is on."""

    id: UUID
    funnel_page_id: UUID
    name: str
    status: Status
    test_field: TestField
    goal: Goal
    min_sample_size: int
    expected_lift: float
    significance: float | None
    winning_variant_id: UUID | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    team_id: UUID | None
    acting_user_id: UUID
    page_headline: str
    page_path: str | None
    is_published: bool


class ExperimentRow(BaseModel):
    """A line of the list."""

    id: UUID
    name: str
    status: Status
    test_field: TestField
    goal: Goal
    page_headline: str
    fewest_views: int
    min_sample_size: int
    started_at: datetime | None
    created_at: datetime


class ArmDay(BaseModel):
    """Visitors who first saw an arm on a day (UTC), and how many of them succeeded since."""

    variant_id: UUID
    day: date
    views: int
    successes: int


class Traffic(BaseModel):
    """What a page did of late: visitors who would be in the test, and successes among them."""

    views: int
    successes: int

    @property
    def rate(self) -> float | None:
        """Return the baseline, or None while it can't be told or is no rate to test against."""
        return self.successes / self.views if 0 < self.successes < self.views else None
