"""A queue of its own for a test: a fresh database, made the process's current one meanwhile."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from lodestone.platform import runtime as runtime_module
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import WorkerOptions, work_off
from lodestone.platform.mail import DirectoryMailer
from lodestone.platform.runtime import Runtime
from lodestone.platform.secrets import SecretBox

EMPTY = """
truncate platform.jobs, platform.job_log, platform.job_statistics, platform.job_schedules,
    platform.schedule_slots, platform.job_progress, platform.rate_limits, platform.test_traces
    restart identity
"""

CREATE_TRACES = """
create table if not exists platform.test_traces (
    id bigserial primary key, job text not null, worker text not null, step text not null
);
grant all on platform.test_traces, platform.test_traces_id_seq to service_role;
"""


@dataclass(frozen=True)
class Queue:
    """A database with an empty queue, and what tests do with it."""

    url: str
    database: Database

    async def empty(self) -> None:
        """Forget all that earlier tests left."""
        await self.database.pool.execute(EMPTY)

    async def work_off(self) -> None:
        """Run all that is due."""
        await work_off(self.url, options=WorkerOptions(concurrency=10))

    async def sql(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Run a statement as `Root`."""
        async with self.database.acting_as(Root()) as tx:
            return await tx.fetch(statement, *values)

    async def traces(self) -> list[tuple[str, str, str]]:
        """Return what the killable workers wrote down."""
        rows = await self.sql("select job, worker, step from platform.test_traces order by id")
        return [(row["job"], row["worker"], row["step"]) for row in rows]


@asynccontextmanager
async def current_queue(url: str, directory: Path) -> AsyncIterator[Queue]:
    """Make the database the process's current one, and put back the one before."""
    connection = await asyncpg.connect(url)
    await connection.execute(CREATE_TRACES)
    await connection.close()
    database = await Database.connect(url, max_size=6)
    with _current(
        Runtime(
            database=database,
            mailer=DirectoryMailer(directory),
            secrets=SecretBox([b"0" * 32]),
            base_url="http://localhost",
            data_dir=directory,
        )
    ):
        queue = Queue(url, database)
        await queue.empty()
        yield queue
    await database.close()


@contextmanager
def _current(runtime: Runtime) -> Iterator[None]:
    try:
        before = runtime_module.current()
    except RuntimeError:
        before = None
    runtime_module.set_current(runtime)
    yield
    if before is not None:
        runtime_module.set_current(before)


@contextmanager
def worker_process(queue: Queue, directory: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Start a worker process and wait until it works; it is killed at the end."""
    command = [sys.executable, "-m", "tests.platform.killable_worker"]
    with subprocess.Popen(
        [*command, queue.url, str(directory), name], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


async def eventually(check: str, queue: Queue, *, seconds: float = 15.0) -> None:
    """Wait until the statement answers true."""

    async def is_true() -> bool:
        return bool((await queue.sql(check))[0][0])

    await until(is_true, seconds=seconds)


async def until(check: Callable[[], Awaitable[bool]], *, seconds: float = 15.0) -> None:
    """Wait until the check holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await check():
        assert asyncio.get_running_loop().time() < deadline, "it never came true"
        await asyncio.sleep(0.05)
