"""Jobs per second: the product's worker, and PgQueuer alone with the same options.

Either enqueues in batches, then works everything off with handlers that do nothing, in a process
of its own. PgQueuer has tables of its own in schema `raw_queue`, made by its own installer.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job as TakenJob

from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import WorkerOptions, job, run_jobs
from lodestone.platform.mail import DirectoryMailer
from lodestone.platform.runtime import Runtime
from lodestone.platform.secrets import SecretBox

BATCH = 500
CONCURRENCY = 20
RAW = DBSettings(db_schema="raw_queue")


@dataclass(frozen=True)
class Rates:
    """Jobs per second."""

    enqueued: float
    worked: float


@dataclass(frozen=True)
class Nothing:
    """The arguments of a job that does nothing."""

    number: int


class _Countdown:
    """Notes when the last job has been done."""

    def __init__(self, jobs: int) -> None:
        self.left = jobs
        self.stop = asyncio.Event()

    def count(self) -> None:
        self.left -= 1
        if not self.left:
            self.stop.set()


_countdown: list[_Countdown] = []


@job("benchmarks:do_nothing")
async def do_nothing(_: Nothing) -> None:
    """Do nothing."""
    _countdown[-1].count()


def measure(url: str, *, jobs: int, runs: int) -> tuple[Rates, Rates]:
    """Return the medians of the product and of PgQueuer, run in turns."""
    taken: dict[str, list[Rates]] = {"product": [], "raw": []}
    for _ in range(runs):
        for side, rates in taken.items():
            rates.append(_run(side, url, jobs))
    return _median(taken["product"]), _median(taken["raw"])


def _median(rates: list[Rates]) -> Rates:
    return Rates(
        enqueued=statistics.median(rate.enqueued for rate in rates),
        worked=statistics.median(rate.worked for rate in rates),
    )


def _run(side: str, url: str, jobs: int) -> Rates:
    # Imported by name and not run as a module, which would declare the job a second time.
    program = "from benchmarks.queue import main; main()"
    command = [sys.executable, "-c", program, side, url, str(jobs)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"the queue failed: {done.stderr[-2000:]}")
    return Rates(**json.loads(done.stdout))


async def _product(url: str, jobs: int) -> Rates:
    database = await Database.connect(url)
    with tempfile.TemporaryDirectory() as directory:
        runtime.set_current(
            Runtime(
                database=database,
                mailer=DirectoryMailer(Path(directory)),
                secrets=SecretBox([b"0" * 32]),
                base_url="http://localhost",
                data_dir=Path(directory),
            )
        )
        await database.pool.execute("truncate platform.jobs, platform.job_log")
        countdown = _Countdown(jobs)
        _countdown.append(countdown)
        began = time.perf_counter()
        for first in range(0, jobs, BATCH):
            batch = [Nothing(number) for number in range(first, min(first + BATCH, jobs))]
            async with database.acting_as(Root()) as tx:
                await do_nothing.enqueue_many(tx, batch)
        enqueued = jobs / (time.perf_counter() - began)
        options = WorkerOptions(concurrency=CONCURRENCY)
        began = time.perf_counter()
        await run_jobs(url, stop=countdown.stop, options=options)
    worked = jobs / (time.perf_counter() - began)
    await database.close()
    return Rates(enqueued, worked)


async def _raw(url: str, jobs: int) -> Rates:
    async with asyncpg.create_pool(url, min_size=2, max_size=4) as pool:
        driver = AsyncpgPoolDriver(pool)
        queries = Queries(
            driver,
            qbe=QueryBuilderEnvironment(RAW),
            qbq=QueryQueueBuilder(RAW),
            qbs=QuerySchedulerBuilder(RAW),
        )
        await pool.execute("drop schema if exists raw_queue cascade")
        await pool.execute("create schema raw_queue")
        await queries.install()
        queue = PgQueuer(connection=driver, channel=RAW.channel, queries=queries)
        countdown = _Countdown(jobs)

        @queue.entrypoint("do_nothing")
        async def nothing(_: TakenJob) -> None:
            countdown.count()

        began = time.perf_counter()
        for first in range(0, jobs, BATCH):
            size = min(BATCH, jobs - first)
            await queries.enqueue(["do_nothing"] * size, [b'{"number":1}'] * size, [0] * size)
        enqueued = jobs / (time.perf_counter() - began)
        began = time.perf_counter()
        work = asyncio.ensure_future(
            queue.run(batch_size=CONCURRENCY // 2, max_concurrent_tasks=CONCURRENCY)
        )
        await countdown.stop.wait()
        queue.shutdown.set()
        await work
        worked = jobs / (time.perf_counter() - began)
    return Rates(enqueued, worked)


def main() -> None:
    """Print the rates of `product|raw <url> <jobs>` as JSON."""
    side, url, jobs = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rates = runner.run((_product if side == "product" else _raw)(url, int(jobs)))
    json.dump(asdict(rates), sys.stdout)
