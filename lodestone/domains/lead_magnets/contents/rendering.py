"""Content as HTML that is safe to show: no raw HTML passes, links go to the web or to mail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt

from lodestone.domains.lead_magnets.contents import embeds
from lodestone.domains.lead_magnets.models import Block, BlockType, PolishedContent

PROMPT_LANGUAGE = "prompt"
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}
_TAGS = {"a", "br", "code", "em", "img", "li", "ol", "p", "strong", "ul"}
_TONES = {"info", "warning", "success"}
_GRIDS = {BlockType.STAT_CARD: "stats", BlockType.RESOURCE_CARD: "links"}
"""Kinds that stand side by side when they follow one another, and the class of their frame."""


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
    """Content ready to show; `has_copies` says that something in it has a button to copy it."""

    summary_html: str
    sections: tuple[RenderedSection, ...]
    reading_time_minutes: int
    has_copies: bool


def render_content(stored: dict[str, Any]) -> RenderedContent:
    """Render stored `polished_content`. Raises pydantic's ValidationError when it is none."""
    content = PolishedContent.model_validate(stored)
    sections = tuple(
        RenderedSection(
            id=section.id,
            name=section.section_name,
            introduction_html=_blocks(section.introduction),
            body_html="".join(_grouped(section.blocks)),
            takeaway_html=_inline(section.key_takeaway),
        )
        for section in content.sections
    )
    return RenderedContent(
        summary_html=_inline(content.hero_summary),
        sections=sections,
        reading_time_minutes=content.metadata.reading_time_minutes,
        has_copies=any("data-copy" in section.body_html for section in sections),
    )


def render_block(block: Block) -> str:
    """Return one block as HTML, empty when it has nothing to show."""
    render = _RENDERERS.get(block.type, _text)
    return render(block)


def _grouped(blocks: list[Block]) -> Iterator[str]:
    for kind, run in groupby(blocks, key=lambda block: block.type):
        html = "".join(map(render_block, run))
        frame = _GRIDS.get(BlockType(kind)) if kind in set(BlockType) else None
        yield f'<div class="{frame}">{html}</div>' if frame and html else html


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )


def _inline(text: str | None) -> str:
    return _clean(_MARKDOWN.renderInline(text)) if text else ""


def _blocks(text: str | None) -> str:
    return _clean(_MARKDOWN.render(text)) if text else ""


def _tone(style: str | None) -> str:
    return style if style in _TONES else "info"


def _web(url: str | None) -> str | None:
    """Return an address to link to, None for what is none."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"https", "http"} and parts.hostname else None


def _text(block: Block) -> str:
    return _blocks(block.content)


def _divider(_: Block) -> str:
    return "<hr>"


def _code(block: Block) -> str:
    is_prompt = (block.language or "").casefold() == PROMPT_LANGUAGE
    name = block.title or ("Prompt" if is_prompt else block.language or "")
    label = "Copy the prompt" if is_prompt else "Copy"
    kind = ' class="prompt"' if is_prompt else ""
    return (
        f'<figure class="copy"><figcaption><span>{escape(name)}</span>'
        f'<button type="button" data-copy hidden>{label}</button></figcaption>'
        f'<pre tabindex="0"{kind}><code>{escape(block.content)}</code></pre></figure>'
    )


def _quote(block: Block) -> str:
    return f"<blockquote>{_blocks(block.content)}</blockquote>"


def _callout(block: Block) -> str:
    heading = f'<p class="title">{_inline(block.title)}</p>' if block.title else ""
    body = _blocks(block.content)
    return f'<aside class="callout" data-tone="{_tone(block.style)}">{heading}{body}</aside>'


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


def _image(block: Block) -> str:
    source = block.src or ""
    is_own = source.startswith("/") and not source.startswith("//")
    if not is_own and _web(source) is None:
        return ""
    caption = f"<figcaption>{_inline(block.caption)}</figcaption>" if block.caption else ""
    alt = escape(block.alt or "", quote=True)
    image = f'<img src="{escape(source, quote=True)}" alt="{alt}" loading="lazy" decoding="async">'
    return f"<figure>{image}{caption}</figure>"


def _embed(block: Block) -> str:
    url = _web(block.url)
    if url is None:
        return _blocks(block.content)
    player = embeds.find_player(url)
    title = block.title or block.content or f"On {embeds.provider_name(url)}"
    if player is None:
        return _link_card(url, title, embeds.provider_name(url))
    return (
        f'<figure class="player"><iframe src="{escape(player, quote=True)}" loading="lazy" '
        f'title="{escape(title, quote=True)}" '
        'referrerpolicy="strict-origin-when-cross-origin" '
        'allow="fullscreen; picture-in-picture; encrypted-media"></iframe>'
        f'<figcaption><a href="{escape(url, quote=True)}" rel="noopener">{escape(title)}</a>'
        "</figcaption></figure>"
    )


def _accordion(block: Block) -> str:
    title = _inline(block.title) or "More"
    return f"<details><summary>{title}</summary><div>{_blocks(block.content)}</div></details>"


def _numbered_item(block: Block) -> str:
    number = "" if block.number is None else escape(str(block.number))
    tag = f'<span class="tag">{_inline(block.category)}</span>' if block.category else ""
    detail = f'<div class="detail">{_blocks(block.detail)}</div>' if block.detail else ""
    return (
        f'<div class="item"><span class="number">{number}</span><div>'
        f"<h3>{_inline(block.title)}{tag}</h3>{_blocks(block.content)}{detail}</div></div>"
    )


def _stat_card(block: Block) -> str:
    figure = f"<strong>{_inline(block.title)}</strong>"
    tone = _tone(block.style)
    return f'<div class="stat" data-tone="{tone}">{figure}{_blocks(block.content)}</div>'


def _link_card(url: str | None, title: str, text: str) -> str:
    words = f"<strong>{_inline(title)}</strong><span>{_inline(text)}</span>"
    if url is None:
        return f'<div class="link">{words}</div>'
    # A link inside a link is none: the words of the card are shown plain.
    words = nh3.clean(words, tags={"strong", "span", "em", "code"})
    return f'<a class="link" href="{escape(url, quote=True)}" rel="noopener">{words}</a>'


def _resource_card(block: Block) -> str:
    url = _web(block.url)
    return _link_card(url, block.title or embeds.provider_name(url or ""), block.content)


def _resource_grid(block: Block) -> str:
    cards = "".join(
        _link_card(_web(url), str(item.get("title") or embeds.provider_name(url)), _host(url))
        for item in block.items or []
        for url in [str(item.get("url") or "")]
    )
    return f'{_blocks(block.content)}<div class="links">{cards}</div>' if cards else ""


def _host(url: str) -> str:
    return embeds.provider_name(url) if _web(url) else ""


_RENDERERS: dict[str, Callable[[Block], str]] = {
    BlockType.DIVIDER: _divider,
    BlockType.CODE: _code,
    BlockType.QUOTE: _quote,
    BlockType.CALLOUT: _callout,
    BlockType.TABLE: _table,
    BlockType.IMAGE: _image,
    BlockType.EMBED: _embed,
    BlockType.ACCORDION: _accordion,
    BlockType.NUMBERED_ITEM: _numbered_item,
    BlockType.STAT_CARD: _stat_card,
    BlockType.RESOURCE_CARD: _resource_card,
    BlockType.RESOURCE_GRID: _resource_grid,
}
