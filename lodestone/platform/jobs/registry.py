"""Jobs and schedules by name: declared where their handler stands, enqueued from anywhere."""

import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar, get_type_hints

from croniter import croniter  # type: ignore[import-untyped]
from pydantic import TypeAdapter

from lodestone.platform import telemetry
from lodestone.platform.database import Tx
from lodestone.platform.jobs.queries import queue as queries

Args = TypeVar("Args")

_NAME = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


class GiveUp(Exception):
    """Raised by a handler: trying again can't help. The job goes to the dead-letter list at once.

    Any exception with a true `permanent` attribute does the same, and one with
    `retry_after_seconds` is not tried again sooner than that.
    """

    permanent = True


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One job to enqueue; `dedupe_key` is already that of the whole queue."""

    name: str
    payload: bytes
    run_at: datetime | None = None
    dedupe_key: str | None = None
    priority: int = 0

    def __post_init__(self) -> None:
        if self.run_at is not None and self.run_at.tzinfo is None:
            raise ValueError(f"run_at of {self.name} needs a time zone")


class Job(Generic[Args]):
    """A permanent name, a handler and how to retry it.

    `attempts` is the whole number of tries; between them the pause grows from
    `backoff_seconds` threefold each time, up to an hour, with jitter. An attempt is ended after
    `timeout_seconds`. At most `concurrency` of its jobs run at once in all workers (0: any number).
    """

    def __init__(
        self,
        name: str,
        handler: Callable[[Args], Awaitable[None]],
        args_type: type[Args],
        *,
        attempts: int,
        backoff_seconds: float,
        timeout_seconds: float,
        concurrency: int,
    ) -> None:
        self.name = name
        self.handler = handler
        self.args_type = args_type
        self.attempts = attempts
        self.backoff_seconds = backoff_seconds
        self.timeout_seconds = timeout_seconds
        self.concurrency = concurrency

    def __repr__(self) -> str:
        return f"<job {self.name}>"

    async def __call__(self, args: Args) -> None:
        """Run the handler here and now."""
        await self.handler(args)

    @property
    def description(self) -> str:
        """Return the first line of the handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    @cached_property
    def _adapter(self) -> TypeAdapter[Args]:
        return TypeAdapter(self.args_type)

    def decode(self, payload: bytes) -> Args:
        """Read stored arguments. Raises pydantic.ValidationError when they don't fit any more."""
        return self._adapter.validate_json(payload)

    def request(
        self,
        args: Args,
        *,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
        priority: int = 0,
    ) -> JobRequest:
        """Prepare the job for `enqueue_all`."""
        return JobRequest(
            name=self.name,
            payload=self._adapter.dump_json(args),
            run_at=run_at,
            dedupe_key=None if dedupe_key is None else f"{self.name}:{dedupe_key}",
            priority=priority,
        )

    async def enqueue(
        self,
        tx: Tx,
        args: Args,
        *,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
        priority: int = 0,
    ) -> int | None:
        """Enqueue on the caller's transaction and return the job's id, in one round trip.

        With a dedupe key, returns None when a job of this name and key already waits or runs.
        A higher priority runs first. Raises ValueError for a `run_at` without a time zone.
        """
        request = self.request(args, run_at=run_at, dedupe_key=dedupe_key, priority=priority)
        return await queries.insert_job(tx, request, _context())

    async def enqueue_many(
        self,
        tx: Tx,
        args: Sequence[Args],
        *,
        run_at: datetime | None = None,
        dedupe_key: Callable[[Args], str] | None = None,
        priority: int = 0,
    ) -> list[int | None]:
        """Enqueue one job for each of `args`, in one round trip; ids as from `enqueue`."""
        requests = [
            self.request(
                one,
                run_at=run_at,
                dedupe_key=dedupe_key(one) if dedupe_key else None,
                priority=priority,
            )
            for one in args
        ]
        return await enqueue_all(tx, requests)


async def enqueue_all(tx: Tx, requests: Sequence[JobRequest]) -> list[int | None]:
    """Enqueue jobs of any names in one round trip; ids in the order given, None if deduped."""
    if not requests:
        return []
    return await queries.insert_jobs(tx, requests, _context())


async def enqueue_all_at_commit(tx: Tx, requests: Sequence[JobRequest]) -> None:
    """Enqueue jobs of any names together with the commit, which costs no round trip."""
    if requests and not queries.insert_jobs_at_commit(tx, requests, _context()):
        await queries.insert_jobs(tx, requests, _context())


def _context() -> str | None:
    request_id = telemetry.current_request_id()
    return None if request_id is None else json.dumps({"request_id": request_id})


@dataclass(frozen=True, slots=True)
class Tick:
    """The arguments of a scheduled job: none."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that the workers enqueue by the clock (UTC), once for each time of `cron`."""

    cron: str
    job: Job[Tick]

    @property
    def name(self) -> str:
        return self.job.name

    async def run(self) -> None:
        """Run the handler here and now."""
        await self.job(Tick())

    def slot_at(self, now: datetime) -> datetime:
        """Return the last time of the clock, at or before `now`, that `cron` names."""
        slot: datetime = croniter(self.cron, now).get_prev(datetime)
        return slot


_jobs: dict[str, Job] = {}  # type: ignore[type-arg]
_schedules: dict[str, Schedule] = {}
_discovered: set[str] = set()


def job(
    name: str,
    *,
    attempts: int = 5,
    backoff_seconds: float = 5.0,
    timeout_seconds: float = 900.0,
    concurrency: int = 0,
) -> Callable[[Callable[[Args], Awaitable[None]]], Job[Args]]:
    """Declare a job. Its handler takes one frozen dataclass, of ids, texts and times.

    Raises: ValueError for a name that is taken or not `domain:verb_noun`; TypeError for a handler
    that takes anything else.
    """

    def declare(handler: Callable[[Args], Awaitable[None]]) -> Job[Args]:
        declared = Job(
            name,
            handler,
            _args_type(name, handler),
            attempts=attempts,
            backoff_seconds=backoff_seconds,
            timeout_seconds=timeout_seconds,
            concurrency=concurrency,
        )
        register(declared)
        return declared

    return declare


def register(declared: Job[Args]) -> None:
    """Give a job its name. Raises ValueError when it is taken or malformed."""
    if not _NAME.fullmatch(declared.name):
        raise ValueError(f"{declared.name!r} is not a job name: write domain:verb_noun")
    if declared.name in _jobs:
        raise ValueError(f"two jobs are called {declared.name}")
    if declared.attempts < 1:
        raise ValueError(f"{declared.name} needs at least one attempt")
    _jobs[declared.name] = declared


def schedule(
    name: str, *, cron: str, attempts: int = 3, timeout_seconds: float = 900.0
) -> Callable[[Callable[[], Awaitable[None]]], Schedule]:
    """Declare a handler without arguments that runs by the clock (cron, UTC).

    Each time is enqueued once, however many workers run; while one run waits or works, the
    next is left out. Raises ValueError for a taken name or a malformed cron expression.
    """
    if not croniter.is_valid(cron):
        raise ValueError(f"{name}: {cron!r} is not a cron expression")

    def declare(handler: Callable[[], Awaitable[None]]) -> Schedule:
        async def run(_: Tick) -> None:
            await handler()

        run.__doc__ = handler.__doc__
        declared = Job(
            name,
            run,
            Tick,
            attempts=attempts,
            backoff_seconds=5.0,
            timeout_seconds=timeout_seconds,
            concurrency=0,
        )
        register(declared)
        _schedules[name] = Schedule(cron, declared)
        return _schedules[name]

    return declare


def _args_type(name: str, handler: Callable[[Args], Awaitable[None]]) -> type[Args]:
    if not inspect.iscoroutinefunction(handler):
        raise TypeError(f"the handler of {name} must be an async function")
    hints = get_type_hints(handler)
    parameters = list(inspect.signature(handler).parameters)
    if len(parameters) != 1 or parameters[0] not in hints:
        raise TypeError(f"the handler of {name} must take one argument, with its type")
    args_type: type[Args] = hints[parameters[0]]
    if not is_frozen_dataclass(args_type):
        raise TypeError(f"the argument of {name} must be a frozen dataclass")
    return args_type


def is_frozen_dataclass(kind: type) -> bool:
    """Say whether values of the type can be stored and never change."""
    parameters = getattr(kind, "__dataclass_params__", None)
    return dataclasses.is_dataclass(kind) and bool(parameters and parameters.frozen)


def registered_jobs() -> list[Job]:  # type: ignore[type-arg]
    """Return every declared job, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def registered_schedules() -> list[Schedule]:
    """Return every declared schedule, by name."""
    return [_schedules[name] for name in sorted(_schedules)]


def discover_jobs(package: str) -> None:
    """Import every module `jobs` below `package`, so that their jobs and subscribers exist.

    Every process that publishes or works must do this before: the roots do.
    """
    importlib.import_module("lodestone.platform.jobs.upkeep")
    path = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(path, f"{package}."):
        if module.name.endswith(".jobs"):
            importlib.import_module(module.name)
    _discovered.add(package)


def is_discovered() -> bool:
    """Say whether `discover_jobs` has run in this process."""
    return bool(_discovered)
