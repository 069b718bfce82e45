"""The migrated database as its owner, for rules that read the catalog."""

from collections.abc import AsyncIterator

import asyncpg
import pytest


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The migrated database; whatever a test does to it is undone."""
    opened = await asyncpg.connect(database_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()
