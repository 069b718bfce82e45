"""Pure rules of flows: when a step is due where the reader lives, and what must hold before."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from lodestone.domains.email.flows.models import Condition, Facts, Happening, Trigger

USUAL_SEND_TIME = time(10)
USUAL_ZONE = "UTC"

HAPPENINGS = {
    Happening.OPTED_IN: "opts in",
    Happening.QUALIFIED: "qualifies",
    Happening.POSITIVE_REPLY: "replies with interest",
    Happening.MEETING_BOOKED: "books a meeting",
    Happening.MEETING_ATTENDED: "comes to a meeting",
    Happening.PURCHASE: "buys",
    Happening.STUDENT_ENROLLED: "joins a course",
    Happening.WEBHOOK: "is named by a program",
    Happening.OPENED: "opens a mail of the flow",
    Happening.CLICKED: "clicks in a mail of the flow",
}


@lru_cache(maxsize=512)
def find_zone(*names: str | None) -> ZoneInfo:
    """Return the first of the time zones that exists, else UTC."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                continue
    return ZoneInfo(USUAL_ZONE)


def read_time(*texts: str | None) -> time:
    """Return the first of the times of day that is given as HH:MM, else ten in the morning."""
    for text in texts:
        if text:
            return time.fromisoformat(text)
    return USUAL_SEND_TIME


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when it is `at` on a day in a zone, in UTC.

    A time that the clocks leap over counts as if they had not; one that comes twice is the first.
    Source: PEP 495.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def due_at(after: datetime, *, days: int, at: time, zone: ZoneInfo) -> datetime:
    """Return when something is due so many days after a moment: at once, or at a time of day.

    Days are those of the reader's calendar, so that a day with 23 or 25 hours is one.
    """
    if days == 0:
        return after
    return moment(after.astimezone(zone).date() + timedelta(days=days), at, zone)


def holds(condition: Condition, facts: Facts) -> bool:
    """Return whether a condition holds."""
    match condition.fact:
        case "happened":
            found = condition.value in facts.happened
        case "opened_last":
            found = facts.has_opened_last
        case "clicked_last":
            found = facts.has_clicked_last
        case "has_tag":
            found = condition.value.casefold() in {tag.casefold() for tag in facts.tags}
        case "came_by":
            found = condition.value in facts.sources
        case _:
            found = facts.has_company
    return found is condition.is_true


def all_hold(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Return whether every condition holds; none is no hindrance."""
    return all(holds(condition, facts) for condition in conditions)


def delays_of(days: Sequence[int]) -> list[int]:
    """Return days counted from the entry as days after the mail before."""
    ordered = sorted(max(0, day) for day in days)
    return [day - before for before, day in zip([0, *ordered], ordered, strict=False)]


def message_key(*, contact_id: UUID, step_id: UUID, run_number: int) -> str:
    """Return the dedupe key of a step for one person: once in each run."""
    return f"flow:{contact_id}:{step_id}:{run_number}"


def describe_trigger(trigger: Trigger, *, event: Happening | None, lead_magnet: str | None) -> str:
    """Return in words how people enter."""
    if trigger is Trigger.LEAD_MAGNET:
        return f"Opts in for {lead_magnet}" if lead_magnet else "Opts in for a lead magnet"
    if trigger is Trigger.EVENT and event is not None:
        return HAPPENINGS[event].capitalize()
    return "Is added by hand or by a program"
