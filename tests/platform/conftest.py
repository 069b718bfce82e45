"""A queue for the tests of the platform: one database for each module, emptied for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import servers
from tests.platform.queue_fixtures import Queue, current_queue


@pytest.fixture(scope="module")
async def queue_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    """A migrated database that no other module uses."""
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture
async def queue(queue_url: str, tmp_path: Path) -> AsyncIterator[Queue]:
    """The queue in it, empty, and the process's current one."""
    async with current_queue(queue_url, tmp_path) as opened:
        yield opened
