"""The picture that a link to a page is shared with: its headline, in its colours.

1200 × 630, as Open Graph's readers show it: https://ogp.me.
"""

from dataclasses import astuple, dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lodestone.domains.funnels.looks import Palette, mix

WIDTH, HEIGHT = 1200, 630
_MARGIN = 84
_SIZES = (88, 76, 66, 58, 50, 44)
_MOST_LINES = 5
_DRAWN = 1
"""Grows when pictures are drawn in another way, so that those of before are drawn anew."""

_FACES = ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a picture shows."""

    headline: str
    site_name: str
    palette: Palette

    @property
    def version(self) -> str:
        """Return a name that changes with whatever is shown."""
        told = repr((_DRAWN, self.headline, self.site_name, astuple(self.palette)))
        return sha256(told.encode()).hexdigest()[:16]


def draw(sheet: Sheet) -> bytes:
    """Return the picture as PNG."""
    look = sheet.palette
    picture = Image.new("RGB", (WIDTH, HEIGHT), look.ground)
    _glow(picture, look)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 18, HEIGHT), fill=look.accent)
    lines, font, height = _fit(sheet.headline, WIDTH - 2 * _MARGIN)
    top = (HEIGHT - 90 - height * len(lines)) // 2
    for number, line in enumerate(lines):
        pen.text((_MARGIN, top + number * height), line, font=font, fill=look.ink)
    name = _cut(sheet.site_name, _face(30), WIDTH - 2 * _MARGIN - 60)
    bottom = HEIGHT - 84
    pen.rounded_rectangle((_MARGIN, bottom, _MARGIN + 34, bottom + 34), 10, fill=look.accent)
    pen.text((_MARGIN + 52, bottom - 1), name, font=_face(30), fill=look.soft)
    written = BytesIO()
    picture.quantize(128, method=Image.Quantize.MEDIANCUT).save(written, "PNG", optimize=True)
    return written.getvalue()


def _glow(picture: Image.Image, look: Palette) -> None:
    """Lay a soft light of the accent into the upper right corner, as pages have it."""
    shade = Image.new("L", (WIDTH // 8, HEIGHT // 8), 0)
    reach = (WIDTH // 11, -HEIGHT // 16, WIDTH // 6, HEIGHT // 13)
    ImageDraw.Draw(shade).ellipse(reach, fill=255)
    soft = shade.filter(ImageFilter.GaussianBlur(22)).resize((WIDTH, HEIGHT))
    picture.paste(mix(look.ground, look.accent, 0.3), mask=soft)


def _fit(text: str, width: int) -> tuple[list[str], Font, int]:
    """Return the largest setting of a text that fits, and the height of a line."""
    for size in _SIZES:
        lines = _wrap(text, _face(size), width)
        height = round(size * 1.18)
        if len(lines) * height <= HEIGHT - 2 * _MARGIN - 90 and len(lines) <= _MOST_LINES:
            return lines, _face(size), height
    font = _face(_SIZES[-1])
    lines = _wrap(text, font, width)
    kept = lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        kept[-1] = _cut(f"{kept[-1]} {lines[_MOST_LINES]}", font, width)
    return kept, font, round(_SIZES[-1] * 1.18)


def _wrap(text: str, font: Font, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer if font.getlength(longer) <= width else _cut(longer, font, width)
        else:
            lines.append(_cut(word, font, width))
    return lines


def _cut(text: str, font: Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


@cache
def _face(size: int) -> Font:
    """Return a bold face of the machine's, else the one that comes with the library."""
    for name in _FACES:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
