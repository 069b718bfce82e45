"""Jobs on a real queue: enqueued as every role, worked by real workers, some of them killed."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver

from lodestone.platform import jobs, runtime
from lodestone.platform.actors import Actor, Root, Service, Student, User, Visitor, Writer
from lodestone.platform.errors import Conflict, NotFound, RateLimited
from lodestone.platform.jobs import GiveUp, JobState, job, schedule
from lodestone.platform.jobs.attempts import Attempt, JobQueries
from lodestone.platform.jobs.upkeep import bury, purge_job_log
from lodestone.platform.telemetry import registry as metrics
from tests import servers
from tests.platform.killable_worker import Deadly, Slow, kill_worker, work_slowly
from tests.platform.queue_fixtures import Queue, current_queue, eventually, until, worker_process

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


ticks: list[str] = []


@schedule("tests:tick", cron="*/10 * * * *")
async def tick() -> None:
    """Note that the clock struck."""
    ticks.append("tick")
    async with runtime.acting_as(Root()) as tx:
        await tx.execute(
            "insert into platform.test_traces (job, worker, step) values ('tick', '', '')"
        )


@asynccontextmanager
async def _worker(queue: Queue) -> AsyncIterator[None]:
    """Work in this process while the block runs."""
    stop, ready = asyncio.Event(), asyncio.Event()
    working = asyncio.create_task(jobs.run_jobs(queue.url, stop=stop, on_ready=ready.set))
    await ready.wait()
    yield
    stop.set()
    await working


async def _is_done() -> bool:
    return bool(done)


def greeting(name: str) -> Greet:
    return Greet(name=name, who=uuid4(), at=datetime.now(UTC), numbers=(1, 2))


@pytest.fixture(scope="module")
async def queue_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture
async def queue(queue_url: str, tmp_path: Path) -> AsyncIterator[Queue]:
    done.clear()
    failing.clear()
    attempts_made.clear()
    async with current_queue(queue_url, tmp_path) as opened:
        yield opened


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


class TestFailing:
    async def test_tries_again_and_then_rests_among_the_dead_letters(self, queue: Queue) -> None:
        failing["ada"] = LookupError("no such lead")
        job_id = await self.enqueue(queue)
        await self.work_until_failed(queue)
        assert attempts_made == [1, 2, 3]

        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
            detail = await jobs.get_job(tx, job_id=job_id)
        assert (dead.id, dead.name, dead.attempts) == (job_id, "tests:greet", 2)
        assert dead.error == "LookupError: no such lead"
        assert detail.args["name"] == "ada"
        failed = [step for step in detail.steps if step.error]
        assert [step.state for step in failed] == [
            JobState.WAITING,
            JobState.WAITING,
            JobState.FAILED,
        ]
        assert all("raise error" in (step.traceback or "") for step in failed)

    async def test_runs_once_replayed(self, queue: Queue) -> None:
        failing["ada"] = LookupError("no such lead")
        job_id = await self.enqueue(queue)
        await self.work_until_failed(queue)
        failing.clear()
        async with queue.database.acting_as(Root()) as tx:
            await jobs.replay(tx, job_id=job_id)
        await queue.work_off()
        assert len(done) == 1
        async with queue.database.acting_as(Root()) as tx:
            detail = await jobs.get_job(tx, job_id=job_id)
            assert detail.job.state is JobState.DONE
            with pytest.raises(NotFound):
                await jobs.replay(tx, job_id=job_id)

    async def test_replays_all_of_a_name(self, queue: Queue) -> None:
        failing["ada"] = GiveUp("closed")
        for _ in range(3):
            await self.enqueue(queue)
        await queue.work_off()
        failing.clear()
        async with queue.database.acting_as(Root()) as tx:
            assert await jobs.replay_all(tx, name="tests:hang") == 0
            assert await jobs.replay_all(tx, name="tests:greet") == 3
        await queue.work_off()
        assert len(done) == 3

    async def test_refuses_a_replay_of_work_that_waits_again(self, queue: Queue) -> None:
        failing["ada"] = GiveUp("closed")
        job_id = await self.enqueue(queue, dedupe_key="lead 1")
        await queue.work_off()
        await self.enqueue(queue, dedupe_key="lead 1")
        with pytest.raises(Conflict):
            async with queue.database.acting_as(Root()) as tx:
                await jobs.replay(tx, job_id=job_id)

    async def test_gives_up_at_once_when_trying_again_can_not_help(self, queue: Queue) -> None:
        failing["ada"] = GiveUp("the account is closed")
        await self.enqueue(queue)
        await queue.work_off()
        assert attempts_made == [1]
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.error == "GiveUp: the account is closed"

    async def test_waits_as_long_as_it_is_told(self, queue: Queue) -> None:
        failing["ada"] = RateLimited("slow down", retry_after_seconds=120)
        job_id = await self.enqueue(queue)
        await queue.work_off()
        async with queue.database.acting_as(Root()) as tx:
            waiting = (await jobs.get_job(tx, job_id=job_id)).job
        assert waiting.state is JobState.WAITING
        assert waiting.attempts == 1
        assert waiting.next_run_at is not None
        assert waiting.next_run_at > datetime.now(UTC) + timedelta(seconds=110)

    async def test_ends_an_attempt_that_takes_too_long(self, queue: Queue) -> None:
        async with queue.database.acting_as(Root()) as tx:
            await hang.enqueue(tx, greeting("ada"))
        await queue.work_off()
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.error is not None
        assert dead.error.startswith("TimeoutError")

    async def test_keeps_jobs_whose_arguments_no_longer_fit(self, queue: Queue) -> None:
        await queue.sql("select platform.enqueue_job('tests:greet', '{\"name\": 1}')")
        await queue.work_off()
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.error is not None
        assert "don't fit the handler" in dead.error

    async def test_keeps_jobs_that_no_release_knows(self, queue: Queue) -> None:
        await queue.sql("select platform.enqueue_job('tests:forgotten', '{}')")
        await queue.work_off()
        assert await bury(after=timedelta(minutes=15)) == {}
        assert await bury(after=timedelta(0)) == {"tests:forgotten": 1}
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.error == "No worker knows a job called tests:forgotten."

    async def test_leaves_the_list_when_discarded_and_stays_in_the_log(self, queue: Queue) -> None:
        failing["ada"] = GiveUp("closed")
        job_id = await self.enqueue(queue)
        await queue.work_off()
        async with queue.database.acting_as(Root()) as tx:
            await jobs.discard(tx, job_id=job_id)
            assert await jobs.list_jobs(tx, state=JobState.FAILED) == []
            assert (await jobs.get_job(tx, job_id=job_id)).job.state is JobState.DISCARDED
            with pytest.raises(NotFound):
                await jobs.discard(tx, job_id=job_id)

    def test_pauses_threefold_longer_each_time_up_to_an_hour(self) -> None:
        attempt = Attempt.of(greet, JobQueries(driver=None))  # type: ignore[arg-type]
        for number, expected in [(1, 0.01), (2, 0.03), (3, 0.09), (30, 3600)]:
            assert 0.5 * expected <= attempt.pause_seconds(number) <= 1.5 * expected

    @staticmethod
    async def enqueue(queue: Queue, dedupe_key: str | None = None) -> int:
        async with queue.database.acting_as(User(USER)) as tx:
            job_id = await greet.enqueue(tx, greeting("ada"), dedupe_key=dedupe_key)
        assert job_id is not None
        return job_id

    @staticmethod
    async def work_until_failed(queue: Queue) -> None:
        for _ in range(20):
            await queue.work_off()
            if await queue.sql("select from platform.jobs where status = 'failed'"):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it never failed")


class TestLookingOn:
    async def test_lists_counts_and_pages_through_jobs(self, queue: Queue) -> None:
        failing["bad"] = GiveUp("closed")
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue_many(tx, [greeting("ok") for _ in range(5)])
            await greet.enqueue(tx, greeting("bad"))
        await queue.work_off()
        async with queue.database.acting_as(Root()) as tx:
            tomorrow = datetime.now(UTC) + timedelta(days=1)
            await hang.enqueue(tx, greeting("later"), run_at=tomorrow)

            everything = await jobs.list_jobs(tx)
            assert [one.id for one in everything] == sorted(
                (one.id for one in everything), reverse=True
            )
            assert [one.state for one in everything] == [
                JobState.WAITING,
                JobState.FAILED,
                *[JobState.DONE] * 5,
            ]
            first = await jobs.list_jobs(tx, limit=3)
            rest = await jobs.list_jobs(tx, limit=50, before_id=first[-1].id)
            assert [*first, *rest] == everything
            assert len(await jobs.list_jobs(tx, name="tests:hang")) == 1
            assert len(await jobs.list_jobs(tx, state=JobState.DONE, name="tests:greet")) == 5

            counts = {(one.name, one.state): one.count for one in await jobs.count_jobs(tx)}
        assert counts == {
            ("tests:greet", JobState.FAILED): 1,
            ("tests:hang", JobState.WAITING): 1,
        }
        with pytest.raises(NotFound):
            async with queue.database.acting_as(Root()) as tx:
                await jobs.get_job(tx, job_id=10**9)

    async def test_shows_progress_as_it_grows_until_the_end(self, queue: Queue) -> None:
        async with queue.database.acting_as(User(USER)) as tx:
            job_id = await count_up.enqueue(tx, greeting("ada"))
        assert job_id is not None
        working = asyncio.create_task(queue.work_off())
        seen = [one async for one in jobs.watch_progress(job_id, every_seconds=0.05)]
        await working
        reported = [one.done for one in seen]
        assert reported == sorted(reported)
        assert {1, 2, 3} <= set(reported)
        assert seen[-1].state is JobState.DONE
        assert (seen[-1].done, seen[-1].total, seen[-1].message) == (3, 3, "step 3")
        assert seen[-1].user_id == USER
        assert seen[-1].fraction == 1.0

    async def test_yields_no_progress_of_a_job_that_is_not_there(self, queue: Queue) -> None:
        assert [one async for one in jobs.watch_progress(10**9)] == []

    async def test_counts_attempts_for_prometheus(self, queue: Queue) -> None:
        def count(outcome: str) -> float:
            labels = {"job": "tests:greet", "outcome": outcome}
            return metrics.get_sample_value("lodestone_job_attempts_total", labels) or 0.0

        before = count("done"), count("failed")
        failing["bad"] = GiveUp("closed")
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue_many(tx, [greeting("ok"), greeting("ok"), greeting("bad")])
        await queue.work_off()
        assert (count("done"), count("failed")) == (before[0] + 2, before[1] + 1)

    async def test_forgets_the_log_of_jobs_long_over_but_not_of_dead_letters(
        self, queue: Queue
    ) -> None:
        failing["bad"] = GiveUp("closed")
        async with queue.database.acting_as(Root()) as tx:
            await greet.enqueue_many(tx, [greeting("ok"), greeting("bad")])
        await queue.work_off()
        await queue.sql("update platform.job_log set created = created - interval '15 days'")
        await purge_job_log.run()
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx)
        assert dead.error == "GiveUp: closed"


class TestDyingWorkers:
    async def test_leave_their_job_to_the_next(self, queue: Queue, tmp_path: Path) -> None:
        async with queue.database.acting_as(User(USER)) as tx:
            await work_slowly.enqueue(tx, Slow("slow", first_seconds=60, later_seconds=0))
        with worker_process(queue, tmp_path, "first") as first:
            await eventually("select count(*) = 1 from platform.test_traces", queue)
            first.send_signal(signal.SIGKILL)
            first.wait()
        with worker_process(queue, tmp_path, "second"):
            await eventually("select count(*) = 0 from platform.jobs", queue)
        assert await queue.traces() == [
            ("slow", "first", "start"),
            ("slow", "second", "start"),
            ("slow", "second", "end"),
        ]

    async def test_are_not_killed_by_one_job_for_ever(self, queue: Queue, tmp_path: Path) -> None:
        async with queue.database.acting_as(User(USER)) as tx:
            await kill_worker.enqueue(tx, Deadly("deadly"))
        for name in ("first", "second"):
            with worker_process(queue, tmp_path, name) as process:
                await asyncio.to_thread(process.wait, 20)
        with worker_process(queue, tmp_path, "third"):
            await eventually("select status = 'failed' from platform.jobs", queue)
        assert [worker for _, worker, _ in await queue.traces()] == ["first", "second"]
        async with queue.database.acting_as(Root()) as tx:
            (dead,) = await jobs.list_jobs(tx, state=JobState.FAILED)
        assert dead.error == "GiveUp: The worker died in each of 2 attempts."

    async def test_put_back_on_sigterm_what_does_not_end_in_time(
        self, queue: Queue, tmp_path: Path
    ) -> None:
        async with queue.database.acting_as(User(USER)) as tx:
            await work_slowly.enqueue(tx, Slow("slow", first_seconds=60, later_seconds=0))
        with worker_process(queue, tmp_path, "first") as first:
            await eventually("select count(*) = 1 from platform.test_traces", queue)
            first.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(first.wait, 20) == 0
        (row,) = await queue.sql("select status::text, attempts from platform.jobs")
        assert (row["status"], row["attempts"]) == ("queued", 0)
        with worker_process(queue, tmp_path, "second"):
            await eventually("select count(*) = 0 from platform.jobs", queue)

    async def test_let_a_job_end_on_sigterm_when_it_can(self, queue: Queue, tmp_path: Path) -> None:
        async with queue.database.acting_as(User(USER)) as tx:
            await work_slowly.enqueue(tx, Slow("quick", first_seconds=0.1, later_seconds=0))
        with worker_process(queue, tmp_path, "first") as first:
            await eventually("select count(*) = 1 from platform.test_traces", queue)
            first.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(first.wait, 20) == 0
        assert [step for _, _, step in await queue.traces()] == ["start", "end"]
        assert await queue.sql("select from platform.jobs") == []


class TestRunning:
    async def test_starts_a_job_within_moments_of_its_commit(self, queue: Queue) -> None:
        async with _worker(queue):
            async with queue.database.acting_as(User(USER)) as tx:
                await greet.enqueue(tx, greeting("ada"))
            await until(_is_done, seconds=2)

    async def test_comes_back_when_the_server_has_cut_it_off(self, queue: Queue) -> None:
        async with _worker(queue):
            connection = await asyncpg.connect(queue.url)
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
                " and query not like '%pg_stat_activity%'"
            )
            await connection.execute(
                "select platform.enqueue_job('tests:greet', $1)",
                greet.request(greeting("ada")).payload,
            )
            await connection.close()
            await until(_is_done)

    async def test_enqueues_a_due_schedule_once_however_many_workers_there_are(
        self, queue: Queue
    ) -> None:
        await queue.sql(
            "insert into platform.job_schedules (expression, entrypoint, next_run)"
            " values ('*/10 * * * *', 'tests:tick', now() - interval '1 minute')"
        )
        async with _worker(queue), _worker(queue), _worker(queue):
            await eventually("select count(*) > 0 from platform.test_traces", queue)
            await asyncio.sleep(1.5)
        assert await queue.traces() == [("tick", "", "")]

    async def test_does_not_repeat_a_slot_that_a_hasty_clock_strikes_twice(
        self, queue: Queue
    ) -> None:
        for _ in range(2):
            await queue.sql("delete from platform.job_schedules")
            await queue.sql(
                "insert into platform.job_schedules (expression, entrypoint, next_run)"
                " values ('*/10 * * * *', 'tests:tick', now() - interval '1 minute')"
            )
            async with _worker(queue):
                await eventually("select count(*) > 0 from platform.test_traces", queue)
                await asyncio.sleep(0.3)
        assert len(await queue.traces()) == 1

    async def test_forgets_the_times_of_an_earlier_release(self, queue: Queue) -> None:
        await queue.sql(
            "insert into platform.job_schedules (expression, entrypoint)"
            " values ('1 1 1 1 1', 'tests:tick')"
        )
        async with _worker(queue):
            await eventually("select count(*) > 0 from platform.job_schedules", queue)
        async with queue.database.acting_as(Root()) as tx:
            rows = await jobs.list_schedules(tx)
        assert [row.cron for row in rows if row.name == "tests:tick"] == ["*/10 * * * *"]


class TestTables:
    async def test_are_what_this_release_of_pgqueuer_wants(self, queue: Queue) -> None:
        connection = await asyncpg.connect(queue.url)
        plan = await JobQueries.over(AsyncpgDriver(connection)).plan_upgrade()
        await connection.close()
        # The trigger's function is our own, shorter, with a fixed search_path.
        (replaced,) = plan.statements
        assert replaced.startswith("CREATE OR REPLACE FUNCTION platform.notify_jobs()")
        assert plan.notes == ()


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


async def _handler(args: Greet) -> None:
    """Do nothing."""
