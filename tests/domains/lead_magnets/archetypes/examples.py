"""Content of each format that is just long enough, and where it is cut to fall short."""

from typing import Any

from lodestone.domains.lead_magnets.models import Archetype

FRAME = {
    "headline": "h" * 10,
    "problem_statement": "p" * 20,
    "call_to_action": "c" * 5,
}
_SECTION = {"title": "t" * 3, "body": "b" * 50}
_PART = {**_SECTION, "component_name": "nn", "how_it_connects": "h" * 10}
_TOOL = {"name": "nn", "description": "d" * 20, "use_case": "u" * 10}
_RESOURCE = {
    "name": "nn",
    "url": "https://example.com",
    "description": "d" * 15,
    "category": "cc",
}
_LESSON = {"title": "t" * 3, "objective": "o" * 10, "content": "c" * 50, "exercise": "e" * 10}
_PROMPT = {
    "title": "t" * 3,
    "prompt_text": "p" * 20,
    "example_output": "e" * 10,
    "when_to_use": "w" * 10,
}
_QUESTION = {"question": "q" * 10, "options": ["a", "b"]}
_STEP = {"trigger": "t" * 3, "action": "a" * 10, "tool": "tt", "output": "o" * 5}

SHORTEST: dict[Archetype, dict[str, Any]] = {
    Archetype.SINGLE_BREAKDOWN: {"sections": [_SECTION] * 3},
    Archetype.SINGLE_SYSTEM: {"sections": [_PART] * 3},
    Archetype.FOCUSED_TOOLKIT: {"tools": [_TOOL] * 3},
    Archetype.SINGLE_CALCULATOR: {
        "inputs": [{"label": "l" * 3, "type": "tt"}],
        "formula_description": "f" * 20,
        "output_format": "o" * 10,
    },
    Archetype.FOCUSED_DIRECTORY: {"resources": [_RESOURCE] * 5},
    Archetype.MINI_TRAINING: {"lessons": [_LESSON] * 2},
    Archetype.ONE_STORY: {
        "story_hook": "h" * 20,
        "narrative": "n" * 200,
        "lesson": "l" * 20,
        "takeaway": "t" * 20,
    },
    Archetype.PROMPT: {"prompts": [_PROMPT] * 3},
    Archetype.ASSESSMENT: {
        "questions": [_QUESTION] * 5,
        "scoring_rubric": "s" * 20,
        "result_ranges": [{"min": 0, "max": 5, "label": "ll", "description": "d" * 20}],
    },
    Archetype.WORKFLOW: {"steps": [_STEP] * 3},
}
"""What each format adds to the frame, at its least."""


def shortest(archetype: Archetype) -> dict[str, Any]:
    """Return the least content that can be published in a format."""
    return {**FRAME, **SHORTEST[archetype]}


def shortened(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str, Any]]:
    """Return each way to cut one text or list by one, with the path that is then too short."""
    found: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [(where, {**value, key: cut}) for where, cut in shortened(inner, (*path, key))]
    elif isinstance(value, list):
        found.append((".".join(map(str, path)), value[:-1]))
        found += [(where, [cut, *value[1:]]) for where, cut in shortened(value[0], (*path, 0))]
    elif isinstance(value, str) and "://" not in value:
        found.append((".".join(map(str, path)), f" {value[:-1]} "))
    return found
