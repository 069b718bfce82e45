"""Asks models through pydantic-ai. Imported when a model is first asked: it is large."""

import re
import time
from decimal import Decimal
from typing import Any, TypeVar

import stamina
from genai_prices import Usage as PricedUsage
from genai_prices import calc_price
from pydantic_ai import Agent, PromptedOutput
from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelHTTPError,
    UnexpectedModelBehavior,
)
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.run import AgentRunResult
from pydantic_ai.settings import ModelSettings

from lodestone.platform.ai.models import (
    AiOptions,
    ModelFailed,
    ModelRefused,
    Reply,
    Request,
    Usage,
    is_anthropic,
)

ATTEMPTS = 4
_REPAIRS = 1
_OVERLOADED = 529
_REFUSAL = re.compile(r"\s*(i['’]m sorry|i (cannot|can['’]t|won['’]t)|as an ai)\b", re.IGNORECASE)

T = TypeVar("T")


async def ask(options: AiOptions, request: Request[T]) -> Reply[T]:
    """Ask, and again after overload, rate limits and server errors, with growing pauses.

    An answer in the wrong shape is sent back once to be mended. Raises: ModelFailed, ModelRefused.
    """
    name = options.model or request.model
    output: Any = str if request.output is str else PromptedOutput(request.output)
    agent: Agent[None, T] = Agent(
        _model(options, name),
        output_type=output,
        instructions=request.system or None,
        retries=_REPAIRS,
    )
    settings = ModelSettings(
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        timeout=options.timeout_seconds,
    )
    began = time.monotonic()
    try:
        result = await _run(agent, request.user, settings)
    except ContentFilterError as error:
        raise ModelRefused("The provider filtered the answer.") from error
    except ModelHTTPError as error:
        raise ModelFailed(f"The provider answered {error.status_code}.") from error
    except ModelAPIError as error:
        raise ModelFailed("The provider can't be reached.") from error
    except UnexpectedModelBehavior as error:
        raise ModelFailed(f"The answer has not the shape asked for: {error.message}") from error
    return _reply(result, name, seconds=time.monotonic() - began)


def _is_passing(error: Exception) -> bool:
    if isinstance(error, ModelHTTPError):
        return error.status_code in {408, 429, _OVERLOADED} or error.status_code >= 500
    return isinstance(error, ModelAPIError)


@stamina.retry(on=_is_passing, attempts=ATTEMPTS, timeout=None, wait_initial=0.5)
async def _run(agent: Agent[None, T], text: str, settings: ModelSettings) -> AgentRunResult[T]:
    return await agent.run(text, model_settings=settings)


def _model(options: AiOptions, name: str) -> Model:
    # The libraries' own retries would multiply with ours.
    if is_anthropic(name):
        from anthropic import AsyncAnthropic  # noqa: PLC0415

        claude = AsyncAnthropic(
            api_key=options.anthropic_key, base_url=options.anthropic_url, max_retries=0
        )
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=claude))
    from openai import AsyncOpenAI  # noqa: PLC0415

    other = AsyncOpenAI(api_key=options.openai_key, base_url=options.openai_url, max_retries=0)
    return OpenAIChatModel(name, provider=OpenAIProvider(openai_client=other))


def _reply(result: AgentRunResult[T], model: str, *, seconds: float) -> Reply[T]:
    found = result.usage
    cached = found.cache_read_tokens + found.cache_write_tokens
    usage = Usage(
        input_tokens=max(0, found.input_tokens - cached),
        output_tokens=found.output_tokens,
        cache_read_tokens=found.cache_read_tokens,
        cache_creation_tokens=found.cache_write_tokens,
    )
    stop_reason = result.response.finish_reason
    if stop_reason == "length" and not isinstance(result.output, str):
        raise ModelFailed("The answer was cut off at the most tokens.", usage=usage)
    if isinstance(result.output, str) and _REFUSAL.match(result.output):
        raise ModelRefused("The model declined.", usage=usage)
    return Reply(
        value=result.output,
        model=model,
        usage=usage,
        seconds=seconds,
        cents=price_cents(model, usage),
        stop_reason=stop_reason,
    )


def price_cents(model: str, usage: Usage) -> Decimal | None:
    """Return what the tokens cost in US cents, by genai-prices; None for an unknown model."""
    priced = PricedUsage(
        input_tokens=usage.input_tokens + usage.cache_read_tokens + usage.cache_creation_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_creation_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        found = calc_price(priced, model_ref=model)
    except LookupError:
        return None
    return round(found.total_price * 100, 6)
