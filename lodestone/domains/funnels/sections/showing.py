"""Sections as visitors see them: what can be shown of what is stored, above and below the form."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lodestone.domains.funnels.sections.models import (
    FOLD,
    Config,
    Location,
    MarketingBlock,
    SectionType,
    StoredSection,
)
from lodestone.domains.funnels.sections.rules import read_config

_QUESTION = re.compile(r"\*\*(.+?)\*\*\s*\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as its template gets it: its configuration `c` and, for texts, their parts."""

    type: SectionType
    c: Config
    paragraphs: tuple[str, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Arranged:
    """What stands on a page, above and below its form, video or content."""

    above: tuple[Shown, ...] = ()
    below: tuple[Shown, ...] = ()
    types: frozenset[SectionType] = field(default_factory=frozenset)

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """Return every question that the page answers, for search engines."""
        return tuple(pair for shown in (*self.above, *self.below) for pair in shown.questions)


def arrange(sections: Iterable[StoredSection], location: Location) -> Arranged:
    """Return what is shown of a page's sections; what has the shape of no type is left out."""
    above: list[Shown] = []
    below: list[Shown] = []
    for section in sections:
        if section.page_location != location or not section.is_visible or section.is_placeholder:
            continue
        config = read_config(section.section_type, section.config)
        if config is not None:
            shown = _show(SectionType(section.section_type), config)
            (above if section.sort_order < FOLD else below).append(shown)
    types = frozenset(shown.type for shown in (*above, *below))
    return Arranged(tuple(above), tuple(below), types)


def _show(section_type: SectionType, config: Config) -> Shown:
    if not isinstance(config, MarketingBlock) or not config.content:
        return Shown(section_type, config)
    if config.block_type == "faq":
        return Shown(section_type, config, questions=read_questions(config.content))
    return Shown(section_type, config, paragraphs=split_paragraphs(config.content))


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text: empty lines stand between them."""
    return tuple(part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())


def read_questions(text: str) -> tuple[tuple[str, str], ...]:
    """Return questions with their answers.

    The text is JSON, `{"items": [{"question", "answer"}]}`, or each question between double stars
    with its answer below.
    """
    if text.lstrip().startswith("{"):
        try:
            items = json.loads(text)["items"]
            return tuple((str(item["question"]), str(item["answer"])) for item in items)
        except (ValueError, KeyError, TypeError):
            return ()
    parts = _QUESTION.split(text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple((ask.strip(), answer.strip()) for ask, answer in pairs if answer.strip())
