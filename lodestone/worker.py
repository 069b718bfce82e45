"""The worker process: runs jobs and schedules until it is told to stop, then lets them end."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import structlog
from prometheus_client import start_http_server

from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime as runtime_module
from lodestone.platform import telemetry
from lodestone.platform.actors import Root
from lodestone.platform.jobs import WorkerOptions, discover_jobs, registered_jobs, run_jobs
from lodestone.platform.runtime import Runtime
from lodestone.settings import Settings
from lodestone.wiring import database_url, open_runtime

DOMAINS = "lodestone.domains"

_log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Work with these settings until SIGTERM or SIGINT.

    Raises: as `wiring.open_runtime`.
    """
    telemetry.configure_logging(as_json=settings.log_format == "json", level=settings.log_level)
    # Two at once is the least that the queue's own bookkeeping allows.
    options = WorkerOptions(
        concurrency=max(settings.worker_concurrency, 2),
        heartbeat_seconds=settings.worker_heartbeat_seconds,
    )
    async with open_runtime(settings) as runtime:
        await work(runtime, listen_url=database_url(settings, direct=True), options=options)


async def work(
    runtime: Runtime,
    *,
    listen_url: str,
    options: WorkerOptions | None = None,
    stop: asyncio.Event | None = None,
    metrics_port: int | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Work until SIGTERM or SIGINT, or until `stop` is set.

    `listen_url` leads to PostgreSQL itself; handlers use the runtime's database, which may be
    behind a pooler. With `metrics_port`, Prometheus finds this process's metrics there, on
    loopback. Closing the runtime is the caller's.

    Raises: asyncpg.PostgresError when the server refuses us, OSError when the port is taken.
    """
    runtime_module.set_current(runtime)
    discover_jobs(DOMAINS)
    stop = stop or asyncio.Event()
    with ExitStack() as stack:
        stack.enter_context(_stopped_by_signals(stop))
        if metrics_port is not None:
            stack.enter_context(_metrics_served(metrics_port))
        await _seed_prompts()
        _log.info("worker starts", jobs=len(registered_jobs()))
        await run_jobs(listen_url, stop=stop, options=options, on_ready=on_ready)
        _log.info("worker ends")


async def _seed_prompts() -> None:
    async with runtime_module.acting_as(Root()) as tx:
        await prompts.seed(tx)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    yield
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)


@contextmanager
def _metrics_served(port: int) -> Iterator[None]:
    server, thread = start_http_server(port, addr="127.0.0.1", registry=telemetry.registry)
    yield
    server.shutdown()
    server.server_close()
    thread.join()
