"""Pure rules of connections: how a lead looks to a customer system and to a Conductor."""

import re
from typing import Any

from lodestone.domains.funnels.deliveries.models import Lead, LeadEvent

SOURCE = "Lodestone"
LONGEST_VALUE = 5_000
_LINKEDIN_PROFILE = re.compile(r"https?://(?:[a-z]{2,3}\.)?linkedin\.com/in/[^\s/?#]+", re.I)


def crm_tags(lead: Lead, custom_tags: list[str]) -> list[str]:
    """Return a contact's tags: the resource, its page, the product, and one's own, each once."""
    return list(dict.fromkeys(tag for tag in (lead.title, lead.slug, SOURCE, *custom_tags) if tag))


def crm_fields(lead: Lead) -> dict[str, str]:
    """Return a contact's fields: campaign, survey's result, and each answer by its question."""
    fields = {
        "utm_source": lead.utm_source,
        "utm_medium": lead.utm_medium,
        "utm_campaign": lead.utm_campaign,
    }
    if lead.is_qualified is not None:
        fields["qualified"] = "yes" if lead.is_qualified else "no"
    for key, value in (lead.qualification_answers or {}).items():
        fields[f"qa_{key}"] = str(value)[:LONGEST_VALUE]
    return {key: value for key, value in fields.items() if value}


def find_profile(lead: Lead) -> str | None:
    """Return the LinkedIn profile of a lead: given with the opt-in, else found in an answer."""
    if lead.linkedin_url:
        return lead.linkedin_url
    for value in (lead.qualification_answers or {}).values():
        found = _LINKEDIN_PROFILE.search(str(value))
        if found:
            return found[0]
    return None


def conductor_payload(lead: Lead, event: LeadEvent, *, event_id: str) -> dict[str, Any]:
    """Return what a Conductor is told of a lead."""
    data: dict[str, Any] = {
        "leadId": str(lead.id),
        "email": lead.email,
        "name": lead.name,
        "isQualified": lead.is_qualified,
        "leadMagnetTitle": lead.title,
        "funnelPageSlug": lead.slug,
        "utmSource": lead.utm_source,
        "utmMedium": lead.utm_medium,
        "utmCampaign": lead.utm_campaign,
        "createdAt": lead.created_at.isoformat(),
        "funnelLeadId": str(lead.id),
        "linkedinUrl": find_profile(lead),
    }
    if event is LeadEvent.QUALIFIED:
        data["surveyAnswers"] = lead.answers_by_question
    moment = lead.answered_at if event is LeadEvent.QUALIFIED else lead.created_at
    return {
        "event": str(event),
        "eventId": event_id,
        "timestamp": (moment or lead.created_at).isoformat(),
        "data": data,
    }
