"""Enqueued as every role, on the caller's transaction; and how jobs are declared."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver

from lodestone.platform import jobs
from lodestone.platform.actors import Actor, Root, Service, Student, User, Visitor, Writer
from lodestone.platform.jobs import job, schedule
from lodestone.platform.jobs.attempts import JobQueries
from tests.platform.jobs.declared import (
    TENANT,
    USER,
    Greet,
    done,
    greet,
    greeting,
    hang,
)
from tests.platform.queue_fixtures import Queue


class TestEnqueueing:
    async def test_hands_the_arguments_over_as_they_were(self, queue: Queue) -> None:
        sent = greeting("ada")
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue(tx, sent)
        await queue.work_off()
        assert done == [sent]

    async def test_leaves_nothing_when_the_transaction_fails(self, queue: Queue) -> None:
        async def capture_lead() -> None:
            async with queue.database.acting_as(Root()) as tx:
                await greet.enqueue(tx, greeting("ada"))
                raise LookupError

        with pytest.raises(LookupError):
            await capture_lead()
        await queue.work_off()
        assert done == []
        assert await queue.sql("select from platform.job_log") == []

    @pytest.mark.parametrize(
        "actor",
        [
            User(USER),
            Student(USER),
            Root(),
            *(Service(writer, user_id=USER, tenant_id=TENANT) for writer in Writer),
        ],
        ids=lambda actor: actor.role,
    )
    async def test_is_open_to_every_signed_in_role(self, queue: Queue, actor: Actor) -> None:
        async with queue.database.acting_as(actor) as tx:
            await greet.enqueue(tx, greeting("one"))
            await greet.enqueue_many(tx, [greeting("two"), greeting("three")])
        await queue.work_off()
        assert sorted(one.name for one in done) == ["one", "three", "two"]

    async def test_is_closed_to_visitors(self, queue: Queue) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with queue.database.acting_as(Visitor()) as tx:
                await greet.enqueue(tx, greeting("ada"))

    @pytest.mark.parametrize("actor", [Visitor(), User(USER), Service(Writer.MAGNETLAB)])
    async def test_shows_the_queue_to_nobody_but_root(self, queue: Queue, actor: Actor) -> None:
        tables = await queue.sql(
            "select tablename from pg_tables where schemaname = 'platform'"
            " and tablename not like 'test_%'"
        )
        assert len(tables) >= 7
        for (table,) in tables:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with queue.database.acting_as(actor) as tx:
                    await tx.execute(f"select from platform.{table}")

    async def test_remembers_who_asked(self, queue: Queue) -> None:
        structlog.contextvars.bind_contextvars(request_id="request-1")
        async with queue.database.acting_as(
            Service(Writer.MAGNETLAB, user_id=USER, tenant_id=TENANT)
        ) as tx:
            job_id = await greet.enqueue(tx, greeting("ada"))
        structlog.contextvars.clear_contextvars()
        assert job_id is not None
        async with queue.database.acting_as(Root()) as tx:
            detail = await jobs.get_job(tx, job_id=job_id)
        assert (detail.job.user_id, detail.job.tenant_id) == (USER, TENANT)
        assert detail.request_id == "request-1"
        assert detail.args["name"] == "ada"

    async def test_keeps_one_waiting_job_of_a_key(self, queue: Queue) -> None:
        async with queue.database.acting_as(Root()) as tx:
            first = await greet.enqueue(tx, greeting("ada"), dedupe_key="lead 1")
            second = await greet.enqueue(tx, greeting("ada"), dedupe_key="lead 1")
            other = await hang.enqueue(
                tx, greeting("x"), dedupe_key="lead 1", run_at=datetime.now(UTC) + timedelta(1)
            )
        assert first is not None
        assert second is None
        assert other is not None
        await queue.work_off()
        assert len(done) == 1
        async with queue.database.acting_as(Root()) as tx:
            assert await greet.enqueue(tx, greeting("ada"), dedupe_key="lead 1") is not None

    async def test_enqueues_many_with_one_id_each_and_none_for_taken_keys(
        self, queue: Queue
    ) -> None:
        async with queue.database.acting_as(Root()) as tx:
            ids = await greet.enqueue_many(
                tx,
                [greeting("a"), greeting("b"), greeting("a"), greeting("c")],
                dedupe_key=lambda args: args.name,
            )
            assert await greet.enqueue_many(tx, []) == []
        assert [one is None for one in ids] == [False, False, True, False]
        await queue.work_off()
        assert sorted(one.name for one in done) == ["a", "b", "c"]

    async def test_waits_until_its_time(self, queue: Queue) -> None:
        later = datetime.now(UTC) + timedelta(seconds=0.5)
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue(tx, greeting("ada"), run_at=later)
        await queue.work_off()
        assert done == []
        await asyncio.sleep(0.6)
        await queue.work_off()
        assert len(done) == 1

    async def test_runs_higher_priorities_first(self, queue: Queue) -> None:
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue_many(tx, [greeting("low") for _ in range(30)])
            await greet.enqueue(tx, greeting("high"), priority=5)
        await queue.work_off()
        assert "high" in [one.name for one in done[:10]]

    def test_refuses_a_time_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            greet.request(greeting("ada"), run_at=datetime(2026, 1, 1))  # noqa: DTZ001


class TestDeclaring:
    def test_refuses_a_name_twice(self) -> None:
        with pytest.raises(ValueError, match="two jobs are called tests:greet"):
            job("tests:greet")(_handler)

    @pytest.mark.parametrize("name", ["greet", "Tests:greet", "tests:greet it", "tests:"])
    def test_refuses_a_malformed_name(self, name: str) -> None:
        with pytest.raises(ValueError, match="domain:verb_noun"):
            job(name)(_handler)

    def test_refuses_arguments_that_are_no_frozen_dataclass(self) -> None:
        async def loose(args: dict[str, str]) -> None:
            """Take anything."""

        async def untyped(args) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
            """Take something."""

        with pytest.raises(TypeError, match="frozen dataclass"):
            job("tests:loose")(loose)
        with pytest.raises(TypeError, match="with its type"):
            job("tests:untyped")(untyped)

    def test_refuses_a_clock_that_never_strikes(self) -> None:
        async def handler() -> None:
            """Do nothing."""

        with pytest.raises(ValueError, match="cron"):
            schedule("tests:never", cron="every day")(handler)

    def test_describes_each_job_for_the_docs(self) -> None:
        described = {one.name: one.description for one in jobs.registered_jobs()}
        assert described["tests:greet"] == "Note the greeting, or fail as told."
        assert described["tests:tick"] == "Note that the clock struck."
        assert all(described.values())


class TestTables:
    async def test_are_what_this_release_of_pgqueuer_wants(self, queue: Queue) -> None:
        connection = await asyncpg.connect(queue.url)
        plan = await JobQueries.over(AsyncpgDriver(connection)).plan_upgrade()
        await connection.close()
        # The trigger's function is our own, shorter, with a fixed search_path.
        (replaced,) = plan.statements
        assert replaced.startswith("CREATE OR REPLACE FUNCTION platform.notify_jobs()")
        assert plan.notes == ()


async def _handler(args: Greet) -> None:
    """Do nothing."""
