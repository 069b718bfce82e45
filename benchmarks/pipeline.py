"""What becomes of opt-ins: how many of them one worker carries through all their jobs a second."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg

from benchmarks import load, processes
from benchmarks.business import Business
from benchmarks.processes import Memory

OPT_INS = 600
LIMIT_SECONDS = 300.0

_LEFT = """
select count(*) from platform.jobs
where entrypoint like any ('{funnels:%,operations:%,email:%}')
"""
_FAILED = "select count(*) from platform.jobs where status = 'failed'"
_TOOK = """
select extract(epoch from max(created) - min(created))::double precision
from platform.job_log
where status = 'successful' and entrypoint like any ('{funnels:%,operations:%,email:%}')
"""


@dataclass(frozen=True)
class Pipeline:
    """Opt-ins per second through lead, event, mail and webhooks; the worker's memory after it."""

    optins_per_second: float
    memory: Memory


def measure(business: Business) -> Pipeline:
    """Take opt-ins while no worker runs, then let one work."""
    with processes.web(business) as web:
        order = load.Order(
            port=web.port,
            kind="json",
            path="/api/public/lead",
            connections=8,
            seconds=OPT_INS / 150,
            rate=150,
            page_id=str(business.page_id),
        )
        taken = sum(load.run(order).statuses.values())
    with processes.worker(business) as worker:
        took = asyncio.run(_await_empty(business.url))
        memory = processes.memory(worker)
    return Pipeline(taken / took, memory)


async def _await_empty(url: str) -> float:
    connection = await asyncpg.connect(url)
    deadline = time.monotonic() + LIMIT_SECONDS
    try:
        while await connection.fetchval(_LEFT):
            if time.monotonic() > deadline or await connection.fetchval(_FAILED):
                raise RuntimeError("the worker does not get through its jobs")
            await asyncio.sleep(0.1)
        took: float = await connection.fetchval(_TOOK)
        return took
    finally:
        await connection.close()
