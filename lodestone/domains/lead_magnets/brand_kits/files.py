"""What may be uploaded to a kit: pictures that are pictures, SVG without scripts, fonts. No I/O."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from lodestone.domains.lead_magnets.brand_kits.models import MOST_FONT_BYTES, MOST_LOGO_BYTES
from lodestone.platform.errors import InvalidInput

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_DRAWN = frozenset(
    re.findall(
        r"\w+",
        "svg g defs title desc symbol use path rect circle ellipse line polyline polygon text tspan"
        " linearGradient radialGradient stop clipPath mask pattern filter feGaussianBlur feOffset"
        " feMerge feMergeNode feColorMatrix feFlood feComposite feBlend",
    )
)
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|expression|javascript:|@import|\\", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A checked file: its bytes as they are kept, its type, and the ending of its name."""

    body: bytes
    mime_type: str
    ending: str


def check_logo(body: bytes) -> Upload:
    """Return a picture by what its bytes are, whatever it was called.

    Raises: InvalidInput when it is empty, over 2 MB, or not PNG, JPEG, WebP or SVG.
    """
    if not body:
        raise _refused("logo", "Choose a picture first.")
    if len(body) > MOST_LOGO_BYTES:
        raise _refused("logo", "The picture is too large: at most 2 MB.")
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return Upload(body, "image/png", "png")
    if body.startswith(b"\xff\xd8\xff"):
        return Upload(body, "image/jpeg", "jpg")
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return Upload(body, "image/webp", "webp")
    if b"<svg" in body[:4096].lower():
        return Upload(clean_svg(body), "image/svg+xml", "svg")
    raise _refused("logo", "A logo is a PNG, JPEG, WebP or SVG picture.")


def check_font(body: bytes) -> Upload:
    """Return a WOFF2 font. Raises: InvalidInput when it is none, or over 5 MB.

    Source: https://www.w3.org/TR/WOFF2/#woff20Header
    """
    if not body:
        raise _refused("font", "Choose a font file first.")
    if len(body) > MOST_FONT_BYTES:
        raise _refused("font", "The font is too large: at most 5 MB.")
    if not body.startswith(b"wOF2"):
        raise _refused("font", "Take a .woff2 file: browsers load it quickest.")
    return Upload(body, "font/woff2", "woff2")


def clean_svg(body: bytes) -> bytes:
    """Return a drawing without anything that runs or loads: only shapes, text and gradients stay.

    Raises: InvalidInput when it is no SVG, or declares a document type or entities.
    """
    if re.search(rb"<!(doctype|entity)", body, re.IGNORECASE):
        body = re.sub(rb"<!doctype[^>\[]*>", b"", body, flags=re.IGNORECASE)
        if re.search(rb"<!(doctype|entity)", body, re.IGNORECASE):
            raise _refused("logo", "This SVG declares entities: export it again as plain SVG.")
    try:
        # Entities, which could grow without end, were refused above.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise _refused("logo", "This SVG can't be read: export it again.") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise _refused("logo", "This is no SVG picture: it lacks its namespace.")
    _strip(root)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    cleaned: bytes = ElementTree.tostring(root, encoding="utf-8")
    return cleaned


def _strip(node: ElementTree.Element) -> None:
    for child in list(node):
        name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        is_drawn = isinstance(child.tag, str) and child.tag.startswith(f"{{{_SVG}}}")
        if is_drawn and name in _DRAWN:
            _strip(child)
        else:
            node.remove(child)
    for key, value in list(node.attrib.items()):
        plain = key.rpartition("}")[2].lower()
        is_link = plain == "href" and not value.startswith("#")
        is_foreign = key.startswith("{") and key != _XLINK
        if plain.startswith("on") or is_link or is_foreign or _OUTSIDE.search(value):
            del node.attrib[key]


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={field: sentence})
