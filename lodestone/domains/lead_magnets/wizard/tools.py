"""What the three formats that become tools are made of, taken from the answers. Pure.

The result has the shape of the format's finished content, with nothing in it that was not answered;
what it lacks is for the author to add.
"""

import re
from collections.abc import Mapping
from typing import Any

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.models import Concept

CALL_TO_ACTION = {
    Archetype.SINGLE_CALCULATOR: "Work out your own number",
    Archetype.ASSESSMENT: "Find out where you stand",
    Archetype.PROMPT: "Paste the first one and see what comes back",
}
_BULLET = re.compile(r"^\s*(?:[-•*·–]|\d{1,2}[.)])\s*")
_USUAL = re.compile(r"^(?P<label>.+?)\s*\((?P<inside>[^()]*)\)\s*$")
_NUMBER = r"\d{1,6}(?:\.\d{1,4})?"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})\s*(?:to|–|-)\s*(?P<high>{_NUMBER})\s*[:,]?\s*"
    rf"(?P<text>[^\n]+?)(?=\s*{_NUMBER}\s*(?:to|–|-)\s*{_NUMBER}\s*:|\n|$)"
)
_SHORTEST_NUMBER_LABEL = 3


def _lines(text: str) -> list[str]:
    found = (_BULLET.sub("", line).strip() for line in text.splitlines())
    return [line for line in found if line]


def draft_tool(concept: Concept, answers: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the parts of a calculator, assessment or prompts; None for what is read."""
    parts = {
        Archetype.SINGLE_CALCULATOR: _calculator,
        Archetype.ASSESSMENT: _assessment,
        Archetype.PROMPT: _prompts,
    }.get(concept.archetype)
    if parts is None:
        return None
    return {
        "headline": concept.title,
        "problem_statement": concept.pain_solved,
        "call_to_action": CALL_TO_ACTION[concept.archetype],
        **parts(answers),
    }


def list_lacking(archetype: Archetype, tool: Mapping[str, Any]) -> dict[str, str]:
    """Return what the parts still lack, by path."""
    return archetypes.check_draft(archetype, dict(tool))


def _calculator(answers: Mapping[str, str]) -> dict[str, Any]:
    inputs = []
    for line in _lines(answers.get("inputs", "")):
        named = _USUAL.match(line)
        label = named["label"] if named else line
        if len(label) >= _SHORTEST_NUMBER_LABEL:
            given = {"label": label[:300], "type": "number"}
            inputs.append(given | ({"placeholder": named["inside"]} if named else {}))
    return {
        "inputs": inputs,
        "formula_description": answers.get("logic", "").strip(),
        "output_format": answers.get("output", "").strip(),
    }


def _assessment(answers: Mapping[str, str]) -> dict[str, Any]:
    questions = []
    for line in _lines(answers.get("questions", "")):
        named = _USUAL.match(line)
        options = re.split(r"\s*[/|]\s*", named["inside"]) if named else []
        usual = ["Yes", "Partly", "No"]
        kept = [option[:500] for option in options if option]
        questions.append(
            {
                "question": named["label"] if named else line,
                "options": kept if len(kept) > 1 else usual,
            }
        )
    ranges = []
    for found in _RANGE.finditer(answers.get("ranges", "")):
        low, high = sorted((float(found["low"]), float(found["high"])))
        text = found["text"].strip()
        label = text.split(".")[0].split(",")[0][:60]
        ranges.append({"min": low, "max": high, "label": label, "description": text})
    return {
        "questions": questions,
        "scoring_rubric": answers.get("scoring", "").strip(),
        "result_ranges": ranges,
    }


def _prompts(answers: Mapping[str, str]) -> dict[str, Any]:
    texts = [
        block.strip() for block in re.split(r"\n\s*\n", answers.get("prompt", "")) if block.strip()
    ]
    return {
        "prompts": [
            {
                "title": f"Prompt {number}",
                "prompt_text": text,
                "example_output": answers.get("examples", "").strip(),
                "when_to_use": answers.get("task", "").strip(),
            }
            for number, text in enumerate(texts, start=1)
        ]
    }
