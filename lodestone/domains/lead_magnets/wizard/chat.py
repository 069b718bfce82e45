"""The interviewer without a model: asks about the thinnest answer. Pure."""

import re
from collections.abc import Mapping, Sequence

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.asks import ASIDES
from lodestone.domains.lead_magnets.wizard.models import ChatMessage

_THIN_WORDS = 12
_LACKS = (
    (re.compile(r"\d"), "Which figure could you put to it, even a rough one of your own?"),
    (
        re.compile(r"\b(?:for example|e\.g\.|when|once|last|client|customer)\b", re.IGNORECASE),
        "Can you tell me of one time when that happened?",
    ),
    (
        re.compile(r"\b(?:because|since|so that|reason|otherwise)\b", re.IGNORECASE),
        "Why does it work like that? What would happen without it?",
    ),
    (
        re.compile(r"[“\"']\w|:\s*\w"),
        "What are the exact words that you use? Write them as you would say them.",
    ),
)
_ENOUGH = (
    "That is a good base: there are figures, a case, a reason and your own words. Put it in order"
    " whenever you like."
)


def follow_up(
    archetype: Archetype, answers: Mapping[str, str], conversation: Sequence[ChatMessage]
) -> str:
    """Return the next question: about an answer that is short, else about what all of it lacks."""
    asked = {line.content for line in conversation if line.role == "assistant"}
    for question in archetypes.questions_of(archetype):
        answer = answers.get(question.id, "").strip()
        if answer and len(answer.split()) < _THIN_WORDS:
            name = ASIDES[archetype][question.id].section
            sentence = f"“{name}” is short so far. {question.hint}"
            if sentence not in asked:
                return sentence
    said = " ".join(
        [*answers.values(), *(line.content for line in conversation if line.role == "user")]
    )
    for sign, sentence in _LACKS:
        if not sign.search(said) and sentence not in asked:
            return sentence
    return _ENOUGH
