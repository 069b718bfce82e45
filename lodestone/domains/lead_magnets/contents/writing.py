"""Content as Markdown, which `rules.structure_text` reads back unchanged."""

from collections.abc import Callable

from lodestone.domains.lead_magnets.contents import directives, embeds
from lodestone.domains.lead_magnets.models import Block, BlockType, PolishedContent

INTRODUCTION_NAME = "Introduction"
"""Of the section that stands before the first heading."""

INTRODUCTION = "introduction"
TAKEAWAY = "takeaway"
_BESIDE = {"type", "content"}


def write_text(content: PolishedContent) -> str:
    """Return the content as Markdown; what Markdown has no sign for stands in directives."""
    parts = [content.hero_summary] if content.hero_summary else []
    for section in content.sections:
        if section.section_name != INTRODUCTION_NAME:
            parts.append(f"## {section.section_name}")
        if section.introduction:
            parts.append(directives.write_directive(INTRODUCTION, {}, section.introduction))
        parts.extend(write_block(block) for block in section.blocks)
        if section.key_takeaway:
            parts.append(directives.write_directive(TAKEAWAY, {}, section.key_takeaway))
    return "\n\n".join(parts)


def write_block(block: Block) -> str:
    """Return one block as Markdown."""
    own = {key for key, value in block if value not in (None, [])} - _BESIDE
    write, known = _WRITERS.get(block.type, (None, set()))
    text = write(block) if write is not None and own <= known else None
    if text is not None:
        return text
    attributes = block.model_dump(exclude={"type", "content"}, exclude_none=True)
    return directives.write_directive(block.type, attributes, block.content)


def _text(block: Block) -> str | None:
    return block.content


def _code(block: Block) -> str | None:
    fence = "````" if "```" in block.content else "```"
    return f"{fence}{block.language or ''}\n{block.content}\n{fence}"


def _divider(_: Block) -> str | None:
    return "---"


def _quote(block: Block) -> str | None:
    return "\n".join(f"> {line}".rstrip() for line in block.content.split("\n"))


def _table(block: Block) -> str | None:
    if not block.headers:
        return None
    lines = [block.headers, ["---"] * len(block.headers), *(block.rows or [])]
    return "\n".join("| " + " | ".join(map(_cell, cells)) + " |" for cells in lines)


def _cell(text: str) -> str:
    return " ".join(text.split("\n")).replace("|", "\\|")


def _image(block: Block) -> str | None:
    if not block.src or '"' in (block.caption or ""):
        return None
    caption = f' "{block.caption}"' if block.caption else ""
    return f"![{block.alt or ''}]({block.src}{caption})"


def _embed(block: Block) -> str | None:
    url = block.url or ""
    return url if block.provider and embeds.find_provider(url) == block.provider else None


_WRITERS: dict[str, tuple[Callable[[Block], str | None], set[str]]] = {
    BlockType.PARAGRAPH: (_text, set()),
    BlockType.LIST: (_text, set()),
    BlockType.CODE: (_code, {"language"}),
    BlockType.DIVIDER: (_divider, set()),
    BlockType.QUOTE: (_quote, set()),
    BlockType.TABLE: (_table, {"headers", "rows"}),
    BlockType.IMAGE: (_image, {"src", "alt", "caption"}),
    BlockType.EMBED: (_embed, {"url", "provider"}),
}
"""How a kind is written in plain Markdown, as long as it has none but these fields."""
