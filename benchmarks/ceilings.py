"""The opt-in without a web server: the product's statements straight through asyncpg.

`python -m benchmarks.ceilings` in a process of its own, on as many connections as the pool of the
product has; each does nothing but send the next opt-in when the last is committed.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
import uuid
from functools import cache
from itertools import count
from uuid import UUID

import asyncpg
import uvloop

from benchmarks.business import Business
from lodestone.domains.funnels.queries import funnel_leads
from lodestone.domains.funnels.service import LeadCaptured
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import begin_statement
from lodestone.platform.events import registered_events
from lodestone.platform.jobs import discover_jobs
from lodestone.platform.jobs.queries import queue
from lodestone.platform.jobs.registry import JobRequest

CONNECTIONS = 10
WARM_UP_SECONDS = 0.3


def measure_optins(business: Business, *, seconds: float) -> float:
    """Return the opt-ins per second that the statements alone allow."""
    given = [business.url, str(business.user_id), str(business.page_id), str(seconds)]
    command = [sys.executable, "-m", "benchmarks.ceilings", *given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


@cache
def subscribers() -> tuple[str, ...]:
    """Return the names of the jobs that an opt-in enqueues."""
    discover_jobs("lodestone.domains")
    return tuple(job.name for job in registered_events()[LeadCaptured])


async def _measure(url: str, user_id: UUID, page_id: UUID, seconds: float) -> float:
    connections = [await asyncpg.connect(url) for _ in range(CONNECTIONS)]
    run_id = uuid.uuid4().hex[:10]
    emails = (f"p{number}.{run_id}@example.com" for number in count(random.randrange(2**24)))
    begin = begin_statement(Service(Writer.MAGNETLAB, user_id=user_id))
    done = 0
    began = time.perf_counter()
    end = began + seconds

    async def opt_in_again(connection: asyncpg.Connection) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await _opt_in(connection, begin, page_id, next(emails))
            done += 1

    await asyncio.gather(*map(opt_in_again, connections))
    elapsed = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return done / elapsed


async def _opt_in(connection: asyncpg.Connection, begin: str, page_id: UUID, email: str) -> None:
    await connection.execute(begin)
    row = await funnel_leads.insert_funnel_lead(
        connection,
        funnel_page_id=page_id,
        email=email,
        name="Ada Lovelace",
        utm_source="newsletter",
        utm_medium=None,
        utm_campaign=None,
        ip_address="10.0.0.1",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        limit_key=os.urandom(32),
        limit_per_minute=5,
    )
    if row["id"] is None:
        raise LookupError("the measured page is not published")
    payload = json.dumps({"lead_id": str(row["id"]), "funnel_page_id": str(page_id)}).encode()
    requests = [JobRequest(name=name, payload=payload) for name in subscribers()]
    enqueue = queue.write_insert_jobs(requests, '{"request_id": "0123456789abcdef"}')
    await connection.execute(f"{enqueue}; commit; {queue.WAKE}")


def main() -> None:
    """Print the opt-ins per second."""
    url, user_id, page_id, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measure(url, UUID(user_id), UUID(page_id), WARM_UP_SECONDS))
        found = runner.run(_measure(url, UUID(user_id), UUID(page_id), float(seconds)))
    sys.stdout.write(str(found))


if __name__ == "__main__":
    main()
