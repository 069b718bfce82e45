"""A mail compiled once: blocks to MJML to HTML, the plain text beside it, the fields left open.

The HTML comes from MRML, the MJML of Rust, in a fraction of a millisecond. Source of the language:
https://documentation.mjml.io
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import mjml
import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from lodestone.domains.email.designs import fields
from lodestone.domains.email.designs.models import (
    Block,
    Body,
    Brand,
    Button,
    Column,
    Columns,
    Divider,
    Heading,
    Image,
    List,
    Logo,
    Look,
    Social,
    Text,
)
from lodestone.platform import pages

FONTS = {
    "system": "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
    "serif": "Charter, 'Times New Roman', Times, serif",
    "mono": "Menlo, Consolas, 'Courier New', monospace",
    "georgia": "Georgia, serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "trebuchet": "'Trebuchet MS', Helvetica, sans-serif",
}
USUAL_REASON = "You get this mail because you asked {{sender_name|us}} for it."

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "hr", "li", "ol", "p", "strong", "ul"}
_SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A mail as one reader gets it."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A mail whose fields alone are open; plain strings, so that it can be kept anywhere."""

    subject: str
    html: str
    text: str

    def fill(self, values: dict[str, str | None]) -> Filled:
        """Return the mail for one reader, in microseconds."""
        return Filled(
            subject=fields.fill_line(self.subject, values),
            html=fields.fill(self.html, values),
            text=fields.fill(self.text, values),
        )

    def with_gaps(self, *, sender_name: str) -> Filled:
        """Return the mail with its fields as `{{name|fallback}}`, for whoever fills them later.

        The sender's name, which is the same for everybody, stands there already.
        """
        return Filled(
            subject=fields.as_gaps(self.subject, sender_name=sender_name),
            html=fields.as_gaps(self.html, sender_name=sender_name),
            text=fields.as_gaps(self.text, sender_name=sender_name),
        )


@dataclass(frozen=True, slots=True)
class Dress:
    """How mails of a team look: the blocks and colours of a design, in the team's brand."""

    blocks: tuple[Block, ...]
    look: Look
    brand: Brand

    def put_on(self, letter: "Letter") -> Compiled:
        """Return a mail that looks so. Raises ValueError for a field that is not known."""
        return compile_mail(letter, blocks=self.blocks, look=self.look, brand=self.brand)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, apart from how it looks; `preheader` is the line that inboxes show."""

    subject: str
    body: str
    reason: str = USUAL_REASON
    preheader: str = ""
    has_postscript: bool = False


@lru_cache(maxsize=256)
def compile_mail(words: Letter, *, blocks: tuple[Block, ...], look: Look, brand: Brand) -> Compiled:
    """Return the mail compiled; the same mail again costs nothing.

    Raises: ValueError for a field that is not known.
    """
    swap = fields.Swap()
    parts = tuple(blocks)
    if not any(isinstance(part, Body) for part in parts):
        parts = (*parts, Body()) if words.body else parts
    postscript = (brand.postscript or "") if words.has_postscript else ""
    body = "\n\n".join(part for part in (words.body, postscript) if part)
    context: dict[str, Any] = {
        "subject": swap.out(words.subject),
        "preheader": swap.out(words.preheader),
        "blocks": [_shown(part, swap) for part in parts],
        "body": _markup(swap.out(body)),
        "reason": swap.out(words.reason),
        "unsubscribe_url": swap.out("{{unsubscribe_url}}"),
        "preferences_url": swap.out("{{preferences_url}}"),
        "address": [line for line in (brand.postal_address or "").splitlines() if line.strip()],
        "brand": brand,
        "look": look,
        "colour": look.colour or brand.colour,
        "on_colour": readable_on(look.colour or brand.colour),
        "font": FONTS[look.font],
        "logo_url": look.logo_url or brand.logo_url,
    }
    html = mjml.mjml2html(pages.render_text("email/designs/mail.mjml", context))
    return Compiled(
        subject=swap.back_in_text(swap.out(words.subject)),
        html=swap.back_in_html(html),
        text=swap.back_in_text(_plain(parts, body, words, brand, swap)),
    )


def readable_on(colour: str) -> str:
    """Return white where it reads well on a colour (4.5 to 1, WCAG 1.4.3), else near black."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (light + 0.05) >= 4.5 else "#111111"


def _shown(part: Block, swap: fields.Swap) -> dict[str, Any]:
    """Return a block with its fields swapped and its Markdown as HTML."""
    if isinstance(part, Columns):
        cells = [_column(cell, swap) for cell in part.columns]
        return {"kind": part.kind, "columns": cells}
    shown: dict[str, Any] = {
        name: swap.out(value) if isinstance(value, str) else value
        for name, value in part.model_dump().items()
    }
    if isinstance(part, Text):
        shown["html"] = _markup(shown["text"])
    elif isinstance(part, List):
        shown["items"] = [_inline(swap.out(item)) for item in part.items if item]
    elif isinstance(part, Social):
        shown["links"] = [{"name": link.name, "url": swap.out(link.url)} for link in part.links]
    return shown


def _column(cell: Column, swap: fields.Swap) -> dict[str, Any]:
    shown: dict[str, Any] = {name: swap.out(value) for name, value in cell.model_dump().items()}
    shown["html"] = _markup(shown["text"]) if shown["text"].strip() else ""
    return shown


def _markup(text: str) -> Markup:
    return _clean(_MARKDOWN.render(text))


def _inline(text: str) -> Markup:
    return _clean(_MARKDOWN.renderInline(text))


def _clean(html: str) -> Markup:
    # Sanitised by nh3 in this very line, so it may pass the templates as it is.
    return Markup(  # noqa: S704
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href", "title"}, "ol": {"start"}},
            url_schemes=_SCHEMES,
            link_rel=None,
        )
    )


def _plain(
    parts: Iterable[Block], body: str, words: Letter, brand: Brand, swap: fields.Swap
) -> str:
    """Return the mail as plain text, written of the blocks and not of the HTML."""
    out = [_plain_part(part, body, brand, swap) for part in parts]
    footer = [
        swap.out(words.reason),
        f"Unsubscribe: {swap.out('{{unsubscribe_url}}')}",
        *(line for line in (brand.postal_address or "").splitlines() if line.strip()),
    ]
    return "\n\n".join([*(part for part in out if part), "-- \n" + "\n".join(footer)]) + "\n"


def _plain_part(part: Block, body: str, brand: Brand, swap: fields.Swap) -> str:
    match part:
        case Body() | Text():
            said = plain_markdown(swap.out(part.text if isinstance(part, Text) else body))
        case Heading():
            said = swap.out(part.text)
        case Button():
            said = f"{swap.out(part.label)}: {swap.out(part.url)}"
        case Image():
            said = ": ".join(swap.out(each) for each in (part.alt, part.link) if each)
        case Logo():
            said = brand.name
        case Divider():
            said = "* * *"
        case Columns():
            said = "\n\n".join(_plain_column(cell, swap) for cell in part.columns)
        case List():
            said = _plain_list(part, swap)
        case Social():
            said = "\n".join(f"{link.name}: {swap.out(link.url)}" for link in part.links)
        case _:
            said = ""
    return said


def _plain_list(part: List, swap: fields.Swap) -> str:
    marks = (f"{number}." if part.is_numbered else "-" for number in range(1, 100))
    items = [plain_markdown(swap.out(item)) for item in part.items if item]
    return "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=False))


def _plain_column(cell: Column, swap: fields.Swap) -> str:
    parts = [swap.out(cell.heading), plain_markdown(swap.out(cell.text))]
    if cell.button_label and cell.button_url:
        parts.append(f"{swap.out(cell.button_label)}: {swap.out(cell.button_url)}")
    return "\n".join(part for part in parts if part)


def plain_markdown(text: str) -> str:
    """Return Markdown as plain text: links as `words (address)`, lists with their marks."""
    reader = _PlainText()
    reader.feed(_MARKDOWN.render(text))
    reader.close()
    return reader.text()


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._out: list[str] = []
        self._links: list[str] = []
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        elif tag == "br":
            self._out.append("\n")
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            self._out.append("\n- " if number is None else f"\n{number}. ")
            if number is not None:
                self._lists[-1] = number + 1
        elif tag == "hr":
            self._out.append("\n\n* * *\n\n")
        elif tag != "li" and tag in ("p", "h2", "h3", "blockquote") and not self._lists:
            self._out.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            address = self._links.pop()
            if address and not "".join(self._out).endswith(address):
                self._out.append(f" ({address})")
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._out.append("\n\n")
        elif tag in ("p", "h2", "h3", "blockquote") and not self._lists:
            self._out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._out and self._out[-1].endswith("\n"):
            data = data.lstrip()
        if data:
            self._out.append(data if data.strip() else " ")

    def text(self) -> str:
        lines = [line.strip() for line in "".join(self._out).splitlines()]
        kept: list[str] = []
        for line in lines:
            if line or (kept and kept[-1]):
                kept.append(line)
        return "\n".join(kept).strip()
