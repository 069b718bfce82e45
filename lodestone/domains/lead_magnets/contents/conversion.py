"""From what was told, or a draft in its format, to blocks; every word is kept, none is added
but the labels of what has a place of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lodestone.domains.lead_magnets.contents.models import (
    ContentItem,
    ExtractedContent,
    ExtractedSection,
)
from lodestone.domains.lead_magnets.models import (
    Archetype,
    Block,
    BlockType,
    ContentMetadata,
    PolishedContent,
    Section,
)

_UNMEASURED = ContentMetadata(word_count=0, reading_time_minutes=1)
_LONG_POINT = 160  # characters: longer points read better as paragraphs than in a list
_FIGURE = re.compile(
    r"(?P<figure>[+−-]?(?:[$€£]\s?)?\d[\d,.]*(?:\s?(?:%|×|x|k|K|M|€|h)(?!\w))?)\s+(?P<rest>\S.*)",
    re.DOTALL,
)


def from_extracted(extracted: ExtractedContent, *, title: str) -> PolishedContent:
    """Return what the author said as blocks, in the author's order."""
    sections = [_extracted_section(section) for section in extracted.structure]
    closing = list(_closing_blocks(extracted))
    if closing:
        sections.append(Section(id="", section_name="Before you go", blocks=closing))
    return _finished(title, extracted.differentiation, sections)


def from_generated(
    generated: Mapping[str, Any], *, archetype: Archetype, title: str
) -> PolishedContent:
    """Return a draft in the shape of its format as blocks; what it lacks is left out."""
    problem = _string(generated, "problem_statement")
    first = [_paragraph(problem)] if problem else []
    first += [_figure_or_line(point) for point in _strings(generated, "proof_points")]
    sections = [Section(id="", section_name="Why this matters", blocks=first)] if first else []
    sections += _BODIES[archetype](generated)
    action = _string(generated, "call_to_action")
    if action:
        block = Block(type=BlockType.CALLOUT, style="success", content=action)
        sections.append(Section(id="", section_name="Your next step", blocks=[block]))
    summary = _string(generated, "subheadline") or problem
    if problem and summary == problem:
        first.pop(0)
    return _finished(
        _string(generated, "headline") or title,
        summary,
        [section for section in sections if section.blocks or section.introduction],
    )


def _finished(title: str, summary: str, sections: list[Section]) -> PolishedContent:
    for number, section in enumerate(sections, start=1):
        section.id = f"section-{number}"
    return PolishedContent(
        title=title, hero_summary=summary, sections=sections, metadata=_UNMEASURED
    )


def _extracted_section(section: ExtractedSection) -> Section:
    blocks: list[Block] = []
    points: list[str] = []
    number = 0

    def end_list() -> None:
        if len(points) == 1:
            blocks.append(_paragraph(points[0]))
        elif points:
            blocks.append(_list(points))
        points.clear()

    for content in section.contents:
        if isinstance(content, ContentItem):
            end_list()
            number += 1
            blocks.append(_numbered(number, content))
        elif len(content) > _LONG_POINT or "\n" in content:
            end_list()
            blocks.append(_paragraph(content))
        elif content:
            points.append(content)
    end_list()
    return Section(
        id="",
        section_name=section.section_name,
        introduction=section.introduction,
        blocks=blocks,
        key_takeaway=section.key_takeaway,
    )


def _closing_blocks(extracted: ExtractedContent) -> Iterator[Block]:
    if extracted.proof:
        yield _figure_or_line(extracted.proof)
    if extracted.non_obvious_insight:
        yield Block(
            type=BlockType.CALLOUT,
            style="info",
            title="What most people miss",
            content=extracted.non_obvious_insight,
        )
    if extracted.personal_experience:
        yield Block(type=BlockType.QUOTE, content=extracted.personal_experience)
    if extracted.common_mistakes:
        yield Block(
            type=BlockType.CALLOUT,
            style="warning",
            title="Common mistakes",
            content=_list(extracted.common_mistakes).content,
        )


def _numbered(number: int, item: ContentItem) -> Block:
    return Block(
        type=BlockType.NUMBERED_ITEM,
        number=number,
        title=item.headline,
        content=item.summary or item.detail,
        detail=item.detail if item.summary and item.detail else None,
    )


def _paragraph(text: str) -> Block:
    return Block(type=BlockType.PARAGRAPH, content=text)


def _list(points: list[str]) -> Block:
    lines = (" ".join(point.split("\n")) for point in points if point)
    return Block(type=BlockType.LIST, content="\n".join(f"- {line}" for line in lines))


def _figure_or_line(text: str) -> Block:
    """Return a card for a text that begins with a figure, a quote for any other."""
    found = _FIGURE.fullmatch(text)
    if found is None:
        return Block(type=BlockType.QUOTE, content=text)
    return Block(type=BlockType.STAT_CARD, title=found["figure"], content=found["rest"])


def _string(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value.strip() if isinstance(value, str) else ""


def _strings(given: Mapping[str, Any], key: str) -> list[str]:
    value = given.get(key)
    if not isinstance(value, list):
        return []
    return [item.strip() for item in value if isinstance(item, str) and item.strip()]


def _entries(given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = given.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _parts(generated: Mapping[str, Any]) -> list[Section]:
    """One section for each part of a breakdown or a system."""
    sections = []
    for entry in _entries(generated, "sections"):
        connects = _string(entry, "how_it_connects")
        blocks = [_paragraph(text) for text in _string(entry, "body").split("\n\n") if text]
        if connects:
            blocks.append(Block(type=BlockType.CALLOUT, style="info", content=connects))
        sections.append(
            Section(
                id="",
                section_name=_string(entry, "title") or _string(entry, "component_name"),
                introduction=_named(_string(entry, "component_name")),
                blocks=blocks,
                key_takeaway=_string(entry, "key_insight"),
            )
        )
    return sections


def _named(component: str) -> str:
    return f"**{component}**" if component else ""


def _tools(generated: Mapping[str, Any]) -> list[Section]:
    blocks = [
        Block(
            type=BlockType.NUMBERED_ITEM,
            number=number,
            title=_string(tool, "name"),
            content=_string(tool, "description"),
            detail=_string(tool, "use_case") or None,
        )
        for number, tool in enumerate(_entries(generated, "tools"), start=1)
    ]
    return [Section(id="", section_name="The toolkit", blocks=blocks)]


def _calculator(generated: Mapping[str, Any]) -> list[Section]:
    rows = [
        [_string(entry, "label"), _string(entry, "type"), _string(entry, "placeholder")]
        for entry in _entries(generated, "inputs")
    ]
    table = Block(type=BlockType.TABLE, headers=["What you enter", "Kind", "Example"], rows=rows)
    texts = [_string(generated, key) for key in ("formula_description", "output_format")]
    worked = [_paragraph(text) for text in texts if text]
    return [
        Section(id="", section_name="What you need", blocks=[table] if rows else []),
        Section(id="", section_name="How it is worked out", blocks=worked),
    ]


def _directory(generated: Mapping[str, Any]) -> list[Section]:
    by_category: dict[str, list[Block]] = {}
    for entry in _entries(generated, "resources"):
        card = Block(
            type=BlockType.RESOURCE_CARD,
            title=_string(entry, "name"),
            url=_string(entry, "url") or None,
            content=_string(entry, "description"),
        )
        by_category.setdefault(_string(entry, "category") or "The list", []).append(card)
    return [
        Section(id="", section_name=category, blocks=blocks)
        for category, blocks in by_category.items()
    ]


def _lessons(generated: Mapping[str, Any]) -> list[Section]:
    sections = []
    for entry in _entries(generated, "lessons"):
        blocks = [_paragraph(text) for text in _string(entry, "content").split("\n\n") if text]
        exercise = _string(entry, "exercise")
        if exercise:
            blocks.append(
                Block(type=BlockType.CALLOUT, style="success", title="Exercise", content=exercise)
            )
        sections.append(
            Section(
                id="",
                section_name=_string(entry, "title"),
                introduction=_string(entry, "objective"),
                blocks=blocks,
            )
        )
    return sections


def _story(generated: Mapping[str, Any]) -> list[Section]:
    hook, lesson = _string(generated, "story_hook"), _string(generated, "lesson")
    told = [Block(type=BlockType.QUOTE, content=hook)] if hook else []
    told += [_paragraph(text) for text in _string(generated, "narrative").split("\n\n") if text]
    learned = Section(
        id="",
        section_name="The lesson",
        blocks=[_paragraph(lesson)] if lesson else [],
        key_takeaway=_string(generated, "takeaway"),
    )
    return [Section(id="", section_name="The story", blocks=told), learned]


def _prompts(generated: Mapping[str, Any]) -> list[Section]:
    sections = []
    for entry in _entries(generated, "prompts"):
        blocks = [
            Block(type=BlockType.CODE, language="prompt", content=_string(entry, "prompt_text"))
        ]
        example = _string(entry, "example_output")
        if example:
            blocks.append(Block(type=BlockType.ACCORDION, title="What comes out", content=example))
        sections.append(
            Section(
                id="",
                section_name=_string(entry, "title"),
                introduction=_string(entry, "when_to_use"),
                blocks=blocks,
            )
        )
    return sections


def _assessment(generated: Mapping[str, Any]) -> list[Section]:
    asked = [
        Block(
            type=BlockType.NUMBERED_ITEM,
            number=number,
            title=_string(entry, "question"),
            content=_list(_strings(entry, "options")).content,
        )
        for number, entry in enumerate(_entries(generated, "questions"), start=1)
    ]
    scored = [_paragraph(text) for text in [_string(generated, "scoring_rubric")] if text]
    rows = [
        [
            f"{entry.get('min', 0):g} to {entry.get('max', 0):g}",
            _string(entry, "label"),
            _string(entry, "description"),
        ]
        for entry in _entries(generated, "result_ranges")
    ]
    if rows:
        headers = ["Score", "Where you stand", "What it means"]
        scored.append(Block(type=BlockType.TABLE, headers=headers, rows=rows))
    return [
        Section(id="", section_name="The questions", blocks=asked),
        Section(id="", section_name="Your score", blocks=scored),
    ]


def _workflow(generated: Mapping[str, Any]) -> list[Section]:
    blocks = [
        Block(
            type=BlockType.NUMBERED_ITEM,
            number=number,
            title=_string(step, "trigger"),
            category=_string(step, "tool") or None,
            content=_string(step, "action"),
            detail=_string(step, "output") or None,
        )
        for number, step in enumerate(_entries(generated, "steps"), start=1)
    ]
    return [Section(id="", section_name="Step by step", blocks=blocks)]


_BODIES: dict[Archetype, Callable[[Mapping[str, Any]], list[Section]]] = {
    Archetype.SINGLE_BREAKDOWN: _parts,
    Archetype.SINGLE_SYSTEM: _parts,
    Archetype.FOCUSED_TOOLKIT: _tools,
    Archetype.SINGLE_CALCULATOR: _calculator,
    Archetype.FOCUSED_DIRECTORY: _directory,
    Archetype.MINI_TRAINING: _lessons,
    Archetype.ONE_STORY: _story,
    Archetype.PROMPT: _prompts,
    Archetype.ASSESSMENT: _assessment,
    Archetype.WORKFLOW: _workflow,
}
