"""Pure rules of conversions: what a platform is told of a lead, and what never."""

import hashlib
from datetime import datetime
from typing import Any

from lodestone.domains.funnels.deliveries.models import Due, Lead, LeadEvent

QUALIFIED_FACTOR = 1.5
CURRENCY = "USD"


def hash_of(value: str) -> str:
    """Return SHA-256 of the trimmed value in lower case, as both platforms ask for it."""
    return hashlib.sha256(value.strip().lower().encode()).hexdigest()


def value_of(metadata: dict[str, Any], event: LeadEvent) -> float:
    """Return what a conversion is worth: the value that was set, half more when it qualified."""
    value = float(metadata.get("default_conversion_value") or 0)
    return round(value * (QUALIFIED_FACTOR if event is LeadEvent.QUALIFIED else 1), 2)


def meta_event(due: Due, lead: Lead, *, metadata: dict[str, Any], page_url: str) -> dict[str, Any]:
    """Return a lead as Meta takes it. Name, address and id leave as hashes, answers not at all.

    Source: https://developers.facebook.com/docs/marketing-api/conversions-api/parameters
    """
    first, _, last = (lead.name or "").strip().partition(" ")
    hashed = {"em": lead.email, "fn": first, "ln": last, "external_id": str(lead.id)}
    plain = {
        "client_ip_address": lead.ip_address,
        "client_user_agent": lead.user_agent,
        "fbc": lead.fbc,
        "fbp": lead.fbp,
    }
    custom = {
        "value": value_of(metadata, due.event),
        "currency": CURRENCY,
        "content_name": lead.title,
        "utm_source": lead.utm_source,
        "utm_medium": lead.utm_medium,
        "utm_campaign": lead.utm_campaign,
    }
    return {
        "event_name": "CompleteRegistration" if due.event is LeadEvent.QUALIFIED else "Lead",
        "event_time": int(_moment(due, lead).timestamp()),
        "event_id": due.event_id,
        "action_source": "website",
        "event_source_url": page_url,
        "user_data": {
            **{key: [hash_of(value)] for key, value in hashed.items() if value.strip()},
            **{key: value for key, value in plain.items() if value},
        },
        "custom_data": {key: value for key, value in custom.items() if value is not None},
    }


def linkedin_event(due: Due, lead: Lead, *, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a lead as LinkedIn takes it.

    Source: https://learn.microsoft.com/linkedin/marketing/integrations/ads-reporting/conversions-api
    """
    first, _, last = (lead.name or "").strip().partition(" ")
    user: dict[str, Any] = {"userIds": [{"idType": "SHA256_EMAIL", "idValue": hash_of(lead.email)}]}
    if first and last:  # LinkedIn takes both names or none
        user["userInfo"] = {"firstName": first, "lastName": last.strip()}
    return {
        "conversion": f"urn:lla:llaPartnerConversion:{metadata['conversion_id']}",
        "conversionHappenedAt": int(_moment(due, lead).timestamp() * 1000),
        "conversionValue": {
            "currencyCode": CURRENCY,
            "amount": f"{value_of(metadata, due.event):.2f}",
        },
        "eventId": due.event_id,
        "user": user,
    }


def _moment(due: Due, lead: Lead) -> datetime:
    answered_at = lead.answered_at if due.event is LeadEvent.QUALIFIED else None
    return answered_at or lead.created_at
