"""Pure rules of mail."""

from datetime import date, timedelta
from uuid import UUID

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


def first_name(full_name: str | None) -> str | None:
    """Return the first word of a name."""
    words = (full_name or "").split()
    return words[0] if words else None


def last_name(full_name: str | None) -> str | None:
    """Return what follows the first word of a name."""
    words = (full_name or "").split()
    return " ".join(words[1:]) or None


def resource_key(*, lead_id: UUID, first_day: date, day: date) -> str:
    """Return the dedupe key of a resource mail: once a day, however often somebody asks.

    Whoever gets no answer, because a web process died, asks again: that is no second mail.
    """
    return f"res:{lead_id}" if day <= first_day else f"res:{lead_id}:{day.isoformat()}"


def retry_delay(attempts: int) -> timedelta | None:
    """Return how long to wait after this many attempts, None when it was the last."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
