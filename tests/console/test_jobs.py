"""Jobs and dead letters: seen and run again by whoever runs the installation, and nobody else."""

import json
from dataclasses import dataclass
from uuid import UUID

import pytest

from lodestone.platform.actors import Root, User
from lodestone.platform.database import Database
from lodestone.platform.jobs import job, report_progress
from lodestone.platform.jobs.progress import RunningJob, running
from tests.console.conftest import Browser
from tests.people import Person


@dataclass(frozen=True)
class Probe:
    """What the probe job is about."""

    word: str


@job("console_tests:probe_things")
async def probe_things(args: Probe) -> None:
    """Say the word of the probe, or fail over it."""
    await report_progress(done=1, total=4, message=args.word)


async def _enqueue(database: Database, person: Person, word: str = "probe") -> int:
    async with database.acting_as(User(person.id)) as tx:
        job_id = await probe_things.enqueue(tx, Probe(word))
    assert job_id is not None
    return job_id


async def _kill(database: Database, job_id: int, reason: str = "It broke") -> None:
    failure = {"exception_type": "ValueError", "exception_message": reason, "traceback": "Trace"}
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update platform.jobs set status = 'failed', attempts = 5 where id = $1", job_id
        )
        await tx.execute(
            "insert into platform.job_log (job_id, status, priority, entrypoint, traceback)"
            " values ($1, 'failed', 0, 'console_tests:probe_things', $2)",
            job_id,
            failure,
        )


async def _status(database: Database, job_id: int) -> str | None:
    async with database.acting_as(Root()) as tx:
        found: str | None = await tx.fetchval(
            "select status::text from platform.jobs where id = $1", job_id
        )
    return found


class TestJobs:
    async def test_are_listed_with_their_state(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator)
        browser = await browser_of(operator)
        page = await browser.get("/app/jobs?name=console_tests:probe_things&state=waiting")
        assert f'href="/app/jobs/{job_id}"' in page.text
        assert "Waiting" in page.text

    async def test_show_their_arguments_and_history(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator, "a telling word")
        await _kill(database, job_id, "The other side hung up")
        page = await (await browser_of(operator)).get(f"/app/jobs/{job_id}")
        assert "a telling word" in page.text
        assert "ValueError: The other side hung up" in page.text
        assert "Gave up" in page.text or "Failed" in page.text

    async def test_that_never_were_are_404(self, browser_of: Browser, operator: Person) -> None:
        assert (await (await browser_of(operator)).get("/app/jobs/999999999")).status_code == 404

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/app/jobs"),
            ("GET", "/app/jobs/dead"),
            ("GET", "/app/jobs/{id}"),
            ("POST", "/app/jobs/{id}/replay"),
            ("POST", "/app/jobs/{id}/discard"),
            ("POST", "/app/jobs/dead/replay"),
        ],
    )
    async def test_are_not_for_others(
        self, browser_of: Browser, person: Person, database: Database, method: str, path: str
    ) -> None:
        job_id = await _enqueue(database, person)
        await _kill(database, job_id)
        browser = await browser_of(person)
        answer = await browser.request(method, path.format(id=job_id))
        assert answer.status_code == 403
        assert await _status(database, job_id) == "failed"


class TestDeadLetters:
    async def test_say_why_and_run_again(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator)
        await _kill(database, job_id, f"Reason {job_id}")
        browser = await browser_of(operator)
        assert f"Reason {job_id}" in (await browser.get("/app/jobs/dead")).text
        answer = await browser.post(f"/app/jobs/{job_id}/replay")
        assert answer.headers["location"] == f"/app/jobs/{job_id}"
        assert await _status(database, job_id) == "queued"
        again = await browser.post(f"/app/jobs/{job_id}/replay")
        assert again.status_code == 404

    async def test_run_again_all_of_one_name(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        ids = [await _enqueue(database, operator) for _ in range(3)]
        for job_id in ids:
            await _kill(database, job_id)
        browser = await browser_of(operator)
        await browser.post("/app/jobs/dead/replay", data={"name": "console_tests:probe_things"})
        assert [await _status(database, job_id) for job_id in ids] == ["queued"] * 3

    async def test_are_given_up_for_good(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator)
        await _kill(database, job_id)
        browser = await browser_of(operator)
        await browser.post(f"/app/jobs/{job_id}/discard")
        assert await _status(database, job_id) is None
        assert "Given up" in (await browser.get(f"/app/jobs/{job_id}")).text

    async def test_show_on_the_home_page(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        await _kill(database, await _enqueue(database, operator))
        assert "gave up" in (await (await browser_of(operator)).get("/app")).text


class TestProgress:
    async def test_is_streamed_to_whoever_asked_for_the_job(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, person)
        await _report(job_id, person.id)
        await _kill(database, job_id)
        answer = await (await browser_of(person)).get(f"/api/jobs/{job_id}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        message = json.loads(answer.text.strip().removeprefix("data: "))
        assert message == {"done": 1, "total": 4, "message": "halfway", "status": "failed"}

    async def test_of_others_does_not_exist(
        self, browser_of: Browser, person: Person, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator)
        answer = await (await browser_of(person)).get(f"/api/jobs/{job_id}/events")
        assert answer.status_code == 404

    async def test_shows_as_a_bar_on_the_page_of_the_job(
        self, browser_of: Browser, operator: Person, database: Database
    ) -> None:
        job_id = await _enqueue(database, operator)
        await _report(job_id, operator.id)
        page = await (await browser_of(operator)).get(f"/app/jobs/{job_id}")
        assert '<progress max="4" value="1"' in page.text
        assert f'data-progress="/api/jobs/{job_id}/events"' in page.text


async def _report(job_id: int, user_id: UUID) -> None:
    token = running.set(RunningJob(job_id, "console_tests:probe_things", user_id, None))
    try:
        await report_progress(done=1, total=4, message="halfway")
    finally:
        running.reset(token)
