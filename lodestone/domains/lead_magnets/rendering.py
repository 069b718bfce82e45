"""Content as HTML that is safe to show: no raw HTML passes, links go to the web or to mail."""

from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt

from lodestone.domains.lead_magnets.models import Block, BlockType, PolishedContent

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}
_TAGS = {"a", "br", "code", "em", "img", "li", "ol", "p", "strong", "ul"}


@dataclass(frozen=True, slots=True)
class RenderedSection:
    """A section ready to show; the `_html` parts are sanitised."""

    id: str
    name: str
    introduction_html: str
    body_html: str
    takeaway_html: str


@dataclass(frozen=True, slots=True)
class RenderedContent:
    """Content ready to show."""

    summary_html: str
    sections: tuple[RenderedSection, ...]
    reading_time_minutes: int


def render_content(stored: dict[str, Any]) -> RenderedContent:
    """Render stored `polished_content`. Raises pydantic's ValidationError when it is none."""
    content = PolishedContent.model_validate(stored)
    return RenderedContent(
        summary_html=_inline(content.hero_summary),
        sections=tuple(
            RenderedSection(
                id=section.id,
                name=section.section_name,
                introduction_html=_blocks(section.introduction),
                body_html="".join(_block(block) for block in section.blocks),
                takeaway_html=_inline(section.key_takeaway),
            )
            for section in content.sections
        ),
        reading_time_minutes=content.metadata.reading_time_minutes,
    )


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )


def _inline(text: str) -> str:
    return _clean(_MARKDOWN.renderInline(text)) if text else ""


def _blocks(text: str) -> str:
    return _clean(_MARKDOWN.render(text)) if text else ""


def _block(block: Block) -> str:
    if block.type == BlockType.DIVIDER:
        return "<hr>"
    if block.type == BlockType.CODE:
        return f'<pre tabindex="0"><code>{escape(block.content)}</code></pre>'
    if block.type == BlockType.QUOTE:
        return f"<blockquote>{_blocks(block.content)}</blockquote>"
    if block.type == BlockType.CALLOUT:
        return f'<aside class="callout">{_blocks(block.content)}</aside>'
    if block.type == BlockType.TABLE:
        return _table(block)
    return _blocks(block.content)


def _table(block: Block) -> str:
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in block.headers or [])
    rows = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>"
        for row in block.rows or []
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
