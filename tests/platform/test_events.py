"""Events: one job for each subscriber, in the transaction of the change."""

import subprocess
import sys
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from lodestone.platform import jobs
from lodestone.platform.actors import Root, Service, Visitor, Writer
from lodestone.platform.events import (
    Event,
    publish,
    publish_at_commit,
    registered_events,
    subscriber,
)
from lodestone.platform.jobs import GiveUp, JobState, discover_jobs
from tests.platform.queue_fixtures import Queue


@dataclass(frozen=True)
class BellRung(Event, name="tests:bell_rung"):
    """Somebody rang."""

    bell_id: UUID
    times: int = 1


@dataclass(frozen=True, slots=True)
class DoorOpened(Event, name="tests:door_opened"):
    """The door stands open; nobody cares."""

    door_id: UUID


heard: list[tuple[str, BellRung]] = []


@subscriber(BellRung, "tests:wake_cook")
async def wake_cook(event: BellRung) -> None:
    """The cook hears the bell."""
    heard.append(("cook", event))


@subscriber(BellRung, "tests:wake_butler", attempts=1)
async def wake_butler(event: BellRung) -> None:
    """The butler hears it too, but not thirteen times."""
    if event.times == 13:
        raise GiveUp("too often")
    heard.append(("butler", event))


@pytest.fixture(autouse=True)
def _listening() -> None:
    heard.clear()
    discover_jobs("lodestone.domains")


class TestPublishing:
    async def test_reaches_every_subscriber_with_the_event_as_it_was(self, queue: Queue) -> None:
        event = BellRung(uuid4(), times=2)
        async with queue.database.acting_as(Service(Writer.MAGNETLAB)) as tx:
            ids = await publish(tx, event)
        assert len(ids) == 2
        await queue.work_off()
        assert sorted(heard) == [("butler", event), ("cook", event)]

    async def test_reaches_them_with_the_commit_too(self, queue: Queue) -> None:
        event = BellRung(uuid4(), times=2)
        statements: list[str] = []
        async with queue.database.acting_as(Service(Writer.MAGNETLAB)) as tx:
            with tx.query_logger(lambda record: statements.append(record.query)):
                await publish_at_commit(tx, event)
        assert statements == [], "the jobs wait for the commit"
        await queue.work_off()
        assert sorted(heard) == [("butler", event), ("cook", event)]

    async def test_takes_one_statement(self, queue: Queue) -> None:
        statements: list[str] = []
        async with queue.database.acting_as(Root()) as tx:
            await publish(tx, BellRung(uuid4()))  # the driver learns the types of its connection
            with tx.query_logger(lambda record: statements.append(record.query)):
                await publish(tx, BellRung(uuid4()))
        assert len(statements) == 1

    async def test_says_nothing_when_the_change_is_rolled_back(self, queue: Queue) -> None:
        async def ring_and_fail() -> None:
            async with queue.database.acting_as(Root()) as tx:
                await publish(tx, BellRung(uuid4()))
                raise LookupError

        with pytest.raises(LookupError):
            await ring_and_fail()
        await queue.work_off()
        assert heard == []

    async def test_lets_one_subscriber_fail_without_the_other(self, queue: Queue) -> None:
        async with queue.database.acting_as(Root()) as tx:
            await publish(tx, BellRung(uuid4(), times=13))
        await queue.work_off()
        assert [who for who, _ in heard] == ["cook"]
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.name == "tests:wake_butler"

    async def test_tells_nobody_twice_of_one_occasion(self, queue: Queue) -> None:
        event = BellRung(uuid4())
        async with queue.database.acting_as(Root()) as tx:
            first = await publish(tx, event, dedupe_key="morning")
            second = await publish(tx, event, dedupe_key="morning")
        assert None not in first
        assert second == [None, None]
        await queue.work_off()
        assert len(heard) == 2

    async def test_costs_nothing_when_nobody_listens(self, queue: Queue) -> None:
        async with queue.database.acting_as(Visitor()) as tx:
            assert await publish(tx, DoorOpened(uuid4())) == []

    def test_refuses_before_all_subscribers_are_known(self) -> None:
        script = (
            "import asyncio\n"
            "from dataclasses import dataclass\n"
            "from lodestone.platform.events import Event, publish\n"
            "@dataclass(frozen=True)\n"
            "class Early(Event, name='tests:early'): pass\n"
            "asyncio.run(publish(None, Early()))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )
        assert "RuntimeError: call discover_jobs first" in done.stderr


class TestDeclaring:
    def test_lists_events_with_their_subscribers_for_the_docs(self) -> None:
        listed = {
            event.event_name: [job.name for job in subscribers]
            for event, subscribers in registered_events().items()
        }
        assert listed["tests:bell_rung"] == ["tests:wake_butler", "tests:wake_cook"]
        assert listed["tests:door_opened"] == []

    def test_refuses_a_name_twice(self) -> None:
        with pytest.raises(ValueError, match="two events are called tests:bell_rung"):

            class Other(Event, name="tests:bell_rung"):
                """Another with the same name."""

        with pytest.raises(ValueError, match="two jobs are called tests:wake_cook"):
            subscriber(BellRung, "tests:wake_cook")(_listen)

    def test_refuses_an_event_without_a_good_name(self) -> None:
        with pytest.raises(TypeError, match="needs a name"):

            class Nameless(Event):
                """No name."""

        with pytest.raises(ValueError, match="domain:past_tense"):

            class Misnamed(Event, name="BellRung"):
                """Not a name."""

    def test_refuses_a_subscriber_of_another_event(self) -> None:
        with pytest.raises(TypeError, match="must take it"):
            subscriber(DoorOpened, "tests:open_wrongly")(_listen)  # type: ignore[arg-type]

    def test_refuses_an_event_that_could_change(self) -> None:
        @dataclass
        class Loose(Event, name="tests:loose"):
            """Not frozen."""

        with pytest.raises(TypeError, match="frozen dataclass"):
            subscriber(Loose, "tests:hear_loose")(_listen)  # type: ignore[arg-type]


async def _listen(event: BellRung) -> None:
    """Listen."""
