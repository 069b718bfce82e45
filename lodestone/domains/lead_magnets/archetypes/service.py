"""The door to the formats: look one up, find what is unanswered, check finished content."""

from typing import Any

from pydantic import ValidationError

from lodestone.domains.lead_magnets.archetypes.catalogue import ARCHETYPES
from lodestone.domains.lead_magnets.archetypes.models import (
    Answers,
    ArchetypeInfo,
    Guidance,
    InteractiveType,
    PublishedContent,
    Question,
)
from lodestone.domains.lead_magnets.checking import UNFINISHED, check, name_failures
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.platform.errors import InvalidInput

__all__ = [
    "ARCHETYPES",
    "Answers",
    "ArchetypeInfo",
    "Guidance",
    "InteractiveType",
    "PublishedContent",
    "Question",
    "check_content",
    "check_draft",
    "guidance_of",
    "guidance_text",
    "interactive_of",
    "list_unanswered",
    "model_of",
    "name_of",
    "questions_of",
]


def name_of(archetype: Archetype) -> str:
    """Return the display name, such as "The Single Breakdown"."""
    return ARCHETYPES[archetype].name


def questions_of(archetype: Archetype) -> tuple[Question, ...]:
    """Return what the author is asked, in order."""
    return ARCHETYPES[archetype].questions


def model_of(archetype: Archetype) -> type[PublishedContent]:
    """Return the model that finished content must meet."""
    return ARCHETYPES[archetype].content


def guidance_of(archetype: Archetype) -> Guidance:
    """Return how to write in this format."""
    return ARCHETYPES[archetype].guidance


def guidance_text(archetype: Archetype) -> str:
    """Return the guidance as text for a prompt."""
    guidance = guidance_of(archetype)
    parts = (
        ("Structure", guidance.structure),
        ("Signs of quality", guidance.quality),
        ("Common mistakes", guidance.mistakes),
    )
    return "\n\n".join(
        f"{heading}:\n" + "\n".join(f"- {line}" for line in lines) for heading, lines in parts
    )


def interactive_of(archetype: Archetype) -> InteractiveType | None:
    """Return the tool that a magnet of this format becomes, None for those that are read."""
    return ARCHETYPES[archetype].interactive


def list_unanswered(archetype: Archetype, answers: Answers) -> list[Question]:
    """Return the required questions without an answer, in order."""
    return [
        question
        for question in questions_of(archetype)
        if question.required and not answers.get(question.id, "").strip()
    ]


def check_content(archetype: Archetype, given: Any) -> PublishedContent:
    """Return finished content, checked.

    Raises InvalidInput that names every failing path, such as `sections.0.body`.
    """
    return check(model_of(archetype), given, message="This content is not finished yet.")


def check_draft(archetype: Archetype, given: Any) -> dict[str, str]:
    """Return what a draft still lacks, by path; nothing when it can be published.

    Raises InvalidInput for what no longer writing would mend: a wrong type, an unknown field.
    """
    try:
        model_of(archetype).model_validate(given)
    except ValidationError as error:
        lacking = name_failures(error, among=UNFINISHED)
        malformed = {
            path: sentence for path, sentence in name_failures(error).items() if path not in lacking
        }
        if malformed:
            message = "This does not fit the format."
            raise InvalidInput(message, fields=malformed) from error
        return lacking
    return {}
