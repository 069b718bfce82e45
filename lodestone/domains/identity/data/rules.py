"""Which rows of a table an account owns, and what keeps an account from being deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.domains.identity.data.models import ExportedTable

GRACE_DAYS = 7
KEPT_DAYS = 7
LINK_SECONDS = 7 * 24 * 3600
PRESSED_LINK_SECONDS = 120
FIRST = ("funnel_leads", "leads", "email_subscribers", "lead_magnets", "funnel_pages")
"""Tables that come first in the file: leads before all."""

_TENANT = ("auth_tenant_id", "administered_tenant_id")


def exported_tables(
    scopes: Sequence[Mapping[str, Any]], *, owns_tenant: bool
) -> list[ExportedTable]:
    """Return the tables of an export, from the declarations of access.

    Rows of a business belong to whoever owns or administers it, rows of a team to its owner; what
    somebody wrote in a team of others is theirs too, as far as they still see it.
    """
    found = []
    for scope in scopes:
        predicate: str = scope["predicate"]
        if not owns_tenant and any(name in predicate for name in _TENANT):
            continue
        owned = predicate.replace("access.team_ids()", "access.owned_team_ids()")
        if scope["pattern"] == "owner" and owned != predicate:
            column = scope["detail"].split(",")[0]
            owned = f"({owned}) or {{row}}.{column} = (select auth.uid())"
        condition = owned.replace("{row}", "r")
        found.append(ExportedTable(scope["table_name"], scope["columns"], condition))
    return sorted(found, key=lambda table: (_rank(table.name), table.name))


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def archive_name(email: str, day: str) -> str:
    """Return what the file is called in the browser."""
    who = "".join(letter if letter.isalnum() else "-" for letter in email.partition("@")[0])
    return f"lodestone-{who}-{day}.zip"


def format_size(size_bytes: int | None) -> str:
    """Write a size as people do: 1.4 MB."""
    size = float(size_bytes or 0)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
