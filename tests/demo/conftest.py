"""Databases of the demo: one that was seeded once, to look at, and empty ones to fill."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest

from lodestone import demo
from lodestone.demo import DemoAccount
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from tests import servers


@dataclass(frozen=True, slots=True)
class Seeded:
    """A runtime on a database with the demo business in it."""

    runtime: Runtime
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
) -> AsyncIterator[Seeded]:
    """The demo business, seeded once for all tests that only look at it."""
    async with servers.clone(server_url, template=template_database) as url:
        database = await Database.connect(url, max_size=4)
        made = replace(runtime, database=database)
        set_current(made)
        account = await demo.seed()
        set_current(runtime)
        yield Seeded(made, account)
        await database.close()


@pytest.fixture
def seeded(runtime: Runtime, seeded_once: Seeded) -> Iterator[Seeded]:
    """The demo business; the process's runtime is on it while a test runs."""
    set_current(seeded_once.runtime)
    yield seeded_once
    set_current(runtime)
