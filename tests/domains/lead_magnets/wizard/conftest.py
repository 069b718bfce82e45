"""A creator, a stranger, and the creator's draft."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.lead_magnets.wizard.drafts import Wizard


@pytest.fixture
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Other")


@pytest.fixture
async def wizard(creator: Account, database_url: str) -> Wizard:
    return await Wizard(creator, database_url).start()
