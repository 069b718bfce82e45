"""When mails are due where people live, whatever their clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.email.flows import rules
from lodestone.domains.email.flows.models import Condition, Facts
from lodestone.domains.email.sequences import rules as sequence_rules
from lodestone.domains.email.sequences.models import WelcomeMail

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    BERLIN,
    ZoneInfo("America/Los_Angeles"),
    ZoneInfo("Australia/Lord_Howe"),  # half an hour of summer time
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Pacific/Chatham"),
    ZoneInfo("Asia/Kathmandu"),
    ZoneInfo("UTC"),
]
# The days around the changes of 2026 and 2027 in those zones.
MOMENTS = st.sampled_from(
    [(3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1), (9, 27), (4, 4)]
).flatmap(
    lambda day: st.builds(
        lambda year, hours, minutes: (
            datetime(year, *day, tzinfo=UTC) + timedelta(hours=hours, minutes=minutes)
        ),
        st.sampled_from([2026, 2027]),
        st.integers(-48, 48),
        st.integers(0, 59),
    )
)
TIMES = st.times().map(lambda found: found.replace(second=0, microsecond=0))


class TestDue:
    @given(MOMENTS, st.integers(1, 5), TIMES, st.sampled_from(ZONES))
    def test_days_are_those_of_the_readers_calendar(
        self, after: datetime, days: int, at: time, zone: ZoneInfo
    ) -> None:
        due = rules.due_at(after, days=days, at=at, zone=zone)
        local = due.astimezone(zone)
        assert due > after
        assert (local.date() - after.astimezone(zone).date()).days == days
        leapt_over = (
            datetime.combine(local.date(), at, tzinfo=zone).astimezone(UTC).astimezone(zone).time()
            != at
        )
        assert local.time() == at or (leapt_over and local.time() > at)

    @given(MOMENTS, TIMES, st.sampled_from(ZONES))
    def test_later_steps_are_due_later(self, after: datetime, at: time, zone: ZoneInfo) -> None:
        dues = [rules.due_at(after, days=days, at=at, zone=zone) for days in range(6)]
        assert dues == sorted(set(dues))

    @pytest.mark.parametrize(
        ("day", "at", "told"),
        [
            # 02:30 does not exist on the day the clocks go forward, and comes twice half a year on.
            (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30:00+00:00"),
            (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00"),
            (date(2026, 7, 1), time(10), "2026-07-01T08:00:00+00:00"),
        ],
    )
    def test_hours_that_are_missing_or_double(self, day: date, at: time, told: str) -> None:
        assert rules.moment(day, at, BERLIN).isoformat() == told

    @given(MOMENTS, st.integers(1, 30), st.sampled_from(ZONES))
    def test_welcome_mails_keep_the_time_of_the_opt_in(
        self, opted_in_at: datetime, day: int, zone: ZoneInfo
    ) -> None:
        due = sequence_rules.due_at(opted_in_at, day=day, zone=zone)
        local, began = due.astimezone(zone), opted_in_at.astimezone(zone)
        assert (local.date() - began.date()).days == day
        assert abs(due - opted_in_at - timedelta(days=day)) <= timedelta(hours=2)

    def test_an_unknown_zone_falls_back(self) -> None:
        assert rules.find_zone("Mars/Olympus", None, "Asia/Tokyo").key == "Asia/Tokyo"
        assert rules.find_zone("../etc/passwd", "").key == "UTC"


class TestConditions:
    @pytest.mark.parametrize(
        ("given_condition", "expected"),
        [
            ({"fact": "happened", "value": "purchase"}, True),
            ({"fact": "happened", "value": "purchase", "is_true": False}, False),
            ({"fact": "happened", "value": "meeting_booked"}, False),
            ({"fact": "opened_last"}, True),
            ({"fact": "clicked_last", "is_true": False}, True),
            ({"fact": "has_tag", "value": "vip"}, True),
            ({"fact": "came_by", "value": "import"}, False),
            ({"fact": "has_company"}, False),
        ],
    )
    def test_what_holds(self, given_condition: dict[str, object], expected: bool) -> None:
        facts = Facts(
            happened=frozenset({"purchase"}),
            has_opened_last=True,
            tags=frozenset({"VIP"}),
            sources=frozenset({"lead_magnet"}),
        )
        assert rules.holds(Condition.model_validate(given_condition), facts) is expected

    @given(st.lists(st.integers(0, 300), min_size=1, max_size=10))
    def test_days_from_the_entry_become_days_in_between(self, days: list[int]) -> None:
        delays = rules.delays_of(days)
        assert [sum(delays[: place + 1]) for place in range(len(delays))] == sorted(days)


class TestPlaceholders:
    def test_gaps_are_found_and_links_are_not(self) -> None:
        mail = WelcomeMail(
            day=0,
            subject="[RESOURCE NAME] for you",
            body="See [Resource 1], [INSERT TIP…] and [the GUIDE](https://x.org) [1] [ok then]",
        )
        assert sequence_rules.list_placeholders([mail]) == [
            "[RESOURCE NAME]",
            "[Resource 1]",
            "[INSERT TIP…]",
        ]
