"""Jobs for the tests: some work, some fail as they are told."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog

from lodestone.platform import jobs, runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import job, schedule

USER = UUID("00000000-0000-4000-8000-000000000001")
TENANT = UUID("00000000-0000-4000-8000-000000000002")


@dataclass(frozen=True)
class Greet:
    """Arguments of every kind that a job may have."""

    name: str
    who: UUID
    at: datetime
    numbers: tuple[int, ...] = ()


done: list[Greet] = []
failing: dict[str, Exception] = {}
attempts_made: list[int] = []


def greeting(name: str) -> Greet:
    """Return arguments."""
    return Greet(name=name, who=uuid4(), at=datetime.now(UTC), numbers=(1, 2))


@job("tests:greet", attempts=3, backoff_seconds=0.01)
async def greet(args: Greet) -> None:
    """Note the greeting, or fail as told."""
    attempts_made.append(structlog.contextvars.get_contextvars()["attempt"])
    if error := failing.get(args.name):
        raise error
    done.append(args)


@job("tests:hang", attempts=1, timeout_seconds=0.05)
async def hang(args: Greet) -> None:
    """Never end."""
    await asyncio.Event().wait()


@job("tests:count_up", attempts=1)
async def count_up(args: Greet) -> None:
    """Report progress from one to three, slowly enough to be seen."""
    for number in (1, 2, 3):
        await jobs.report_progress(done=number, total=3, message=f"step {number}")
        await asyncio.sleep(0.3)


@schedule("tests:tick", cron="*/10 * * * *")
async def tick() -> None:
    """Note that the clock struck."""
    async with runtime.acting_as(Root()) as tx:
        await tx.execute(
            "insert into platform.test_traces (job, worker, step) values ('tick', '', '')"
        )
