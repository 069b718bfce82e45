"""What an import reads, and the calculator that a spreadsheet becomes."""

from enum import StrEnum
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

from lodestone.domains.lead_magnets.imports import formulas

MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_CHARACTERS = 400_000
LEAST_CHARACTERS = 20
LEAST_SHEET, MOST_SHEET = 10, 100_000
MOST_INPUTS = 12
WIDEST = 1_000_000_000_000.0
"""The end of a range that has none: a million millions."""


class FileKind(StrEnum):
    """What can be read."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    WORD = "docx"


class ReadText(BaseModel):
    """What was found in a source, as Markdown, and what had to be left out."""

    title: str = ""
    text: str
    notes: list[str] = []


class _Config(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", str_strip_whitespace=True
    )


Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-zA-Z0-9]{0,63}$")]


class CalculatorInput(_Config):
    """One value that a visitor enters."""

    id: Identifier
    label: Label
    type: Literal["number", "select", "slider"] = "number"
    placeholder: str | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    default_value: float | None = None
    unit: Annotated[str, StringConstraints(max_length=20)] | None = None


class ResultRange(_Config):
    """What a result from `range[0]` to `range[1]` means."""

    range: tuple[float, float]
    label: Label
    description: Label
    color: Literal["green", "yellow", "red"] = "green"


def _check_formula(value: str) -> str:
    formulas.read(value)
    return value


class CalculatorConfig(_Config):
    """A calculator, in the shape of `lead_magnets.interactive_config`."""

    headline: Label
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    inputs: Annotated[list[CalculatorInput], Field(min_length=1, max_length=MOST_INPUTS)]
    formula: Annotated[
        str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_check_formula)
    ]
    result_label: Label
    result_format: Literal["number", "currency", "percentage"] = "number"
    result_interpretation: Annotated[list[ResultRange], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        known = {one.id for one in self.inputs}
        unknown = formulas.names_in(formulas.read(self.formula)) - known
        if unknown:
            raise ValueError(f"There is no input called {', '.join(sorted(unknown))}")
        if len(known) < len(self.inputs):
            raise ValueError("Two inputs have the same id")
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
