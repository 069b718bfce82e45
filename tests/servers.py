"""The throwaway PostgreSQL of a test run, and databases on it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

from lodestone.platform import embedded, migrations

TEMPLATE = "lodestone_template"


@contextmanager
def throwaway_server(version: int = 18) -> Iterator[embedded.EmbeddedServer]:
    """Run a server that is gone, with its files, at the end."""
    directory = Path(tempfile.mkdtemp(prefix="lodestone-tests-"))
    try:
        with embedded.start(directory, version, settings=embedded.THROWAWAY) as server:
            yield server
    finally:
        shutil.rmtree(directory)


def url_on(server_url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return server_url.replace("/postgres?", f"/{database}?", 1)


async def build_template(server_url: str) -> None:
    """Migrate the template once; whoever comes first does it and the others wait."""
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute("select pg_advisory_lock(1)")
        if await connection.fetchval("select 1 from pg_database where datname = $1", TEMPLATE):
            return
        unfinished = f"unfinished_{uuid4().hex}"
        await connection.execute(f"create database {unfinished}")
        await migrations.apply(url_on(server_url, unfinished))
        await connection.execute(f"alter database {unfinished} rename to {TEMPLATE}")
    finally:
        await connection.close()


@asynccontextmanager
async def clone(server_url: str, *, template: str = TEMPLATE) -> AsyncIterator[str]:
    """Make a database from a template and yield its URL; dropped at the end."""
    name = f"test_{uuid4().hex}"
    await _execute(server_url, f"create database {name} template {template} strategy file_copy")
    try:
        yield url_on(server_url, name)
    finally:
        await _execute(server_url, f"drop database {name} with (force)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
