"""The page on which a magnet is read: one file of HTML and CSS, whole without its script."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from lodestone.domains.lead_magnets.contents import embeds
from lodestone.domains.lead_magnets.contents.rendering import RenderedContent
from lodestone.platform import pages

SYSTEM_FONTS = "system-ui,-apple-system,Segoe UI,Roboto,sans-serif"
"""Without quotes: they would be escaped in the page."""

_NOTHING = Markup()
FRAMES = " ".join(embeds.PLAYERS)
"""What the page's policy has to allow in `frame-src`."""


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """What stands around the content. `scripts` are loaded beside its own, `data` is for them.

    With `is_file` the page loads nothing of this installation, for it leaves it.
    """

    title: str
    site_name: str
    colour: str
    text_colour: str
    author_name: str | None = None
    theme: str = "light"
    logo_url: str | None = None
    icon_url: str | None = None
    booking_url: str | None = None
    hide_branding: bool = False
    is_file: bool = False
    is_indexed: bool = False
    font_stack: str = SYSTEM_FONTS
    scripts: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    style: Markup = _NOTHING
    head: Markup = _NOTHING
    above: Markup = _NOTHING
    below: Markup = _NOTHING


def render_reading(page: ReadingPage, content: RenderedContent) -> str:
    """Return the page as HTML."""
    return pages.render_text("lead_magnets/reading.html", {"reading": page, "content": content})
