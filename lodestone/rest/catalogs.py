"""The catalog of each database of this process, and the ear for `notify pgrst` and ended access."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from weakref import WeakKeyDictionary

import asyncpg
import structlog

from lodestone.platform.database import Database
from lodestone.rest.catalog import Catalog, read_catalog
from lodestone.rest.keys import forget_holder, forget_holders

CHANNEL = "pgrst"
ENDED_ACCESS = "access_ended"
RECONNECT_SECONDS = 1.0

_log = structlog.get_logger(__name__)
_known: WeakKeyDictionary[Database, Catalog] = WeakKeyDictionary()


async def get_catalog(database: Database) -> Catalog:
    """Return what the database holds, read when it is first asked for."""
    found = _known.get(database)
    if found is None:
        found = await read_catalog(database)
        _known[database] = found
    return found


def forget_catalogs() -> None:
    """Have every catalog read again when it is next asked for."""
    _known.clear()


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[None]:
    """Hear of changes while the context lasts; `url` is a direct connection, not a pooler's."""
    task = asyncio.create_task(_listen(url))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(url: str) -> None:
    while True:
        try:
            await _hear(url)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("catalog_deaf", reason=type(error).__name__)
        # Whatever changed while nobody listened is read again.
        forget_catalogs()
        forget_holders()
        await asyncio.sleep(RECONNECT_SECONDS)


async def _hear(url: str) -> None:
    connection = await asyncpg.connect(url)
    closed = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: closed.set())
        await connection.add_listener(CHANNEL, lambda *_: forget_catalogs())
        await connection.add_listener(ENDED_ACCESS, lambda *heard: forget_holder(heard[-1]))
        await closed.wait()
    finally:
        await connection.close()
