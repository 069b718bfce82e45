"""Pure rules of analytics."""

DIRECT = "direct"
MOST_NAMES = 50
"""So many sources, mediums or campaigns are listed; the rest is one line."""


def percent(part: int, whole: int) -> int:
    """Return the share in whole percents, rounded half up; 0 where there is no whole."""
    return (200 * part + whole) // (2 * whole) if whole > 0 else 0
