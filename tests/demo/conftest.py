"""Databases of its own for the demo: empty ones, and copies of one that was seeded once."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from lodestone import demo
from lodestone.demo import DemoAccount
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from tests import servers


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with the demo business in it."""

    url: str
    database: Database
    account: DemoAccount


@pytest.fixture
def empty(runtime: Runtime, fresh_database: Database) -> Iterator[Runtime]:
    """The process's runtime on an empty database, while a test runs."""
    made = replace(runtime, database=fresh_database)
    set_current(made)
    yield made
    set_current(runtime)


@pytest.fixture(scope="session")
async def seeded_once(
    runtime: Runtime, server_url: str, template_database: str
) -> AsyncIterator[tuple[str, DemoAccount]]:
    """The name of a seeded database to copy from, and its account."""
    async with servers.clone(server_url, template=template_database) as url:
        database = await Database.connect(url, max_size=2)
        set_current(replace(runtime, database=database))
        account = await demo.seed()
        await database.close()
        set_current(runtime)
        yield urlsplit(url).path.removeprefix("/"), account


@pytest.fixture
async def seeded(
    runtime: Runtime, server_url: str, seeded_once: tuple[str, DemoAccount]
) -> AsyncIterator[Seeded]:
    """The demo business, for one test alone; the process's runtime is on it."""
    template, account = seeded_once
    async with servers.clone(server_url, template=template) as url:
        database = await Database.connect(url, max_size=4)
        set_current(replace(runtime, database=database))
        yield Seeded(url, database, account)
        set_current(runtime)
        await database.close()
