"""Pure rules of mail."""

from datetime import date
from uuid import UUID


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
