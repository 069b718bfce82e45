"""A creator who imports."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up


@pytest.fixture
async def creator(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Creator")
