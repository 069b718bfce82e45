"""What the data API says to PostgreSQL, written down once and said again without it.

`recorded` asks the real application and notes its statements with their values, role and claims.
`measure` says them straight through asyncpg, in a process of its own, on as many connections as the
pool of the product has; `benchmarks.peers.bare` says them from behind bare Starlette.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvloop
from asyncpg.connection import LoggedQuery

from benchmarks.business import Business
from benchmarks.load import Result
from benchmarks.peers.desk import Question
from lodestone import wiring
from lodestone.app import create_app
from lodestone.settings import load

Statements = list[tuple[str, list[Any]]]
"""One request, from its BEGIN to its COMMIT; values only where there are any."""

CONNECTIONS = 20
WARM_UP_SECONDS = 0.3


class QuietConnection(asyncpg.Connection):
    """A connection that resets nothing when it goes back to its pool, like the product's."""

    def get_reset_query(self) -> str:
        return ""


async def recorded(business: Business, questions: Mapping[str, Question]) -> dict[str, Statements]:
    """Return what each question makes the application say. Raises LookupError for a refusal."""
    settings = load(data_dir=business.data_dir, database_pool_size=1, log_level="error")
    found: dict[str, Statements] = {}
    async with wiring.open_runtime(settings) as runtime:
        app = create_app(settings, runtime)
        heard: list[LoggedQuery] = []
        async with runtime.database.pool.acquire() as connection:
            connection.add_query_logger(heard.append)
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=settings.address) as client:
            for name, question in questions.items():
                # The second time: the first one reads the catalog too.
                for _ in range(2):
                    heard.clear()
                    response = await _ask(client, question)
                    if not response.is_success:
                        raise LookupError(f"{name}: {response.text}")
                found[name] = [(one.query, list(one.args or ())) for one in heard]
    return found


async def _ask(client: httpx.AsyncClient, question: Question) -> httpx.Response:
    method = "POST" if question.body else "GET"
    return await client.request(
        method, question.path, content=question.body or None, headers=dict(question.headers)
    )


async def say(connection: Any, statements: Statements) -> bytes:
    """Say a request's statements and return the body of its answer."""
    body = b""
    for statement, values in statements:
        if values:
            row = await connection.fetchrow(statement, *values)
            body = row["body"]
        else:
            await connection.execute(statement)
    return body


def measure(url: str, statements: Statements, *, seconds: float) -> Result:
    """Return how often the statements alone can be said."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.replay"],
        input=json.dumps({"url": url, "statements": statements, "seconds": seconds}),
        check=True,
        capture_output=True,
        text=True,
    )
    return Result(**json.loads(done.stdout))


def write_down(statements: Mapping[str, Statements], directory: Path) -> Path:
    """Write the statements where the peer reads them."""
    path = directory / "statements.json"
    path.write_text(json.dumps(statements))
    return path


async def _repeat(url: str, statements: Statements, seconds: float) -> dict[str, float]:
    connections = [
        await asyncpg.connect(url, statement_cache_size=1024) for _ in range(CONNECTIONS)
    ]
    taken: list[float] = []
    began = time.perf_counter()
    end = began + seconds

    async def again(connection: asyncpg.Connection) -> None:
        while (start := time.perf_counter()) < end:
            await say(connection, statements)
            taken.append(time.perf_counter() - start)

    await asyncio.gather(*map(again, connections))
    elapsed = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    taken.sort()
    return {
        "requests_per_second": len(taken) / elapsed,
        "p50": taken[len(taken) // 2] * 1000,
        "p99": taken[int(len(taken) * 0.99)] * 1000,
    }


def main() -> None:
    """Do what standard input orders."""
    order = json.load(sys.stdin)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_repeat(order["url"], order["statements"], WARM_UP_SECONDS))
        found = runner.run(_repeat(order["url"], order["statements"], order["seconds"]))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
