"""Answers put in order without a model: every word is kept, none is added but headings. Pure."""

import re
from collections.abc import Mapping, Sequence

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.contents.models import (
    ContentItem,
    ExtractedContent,
    ExtractedSection,
)
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.asks import ASIDES
from lodestone.domains.lead_magnets.wizard.models import AskedQuestion, ChatMessage, Concept

_BULLET = re.compile(r"^\s*(?:[-•*·–→]|\d{1,2}[.)]|step\s+\d+\s*[:.)-])\s*", re.IGNORECASE)
_NAMED = re.compile(r"^(?P<head>[^:–—]{2,60}?)\s*(?::|\s[–—-]\s)\s*(?P<rest>\S.*)$")

# Where an answer is the closing part of the content, and not a section of it.
_INSIGHT = frozenset({"insight", "technique", "turningPoint"})
_EXPERIENCE = frozenset({"experience", "testing"})
_PROOF = frozenset({"results", "after", "timeSaved", "benchmarks"})
_MISTAKES = frozenset({"pitfalls", "mistakes", "troubleshooting"})
_DIFFERENT = frozenset({"differentiation"})


def keep_wording(
    standard: Sequence[AskedQuestion], reworded: Sequence[AskedQuestion]
) -> list[AskedQuestion]:
    """Return the reworded questions if ids, order, number and what is required are the same.

    Else the standard ones: answers are stored by id, and what is needed is not a model's to say.
    """
    is_same = [(q.id, q.required) for q in standard] == [(q.id, q.required) for q in reworded]
    is_said = all(len(" ".join(q.question.split())) >= 10 for q in reworded)
    return list(reworded if is_same and is_said else standard)


def standard_questions(archetype: Archetype) -> list[AskedQuestion]:
    """Return a format's questions in their standard wording."""
    return [
        AskedQuestion(id=each.id, question=each.text, required=each.required)
        for each in archetypes.questions_of(archetype)
    ]


def put_in_order(
    concept: Concept, answers: Mapping[str, str], chat: Sequence[ChatMessage] = ()
) -> ExtractedContent:
    """Return the answers as sections in the format's order; what the chat brought comes last."""
    parts: dict[str, list[str]] = {name: [] for name in ("insight", "experience", "proof", "other")}
    mistakes: list[str] = []
    sections = []
    for question in archetypes.questions_of(concept.archetype):
        answer = answers.get(question.id, "").strip()
        if not answer:
            continue
        if question.id in _INSIGHT and "\n" not in answer:
            parts["insight"].append(answer)
        elif question.id in _EXPERIENCE and "\n" not in answer:
            parts["experience"].append(answer)
        elif question.id in _PROOF and "\n" not in answer:
            parts["proof"].append(answer)
        elif question.id in _MISTAKES:
            mistakes.extend(_points(answer))
        elif question.id in _DIFFERENT and "\n" not in answer:
            parts["other"].append(answer)
        else:
            sections.append(_section(concept.archetype, question.id, answer))
    said = [each.content.strip() for each in chat if each.role == "user" and each.content.strip()]
    if said:
        sections.append(ExtractedSection(section_name="More from practice", contents=[*said]))
    if not sections:
        sections = [ExtractedSection(section_name=concept.title, introduction=concept.pain_solved)]
    return ExtractedContent(
        title=concept.title,
        format=concept.delivery_format or archetypes.name_of(concept.archetype),
        structure=sections,
        non_obvious_insight="\n\n".join(parts["insight"]),
        personal_experience="\n\n".join(parts["experience"]),
        proof="\n\n".join(parts["proof"]),
        common_mistakes=mistakes[:50],
        differentiation="\n\n".join(parts["other"]),
    )


def _section(archetype: Archetype, question_id: str, answer: str) -> ExtractedSection:
    lines = [line for line in answer.splitlines() if line.strip()]
    listed = [line for line in lines if _BULLET.match(line)]
    introduction = ""
    # A first line that leads into a list, or a paragraph before others, opens the section.
    if len(lines) > 1 and not _BULLET.match(lines[0]) and (listed or len(lines[0]) > 80):
        introduction, lines = lines[0].strip(), lines[1:]
    return ExtractedSection(
        section_name=ASIDES[archetype][question_id].section,
        introduction=introduction,
        contents=[_content(line) for line in lines],
    )


def _content(line: str) -> str | ContentItem:
    text = _BULLET.sub("", line).strip() or line.strip()
    named = _NAMED.match(text)
    if named and not named["head"].lower().startswith(("http", "https")):
        return ContentItem(headline=named["head"].strip(), summary=named["rest"].strip())
    return text


def _points(answer: str) -> list[str]:
    lines = [_BULLET.sub("", line).strip() for line in answer.splitlines()]
    return [line for line in lines if line]


def write_section(section: ExtractedSection) -> str:
    """Return a section's contents as the text of its editor; `read_contents` reads it back."""
    return "\n\n".join(
        f"**{each.headline}** {each.summary}".strip() + (f"\n{each.detail}" if each.detail else "")
        if isinstance(each, ContentItem)
        else each
        for each in section.contents
    )


def read_contents(text: str) -> list[str | ContentItem]:
    """Return the contents that an editor's text stands for: blocks between blank lines.

    A block that begins with a name in two asterisks is a point with a headline.
    """
    found: list[str | ContentItem] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        named = re.match(r"\*\*(.+?)\*\*[ \t]*([^\n]*)\n?([\s\S]*)", block)
        if named:
            found.append(
                ContentItem(
                    headline=named[1].strip(), summary=named[2].strip(), detail=named[3].strip()
                )
            )
        elif block.strip():
            found.append(block.strip())
    return found


def beside(
    question_id: str, *, kit: Mapping[str, Sequence[str]], heard: Sequence[str]
) -> list[str]:
    """Return lines of the author's own that may answer a question, at most four."""
    sources = _BESIDE.get(question_id, ())
    lines = [line for name in sources for line in kit.get(name, ())]
    if question_id in _HEARD:
        lines += heard
    return list(dict.fromkeys(lines))[:4]


_BESIDE: Mapping[str, tuple[str, ...]] = {
    "example": ("results",),
    "results": ("results", "credibility_markers"),
    "testing": ("results", "credibility_markers"),
    "after": ("results",),
    "before": ("urgent_pains",),
    "timeSaved": ("results",),
    "benchmarks": ("credibility_markers",),
    "steps": ("processes",),
    "walkthrough": ("processes",),
    "chunks": ("processes",),
    "journey": ("processes",),
    "outcome": ("results", "processes"),
    "templates": ("templates",),
    "content": ("templates",),
    "items": ("templates", "tools"),
    "prompt": ("templates",),
    "setup": ("tools", "audience_tools"),
    "customization": ("audience_tools",),
    "pitfalls": ("urgent_pains",),
    "mistakes": ("urgent_pains",),
    "need": ("urgent_pains",),
    "useCase": ("urgent_pains",),
    "task": ("urgent_pains",),
    "skill": ("urgent_pains", "processes"),
    "purpose": ("urgent_pains", "processes"),
    "question": ("frequent_questions",),
    "questions": ("frequent_questions",),
    "evaluates": ("urgent_pains",),
    "experience": ("credibility_markers", "results"),
    "summary": ("results",),
}
_HEARD = frozenset({"pitfalls", "mistakes", "need", "useCase", "before", "question", "questions"})
