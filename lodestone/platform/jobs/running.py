"""The worker: PgQueuer over our tables and names, and what happens around each handler."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.models import Schedule as DueSchedule
from pgqueuer.ports.driver import NotifyCallback

from lodestone.platform.jobs.attempts import Attempt, JobQueries
from lodestone.platform.jobs.queries import working
from lodestone.platform.jobs.registry import Schedule, registered_jobs, registered_schedules
from lodestone.platform.jobs.tables import CHANNEL

CLOCK_LEEWAY = timedelta(seconds=2)
QUERY_LIMIT_SECONDS = 60.0
RECONNECT_SECONDS = 1.0
DRAIN_POLL_SECONDS = 0.02

_log = structlog.get_logger(__name__)

# The server went away or is coming up; it may be back in a moment.
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    FailingListenerError,
    asyncpg.InternalClientError,  # what the driver says when cut off within an operation
)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How one worker works.

    `concurrency`: jobs at once, at least 2. `heartbeat_seconds`: how long after its last sign of
    life a dead worker's jobs are taken by another. `drain_seconds`: how long running jobs may take
    to end when the worker is told to stop; then they go back into the queue.
    """

    concurrency: int = 20
    heartbeat_seconds: float = 30.0
    drain_seconds: float = 8.0

    def __post_init__(self) -> None:
        if self.concurrency < 2:
            raise ValueError("a worker runs at least two jobs at once")


class _Connection(asyncpg.Connection):
    """A connection whose state never changes after the start, so there is nothing to reset."""

    def get_reset_query(self) -> str:
        return ""


async def _become_root(connection: asyncpg.Connection) -> None:
    await connection.execute("set role service_role")


class _Driver(AsyncpgPoolDriver):
    """Says at once when the listening connection is lost, of which PgQueuer hears late."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.is_lost = asyncio.Event()
        self._is_listening = asyncio.Event()

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        if self._listener_connection is not None:
            self._listener_connection.add_termination_listener(lambda _: self.is_lost.set())
        # PgQueuer's first health check would else be sent before we can hear it.
        self._is_listening.set()

    async def notify(self, channel: str, payload: str) -> None:
        await self._is_listening.wait()
        await super().notify(channel, payload)


async def run_jobs(
    url: str,
    *,
    stop: asyncio.Event,
    options: WorkerOptions | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Run jobs and schedules until `stop` is set, then let running jobs end.

    `url` leads to the server itself: LISTEN does not work through a pooler in transaction mode.
    A lost server is waited for. Raises: asyncpg.PostgresError for one that refuses us.
    """
    options = options or WorkerOptions()
    while not stop.is_set():
        try:
            await _run_connected(url, stop, options, on_ready)
        except _LOST as error:
            _log.warning("worker lost the database", error=f"{type(error).__name__}: {error}")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RECONNECT_SECONDS)


async def work_off(url: str, *, options: WorkerOptions | None = None) -> None:
    """Run every job that is due now, and those that they enqueue; leave what is due later.

    Schedules don't fire. For demos and tests; a worker would never return.
    """
    async with _pool(url) as pool:
        queue = _queue(_Driver(pool))
        names = [job.name for job in registered_jobs()]
        async with _running(queue.qm.run, queue, options or WorkerOptions()) as work:
            while not work.done() and await pool.fetchval(working.COUNT_DUE, names):
                await asyncio.wait({work}, timeout=DRAIN_POLL_SECONDS)


async def _run_connected(
    url: str, stop: asyncio.Event, options: WorkerOptions, on_ready: Callable[[], None] | None
) -> None:
    async with _pool(url) as pool:
        driver = _Driver(pool)
        queue = _queue(driver)
        for declared in registered_schedules():
            queue.schedule(declared.name, declared.cron)(_enqueuer(pool, declared))
        await _forget_old_schedules(queue, pool)
        async with _running(queue.run, queue, options) as work:
            if on_ready is not None:
                on_ready()
            await _first_of(work, stop.wait(), driver.is_lost.wait())
            if driver.is_lost.is_set() and not stop.is_set():
                raise ConnectionResetError("the listening connection was cut")


async def _first_of(work: asyncio.Future[None], *events: Coroutine[Any, Any, object]) -> None:
    waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(event) for event in events]
    try:
        await asyncio.wait([work, *waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


class _running:  # noqa: N801 -- used as a function
    """Start the queue; at the end let its jobs finish in time, or put them back."""

    def __init__(
        self, run: Callable[..., Awaitable[None]], queue: PgQueuer, options: WorkerOptions
    ) -> None:
        self._queue = queue
        self._drain_seconds = options.drain_seconds
        heartbeat = timedelta(seconds=options.heartbeat_seconds)
        self._work = asyncio.ensure_future(
            run(
                batch_size=options.concurrency // 2,
                max_concurrent_tasks=options.concurrency,
                # A poll finds the jobs of dead workers, of which no notice is sent.
                dequeue_timeout=min(heartbeat / 2, timedelta(seconds=30)),
                heartbeat_timeout=heartbeat,
                shutdown_on_listener_failure=True,
            )
        )

    async def __aenter__(self) -> asyncio.Future[None]:
        return self._work

    async def __aexit__(self, *_: object) -> None:
        self._queue.shutdown.set()
        try:
            await asyncio.wait({self._work}, timeout=self._drain_seconds)
        finally:
            if not self._work.done():
                _log.warning("worker puts unfinished jobs back")
                self._work.cancel()
                await asyncio.wait({self._work})
        if not self._work.cancelled():
            self._work.result()


def _pool(url: str) -> asyncpg.Pool:
    # One connection listens, the others take and finish jobs.
    return asyncpg.create_pool(
        url,
        min_size=2,
        max_size=4,
        connection_class=_Connection,
        init=_become_root,
        command_timeout=QUERY_LIMIT_SECONDS,
    )


def _queue(driver: _Driver) -> PgQueuer:
    queries = JobQueries.over(driver)
    queue = PgQueuer(connection=driver, channel=CHANNEL, queries=queries)
    for declared in registered_jobs():
        queue.qm.register_executor(declared.name, Attempt.of(declared, queries))
    return queue


def _enqueuer(pool: asyncpg.Pool, declared: Schedule) -> Callable[[DueSchedule], Awaitable[None]]:
    async def enqueue_slot(_: DueSchedule) -> None:
        # The clocks of two workers differ a little: both must find the same slot.
        now = datetime.now(UTC) + CLOCK_LEEWAY
        await pool.execute(working.ENQUEUE_SLOT, declared.name, declared.slot_at(now))

    return enqueue_slot


async def _forget_old_schedules(queue: PgQueuer, pool: asyncpg.Pool) -> None:
    """Delete the rows of cron expressions that a schedule had in an earlier release."""
    keys = list(queue.sm.registry)
    await pool.execute(
        working.DELETE_OLD_SCHEDULES,
        [key.entrypoint for key in keys],
        [key.expression for key in keys],
    )
