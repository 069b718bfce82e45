"""When a team ends, and what keeps it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lodestone.platform.errors import InvalidInput

GRACE_DAYS = 7


def due_at(requested_at: datetime | None) -> datetime | None:
    """Return when a team ends that was asked for then."""
    return None if requested_at is None else requested_at + timedelta(days=GRACE_DAYS)


def blockers(held: Mapping[str, Any]) -> list[str]:
    """Return, in sentences, what has to be settled before a team can go."""
    found = []
    if people := held["people"]:
        others = "another person works" if people == 1 else f"{people} other people work"
        found.append(f"{others.capitalize()} here. Hand the team over, or remove them first.")
    if mailings := held["mailings"]:
        what = "a broadcast or flow is" if mailings == 1 else f"{mailings} broadcasts or flows are"
        found.append(f"{what.capitalize()} still sending. Stop it first.")
    return found


def check_name(typed: str, name: str) -> None:
    """Raise InvalidInput unless somebody typed the name of the team that is to go."""
    if " ".join(typed.split()) != " ".join(name.split()):
        sentence = "Type the name of the team, exactly as it is written."
        raise InvalidInput(sentence, fields={"confirmation": sentence})
