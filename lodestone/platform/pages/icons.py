"""The line icons of the console, drawn on a grid of 24, in the colour of the text around them.

`icons.txt` holds one per line: its name, then the path that draws it.
"""

from functools import cache
from pathlib import Path

from markupsafe import Markup

_SVG = Markup(
    '<svg class="ls-icon" width="{0}" height="{0}" viewBox="0 0 24 24" {1}><path d="{2}"/></svg>'
)
_DECORATION = Markup('aria-hidden="true"')
_SPOKEN = Markup('role="img" aria-label="{0}"')


def icon(name: str, size: int = 18, label: str | None = None) -> Markup:
    """Return an inline drawing; without a label it is decoration and screen readers pass over it.

    Raises: KeyError when no such icon is drawn.
    """
    return _SVG.format(size, _SPOKEN.format(label) if label else _DECORATION, _shapes()[name])


def icon_names() -> list[str]:
    """Return the names of every icon."""
    return sorted(_shapes())


@cache
def _shapes() -> dict[str, str]:
    lines = (Path(__file__).parent / "icons.txt").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)
