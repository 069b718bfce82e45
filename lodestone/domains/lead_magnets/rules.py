"""Pure rules: how pasted text becomes content, and content text again."""

import re
from collections.abc import Iterator
from datetime import datetime

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lodestone.domains.lead_magnets.models import (
    Block,
    BlockType,
    ContentMetadata,
    PolishedContent,
    Section,
)

WORDS_PER_MINUTE = 200
INTRODUCTION_NAME = "Introduction"
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


def count_words(text: str) -> int:
    """Count words; a contraction or a hyphenated pair is one."""
    return len(_WORD.findall(text))


def reading_minutes(words: int) -> int:
    """Return whole minutes at 200 words a minute, at least one."""
    return max(1, -(-words // WORDS_PER_MINUTE))


def structure_text(
    body: str, *, title: str, polished_at: datetime | None = None
) -> PolishedContent:
    """Turn Markdown or plain text into sections of blocks, keeping every word.

    Headings open sections; a heading that repeats the title is dropped, since the page shows the
    title above. The first paragraph before any section is the summary under the title.
    """
    sections = list(_sections(_PARSER.parse(body), title=title))
    summary = _take_summary(sections)
    kept = [s for s in sections if s.blocks or s.section_name != INTRODUCTION_NAME]
    for number, section in enumerate(kept, start=1):
        section.id = f"section-{number}"
    words = count_words(body)
    return PolishedContent(
        polished_at=polished_at,
        title=title,
        hero_summary=summary,
        sections=kept,
        metadata=ContentMetadata(word_count=words, reading_time_minutes=reading_minutes(words)),
    )


def write_text(content: PolishedContent) -> str:
    """Return the content as Markdown, which `structure_text` reads back unchanged."""
    parts = [content.hero_summary] if content.hero_summary else []
    for section in content.sections:
        if section.section_name != INTRODUCTION_NAME:
            parts.append(f"## {section.section_name}")
        if section.introduction:
            parts.append(section.introduction)
        parts.extend(_write_block(block) for block in section.blocks)
        if section.key_takeaway:
            parts.append(f"> {section.key_takeaway}")
    return "\n\n".join(parts)


def _sections(tokens: list[Token], *, title: str) -> Iterator[Section]:
    current = Section(id="", section_name=INTRODUCTION_NAME)
    position = 0
    while position < len(tokens):
        end = _end_of(tokens, position)
        node = tokens[position]
        if node.type == "heading_open":
            name = tokens[position + 1].content.strip()
            if name.casefold() != title.strip().casefold():
                yield current
                current = Section(id="", section_name=name)
        else:
            current.blocks.append(_block(tokens[position : end + 1]))
        position = end + 1
    yield current


def _end_of(tokens: list[Token], start: int) -> int:
    if tokens[start].nesting == 0:
        return start
    depth = 0
    for position in range(start, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    return len(tokens) - 1


def _block(tokens: list[Token]) -> Block:
    kind = tokens[0].type
    if kind in {"fence", "code_block"}:
        language = tokens[0].info.strip() or None
        return Block(type=BlockType.CODE, content=tokens[0].content.rstrip("\n"), language=language)
    if kind == "hr":
        return Block(type=BlockType.DIVIDER)
    if kind in {"bullet_list_open", "ordered_list_open"}:
        return Block(type=BlockType.LIST, content="\n".join(_list_lines(tokens)))
    if kind == "blockquote_open":
        return Block(type=BlockType.QUOTE, content=_inline_text(tokens))
    if kind == "table_open":
        return _table(tokens)
    return Block(type=BlockType.PARAGRAPH, content=_inline_text(tokens))


def _inline_text(tokens: list[Token]) -> str:
    return "\n".join(token.content for token in tokens if token.type == "inline")


def _list_lines(tokens: list[Token]) -> Iterator[str]:
    depth = -1
    counters: list[int | None] = []
    marker: str | None = None
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
            start = int(token.attrGet("start") or 1)
            counters.append(start if token.type == "ordered_list_open" else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
            counters.pop()
        elif token.type == "list_item_open":
            number = counters[-1]
            marker = "-" if number is None else f"{number}."
            if number is not None:
                counters[-1] = number + 1
        elif token.type == "inline":
            text = " ".join(token.content.split("\n"))
            yield f"{'   ' * depth}{marker} {text}" if marker else f"{'   ' * (depth + 1)}{text}"
            marker = None


def _table(tokens: list[Token]) -> Block:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    return Block(type=BlockType.TABLE, headers=rows[0], rows=rows[1:])


def _take_summary(sections: list[Section]) -> str:
    first = sections[0]
    if not first.blocks or first.blocks[0].type != BlockType.PARAGRAPH:
        return ""
    if first.section_name != INTRODUCTION_NAME:
        return ""
    return first.blocks.pop(0).content


def _write_block(block: Block) -> str:
    if block.type == BlockType.CODE:
        fence = "````" if "```" in block.content else "```"
        return f"{fence}{block.language or ''}\n{block.content}\n{fence}"
    if block.type == BlockType.DIVIDER:
        return "---"
    if block.type in {BlockType.QUOTE, BlockType.CALLOUT}:
        return "\n".join(f"> {line}" for line in block.content.split("\n"))
    if block.type == BlockType.TABLE:
        lines = [block.headers or [], ["---"] * len(block.headers or []), *(block.rows or [])]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return block.content
