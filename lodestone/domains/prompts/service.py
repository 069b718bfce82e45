"""The one way to ask a model: the registry's text or the shipped one, else the offline rule."""

import json
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

import structlog
from pydantic import BaseModel

from lodestone.domains.prompts import queries, rules
from lodestone.domains.prompts.models import (
    LARGE_MODEL,
    OFFLINE,
    SMALL_MODEL,
    USUAL_MODEL,
    Caller,
    Category,
    Outcome,
    Prompt,
    Rendered,
    Source,
    Step,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.ai import ModelFailed, Reply, Request, Usage
from lodestone.platform.database import Tx

__all__ = [
    "LARGE_MODEL",
    "OFFLINE",
    "SMALL_MODEL",
    "USUAL_MODEL",
    "Caller",
    "Category",
    "Outcome",
    "Prompt",
    "Source",
    "Step",
    "declare",
    "declared_steps",
    "render",
    "run",
    "seed",
]

I = TypeVar("I", bound=BaseModel)  # noqa: E741
O = TypeVar("O")  # noqa: E741

_log = structlog.get_logger(__name__)
_steps: dict[str, Step[BaseModel, object]] = {}


def declare(
    prompt: Prompt,
    *,
    input: type[I],  # noqa: A002
    output: type[O],
    offline: Callable[[I], O],
) -> Step[I, O]:
    """Make a step of a prompt, at import time; its slug is its own for ever.

    Raises: ValueError for a slug that is taken, or a text that asks for what the input has not.
    """
    step = Step(prompt=prompt, input=input, output=output, offline=offline)
    unknown = rules.placeholders(prompt.system, prompt.user) - set(input.model_fields)
    if unknown:
        raise ValueError(f"{prompt.slug} asks for {', '.join(sorted(unknown))}")
    if prompt.slug in _steps:
        raise ValueError(f"{prompt.slug} is declared twice")
    _steps[prompt.slug] = step  # type: ignore[assignment]
    return step


def declared_steps() -> Mapping[str, Step[BaseModel, object]]:
    """Return every declared step by its slug."""
    return _steps


async def run(step: Step[I, O], inputs: I, *, caller: Caller) -> Outcome[O]:
    """Take a step, outside any transaction: it may wait minutes for a model.

    Without a model, and when it fails, the offline rule gives the result. Each call is logged.
    """
    options = runtime.current().ai
    text = await render(step, inputs)
    if not options.serves(text.model):
        return await _run_offline(step, inputs, caller, failure=None)
    # Large libraries, needed by nobody who has set up no model.
    from lodestone.platform.ai import client  # noqa: PLC0415

    request = Request(
        system=text.system,
        user=text.user,
        model=text.model,
        output=step.output,
        temperature=text.temperature,
        max_tokens=text.max_tokens,
    )
    began = time.monotonic()
    try:
        reply = await client.ask(options, request)
    except ModelFailed as error:
        _log.warning("model_failed", prompt=step.slug, reason=str(error))
        await _log_failure(step.slug, text, caller, error, seconds=time.monotonic() - began)
        return await _run_offline(step, inputs, caller, failure=str(error))
    await _log_reply(step.slug, text, caller, reply)
    return Outcome(
        value=reply.value, model=reply.model, source=text.source, prompt_version=text.version
    )


async def render(step: Step[I, O], inputs: I) -> Rendered:
    """Return the texts of a call: of the registry when the prompt is active there, else shipped."""
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM), readonly=True) as tx:
        row = await queries.find_active_prompt(tx, slug=step.slug)
    values = {name: _as_text(value) for name, value in inputs.model_dump(mode="json").items()}
    prompt = step.prompt
    system, user = (
        (row["system_prompt"], row["user_prompt"]) if row else (prompt.system, prompt.user)
    )
    return Rendered(
        system=rules.interpolate(system, values),
        user=rules.interpolate(user, values),
        model=row["model"] if row else prompt.model,
        temperature=row["temperature"] if row else prompt.temperature,
        max_tokens=row["max_tokens"] if row else prompt.max_tokens,
        source=Source.DATABASE if row else Source.DEFAULT,
        version=row["version"] if row else None,
        missing=tuple(sorted(rules.placeholders(system, user) - set(values))),
    )


async def seed(tx: Tx) -> None:
    """Write the shipped prompts that the registry lacks, inactive; never over an edited one."""
    for step in _steps.values():
        prompt = step.prompt
        await queries.insert_prompt(
            tx,
            slug=prompt.slug,
            name=prompt.name,
            category=prompt.category,
            description=prompt.description,
            system=prompt.system,
            user=prompt.user,
            model=prompt.model,
            temperature=prompt.temperature,
            max_tokens=prompt.max_tokens,
            variables=_variables(step),
        )


def _variables(step: Step[BaseModel, object]) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "description": field.description or "",
            "example": _as_text(field.examples[0]) if field.examples else "",
        }
        for name, field in step.input.model_fields.items()
    ]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


async def _run_offline(
    step: Step[I, O], inputs: I, caller: Caller, *, failure: str | None
) -> Outcome[O]:
    began = time.monotonic()
    value = step.offline(inputs)
    await _log_call(
        step.slug,
        caller,
        model=OFFLINE,
        usage=Usage(),
        cents=Decimal(0),
        seconds=time.monotonic() - began,
        metadata={"prompt_source": Source.OFFLINE, "ok": True},
    )
    return Outcome(value=value, model=OFFLINE, source=Source.OFFLINE, failure=failure)


async def _log_reply(slug: str, text: Rendered, caller: Caller, reply: Reply[O]) -> None:
    metadata = {
        "prompt_source": text.source,
        "prompt_version": text.version,
        "stop_reason": reply.stop_reason,
        "ok": True,
        **({"unpriced": True} if reply.cents is None else {}),
    }
    await _log_call(
        slug,
        caller,
        model=reply.model,
        usage=reply.usage,
        cents=reply.cents or Decimal(0),
        seconds=reply.seconds,
        metadata=metadata,
    )


async def _log_failure(
    slug: str, text: Rendered, caller: Caller, error: ModelFailed, *, seconds: float
) -> None:
    metadata = {
        "prompt_source": text.source,
        "prompt_version": text.version,
        "ok": False,
        "error": str(error),
    }
    await _log_call(
        slug,
        caller,
        model=text.model,
        usage=error.usage,
        cents=Decimal(0),
        seconds=seconds,
        metadata=metadata,
    )


async def _log_call(
    slug: str,
    caller: Caller,
    *,
    model: str,
    usage: Usage,
    cents: Decimal,
    seconds: float,
    metadata: Mapping[str, object],
) -> None:
    who = {
        name: str(value)
        for name in ("user_id", "team_id", "job_id")
        if (value := getattr(caller, name)) is not None
    }
    # Written for tenants and for accounts without one, so by nobody in particular.
    async with runtime.acting_as(Root()) as tx:
        await queries.insert_usage(
            tx,
            tenant_id=caller.tenant_id,
            source=caller.source,
            caller=slug,
            model=model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_creation_tokens=usage.cache_creation_tokens,
            cents=cents,
            duration_ms=round(seconds * 1000),
            metadata={**metadata, **who},
        )
