"""What analytics counts."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, computed_field

from lodestone.domains.funnels.analytics import rules


class Span(StrEnum):
    """How far back is looked."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"

    @property
    def days(self) -> int:
        """Return the days, today among them."""
        return int(self.value[:-1])


class Grouping(StrEnum):
    """By what part of the campaign people are told apart."""

    SOURCE = "source"
    MEDIUM = "medium"
    CAMPAIGN = "campaign"


class Counts(BaseModel):
    """What is counted of visitors and leads; leads by the day they came."""

    views: int = 0
    thankyou_views: int = 0
    leads: int = 0
    answered: int = 0
    qualified: int = 0
    booked: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def conversion(self) -> int:
        """Return leads of opt-in views, in percent."""
        return rules.percent(self.leads, self.views)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def qualification(self) -> int:
        """Return qualified of leads, in percent."""
        return rules.percent(self.qualified, self.leads)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def response(self) -> int:
        """Return answers of thank-you views, in percent."""
        return rules.percent(self.answered, self.thankyou_views)


class DayCounts(Counts):
    """A day (UTC)."""

    day: date


class SourceCounts(Counts):
    """Where people came from; "direct" for who followed no campaign."""

    name: str


class FunnelCounts(Counts):
    """A page."""

    funnel_page_id: UUID
    headline: str


class Report(BaseModel):
    """All that is shown of a span."""

    total: Counts
    before: Counts
    days: list[DayCounts]
    sources: list[SourceCounts]
    funnels: list[FunnelCounts]
