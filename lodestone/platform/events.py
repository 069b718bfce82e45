"""How one domain tells others: an event becomes one job for each subscriber, in the same
transaction as the change that it reports.

    @dataclass(frozen=True)
    class LeadCaptured(Event, name="funnels:lead_captured"):
        lead_id: UUID

    @subscriber(LeadCaptured, "operations:record_lead")
    async def record_lead(event: LeadCaptured) -> None: ...

    await publish(tx, LeadCaptured(lead_id=lead_id))
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from lodestone.platform.database import Tx
from lodestone.platform.jobs.registry import (
    Job,
    JobRequest,
    enqueue_all,
    enqueue_all_at_commit,
    is_discovered,
    is_frozen_dataclass,
    job,
)

_NAME = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


class Event:
    """Base of events: frozen dataclasses with a permanent name, `domain:past_tense`."""

    event_name: ClassVar[str]

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        """Raises: ValueError for a name that is taken or malformed, TypeError for none."""
        # `@dataclass(slots=True)` makes the class a second time, with the name already on it.
        name = name or cls.__dict__.get("event_name")
        if name is None:
            raise TypeError(f"{cls.__name__} needs a name: class {cls.__name__}(Event, name=…)")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not an event name: write domain:past_tense")
        known = _events.get(name)
        if known is not None and _place(known) != _place(cls):
            raise ValueError(f"two events are called {name}")
        cls.event_name = name
        _events[name] = cls


Published = TypeVar("Published", bound=Event)

_events: dict[str, type[Event]] = {}
_subscribers: dict[str, list[Job[Any]]] = {}


def subscriber(
    event_type: type[Published],
    name: str,
    *,
    attempts: int = 5,
    backoff_seconds: float = 5.0,
    timeout_seconds: float = 900.0,
    concurrency: int = 0,
) -> Callable[[Callable[[Published], Awaitable[None]]], Job[Published]]:
    """Declare a job `name` that runs for each event of the type.

    Raises: ValueError for a taken name, TypeError for a handler or event of the wrong type.
    """
    if not is_frozen_dataclass(event_type):
        raise TypeError(f"{event_type.__name__} must be a frozen dataclass")

    def declare(handler: Callable[[Published], Awaitable[None]]) -> Job[Published]:
        declared = job(
            name,
            attempts=attempts,
            backoff_seconds=backoff_seconds,
            timeout_seconds=timeout_seconds,
            concurrency=concurrency,
        )(handler)
        if declared.args_type is not event_type:
            raise TypeError(f"{name} subscribes to {event_type.__name__} and must take it")
        _subscribers.setdefault(event_type.event_name, []).append(declared)
        return declared

    return declare


async def publish(tx: Tx, event: Event, *, dedupe_key: str | None = None) -> list[int | None]:
    """Enqueue one job for each subscriber, in one round trip; no subscriber, no round trip.

    With a dedupe key, a subscriber whose job for that key still waits or runs gets no second one
    (None in its place). Raises: RuntimeError where `discover_jobs` has not run, since subscribers
    not yet imported would never hear of it.
    """
    return await enqueue_all(tx, _requests(event, dedupe_key))


async def publish_at_commit(tx: Tx, event: Event) -> None:
    """Do as `publish`, together with the commit, which costs no round trip: for hot paths.

    Raises: RuntimeError as `publish`; what the database refuses is raised by the end of the
    transaction.
    """
    await enqueue_all_at_commit(tx, _requests(event, None))


def _requests(event: Event, dedupe_key: str | None) -> list[JobRequest]:
    if not is_discovered():
        raise RuntimeError("call discover_jobs first: subscribers are not known yet")
    jobs = _subscribers.get(event.event_name, [])
    return [one.request(event, dedupe_key=dedupe_key) for one in jobs]


def registered_events() -> dict[type[Event], list[Job[Any]]]:
    """Return every declared event with its subscribers, both by name."""
    return {
        _events[name]: sorted(_subscribers.get(name, []), key=lambda one: one.name)
        for name in sorted(_events)
    }


def _place(kind: type[Event]) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__
