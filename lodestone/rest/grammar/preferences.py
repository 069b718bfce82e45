"""Reads the `Prefer` header. Source: https://docs.postgrest.org/en/v14/references/api/preferences.html"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lodestone.rest.errors import RestError

_KEPT_LENGTH = 300
_CHOICES = {
    "return": ("representation", "minimal", "headers-only"),
    "count": ("exact", "planned", "estimated"),
    "resolution": ("merge-duplicates", "ignore-duplicates"),
    "missing": ("default", "null"),
    "handling": ("strict", "lenient"),
    "tx": ("commit", "rollback"),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the caller would like; None where nothing was said."""

    returning: str | None = None
    count: str | None = None
    resolution: str | None = None
    missing: str | None = None
    handling: str | None = None
    tx: str | None = None
    max_affected: int | None = None
    timezone: str | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether only so many rows may change."""
        return self.max_affected is not None and self.handling == "strict"

    def without_timezone(self) -> "Preferences":
        """Return these, less a time zone that there is not."""
        return replace(self, timezone=None)

    def applied(self, *names: str) -> str:
        """Return the header that says which of these preferences were followed."""
        return ", ".join(f"{name}={value}" for name in names if (value := self._value(name)))

    def _value(self, name: str) -> Any:
        attribute = {"return": "returning", "max-affected": "max_affected"}.get(name, name)
        return getattr(self, attribute)


def parse_preferences(header: str) -> Preferences:
    """Return the preferences. Raises RestError PGRST122 when strict and one is unknown."""
    return _parse(header) if len(header) <= _KEPT_LENGTH else _parse.__wrapped__(header)


@lru_cache(maxsize=1024)
def _parse(header: str) -> Preferences:
    given = [one.strip() for one in header.split(",") if one.strip()]
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for preference in given:
        name, _, value = preference.partition("=")
        if name == "max-affected" and value.isascii() and value.isdigit():
            found.setdefault("max_affected", int(value[:18]))
        elif value in _CHOICES.get(name, ()):
            found.setdefault("returning" if name == "return" else name, value)
        elif name == "timezone":
            found.setdefault(name, value)
        else:
            unknown.append(preference)
    if unknown and found.get("handling") == "strict":
        raise RestError(
            "Invalid preferences given with handling=strict",
            code="PGRST122",
            details=f"Invalid preferences: {', '.join(unknown)}",
        )
    return Preferences(**found)
