"""Pure rules of imports: which format a text looks like, and what stands on a calculator's page."""

import re
from collections.abc import Callable

from lodestone.domains.lead_magnets.imports.models import WIDEST
from lodestone.domains.lead_magnets.interactive.models import CalculatorConfig, CalculatorInput
from lodestone.domains.lead_magnets.models import Archetype

_LINK = re.compile(r"\]\(https?://")
_QUESTION = re.compile(r"\?\s*$", re.MULTILINE)
_STEP = re.compile(r"^(?:#+\s*|\d+\.\s*)(?:step|phase|stage)\b", re.IGNORECASE | re.MULTILINE)
_LESSON = re.compile(r"^#+\s*(?:lesson|module|exercise|day)\b", re.IGNORECASE | re.MULTILINE)
_PROMPT = re.compile(r"\bprompts?\b|\bchatgpt\b|\bclaude\b", re.IGNORECASE)
_AUTOMATION = re.compile(r"\b(?:zapier|n8n|trigger|automation|workflow|webhook)s?\b", re.IGNORECASE)
_STORY = re.compile(r"\b(?:I|we|my|our)\b")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s", re.MULTILINE)


def guess_archetype(text: str) -> Archetype:
    """Return the format that a text looks like; a person has the last word."""
    words = max(1, len(text.split()))

    def often(pattern: re.Pattern[str], per_thousand: float, least: int = 3) -> bool:
        times = len(pattern.findall(text))
        return times >= least and times * 1000 / words >= per_thousand

    signs: tuple[tuple[Archetype, Callable[[], bool]], ...] = (
        (Archetype.ASSESSMENT, lambda: "score" in text.lower() and often(_QUESTION, 15, 5)),
        (Archetype.PROMPT, lambda: often(_PROMPT, 6)),
        (Archetype.WORKFLOW, lambda: often(_AUTOMATION, 6)),
        (Archetype.MINI_TRAINING, lambda: often(_LESSON, 1, 2)),
        (Archetype.FOCUSED_DIRECTORY, lambda: often(_LINK, 12, 5)),
        (Archetype.SINGLE_SYSTEM, lambda: often(_STEP, 1, 2)),
        (Archetype.ONE_STORY, lambda: often(_STORY, 45, 12) and not often(_ITEM, 10)),
        (Archetype.FOCUSED_TOOLKIT, lambda: often(_ITEM, 8)),
    )
    return next((kind for kind, fits in signs if fits()), Archetype.SINGLE_BREAKDOWN)


def describe_calculator(config: CalculatorConfig) -> str:
    """Return what a reader of a calculator's page learns: what to enter, how it is worked out."""
    rows = "\n".join(
        f"| {one.label.replace('|', '/')} | {_example(one)} |" for one in config.inputs
    )
    formula = config.formula
    for one in sorted(config.inputs, key=lambda each: -len(each.id)):
        formula = re.sub(rf"\b{re.escape(one.id)}\b", one.label, formula)
    formula = formula.replace(" * ", " × ").replace(" / ", " ÷ ").replace(" - ", " − ")
    return (
        f"{config.description or config.headline}\n\n"
        f"## What you need\n\n| What you enter | Example |\n| --- | --- |\n{rows}\n\n"
        f"## How it is worked out\n\n```\n{config.result_label} = {formula}\n```"
    )


def range_of_all(label: str) -> list[dict[str, object]]:
    """Return one range that every result is in, for an author to divide."""
    return [
        {
            "range": [-WIDEST, WIDEST],
            "label": label,
            "description": "What your numbers come to.",
            "color": "green",
        }
    ]


def _example(one: CalculatorInput) -> str:
    if one.default_value is None:
        return one.placeholder or ""
    number = f"{one.default_value:g}"
    unit = one.unit or ""
    return f"{unit}{number}" if unit in {"$", "€", "£"} else f"{number}{unit}"
