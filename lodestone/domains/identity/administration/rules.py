"""What the audit's entries are called, and what a look needs."""

from collections.abc import Mapping
from typing import Any

from lodestone.platform.errors import InvalidInput

LOOK_MINUTES = 30
SHORTEST_REASON = 8
LONGEST_REASON = 300

KINDS = {
    "view": "Looks",
    "plan": "Plans",
    "account": "Accounts",
    "sessions": "Sessions",
    "super_admin": "Super admins",
    "installation": "Installation",
    "service_key": "Service keys",
}

_TITLES = {
    "account.created": "Made the account",
    "account.deleted": "Emptied and closed the account",
    "account.deletion_requested": "Asked to be deleted",
    "account.deletion_cancelled": "Stayed after all",
    "account.invited": "Sent an invitation link",
    "account.reset_sent": "Sent a link for a new password",
    "account.suspended": "Suspended the account",
    "account.team_deleted": "A team of theirs ended",
    "account.team_deletion_requested": "Asked for the end of a team",
    "account.team_kept": "Kept a team after all",
    "account.unsuspended": "Let the account in again",
    "installation.switched": "Turned a switch",
    "plan.changed": "Changed the plan by hand",
    "service_key.created": "Made a service key",
    "service_key.revoked": "Revoked a service key",
    "service_key.rotated": "Rotated a service key",
    "sessions.ended": "Ended sessions",
    "super_admin.granted": "Made a super admin",
    "super_admin.revoked": "Took the rank of super admin",
    "view.changed": "Changed something in a look",
    "view.ended": "Ended a look",
    "view.read": "Opened a page in a look",
    "view.refused": "Was refused in a look",
    "view.started": "Began a look",
    "view.writing_allowed": "Allowed changes in a look",
}
_ICONS = {
    "account": "user",
    "installation": "settings",
    "plan": "chart",
    "service_key": "key",
    "sessions": "sign-out",
    "super_admin": "lock",
    "view": "eye",
}


def describe(action: str) -> str:
    """Return what an entry is called."""
    return _TITLES.get(action, action.replace(".", ": ").replace("_", " ").capitalize())


def icon_of(action: str) -> str:
    """Return the icon of an entry."""
    return _ICONS.get(action.partition(".")[0], "info")


def tell_details(details: Mapping[str, Any]) -> str:
    """Return the details of an entry on one line."""
    if set(details) == {"method", "path"}:
        return f"{details['method']} {details['path']}"
    if set(details) == {"from", "to"}:
        return f"{details['from']} → {details['to']}"
    parts = [f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in details.items()]
    return ", ".join(parts)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def clean_reason(reason: str) -> str:
    """Return why somebody looks, as it is kept. Raises: InvalidInput when it says nothing."""
    reason = " ".join(reason.split())
    if SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        return reason
    sentence = f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters: it is kept."
    raise InvalidInput(sentence, fields={"reason": sentence})
