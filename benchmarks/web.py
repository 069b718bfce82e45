"""Requests per second, latencies and memory of the web process, beside its ceilings and peers."""

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from benchmarks import ceilings, load, processes
from benchmarks.business import Business
from benchmarks.processes import Memory, Served

CONNECTIONS = 32
REST_OF_LOAD = 0.5

# A run leaves jobs and hits behind, and the next is to find what the first found.
_TIDY = (
    "truncate platform.jobs, platform.job_log, platform.rate_limits, peer.jobs, peer.rate_limits"
)


@dataclass(frozen=True)
class Latency:
    """Milliseconds from when a request was due, at a rate per second."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Web:
    """Medians over the runs, per second; `client_busy` is the most that a load generator used."""

    rates: dict[str, float]
    latencies: dict[str, Latency]
    memory: Memory
    client_busy: float


def measure(business: Business, *, runs: int, seconds: float) -> Web:
    """Load each side in turns, so many times."""
    processes.make_peer_tables(business)
    with (
        processes.web(business) as product,
        processes.peer("hello", business) as hello,
        processes.peer("orm", business, probe="/openapi.json") as orm,
    ):
        orders = _orders(business, product, hello, orm, seconds)
        taken: dict[str, list[float]] = defaultdict(list)
        busy = 0.0
        for _ in range(runs):
            for name, order in orders.items():
                result = load.run(order)
                taken[name].append(result.requests_per_second)
                busy = max(busy, result.client_busy)
                tidy(business)
            taken["opt-in, statements alone"].append(
                ceilings.measure_optins(business, seconds=seconds)
            )
            tidy(business)
        rates = {name: statistics.median(values) for name, values in taken.items()}
        latencies = {
            name: _latency(order, rates[name] * REST_OF_LOAD, runs, lambda: tidy(business))
            for name, order in orders.items()
        }
        return Web(rates, latencies, processes.memory(product.pid), busy)


def tidy(business: Business) -> None:
    """Empty the queue and forget the limits."""
    asyncio.run(_execute(business.url, _TIDY))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _orders(
    business: Business, product: Served, hello: Served, orm: Served, seconds: float
) -> dict[str, load.Order]:
    def order(served: Served, kind: str, path: str) -> load.Order:
        return load.Order(
            port=served.port,
            kind=kind,
            path=path,
            connections=CONNECTIONS,
            seconds=seconds,
            page_id=str(business.page_id),
        )

    return {
        "hello world": order(hello, "get", "/"),
        "public page": order(product, "get", business.path),
        "opt-in, JSON": order(product, "json", "/api/public/lead"),
        "opt-in, form": order(product, "form", business.path),
        "opt-in, ORM peer": order(orm, "json", "/api/public/lead"),
    }


def _latency(order: load.Order, rate: float, runs: int, between: Callable[[], None]) -> Latency:
    results = []
    for _ in range(max(runs // 2, 1)):
        results.append(
            load.run(
                load.Order(
                    port=order.port,
                    kind=order.kind,
                    path=order.path,
                    connections=CONNECTIONS,
                    seconds=order.seconds,
                    rate=rate,
                    page_id=order.page_id,
                )
            )
        )
        between()
    return Latency(
        rate=rate,
        p50=statistics.median(result.p50 for result in results),
        p99=statistics.median(result.p99 for result in results),
    )
