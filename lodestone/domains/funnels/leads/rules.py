"""Pure rules of the list: places in it, what is exported, who stands for whom after a merge."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from lodestone.domains.funnels.leads.models import Cursor, ExportedLead, Mergeable

FILLABLE = ("name", "linkedin_url")
"""What a merge may fill in. Where somebody came from belongs to the page that they came to."""

MOST_MERGED = 50

# Who writes from these says nothing of a company.
FREE_MAIL = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "yahoo.co.uk", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com",
    "web.de", "t-online.de", "proton.me", "protonmail.com", "mail.com", "mail.ru", "yandex.ru",
    "qq.com", "163.com", "orange.fr", "free.fr", "laposte.net", "libero.it", "fastmail.com",
)  # fmt: skip


def write_cursor(cursor: Cursor) -> str:
    """Return a cursor as an address holds it."""
    body = json.dumps([cursor.value, str(cursor.lead_id)], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).rstrip(b"=").decode()


def read_cursor(text: str | None, *, is_before: bool = False) -> Cursor | None:
    """Return the cursor of an address, None when there is none or it is damaged."""
    if not text:
        return None
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        value, lead_id = json.loads(body)
        return Cursor(str(value), UUID(lead_id), is_before)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return None


EXPORT_HEADER = (
    "email",
    "name",
    "qualified",
    "lead_magnet",
    "funnel_slug",
    "answers",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "created_at",
    "booked_at",
    "revenue",
)


def export_row(lead: ExportedLead) -> tuple[str | None, ...]:
    """Return a line of the export."""
    answers = "; ".join(
        f"{lead.texts.get(key, key)}: {answer}" for key, answer in lead.answers.items()
    )
    return (
        lead.email,
        lead.name,
        {True: "yes", False: "no", None: ""}[lead.is_qualified],
        lead.lead_magnet_title,
        lead.slug,
        answers,
        lead.utm_source,
        lead.utm_medium,
        lead.utm_campaign,
        lead.created_at.isoformat(),
        lead.booked_at.isoformat() if lead.booked_at else "",
        f"{lead.revenue_cents / 100:.2f}" if lead.revenue_cents else "",
    )


def best_of(leads: Sequence[Mergeable]) -> Mergeable:
    """Return the lead that should stand for all: who paid, booked, answered, named, came first."""
    return min(
        leads,
        key=lambda lead: (
            -lead.revenue_cents,
            lead.booked_at is None,
            lead.answered_at is None,
            lead.name is None,
            lead.created_at,
            lead.id,
        ),
    )


def fill_blanks(kept: Mergeable, others: Sequence[Mergeable]) -> dict[str, str]:
    """Return what the others know and the kept lead does not, the newest word first."""
    newest = sorted(others, key=lambda lead: (lead.created_at, lead.id), reverse=True)
    filled: dict[str, str] = {}
    for field in FILLABLE:
        if getattr(kept, field):
            continue
        known = next((getattr(lead, field) for lead in newest if getattr(lead, field)), None)
        if known is not None:
            filled[field] = known
    return filled


def merged(kept: Mergeable, others: Sequence[Mergeable]) -> Mergeable:
    """Return the lead as it will be after the merge."""
    return kept.model_copy(update=fill_blanks(kept, others))


def pair_answers(
    answers: Mapping[str, object], texts: Mapping[str, object], *, order: Sequence[str]
) -> list[tuple[str, str]]:
    """Return each answered question as it was asked, with its answer, in the survey's order.

    Questions that are gone from it come last.
    """
    places = {key: place for place, key in enumerate(order)}
    known = sorted(answers, key=lambda key: places.get(key, len(places)))
    return [
        (str(texts.get(key) or "A question that is gone"), str(answers[key]) or "Passed over")
        for key in known
    ]
