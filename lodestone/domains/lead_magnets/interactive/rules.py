"""What a calculator works out and an assessment scores; figures as people read them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.domains.lead_magnets.archetypes.service import InteractiveType
from lodestone.domains.lead_magnets.interactive import formulas
from lodestone.domains.lead_magnets.interactive.models import (
    AssessmentConfig,
    AssessmentQuestion,
    CalculatorConfig,
    CalculatorInput,
    ChatConfig,
    ScoreRange,
    Tool,
    Verdict,
)
from lodestone.platform.errors import InvalidInput

NO_FIGURE = "--"
MODELS: Mapping[InteractiveType, type[Tool]] = {
    InteractiveType.CALCULATOR: CalculatorConfig,
    InteractiveType.ASSESSMENT: AssessmentConfig,
    InteractiveType.GPT: ChatConfig,
}

Given = Mapping[str, Sequence[str]]
"""What a visitor entered, by the id of the input or question."""


def read_tool(kind: InteractiveType, stored: dict[str, Any]) -> Tool:
    """Return a stored tool. Raises pydantic's ValidationError when it is none of its kind."""
    return MODELS[kind].model_validate({name: stored[name] for name in stored if name != "type"})


def calculate(config: CalculatorConfig, given: Given) -> Verdict:
    """Return the result for what was entered. Raises InvalidInput naming each wrong input."""
    wrong: dict[str, str] = {}
    values: dict[str, float] = {}
    for one in config.inputs:
        try:
            values[one.id] = _number(one, given.get(one.id, ()))
        except ValueError as error:
            wrong[one.id] = str(error)
    if wrong:
        raise InvalidInput("Some of this can't be calculated with.", fields=wrong)
    result = formulas.work_out(formulas.read(config.formula), values)
    figure = show_figure(result, config.result_format)
    meant = next((one for one in config.result_interpretation if _within(result, one.range)), None)
    if meant is None:
        return Verdict(figure)
    return Verdict(figure, meant.label, meant.description, meant.color)


def show_figure(value: float | None, form: str) -> str:
    """Return a result as text: two decimals at most, whole dollars, or one decimal of a percent."""
    if value is None or not math.isfinite(value):
        return NO_FIGURE
    if form == "currency":
        sign = "-" if round(value) < 0 else ""
        return f"{sign}${abs(round(value)):,}"
    if form == "percentage":
        return f"{value:,.1f}%"
    return _plain(value)


def _plain(value: float) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def score(config: AssessmentConfig, given: Given) -> Verdict:
    """Return the verdict on a test that was taken. Raises InvalidInput by open question."""
    wrong: dict[str, str] = {}
    total = 0.0
    for one in config.questions:
        try:
            total += _points(one, given.get(one.id, ()))
        except ValueError as error:
            wrong[one.id] = str(error)
    if wrong:
        raise InvalidInput("Some questions are open.", fields=wrong)
    least, most = _extent(config.questions)
    share = (total - least) / (most - least) if most > least else 1.0
    if config.scoring.method == "average":
        total /= len(config.questions)
    meant = _range_of(config, total)
    return Verdict(
        _plain(total),
        meant.label,
        meant.description,
        recommendations=tuple(meant.recommendations),
        share=share,
    )


def _range_of(config: AssessmentConfig, total: float) -> ScoreRange:
    """Return the range of a score; one between two ranges belongs to the lower."""
    reached = [one for one in config.scoring.ranges if one.min <= total]
    if not reached:
        return min(config.scoring.ranges, key=lambda one: one.min)
    return max(reached, key=lambda one: one.min)


def _extent(questions: Sequence[AssessmentQuestion]) -> tuple[float, float]:
    least = most = 0.0
    for one in questions:
        values = [option.value for option in one.options or ()]
        if one.type == "scale":
            least += one.scale_min or 0
            most += one.scale_max or 0
        elif one.type == "single_choice":
            least += min(values)
            most += max(values)
        else:
            least += sum(value for value in values if value < 0)
            most += sum(value for value in values if value > 0)
    return least, most


def _number(one: CalculatorInput, given: Sequence[str]) -> float:
    text = (given[0] if given else "").replace(",", "").strip()
    if not text:
        if one.default_value is None:
            raise ValueError("Enter a number.")
        return one.default_value
    try:
        value = float(text)
    except ValueError:
        raise ValueError("This is not a number.") from None
    if not math.isfinite(value):
        raise ValueError("This is not a number.")
    if one.type == "select" and value not in {option.value for option in one.options or ()}:
        raise ValueError("Choose one of the answers.")
    if one.min is not None and value < one.min:
        raise ValueError(f"At least {_plain(one.min)}.")
    if one.max is not None and value > one.max:
        raise ValueError(f"At most {_plain(one.max)}.")
    return value


def _points(one: AssessmentQuestion, given: Sequence[str]) -> float:
    """Return what the chosen answers count; choices come as their places in the list."""
    if one.type == "scale":
        if not given or not given[0].isdecimal():
            raise ValueError("Choose a step.")
        step = int(given[0])
        if not (one.scale_min or 0) <= step <= (one.scale_max or 0):
            raise ValueError("Choose a step of the scale.")
        return float(step)
    options = one.options or []
    if not given and one.type == "single_choice":
        raise ValueError("Choose an answer.")
    places = set(given) if one.type == "multiple_choice" else {given[0]}
    if not all(place.isdecimal() and int(place) < len(options) for place in places):
        raise ValueError("Choose one of the answers.")
    return sum(options[int(place)].value for place in places)


def _within(value: float | None, span: tuple[float, float]) -> bool:
    return value is not None and span[0] <= value <= span[1]
