"""A creator with a magnet, and a stranger."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up, write_magnet


@pytest.fixture
async def creator(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Creator")


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        yield await sign_up(database, browser, name="Eve Stranger")


@pytest.fixture
async def magnet(creator: Account) -> str:
    """The path of a magnet in the console."""
    return await write_magnet(creator)
