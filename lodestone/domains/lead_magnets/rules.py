"""Pure rules: how pasted text becomes content, and content text again."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from lodestone.domains.lead_magnets.contents import directives, embeds
from lodestone.domains.lead_magnets.contents.writing import (
    INTRODUCTION,
    INTRODUCTION_NAME,
    TAKEAWAY,
    write_text,
)
from lodestone.domains.lead_magnets.models import (
    Block,
    BlockType,
    ContentMetadata,
    PolishedContent,
    Section,
)

__all__ = [
    "INTRODUCTION_NAME",
    "count_words",
    "measure",
    "read_texts",
    "reading_minutes",
    "structure_text",
    "write_text",
]

WORDS_PER_MINUTE = 200
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_LINK = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_PARSER = directives.add_directives(
    MarkdownIt("commonmark", {"html": False}).enable("table"),
    frozenset({*BlockType, INTRODUCTION, TAKEAWAY}),
)


def count_words(text: str) -> int:
    """Count words; a contraction or a hyphenated pair is one."""
    return len(_WORD.findall(text))


def reading_minutes(words: int) -> int:
    """Return whole minutes at 200 words a minute, at least one."""
    return max(1, -(-words // WORDS_PER_MINUTE))


def measure(content: PolishedContent) -> ContentMetadata:
    """Count what is read: headings and texts, without the addresses of links."""
    words = sum(count_words(_LINK.sub("]", text)) for text in read_texts(content))
    return ContentMetadata(word_count=words, reading_time_minutes=reading_minutes(words))


def read_texts(content: PolishedContent) -> Iterator[str]:
    """Yield every text that a reader sees, in order, the title aside."""
    yield content.hero_summary
    for section in content.sections:
        yield section.section_name
        yield section.introduction
        for block in section.blocks:
            yield from _texts_of(block)
        yield section.key_takeaway


def _texts_of(block: Block) -> Iterator[str]:
    yield block.title or ""
    yield block.content
    yield block.detail or ""
    yield block.caption or ""
    yield " ".join(block.headers or [])
    for row in block.rows or []:
        yield " ".join(row)
    for item in block.items or []:
        yield str(item.get("title") or "")


def structure_text(
    body: str, *, title: str, polished_at: datetime | None = None
) -> PolishedContent:
    """Turn Markdown or plain text into sections of blocks, keeping every word.

    Headings open sections; below two ranks of headings they become bold lines. A heading that
    repeats the title is dropped, since the page shows the title above. The first paragraph before
    any section is the summary under the title.
    """
    sections = list(_sections(_PARSER.parse(body), title=title))
    summary = _take_summary(sections)
    kept = [
        section
        for section in sections
        if section.blocks
        or section.introduction
        or section.key_takeaway
        or section.section_name != INTRODUCTION_NAME
    ]
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


def _sections(tokens: list[Token], *, title: str) -> Iterator[Section]:
    current = Section(id="", section_name=INTRODUCTION_NAME)
    deepest = _deepest_section(tokens, title=title)
    position = 0
    while position < len(tokens):
        end = _end_of(tokens, position)
        node = tokens[position]
        if node.type == "heading_open":
            name = tokens[position + 1].content.strip()
            if int(node.tag[1:]) > deepest:
                current.blocks.append(Block(type=BlockType.PARAGRAPH, content=f"**{name}**"))
            elif not _repeats(name, title):
                yield current
                current = Section(id="", section_name=name)
        elif node.type == directives.TOKEN and node.info in {INTRODUCTION, TAKEAWAY}:
            if node.info == INTRODUCTION:
                current.introduction = node.content
            else:
                current.key_takeaway = node.content
        else:
            current.blocks.append(_block(tokens[position : end + 1]))
        position = end + 1
    yield current


def _deepest_section(tokens: list[Token], *, title: str) -> int:
    """Return the lowest rank of heading that opens a section: the second of those in use."""
    ranks = sorted(
        {
            int(token.tag[1:])
            for token, text in itertools.pairwise(tokens)
            if token.type == "heading_open" and not _repeats(text.content, title)
        }
    )
    return ranks[min(1, len(ranks) - 1)] if ranks else 6


def _repeats(name: str, title: str) -> bool:
    return name.strip().casefold() == title.strip().casefold()


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
    read = _READERS.get(tokens[0].type)
    if read is not None:
        return read(tokens)
    text = Block(type=BlockType.PARAGRAPH, content=_inline_text(tokens))
    return _picture(tokens) or _embed(tokens) or text


def _code(tokens: list[Token]) -> Block:
    language = tokens[0].info.strip() or None
    return Block(type=BlockType.CODE, content=tokens[0].content.rstrip("\n"), language=language)


def _directive(tokens: list[Token]) -> Block:
    token = tokens[0]
    given: dict[str, Any] = {**token.meta, "type": token.info, "content": token.content}
    try:
        return Block.model_validate(given)
    except ValidationError:
        return Block(type=BlockType.PARAGRAPH, content=token.content)


def _picture(tokens: list[Token]) -> Block | None:
    """Return the picture that a paragraph is, when it is nothing else."""
    children = tokens[1].children or [] if len(tokens) == 3 else []
    if len(children) != 1 or children[0].type != "image":
        return None
    image = children[0]
    caption = str(image.attrGet("title") or "") or None
    source = str(image.attrGet("src") or "")
    return Block(type=BlockType.IMAGE, src=source, alt=image.content, caption=caption)


def _embed(tokens: list[Token]) -> Block | None:
    """Return the video that a paragraph is, when it is the address of one and nothing else."""
    text = _inline_text(tokens)
    provider = embeds.find_provider(text)
    return Block(type=BlockType.EMBED, url=text, provider=provider) if provider else None


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


_READERS: dict[str, Callable[[list[Token]], Block]] = {
    directives.TOKEN: _directive,
    "fence": _code,
    "code_block": _code,
    "hr": lambda _: Block(type=BlockType.DIVIDER),
    "bullet_list_open": lambda tokens: Block(
        type=BlockType.LIST, content="\n".join(_list_lines(tokens))
    ),
    "ordered_list_open": lambda tokens: Block(
        type=BlockType.LIST, content="\n".join(_list_lines(tokens))
    ),
    "blockquote_open": lambda tokens: Block(type=BlockType.QUOTE, content=_inline_text(tokens)),
    "table_open": _table,
}
