"""Pure rules of the pipeline."""

import re
import unicodedata
from uuid import UUID, uuid5

from lodestone.domains.operations.models import LeadEvent, LeadStatus, Touch

# Names the events that follow from another thing, so that a handler that runs twice writes one.
EVENTS = UUID("6f2bb4c0-4d0e-5b53-9d3a-2f1c7f5e9a10")
SLUG_LIMIT = 40


def lead_slug(*, name: str | None, email: str, key: UUID) -> str:
    """Return a readable slug, unique by the first eight digits of the key."""
    text = name or email.split("@", maxsplit=1)[0]
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LIMIT].strip("-")
    return f"{words or 'lead'}-{key.hex[:8]}"


def event_id(kind: str, subject: UUID) -> UUID:
    """Return the id of an event that can happen once to its subject."""
    return uuid5(EVENTS, f"{kind}:{subject}")


def opt_in_data(touch: Touch) -> dict[str, object]:
    """Return the data of a first touch; its source is the lead's from then on."""
    first = touch.model_dump(mode="json", exclude_none=True, exclude={"email", "name"})
    kept = {key: value for key, value in first.items() if key.startswith("utm_")}
    return {"source": touch.source.value, **kept, "touches": [first]}


_ICONS = {
    "lead_created": ("user", "info"),
    "lead_updated": ("refresh", "neutral"),
    "status_changed": ("flag", "info"),
    "survey_completed": ("edit", "info"),
    "lead_qualified": ("check-circle", "success"),
    "lead_disqualified": ("x-circle", "neutral"),
    "email_sent": ("send", "neutral"),
    "email_replied": ("message", "success"),
    "email_bounced": ("alert", "danger"),
    "unsubscribed": ("x-circle", "warning"),
    "booking_created": ("calendar", "success"),
    "meeting_attended": ("check-circle", "success"),
    "note": ("edit", "neutral"),
    "payment": ("star", "success"),
}


def status_label(status: LeadStatus | str) -> str:
    """Return a status as people say it: "Meeting booked"."""
    return str(status).replace("_", " ").capitalize()


def order_moves(moves: list[LeadStatus]) -> list[LeadStatus]:
    """Return the moves with those of the sales part first, which people make; then the report's."""
    sales = {LeadStatus.QUALIFIED, LeadStatus.MEETING_BOOKED, LeadStatus.MEETING_ATTENDED}
    return sorted(moves, key=lambda move: (move not in sales, list(LeadStatus).index(move)))


def trail_item(event: LeadEvent) -> dict[str, object]:
    """Return an event as a line of a timeline."""
    icon, tone = _ICONS.get(event.event_type, ("dot", "neutral"))
    return {
        "icon": icon,
        "tone": tone,
        "title": event.title,
        "text": event.description,
        "at": event.created_at,
    }
