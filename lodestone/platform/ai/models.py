"""What is asked of a model, and what comes back."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AiOptions:
    """Who serves models. Without a key or an address no model is asked.

    `openai_url` is any server that speaks OpenAI's chat completions. `model` is sent instead of the
    one that a prompt names, as one's own server knows only its own.
    """

    anthropic_key: str = field(default="", repr=False)
    anthropic_url: str = "https://api.anthropic.com"
    openai_key: str = field(default="", repr=False)
    openai_url: str = "https://api.openai.com/v1"
    model: str = ""
    timeout_seconds: float = 240.0

    def serves(self, model: str) -> bool:
        """Say whether somebody is set up who has the model."""
        return bool(self.anthropic_key if is_anthropic(self.model or model) else self.openai_key)


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One question: texts, model and settings, and the shape of the answer (`str` for text)."""

    system: str
    user: str
    model: str
    output: type[T]
    temperature: float = 1.0
    max_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, retries included; `input_tokens` are those that no cache had."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A validated answer. `cents` is None when nobody knows the model's price."""

    value: T
    model: str
    usage: Usage
    seconds: float
    cents: Decimal | None
    stop_reason: str | None


class ModelFailed(Exception):
    """No usable answer: nobody answered, or not in the shape that was asked for."""

    def __init__(self, reason: str, *, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.usage = usage or Usage()


class ModelRefused(ModelFailed):
    """The model declined, or its provider filtered the answer."""


def is_anthropic(model: str) -> bool:
    """Say whether Anthropic serves the model; every other goes to the OpenAI-compatible server."""
    return model.startswith("claude-")
