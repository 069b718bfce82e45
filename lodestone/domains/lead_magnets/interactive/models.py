"""The three tools as `lead_magnets.interactive_config` holds them, and what they answer."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from lodestone.domains.lead_magnets.interactive import formulas

MOST_INPUTS = 12
MOST_QUESTIONS = 30
MOST_MESSAGE = 10_000

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-zA-Z0-9]{0,63}$")]


class Shape(BaseModel):
    """A part of a stored tool, in camel case; what it does not know is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", str_strip_whitespace=True
    )

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Option(Shape):
    """One of the answers to choose from, and what it counts."""

    label: Label
    value: float


class CalculatorInput(Shape):
    """One value that a visitor enters."""

    id: Identifier
    label: Label
    type: Literal["number", "select", "slider"] = "number"
    placeholder: str | None = None
    options: Annotated[list[Option], Field(max_length=50)] | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    default_value: float | None = None
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if self.type == "select" and not self.options:
            raise ValueError("A choice needs options")
        if self.type == "slider" and (self.min is None or self.max is None):
            raise ValueError("A slider needs its two ends")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("The lower end has to be below the upper one")
        return self


class ResultRange(Shape):
    """What a result from `range[0]` to `range[1]` means."""

    range: tuple[float, float]
    label: Label
    description: Note
    color: Literal["green", "yellow", "red"] = "green"


def _check_formula(value: str) -> str:
    formulas.read(value)
    return value


class CalculatorConfig(Shape):
    """A calculator: a number that answers one question."""

    headline: Label
    description: Note = ""
    inputs: Annotated[list[CalculatorInput], Field(min_length=1, max_length=MOST_INPUTS)]
    formula: Annotated[
        str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_check_formula)
    ]
    result_label: Label
    result_format: Literal["number", "currency", "percentage"] = "number"
    result_interpretation: Annotated[list[ResultRange], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        known = _unique([one.id for one in self.inputs], "inputs")
        unknown = formulas.names_in(formulas.read(self.formula)) - known
        if unknown:
            raise ValueError(f"There is no input called {', '.join(sorted(unknown))}")
        return self


class ScaleLabels(Shape):
    """What the two ends of a scale mean."""

    min: Annotated[str, StringConstraints(max_length=80)] = ""
    max: Annotated[str, StringConstraints(max_length=80)] = ""


class AssessmentQuestion(Shape):
    """One question about whoever takes the test."""

    id: Identifier
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    type: Literal["single_choice", "multiple_choice", "scale"] = "single_choice"
    options: Annotated[list[Option], Field(max_length=20)] | None = None
    scale_min: Annotated[int, Field(ge=0, le=100)] | None = None
    scale_max: Annotated[int, Field(ge=1, le=100)] | None = None
    scale_labels: ScaleLabels | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if self.type != "scale":
            if len(self.options or []) < 2:
                raise ValueError("A question needs two answers to choose from")
        elif self.scale_min is None or self.scale_max is None:
            raise ValueError("A scale needs its two ends")
        elif self.scale_min >= self.scale_max or self.scale_max - self.scale_min > 10:
            raise ValueError("A scale has two to eleven steps")
        return self


class ScoreRange(Shape):
    """What a score from `min` to `max` means, and what to do about it."""

    min: float
    max: float
    label: Label
    description: Note
    recommendations: Annotated[list[Note], Field(max_length=10)] = []


class Scoring(Shape):
    """How answers become a score."""

    method: Literal["sum", "average"] = "sum"
    ranges: Annotated[list[ScoreRange], Field(min_length=1, max_length=12)]


class AssessmentConfig(Shape):
    """An assessment: questions about oneself, and where one stands."""

    headline: Annotated[str, StringConstraints(max_length=200)] = ""
    description: Note = ""
    questions: Annotated[list[AssessmentQuestion], Field(min_length=1, max_length=MOST_QUESTIONS)]
    scoring: Scoring

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        _unique([one.id for one in self.questions], "questions")
        return self


class ChatConfig(Shape):
    """A chat with a model that a prompt made to help with one thing."""

    name: Label
    description: Note = ""
    system_prompt: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    welcome_message: Note = ""
    suggested_prompts: Annotated[list[Label], Field(max_length=6)] = []
    max_tokens: Annotated[int, Field(ge=64, le=8_192)] = 2_048


Tool = CalculatorConfig | AssessmentConfig | ChatConfig


def _unique(ids: list[str], what: str) -> set[str]:
    twice = sorted(one for one, times in Counter(ids).items() if times > 1)
    if twice:
        raise ValueError(f"Two {what} have the id {twice[0]}")
    return set(ids)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tool answers: the figure as shown, and what it means."""

    figure: str
    label: str | None = None
    description: str | None = None
    tone: str = "green"
    recommendations: tuple[str, ...] = ()
    share: float | None = None
    """Where the score lies between the least and the most possible, from 0 to 1."""


class Said(BaseModel):
    """A message of a visitor to a chat."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    session_token: Annotated[str, StringConstraints(min_length=16, max_length=500)]
    message: Annotated[
        str, StringConstraints(min_length=1, max_length=MOST_MESSAGE, strip_whitespace=True)
    ]
