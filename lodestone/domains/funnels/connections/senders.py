"""How each connection is told of a lead; what the outbox calls. Each may be called twice."""

from lodestone.connectors.conductor import open_conductor
from lodestone.connectors.outgoing import Choice, Contact
from lodestone.domains.funnels.connections import registry, rules, service
from lodestone.domains.funnels.connections.models import Credentials, MappingGiven, Provider
from lodestone.domains.funnels.deliveries.service import (
    Destination,
    Due,
    Lead,
    LeadEvent,
    NotConnected,
)

LISTS = (
    Destination.KIT,
    Destination.MAILERLITE,
    Destination.MAILCHIMP,
    Destination.ACTIVECAMPAIGN,
)


async def send_to_list(due: Due, lead: Lead | None) -> int:
    """Put a lead on the list that its funnel is mapped to."""
    lead = _present(lead)
    mapping, credentials = await _mapped(due, lead)
    tag = Choice(mapping.tag_id, mapping.tag_name or mapping.tag_id) if mapping.tag_id else None
    opened = registry.open_lists(
        Provider(due.destination), credentials.api_key, credentials.metadata
    )
    async with opened as account:
        return await account.subscribe(
            Contact(lead.email, lead.name), list_id=mapping.list_id, tag=tag
        )


async def send_to_gohighlevel(due: Due, lead: Lead | None) -> int:
    """Make or complete a lead's contact, with tags, campaign and answers."""
    lead = _present(lead)
    mapping, credentials = await _mapped(due, lead)
    async with registry.open_crm(credentials) as location:
        return await location.save_contact(
            Contact(lead.email, lead.name),
            tags=rules.crm_tags(lead, mapping.custom_tags),
            source=rules.SOURCE,
            fields=rules.crm_fields(lead),
        )


async def send_to_conductor(due: Due, lead: Lead | None) -> int:
    """Tell a person's own endpoint of a lead, or of a test."""
    credentials = await _connected(due)
    if due.event is LeadEvent.TEST:
        payload = {
            "event": "test",
            "eventId": due.event_id,
            "timestamp": due.created_at.isoformat(),
            "data": {},
        }
    else:
        payload = rules.conductor_payload(_present(lead), due.event, event_id=due.event_id)
    address = str(credentials.metadata.get("endpointUrl"))
    async with open_conductor(credentials.api_key, endpoint_url=address) as endpoint:
        return await endpoint.tell(payload, event_id=due.event_id)


def _present(lead: Lead | None) -> Lead:
    if lead is None:
        raise NotConnected("The lead has been deleted.")
    return lead


async def _connected(due: Due) -> Credentials:
    credentials = await service.find_credentials(user_id=due.user_id, service=due.destination)
    if credentials is None:
        raise NotConnected(f"{due.destination.label} is not connected.")
    return credentials


async def _mapped(due: Due, lead: Lead) -> tuple[MappingGiven, Credentials]:
    mapping = await service.find_mapping(
        funnel_page_id=lead.funnel_page_id, provider=due.destination, user_id=due.user_id
    )
    if mapping is None:
        raise NotConnected(f"This funnel is not connected to {due.destination.label} any more.")
    return mapping, await _connected(due)
