"""What a survey is made of, and what its editor and its public endpoint take."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

MOST_OPTIONS = 20
MOST_QUESTIONS = 50

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_Option = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Hint = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
FormName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AnswerType(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    TEXT = "text"
    TEXTAREA = "textarea"
    MULTIPLE_CHOICE = "multiple_choice"

    @property
    def label(self) -> str:
        """Return it as people say it."""
        return {
            "yes_no": "Yes or no",
            "text": "Short text",
            "textarea": "Long text",
            "multiple_choice": "One of several",
        }[self.value]

    @property
    def is_chosen(self) -> bool:
        """Whether the answer is one of a few that are offered."""
        return self in {AnswerType.YES_NO, AnswerType.MULTIPLE_CHOICE}


class Question(BaseModel):
    """A stored question. What qualifies is for the people of the page, never for visitors."""

    id: UUID
    question_text: str
    answer_type: AnswerType
    options: list[str] = []
    placeholder: str | None = None
    is_required: bool
    is_qualifying: bool
    qualifying_answer: str | list[str] | None = None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return what is offered, as (answer, label)."""
        if self.answer_type is AnswerType.YES_NO:
            return [("yes", "Yes"), ("no", "No")]
        return [(option, option) for option in self.options]


class QuestionDraft(BaseModel):
    """A question as the editor gives it.

    A choice that decides needs an accepted answer, else nobody could ever qualify.
    """

    question_text: _Text
    answer_type: AnswerType = AnswerType.YES_NO
    options: Annotated[list[_Option], Field(max_length=MOST_OPTIONS)] = []
    placeholder: _Hint | None = None
    is_required: bool = True
    is_qualifying: bool = False
    qualifying_answer: str | list[str] | None = None

    @model_validator(mode="after")
    def _fit_the_type(self) -> Self:
        kind = self.answer_type
        if kind is not AnswerType.MULTIPLE_CHOICE:
            self.options = []
        if kind.is_chosen:
            self.placeholder = None
        if not self.is_qualifying or not kind.is_chosen:
            self.qualifying_answer = None
        if kind is AnswerType.MULTIPLE_CHOICE:
            _check_options(self.options)
        if self.is_qualifying:
            _check_qualifying(kind, self.options, self.qualifying_answer)
        return self


def _check_options(options: list[str]) -> None:
    if len(options) < 2:
        raise ValueError("A choice needs two options or more.")
    if len(set(options)) < len(options):
        raise ValueError("Two options are the same.")


def _check_qualifying(
    kind: AnswerType, options: list[str], accepted: str | list[str] | None
) -> None:
    if kind is AnswerType.YES_NO and accepted not in ("yes", "no"):
        raise ValueError("Say whether yes or no qualifies.")
    if kind is AnswerType.MULTIPLE_CHOICE:
        if not isinstance(accepted, list) or not accepted:
            raise ValueError("Mark the options that qualify: without one nobody could.")
        if not set(accepted) <= set(options):
            raise ValueError("Only options of the question can qualify.")


class FormCreate(BaseModel):
    """A new form."""

    name: FormName


class Form(BaseModel):
    """A stored form."""

    id: UUID
    name: str
    team_id: UUID | None
    updated_at: datetime


class FormRow(Form):
    """A line of the library."""

    questions: int
    funnels: int


class PageSurvey(BaseModel):
    """Which survey a page has, for its builder."""

    funnel_page_id: UUID
    team_id: UUID | None
    form: Form | None
    questions: list[Question]


class Owner(BaseModel):
    """Whose questions are edited: exactly one of a funnel's own or a form's."""

    funnel_page_id: UUID | None = None
    form_id: UUID | None = None

    @model_validator(mode="after")
    def _be_one(self) -> Self:
        if (self.funnel_page_id is None) == (self.form_id is None):
            raise ValueError("A question belongs to a funnel or to a form.")
        return self


class Respondent(BaseModel):
    """A lead in front of the survey of its page."""

    id: UUID
    email: str
    name: str | None
    is_qualified: bool | None
    answered_at: datetime | None
    answers: dict[str, Any]
    partial: dict[str, Any] | None
    questions: list[Question]


class Result(BaseModel):
    """What a completed survey found."""

    is_qualified: bool
    answered_at: datetime
    is_first: bool


class SurveyAnswers(BaseModel):
    """What the public endpoint takes: the lead's signed token, never its id."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    answers: dict[str, Any]
    is_partial: Annotated[bool, Field(alias="partial")] = False
