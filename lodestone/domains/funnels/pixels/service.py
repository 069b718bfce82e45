"""The use cases of pixels: their settings, and how platforms are told of a lead."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from lodestone.connectors import conversions
from lodestone.domains.funnels.connections import service as connections
from lodestone.domains.funnels.connections.models import Credentials
from lodestone.domains.funnels.deliveries.models import NO_CONSENT
from lodestone.domains.funnels.deliveries.service import (
    Destination,
    Due,
    Lead,
    LeadEvent,
    NotConnected,
)
from lodestone.domains.funnels.pixels import rules
from lodestone.domains.funnels.pixels.models import LinkedInGiven, MetaGiven
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput, NotFound

__all__ = ["check_testable", "save_pixel", "send_to_linkedin", "send_to_meta"]


async def save_pixel(
    *, user_id: UUID, destination: Destination, given: MetaGiven | LinkedInGiven
) -> None:
    """Keep the settings of a pixel; the token that is there stays when none is given.

    Raises: InvalidInput naming the token when there is none at all.
    """
    known = await connections.find_credentials(user_id=user_id, service=destination)
    token = given.token or (known.api_key if known else "")
    if not token:
        sentence = "The server tells conversions with a token: it is needed."
        raise InvalidInput(sentence, fields={"token": sentence})
    await connections.keep_credentials(
        user_id=user_id, service=destination, secret=token, metadata=given.kept()
    )


async def check_testable(*, user_id: UUID, destination: Destination) -> None:
    """Refuse a test that would count as a lead.

    Raises: NotFound when nothing is connected, InvalidInput when Meta's test code is missing.
    """
    credentials = await connections.find_credentials(user_id=user_id, service=destination)
    if credentials is None:
        raise NotFound("This pixel is not connected.")
    if destination is Destination.META_PIXEL and not credentials.metadata.get("test_event_code"):
        sentence = "Set Meta's test event code first, or the test would count as a lead."
        raise InvalidInput(sentence, fields={"test_event_code": sentence})


async def send_to_meta(due: Due, lead: Lead | None) -> int:
    """Tell Meta of a lead."""
    credentials = await _connected(due)
    told = _present(due, lead)
    address = f"/p/{told.username}/{told.slug}" if told.username else ""
    event = rules.meta_event(
        due,
        told,
        metadata=credentials.metadata,
        page_url=f"{runtime.current().base_url}{address}",
    )
    return await conversions.tell_meta(
        event,
        pixel_id=str(credentials.metadata["pixel_id"]),
        token=credentials.api_key,
        test_event_code=str(credentials.metadata.get("test_event_code") or "") or None,
    )


async def send_to_linkedin(due: Due, lead: Lead | None) -> int:
    """Tell LinkedIn of a lead."""
    credentials = await _connected(due)
    event = rules.linkedin_event(due, _present(due, lead), metadata=credentials.metadata)
    return await conversions.tell_linkedin(event, token=credentials.api_key)


async def _connected(due: Due) -> Credentials:
    credentials = await connections.find_credentials(user_id=due.user_id, service=due.destination)
    if credentials is None:
        raise NotConnected(f"{due.destination.label} is not connected.")
    return credentials


def _present(due: Due, lead: Lead | None) -> Lead:
    """Return the lead of a delivery; a test has one that nobody is."""
    if lead is not None:
        if not lead.has_ad_consent:
            raise NotConnected(NO_CONSENT)
        return lead
    if due.event is not LeadEvent.TEST:
        raise NotConnected("The lead has been deleted.")
    return Lead(
        id=uuid4(),
        funnel_page_id=uuid4(),
        user_id=due.user_id,
        email="test@example.com",
        name="Test Person",
        created_at=datetime.now(UTC),
        user_agent="Lodestone test",
        has_ad_consent=True,
        slug="test",
        title="Test event",
    )
