"""What describes a format, and the shapes of finished content, one for each format.

Minimum lengths are characters after trimming.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from lodestone.domains.lead_magnets.models import Archetype

LONGEST = 20_000


def _text(least: int, most: int = LONGEST) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=most)


def _check_address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("A web address starts with https://")
    return value


Name = Annotated[str, _text(2, 300)]
Title = Annotated[str, _text(3, 300)]
Short = Annotated[str, _text(5)]
Line = Annotated[str, _text(10)]
Sentence = Annotated[str, _text(15)]
Passage = Annotated[str, _text(20)]
Body = Annotated[str, _text(50)]
Story = Annotated[str, _text(200)]
Optional = Annotated[str, _text(0)]
Address = Annotated[str, _text(1, 2_000), AfterValidator(_check_address)]


class InteractiveType(StrEnum):
    """The tools that three of the formats become, with the values of `interactive_config`."""

    CALCULATOR = "calculator"
    ASSESSMENT = "assessment"
    GPT = "gpt"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask the author. `id` is permanent: answers are stored under it."""

    id: str
    text: str
    hint: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Guidance:
    """How to write in a format: its parts in order, what good ones share, what spoils them."""

    structure: tuple[str, ...]
    quality: tuple[str, ...]
    mistakes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchetypeInfo:
    """Everything that is known of one format."""

    archetype: Archetype
    name: str
    idea: str
    questions: tuple[Question, ...]
    content: type["PublishedContent"]
    guidance: Guidance
    interactive: InteractiveType | None = None


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PublishedContent(_Shape):
    """What every format has: a promise, the problem behind it, and what to do next."""

    headline: Annotated[str, _text(10, 200)]
    subheadline: Optional | None = None
    problem_statement: Passage
    proof_points: list[Optional] | None = None
    call_to_action: Short


class BreakdownSection(_Shape):
    """One piece of what worked."""

    title: Title
    body: Body
    key_insight: Optional | None = None


class SingleBreakdown(PublishedContent):
    """One success, taken apart."""

    sections: Annotated[list[BreakdownSection], Field(min_length=3)]


class SystemSection(BreakdownSection):
    """One part of a system, and its place among the others."""

    component_name: Name
    how_it_connects: Line


class SingleSystem(PublishedContent):
    """One process with one outcome."""

    sections: Annotated[list[SystemSection], Field(min_length=3)]


class Tool(_Shape):
    """One item of a toolkit."""

    name: Name
    description: Passage
    use_case: Line


class FocusedToolkit(PublishedContent):
    """Ten to twenty items for one job."""

    tools: Annotated[list[Tool], Field(min_length=3)]


class CalculatorInput(_Shape):
    """One number or choice that a calculator asks for."""

    label: Title
    type: Name
    placeholder: Optional | None = None


class SingleCalculator(PublishedContent):
    """One number that answers one question."""

    inputs: Annotated[list[CalculatorInput], Field(min_length=1)]
    formula_description: Passage
    output_format: Line


class Resource(_Shape):
    """One entry of a directory."""

    name: Name
    url: Address
    description: Sentence
    category: Name


class FocusedDirectory(PublishedContent):
    """Five to fifteen entries that the author vouches for."""

    resources: Annotated[list[Resource], Field(min_length=5)]


class Lesson(_Shape):
    """One lesson, with something to do at its end."""

    title: Title
    objective: Line
    content: Body
    exercise: Line


class MiniTraining(PublishedContent):
    """One skill, taught in a few lessons."""

    lessons: Annotated[list[Lesson], Field(min_length=2)]


class OneStory(PublishedContent):
    """One transformation, told."""

    story_hook: Passage
    narrative: Story
    lesson: Passage
    takeaway: Passage


class PromptItem(_Shape):
    """One prompt to copy."""

    title: Title
    prompt_text: Passage
    example_output: Line
    when_to_use: Line


class PromptPack(PublishedContent):
    """Prompts to copy and paste."""

    prompts: Annotated[list[PromptItem], Field(min_length=3)]


class AssessmentQuestion(_Shape):
    """One question with its answers."""

    question: Line
    options: Annotated[list[Annotated[str, _text(1, 500)]], Field(min_length=2)]


class ResultRange(_Shape):
    """What a score from `min` to `max`, both included, means."""

    min: float
    max: float
    label: Name
    description: Passage

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.max < self.min:
            raise ValueError("The range ends before it begins")
        return self


class SelfAssessment(PublishedContent):
    """Questions that end in a score."""

    questions: Annotated[list[AssessmentQuestion], Field(min_length=5)]
    scoring_rubric: Passage
    result_ranges: Annotated[list[ResultRange], Field(min_length=1)]


class WorkflowStep(_Shape):
    """One step of an automation: what starts it, what happens, where, and what comes out."""

    trigger: Title
    action: Line
    tool: Name
    output: Short


class WorkflowContent(PublishedContent):
    """An automation that can be rebuilt."""

    steps: Annotated[list[WorkflowStep], Field(min_length=3)]


Answers = Mapping[str, str]
"""An author's answers by question id."""
