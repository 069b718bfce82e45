"""Pure rules of webhooks: what is told, how it is signed, when it is tried again."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lodestone.domains.funnels.models import FunnelLead

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of the standard, not a secret
SECRET_BYTES = 32
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
RETRIED_STATUSES = frozenset({408, 429})


def write_secret(key: bytes) -> str:
    """Return a signing key as people copy it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def sign(secret: str, *, delivery_id: UUID, timestamp: int, body: bytes) -> str:
    """Return the signature header: HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(
    *, delivery_id: UUID, event: str, attempt: int, timestamp: int, body: bytes, secret: str | None
) -> dict[str, str]:
    """Return the headers of a delivery, the standard's and those of the earlier system."""
    given = {
        "content-type": "application/json",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(timestamp),
        "x-webhook-event": event,
        "x-webhook-id": str(delivery_id),
        "x-webhook-attempt": str(attempt),
    }
    if secret is not None:
        given["webhook-signature"] = sign(
            secret, delivery_id=delivery_id, timestamp=timestamp, body=body
        )
    return given


def lead_payload(lead: FunnelLead, *, event: str, now: datetime) -> dict[str, Any]:
    """Return what is told of a lead."""
    return {
        "event": event,
        "timestamp": now.isoformat(),
        "data": {
            "leadId": str(lead.id),
            "email": lead.email,
            "name": lead.name,
            "isQualified": lead.is_qualified,
            "qualificationAnswers": None,
            "surveyAnswers": None,
            "leadMagnetTitle": lead.lead_magnet_title,
            "funnelPageSlug": lead.slug,
            "utmSource": lead.utm_source,
            "utmMedium": lead.utm_medium,
            "utmCampaign": lead.utm_campaign,
            "createdAt": lead.created_at.isoformat(),
        },
    }


def encode(payload: dict[str, Any]) -> bytes:
    """Return the body: the bytes that are signed are the bytes that are sent."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def is_accepted(status: int) -> bool:
    """Tell whether an answer takes the delivery."""
    return 200 <= status < 300


def is_final(status: int) -> bool:
    """Tell whether an answer refuses the delivery for good."""
    return 400 <= status < 500 and status not in RETRIED_STATUSES


def pause(attempts: int) -> timedelta | None:
    """Return how long to wait after this many attempts, None when it was the last."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
