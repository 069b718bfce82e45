"""How a page looks: colours that can be read whatever was chosen, and its typeface.

Contrast is that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. Every colour of text
reaches 4.5 to 1 on all that can lie behind it, the edges of fields 3 to 1.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

READABLE = 4.5
VISIBLE = 3.0
DEFAULT_COLOUR = "#8b5cf6"
OWN_BACKGROUND = "#f4efe6"
GLOW, WASH = 0.26, 0.09
"""How much of the accent lies in the brightest spot of a glow, and behind callouts, at most."""

_GROUNDS = {"light": ("#f7f7fa", "#ffffff"), "dark": ("#0d0e13", "#16181f")}
_BLACK, _WHITE = "#16171d", "#f6f7fb"

FONTS = {
    "Humanist": 'Seravek,"Gill Sans Nova",Ubuntu,Calibri,"DejaVu Sans",source-sans-pro,sans-serif',
    "Geometric": 'Avenir,Montserrat,Corbel,"URW Gothic",source-sans-pro,sans-serif',
    "Rounded": 'ui-rounded,"Hiragino Maru Gothic ProN",Quicksand,Comfortaa,Calibri,sans-serif',
    "Serif": 'Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif',
    "Slab": 'Rockwell,"Rockwell Nova","Roboto Slab","DejaVu Serif","Sitka Small",serif',
    "Mono": 'ui-monospace,"Cascadia Code","Source Code Pro",Menlo,Consolas,monospace',
}
_SYSTEM = 'system-ui,-apple-system,"Segoe UI",Roboto,sans-serif'
_FAMILY = re.compile(r"[\w .+-]{1,100}")
_FONT_PATH = re.compile(r"[\w./%~@+-]+\.woff2", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a page, as #rrggbb; `is_dark` is what its scroll bars and fields follow."""

    accent: str
    on_accent: str
    ground: str
    card: str
    ink: str
    soft: str
    line: str
    edge: str
    wash: str
    glow: str
    is_dark: bool


@dataclass(frozen=True, slots=True)
class Typeface:
    """A list of families for CSS, and the address of a file when the first one comes with one."""

    families: str
    name: str | None = None
    url: str | None = None


def choose_palette(
    *, theme: str | None, accent: str | None, background: str | None, style: str | None
) -> Palette:
    """Return the colours of a page from the few that its creator chose."""
    strong = accent or DEFAULT_COLOUR
    if theme == "custom":
        ground = background or OWN_BACKGROUND
        is_dark = readable_on(ground) == "#ffffff"
        card = mix(ground, "#000000", 0.18) if is_dark else mix(ground, "#ffffff", 0.7)
    else:
        is_dark = theme != "light"
        ground, card = _GROUNDS["dark" if is_dark else "light"]
    wash = _tint(card, strong, WASH, is_dark)
    glow = _tint(ground, strong, GLOW, is_dark) if style == "gradient" else ground
    behind = (ground, card, wash, glow)
    ink = _push(_WHITE if is_dark else _BLACK, behind, READABLE, is_dark)
    soft = _push(mix(ink, ground, 0.34), behind, READABLE, is_dark)
    return Palette(
        accent=strong,
        on_accent=readable_on(strong),
        ground=ground,
        card=card,
        ink=ink,
        soft=soft,
        line=mix(card, ink, 0.13),
        edge=_push(mix(card, ink, 0.45), (card, ground), VISIBLE, is_dark),
        wash=wash,
        glow=glow,
        is_dark=is_dark,
    )


def choose_typeface(family: str | None, url: str | None) -> Typeface:
    """Return the typeface; what could break out of a style sheet counts as not chosen."""
    name = (family or "").strip()
    if name in FONTS:
        return Typeface(FONTS[name])
    if not _FAMILY.fullmatch(name):
        name = ""
    where = _font_address(url)
    if where is not None:
        return Typeface(f'"{name or "Own"}",{_SYSTEM}', name or "Own", where)
    return Typeface(f'"{name}",{_SYSTEM}' if name else _SYSTEM)


def _font_address(url: str | None) -> str | None:
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if not _FONT_PATH.fullmatch(parts.path) or not re.fullmatch(r"[\w.:-]+", parts.netloc):
        return None
    return f"{parts.scheme}://{parts.netloc}{quote(parts.path, safe='/%~@+')}"


def readable_on(colour: str) -> str:
    """Return black or white, whichever reads better on the colour."""
    luminance = _luminance(colour)
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours: 1 when they are the same, 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour with that share of another in it, as `color-mix(in srgb, …)` does."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _tint(ground: str, accent: str, most: float, is_dark: bool) -> str:
    """Return the ground with as much of the accent in it as text on it can stand."""
    text = "#ffffff" if is_dark else "#000000"
    tints = (mix(ground, accent, most * share / 8) for share in range(8, 0, -1))
    return next((tint for tint in tints if contrast(tint, text) >= READABLE), ground)


def _push(colour: str, behind: tuple[str, ...], least: float, is_dark: bool) -> str:
    """Return the colour, moved towards white or black only as far as it must be to be seen."""
    end = "#ffffff" if is_dark else "#000000"
    for share in range(0, 101, 5):
        pushed = mix(colour, end, share / 100)
        if all(contrast(pushed, ground) >= least for ground in behind):
            return pushed
    return end


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
