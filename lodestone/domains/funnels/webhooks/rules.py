"""Pure rules of webhooks: what is told, how it is signed, when it is tried again."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lodestone.domains.funnels.deliveries.models import Lead

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of the standard, not a secret
SECRET_BYTES = 32
PAUSES = (
    timedelta(seconds=1),
    timedelta(seconds=2),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
RETRIED_STATUSES = frozenset({408, 429})
GONE = 410
SECRET_OVERLAP = timedelta(hours=24)
FAILING_ALLOWED = timedelta(days=5)
LONGEST_QUESTION = 60


def write_secret(key: bytes) -> str:
    """Return a signing key as people copy it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def sign(secret: str, *, delivery_id: UUID, timestamp: int, body: bytes) -> str:
    """Return the signature header: HMAC-SHA256 over `id.timestamp.body`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(
    *,
    delivery_id: UUID,
    event: str,
    attempt: int,
    timestamp: int,
    body: bytes,
    secrets: Sequence[str],
) -> dict[str, str]:
    """Return the headers of a delivery, the standard's and those of the earlier system.

    Each secret adds a signature: a receiver takes the delivery when one of them is good.
    """
    given = {
        "content-type": "application/json",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(timestamp),
        "x-webhook-event": event,
        "x-webhook-id": str(delivery_id),
        "x-webhook-attempt": str(attempt),
    }
    if secrets:
        given["webhook-signature"] = " ".join(
            sign(secret, delivery_id=delivery_id, timestamp=timestamp, body=body)
            for secret in secrets
        )
    return given


def lead_payload(lead: Lead, *, event: str, now: datetime) -> dict[str, Any]:
    """Return what is told of a lead; answers too, once there are some."""
    has_answers = lead.qualification_answers is not None
    return {
        "event": event,
        "timestamp": now.isoformat(),
        "data": {
            "leadId": str(lead.id),
            "email": lead.email,
            "name": lead.name,
            "isQualified": lead.is_qualified,
            "qualificationAnswers": lead.qualification_answers,
            "surveyAnswers": slug_questions(lead.answers_by_question) if has_answers else None,
            "leadMagnetTitle": lead.title,
            "funnelPageSlug": lead.slug,
            "utmSource": lead.utm_source,
            "utmMedium": lead.utm_medium,
            "utmCampaign": lead.utm_campaign,
            "createdAt": lead.created_at.isoformat(),
        },
    }


def slug_questions(answers: Mapping[str, str]) -> dict[str, str]:
    """Return answers under their question's text as a key: lower case, joined by `_`, short.

    Questions that read the same when cut are told apart by a number.
    """
    found: dict[str, str] = {}
    for question, answer in answers.items():
        words = re.sub(r"[^a-z0-9]+", "_", question.lower()).strip("_")
        key = words[:LONGEST_QUESTION].strip("_") or "question"
        number = 2
        while key in found:
            key = f"{words[: LONGEST_QUESTION - 3].strip('_')}_{number}"
            number += 1
        found[key] = answer
    return found


def is_failing_long(failing_since: datetime, *, now: datetime) -> bool:
    """Tell whether an address has taken nothing for so long that it is switched off."""
    return now - failing_since >= FAILING_ALLOWED


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
