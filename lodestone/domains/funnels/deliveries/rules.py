"""Pure rules of deliveries: who is told what, and when it is tried again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from lodestone.domains.funnels.deliveries.models import (
    NO_CONSENT,
    Candidate,
    Destination,
    Lead,
    LeadEvent,
    Planned,
)

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
AD_PLATFORMS = frozenset({Destination.META_PIXEL, Destination.LINKEDIN_INSIGHT})
# Lists know people alone; what they answered is told to systems that keep it.
TOLD_OF_ANSWERS = AD_PLATFORMS | {Destination.GOHIGHLEVEL, Destination.CONDUCTOR}


def event_id(lead_id: UUID, event: LeadEvent) -> str:
    """Return the id by which a destination knows an event again."""
    return f"{lead_id}-qualified" if event is LeadEvent.QUALIFIED else str(lead_id)


def plan(candidates: Sequence[Candidate], lead: Lead, event: LeadEvent) -> list[Planned]:
    """Return what to tell whom.

    Ad platforms are told where the person has the event switched on, of people who agreed to it,
    and of an answered survey only when it qualified.
    """
    planned = []
    for candidate in candidates:
        if event is LeadEvent.QUALIFIED and candidate.destination not in TOLD_OF_ANSWERS:
            continue
        reason = None
        if candidate.destination in AD_PLATFORMS:
            is_wanted = "Lead" in candidate.metadata.get("enabled_events", ["Lead"])
            is_conversion = event is LeadEvent.CREATED or bool(lead.is_qualified)
            if not (is_wanted and is_conversion):
                continue
            reason = None if lead.has_ad_consent else NO_CONSENT
        planned.append(Planned(candidate.destination, candidate.user_id, reason))
    return planned


def pause(attempts: int, *, asked_seconds: float | None = None) -> timedelta | None:
    """Return how long to wait after this many attempts, None when it was the last.

    What the other side asks for is kept when it is longer, up to a day.
    """
    if attempts > len(PAUSES):
        return None
    asked = timedelta(seconds=min(asked_seconds or 0, 86_400))
    return max(PAUSES[attempts - 1], asked)
