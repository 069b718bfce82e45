"""A creator, a stranger, and somebody who opts in, for the rooms that write series of mails."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.email.series import OptIn

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI, runtime: Runtime) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.3") as browser:
        yield await sign_up(database, browser, name="Sven Stranger")


@pytest.fixture
def opt_in(app: FastAPI, database_url: str) -> OptIn:
    async def visit(
        page: str, email: str, *, name: str = "Grace Hopper", work: bool = True
    ) -> None:
        address = f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"
        async with open_browser(app, address=address) as visitor:
            visitor.headers.update(BROWSER)
            answer = await visitor.post(page, data={"email": email, "name": name})
            assert answer.status_code in (200, 201, 303), answer.text
        if work:
            await work_off(database_url)

    return visit
