"""What is said of a team's activity, and how lists are written in a form."""

import re

ACTIONS = {
    "team.created": ("plus", "made the team"),
    "team.updated": ("edit", "changed the team"),
    "team.handed_over": ("key", "handed the team over"),
    "profile.created": ("user", "added"),
    "profile.updated": ("edit", "changed the persona of"),
    "profile.joined": ("check", "joined the team"),
    "profile.removed": ("x-circle", "removed"),
    "profile.restored": ("undo", "brought back"),
    "lead_magnet.created": ("magnet", "wrote the lead magnet"),
    "lead_magnet.updated": ("edit", "changed the lead magnet"),
    "lead_magnet.published": ("globe", "put out the lead magnet"),
    "lead_magnet.archived": ("trash", "archived the lead magnet"),
    "lead_magnet.draft": ("undo", "made a draft again of"),
    "lead_magnet.scheduled": ("clock", "scheduled the lead magnet"),
    "funnel.created": ("funnel", "drafted the funnel"),
    "funnel.updated": ("edit", "changed the funnel"),
    "funnel.published": ("globe", "published the funnel"),
    "funnel.unpublished": ("eye-off", "unpublished the funnel"),
}
ABOUT_ONESELF = {"profile.updated": "changed their persona", "profile.removed": "left the team"}
_FALLBACK_ICON = "dot"
_ADDRESSES = {"lead_magnet": "/app/lead-magnets/{}", "funnel": "/app/funnels/{}"}


def describe(action: str) -> tuple[str, str]:
    """Return the icon and the words for an action; one of an import is said by its own name."""
    known = ACTIONS.get(action)
    return known or (_FALLBACK_ICON, action.replace(".", " ").replace("_", " "))


def list_fields(fields: list[str]) -> str:
    """Write names of fields for people: "Name, target audience"."""
    names = ", ".join(field.removesuffix("_profile").replace("_", " ") for field in fields)
    return names[:1].upper() + names[1:]


def address_of(target_type: str | None, target_id: str | None) -> str | None:
    """Return where to see what an activity is about, if there is such a page."""
    pattern = _ADDRESSES.get(target_type or "")
    return pattern.format(target_id) if pattern and target_id else None


def split_phrases(text: str) -> list[str]:
    """Return what a person wrote one a line, or with commas, each once, in their order."""
    parts = [" ".join(part.split()) for part in re.split(r"[\n;,]", text)]
    return list(dict.fromkeys(part for part in parts if part))


def join_phrases(phrases: list[str]) -> str:
    """Return phrases one a line, as `split_phrases` takes them."""
    return "\n".join(phrases)
