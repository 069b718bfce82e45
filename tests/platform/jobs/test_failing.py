"""Retried, then kept among the dead letters; and what the console sees of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from lodestone.platform import jobs
from lodestone.platform.actors import Root, User
from lodestone.platform.errors import Conflict, NotFound, RateLimited
from lodestone.platform.jobs import GiveUp, JobState
from lodestone.platform.jobs.attempts import Attempt, JobQueries
from lodestone.platform.jobs.upkeep import bury, purge_job_log
from lodestone.platform.telemetry import registry as metrics
from tests.platform.jobs.declared import (
    USER,
    attempts_made,
    count_up,
    done,
    failing,
    greet,
    greeting,
    hang,
)
from tests.platform.queue_fixtures import Queue


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
