"""Blocks that Markdown has no sign for, written between lines of colons:

    ::: accordion {"title": "What if nobody answers?"}
    Wait a week.
    :::

A block whose own text has such lines gets more colons. What is written so comes back unchanged.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

TOKEN = "directive"  # noqa: S105 (the name of a kind of token)
_OPEN = re.compile(r"(:{3,})[ \t]*([a-z]+(?:-[a-z]+)*)[ \t]*(\{.*\})?[ \t]*")
_LINE = re.compile(r"^(:{3,})", re.MULTILINE)


def add_directives(parser: MarkdownIt, kinds: frozenset[str]) -> MarkdownIt:
    """Have a parser read directives of these kinds; others stay text."""

    def read(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        found = _OPEN.fullmatch(_line(state, start))
        if found is None or found[2] not in kinds:
            return False
        attributes = _read_attributes(found[3])
        last = next(
            (number for number in range(start + 1, end) if _line(state, number) == found[1]), None
        )
        if last is None or attributes is None:
            return False
        if not silent:
            token = state.push(TOKEN, "", 0)
            token.info = found[2]
            token.meta = attributes
            token.content = state.getLines(start + 1, last, 0, False)
            token.map = [start, last + 1]
            state.line = last + 1
        return True

    options = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", TOKEN, read, options)  # type: ignore[arg-type]
    return parser


def write_directive(kind: str, attributes: Mapping[str, Any], content: str) -> str:
    """Return a directive as text."""
    longest = max((len(match) for match in _LINE.findall(content)), default=2)
    fence = ":" * (longest + 1)
    given = {key: value for key, value in attributes.items() if value is not None}
    opening = f"{fence} {kind}"
    if given:
        opening += f" {json.dumps(given, ensure_ascii=False)}"
    return "\n".join([opening, *([content] if content else []), fence])


def _line(state: StateBlock, number: int) -> str:
    # Only at the margin: inside a list or a quote it is text.
    if state.sCount[number] != 0 or state.blkIndent != 0:
        return ""
    return state.src[state.bMarks[number] : state.eMarks[number]].rstrip()


def _read_attributes(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return {}
    try:
        read: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    return read
