"""Real workers: killed, stopped, cut off, and several at once."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from lodestone.platform import jobs
from lodestone.platform.actors import Root, User
from lodestone.platform.jobs import JobState
from tests.platform.jobs.declared import (
    USER,
    done,
    greet,
    greeting,
)
from tests.platform.killable_worker import Deadly, Slow, kill_worker, work_slowly
from tests.platform.queue_fixtures import Queue, eventually, until, worker_process


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
