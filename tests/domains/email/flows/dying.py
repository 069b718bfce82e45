"""A worker that is killed between moving somebody and the commit: run as a program of its own.

python -m tests.domains.email.flows.dying <database url> <data dir> <flow id>
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from lodestone import wiring
from lodestone.domains.email.flows import engine, jobs
from lodestone.platform import runtime
from lodestone.platform.jobs import discover_jobs
from lodestone.settings import load


async def die(url: str, data_dir: str, flow_id: UUID) -> None:
    """Move who is due, say so, and be killed before the transaction ends."""
    discover_jobs("lodestone.domains")
    settings = load(data_dir=Path(data_dir), base_url="http://localhost")
    async with wiring.open_runtime(settings, url=url):
        running = await engine.find_running(flow_id)
        assert running is not None
        async with runtime.acting_as(engine.actor_of(running)) as tx:
            follow_ups = await engine.run_due(tx, running)
            await jobs.enqueue_follow_ups(tx, running, follow_ups)
            print("moved", follow_ups.moved, len(follow_ups.messages), flush=True)  # noqa: T201
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(die(sys.argv[1], sys.argv[2], UUID(sys.argv[3])))
