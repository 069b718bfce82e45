"""Pure rules of welcome mails: when each is due, and what may not go out."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lodestone.domains.email.flows.rules import moment
from lodestone.domains.email.sequences.models import WelcomeMail

# Square brackets around capitals or one of the usual words; Markdown links are not gaps.
_BRACKETED = re.compile(r"\[([^\[\]\n]{2,80})\](?!\()")
_GAP = re.compile(
    r"(?:resource|link|name|title|tip|topic|insert|your|add|url|date)\b.*", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]")


def list_placeholders(emails: Sequence[WelcomeMail]) -> list[str]:
    """Return the gaps that somebody has yet to fill, each once, as they are written."""
    found = [
        f"[{inside}]"
        for mail in emails
        for text in (mail.subject, mail.body)
        for inside in _BRACKETED.findall(text)
        if _is_gap(inside)
    ]
    return list(dict.fromkeys(found))


def _is_gap(inside: str) -> bool:
    letters = "".join(_LETTERS.findall(inside))
    return len(letters) > 1 and (letters.isupper() or _GAP.fullmatch(inside.strip()) is not None)


def due_at(opted_in_at: datetime, *, day: int, zone: ZoneInfo) -> datetime:
    """Return when a mail is due: so many days of the reader's calendar later, at the same time."""
    if day == 0:
        return opted_in_at
    local = opted_in_at.astimezone(zone)
    return moment(local.date() + timedelta(days=day), local.time(), zone).astimezone(UTC)


def message_key(*, lead_id: object, index: int) -> str:
    """Return the dedupe key of a welcome mail: once for each lead."""
    return f"seq:{lead_id}:{index}"
