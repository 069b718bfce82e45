"""People who are signed in, each with a browser of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from lodestone.auth import service
from lodestone.auth.dependencies import COOKIE
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.people import People, Person

Browser = Callable[[Person], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def browser_of(app: FastAPI, database: Database) -> AsyncIterator[Browser]:
    """Opens a browser in which a person is signed in."""
    async with AsyncExitStack() as stack:

        async def open_browser(person: Person) -> httpx.AsyncClient:
            async with database.acting_as(Root()) as tx:
                token = await service.open_session(tx, user_id=person.id)
            transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
            opened = httpx.AsyncClient(
                transport=transport, base_url="http://localhost", cookies={COOKIE: token}
            )
            return await stack.enter_async_context(opened)

        yield open_browser


@pytest.fixture
async def operator(people: People, database: Database) -> Person:
    """Whoever runs the installation."""
    person = await people.user(name="Olga Operator", tenant_id=await people.tenant())
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", person.id)
    return person


@pytest.fixture
async def person(people: People) -> Person:
    """Somebody with a tenant of their own."""
    return await people.user(name="Pia Person", tenant_id=await people.tenant())
