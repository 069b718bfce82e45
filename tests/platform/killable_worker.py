"""A real worker process for the tests that kill it: `python -m tests.platform.killable_worker`.

It takes the database's URL and a directory; its jobs write what they did into a table.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from lodestone import worker
from lodestone.platform import runtime, telemetry
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import WorkerOptions, job, report_progress
from lodestone.platform.mail import DirectoryMailer
from lodestone.platform.secrets import SecretBox

INSERT_TRACE = """
insert into platform.test_traces (job, worker, step) values ($1, $2, $3)
"""


@dataclass(frozen=True)
class Slow:
    """How long the work takes in its first process, and in any other."""

    label: str
    first_seconds: float
    later_seconds: float


async def trace(label: str, step: str) -> None:
    async with runtime.acting_as(Root()) as tx:
        await tx.execute(INSERT_TRACE, label, sys.argv[3], step)


@job("tests:work_slowly", attempts=3, backoff_seconds=0.05)
async def work_slowly(args: Slow) -> None:
    """Note the start, take the time, note the end."""
    await trace(args.label, "start")
    await report_progress(done=1, total=2, message="half")
    await asyncio.sleep(args.first_seconds if sys.argv[3] == "first" else args.later_seconds)
    await trace(args.label, "end")


@dataclass(frozen=True)
class Deadly:
    """A job that takes its worker with it."""

    label: str


@job("tests:kill_worker", attempts=2)
async def kill_worker(args: Deadly) -> None:
    """End the process as `kill -9` would."""
    await trace(args.label, "start")
    import os  # noqa: PLC0415
    import signal  # noqa: PLC0415

    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, directory: Path) -> None:
    telemetry.configure_logging(as_json=True, level="WARNING")
    database = await Database.connect(url, max_size=4)
    made = runtime.Runtime(
        database=database,
        mailer=DirectoryMailer(directory),
        secrets=SecretBox([b"0" * 32]),
        base_url="http://localhost",
        data_dir=directory,
    )
    options = WorkerOptions(concurrency=4, heartbeat_seconds=1.0, drain_seconds=0.3)
    try:
        await worker.work(
            made,
            listen_url=url,
            options=options,
            on_ready=lambda: print("ready", flush=True),  # noqa: T201
        )
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
