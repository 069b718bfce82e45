"""Pure rules of broadcasts: when one can go, who gets which wording, and which one won."""

from datetime import UTC, datetime, timedelta

from lodestone.domains.email.broadcasts.models import Broadcast, BroadcastStatus, Result, Tally
from lodestone.platform.mailmerge import gaps_of

BUCKETS = 10_000
FIELDS = ("first_name", "last_name", "name", "company", "email")
"""What a broadcast may say about its reader."""

_FARTHEST = timedelta(days=365)


def problems_of(broadcast: Broadcast) -> dict[str, str]:
    """Return what keeps a broadcast from going, by field."""
    problems: dict[str, str] = {}
    if not broadcast.subject.strip():
        problems["subject"] = "Write a subject."
    if not broadcast.body.strip():
        problems["body"] = "Write something."
    if broadcast.test_percent and not broadcast.has_test:
        problems["subject_b"] = "Write another subject or another text to compare."
    for field in ("subject", "preheader", "body", "subject_b", "body_b"):
        unknown = unknown_fields(getattr(broadcast, field) or "")
        if unknown:
            problems[field] = f"There is no {{{{{unknown[0]}}}}}. Use {_listed()}."
    return problems


def unknown_fields(text: str) -> list[str]:
    """Return the gaps of a text that nothing fills."""
    return [name for name in gaps_of(text) if name not in FIELDS]


def _listed() -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in FIELDS)


def when_refusal(moment: datetime | None, *, now: datetime | None = None) -> str | None:
    """Say why a broadcast can't be scheduled for a moment."""
    now = now or datetime.now(UTC)
    if moment is None or moment.tzinfo is None:
        return "Choose a day and a time."
    if moment <= now:
        return "This moment is past."
    if moment > now + _FARTHEST:
        return "At most a year from now."
    return None


def shares(broadcast: Broadcast) -> tuple[int, int, int]:
    """Return the buckets, of 10,000, up to which people are held out, get `a`, and get `b`.

    Who is beyond waits for the better wording, or there is nobody beyond.
    """
    held = broadcast.holdout_percent * BUCKETS // 100
    asked = BUCKETS - held
    if not broadcast.has_test:
        return held, BUCKETS, BUCKETS
    if broadcast.picks_winner:
        asked = asked * broadcast.test_percent // 100
    return held, held + asked // 2, held + asked


def better(results: list[Result], *, by: str) -> str:
    """Return the wording that more of its readers opened or clicked; `a` when they are even."""
    found = {result.variant: result for result in results}

    def share(variant: str) -> float:
        result = found.get(variant)
        if result is None or not result.sent:
            return 0.0
        return (result.clicked if by == "clicked" else result.opened) / result.sent

    return "b" if share("b") > share("a") else "a"


def settled_as(tally: Tally) -> BroadcastStatus:
    """Return how a broadcast ended: it failed only if everything did."""
    return BroadcastStatus.FAILED if tally.failed and not tally.sent else BroadcastStatus.SENT
