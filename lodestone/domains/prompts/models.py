"""Prompts and what their steps give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

SMALL_MODEL = "claude-haiku-4-5-20251001"
USUAL_MODEL = "claude-sonnet-4-6"
LARGE_MODEL = "claude-opus-4-6"
MODELS = (SMALL_MODEL, USUAL_MODEL, LARGE_MODEL)

OFFLINE = "offline"
"""What the column `model` says of a result that a rule made."""

I = TypeVar("I", bound=BaseModel)  # noqa: E741
O = TypeVar("O")  # noqa: E741


class Category(StrEnum):
    """Groups of the prompt list."""

    CONTENT_WRITING = "content_writing"
    EMAIL = "email"
    KNOWLEDGE = "knowledge"
    LEARNING = "learning"
    SCORING = "scoring"
    LEAD_MAGNETS = "lead_magnets"
    FUNNELS = "funnels"


class Source(StrEnum):
    """Where the text of a call came from."""

    DATABASE = "db"
    DEFAULT = "default"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text as it ships: `{{name}}` is replaced by the input's field of that name."""

    slug: str
    name: str
    category: Category
    description: str
    system: str
    user: str
    model: str = USUAL_MODEL
    temperature: float = 1.0
    max_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class Step(Generic[I, O]):
    """A prompt with the shapes of its input and output, and the rule that works without a model."""

    prompt: Prompt
    input: type[I]
    output: type[O]
    offline: Callable[[I], O]

    @property
    def slug(self) -> str:
        """Return the permanent name."""
        return self.prompt.slug


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a model is asked, for the usage log."""

    source: str
    user_id: UUID | None = None
    team_id: UUID | None = None
    tenant_id: UUID | None = None
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[O]):
    """What a step gave; `model` is `offline` when the rule did it, `failure` then says why."""

    value: O
    model: str
    source: Source
    prompt_version: int | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The texts of one call, with the settings of the version that they come from."""

    system: str
    user: str
    model: str
    temperature: float
    max_tokens: int
    source: Source
    version: int | None = None
    missing: tuple[str, ...] = field(default=())
