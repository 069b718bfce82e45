"""Polish that changes how a text stands on the page and not one of its words."""

import re
from collections.abc import Iterator

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.models import Block, BlockType, PolishedContent

MOST_SENTENCES = 2
"""Of a paragraph; more are set as further paragraphs."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(*_]*[A-ZÄÖÜÀ-Ý0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|no|mr|mrs|ms|dr|st|u\.s|z\.B|bzw|ca)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|(?<=[:;,.!?])\s|\s(?=\(?\d{1,2}\)))\(?(\d{1,2})[.)]\s+")
_LABEL = re.compile(r"(?P<label>Warning|Caution|Careful|Note|Tip|Important)\s*:\s+(?P<text>.+)")
_TONES = {"warning": "warning", "caution": "warning", "careful": "warning", "tip": "success"}


def format_content(content: PolishedContent) -> PolishedContent:
    """Return the content set for scanning: short paragraphs, lists where something is counted off.

    Every word stays in its order. Doing it twice changes nothing.
    """
    sections = [
        section.model_copy(
            update={"blocks": [new for block in section.blocks for new in format_block(block)]}
        )
        for section in content.sections
    ]
    formatted = content.model_copy(update={"sections": sections})
    return formatted.model_copy(update={"metadata": rules.measure(formatted)})


def format_block(block: Block) -> Iterator[Block]:
    """Yield the blocks that a block reads better as, itself when it is fine."""
    if block.type != BlockType.PARAGRAPH or not block.content.strip():
        yield block
        return
    for text in re.split(r"\n\s*\n", block.content.strip()):
        yield from _format_text(text)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; abbreviations and initials end none."""
    sentences: list[str] = []
    start = 0
    for found in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[start : found.start()]):
            sentences.append(text[start : found.end()].strip())
            start = found.end()
    return [*sentences, text[start:].strip()] if text[start:].strip() else sentences


def _format_text(text: str) -> Iterator[Block]:
    counted = _counted_off(text)
    labelled = _LABEL.fullmatch(text)
    if counted is not None:
        yield from counted
    elif labelled is not None:
        tone = _TONES.get(labelled["label"].casefold(), "info")
        title, said = labelled["label"], labelled["text"]
        yield Block(type=BlockType.CALLOUT, style=tone, title=title, content=said)
    elif "\n" in text:
        # Lines that somebody broke by hand stay as they are.
        yield Block(type=BlockType.PARAGRAPH, content=text)
    else:
        sentences = split_sentences(text)
        pieces = [
            " ".join(sentences[first : first + MOST_SENTENCES])
            for first in range(0, len(sentences), MOST_SENTENCES)
        ]
        for piece in pieces:
            if len(pieces) > 1:
                yield from _format_text(piece)
            else:
                yield Block(type=BlockType.PARAGRAPH, content=piece)


def _counted_off(text: str) -> list[Block] | None:
    """Return a list for "1) this 2) that 3) the other", None when nothing is counted from 1."""
    marks = list(_NUMBERED.finditer(text))
    if len(marks) < 2 or [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    points = [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    if not all(points):
        return None
    lead = text[: marks[0].start()].strip()
    lines = "\n".join(f"{number}. {point}" for number, point in enumerate(points, start=1))
    blocks = [Block(type=BlockType.PARAGRAPH, content=lead)] if lead else []
    return [*blocks, Block(type=BlockType.LIST, content=lines)]
