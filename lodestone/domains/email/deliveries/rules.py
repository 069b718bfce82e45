"""Pure rules of deliveries: what a report says, and how shares are counted."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lodestone.domains.email.deliveries.models import EventType, Report

RANGES = (7, 30, 90)
TRANSIENT_BOUNCES = 3
TRANSIENT_DAYS = 30
_PREFIX = "email."
_LONGEST = 2000


def read_report(content: Mapping[str, Any]) -> Report | None:
    """Return what a webhook of Resend says about a mail; None when it is about something else.

    Source: https://resend.com/docs/webhooks/event-types
    """
    kind = str(content.get("type", ""))
    data = content.get("data")
    name = kind.removeprefix(_PREFIX)
    if kind == name or name not in set(EventType) or not isinstance(data, Mapping):
        return None
    email_id = data.get("email_id")
    to = data.get("to")
    recipient = to[0] if isinstance(to, list) and to else to
    if not isinstance(email_id, str) or not email_id or not isinstance(recipient, str):
        return None
    detail = data.get("click") if name == EventType.CLICKED else data.get("bounce")
    detail = detail if isinstance(detail, Mapping) else {}
    return Report(
        event_type=EventType(name),
        email_id=email_id[:200],
        recipient=recipient.strip().lower()[:320],
        subject=_text(data.get("subject")),
        link=_text(detail.get("link")),
        bounce_type=_text(detail.get("type")),
        happened_at=_moment(detail.get("timestamp") or content.get("created_at")),
    )


def _text(given: Any) -> str | None:
    return given.replace("\x00", "")[:_LONGEST] if isinstance(given, str) and given else None


def _moment(given: Any) -> datetime:
    """Return when something happened; what can't be read, or is yet to come, happened now."""
    now = datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        return now
    return min(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)


def is_lasting(bounce_type: str | None) -> bool:
    """Say whether a bounce means that the mailbox will never take mail."""
    return (bounce_type or "").lower() == "permanent"


def share(part: int, whole: int) -> float:
    """Return a part in per cent, to one decimal; of nothing it is 0."""
    return round(100 * part / whole, 1) if whole else 0.0
