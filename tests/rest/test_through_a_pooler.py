"""The data API behind PgBouncer in transaction mode: no request sees another's role or claims."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from lodestone.settings import Settings
from tests.pooler import BINARY, running_pooler
from tests.rest.conftest import Api, sign

pytestmark = [
    pytest.mark.pgbouncer,
    pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed"),
]


@pytest.fixture
async def pooled(library_url: str, on_library: Runtime) -> AsyncIterator[Database]:
    """The application's database, through the pooler."""
    with running_pooler(library_url) as url:
        opened = await Database.connect(url, max_size=8, pooled=True)
        set_current(replace(on_library, database=opened))
        yield opened
        await opened.close()


async def test_everybody_is_themselves(pooled: Database, user: Api, settings: Settings) -> None:
    people = [str(uuid4()) for _ in range(8)]
    apis = [Api(user.client, sign(settings, role="authenticated", sub=one)) for one in people]

    async def ask(number: int) -> None:
        place = number % len(people)
        found = (await apis[place].get("/rpc/who_am_i")).json()
        assert (found["role"], found["claims"]["sub"]) == ("authenticated", people[place])

    await asyncio.gather(*(ask(number) for number in range(120)))


async def test_reads_and_writes_again_and_again(pooled: Database, user: Api) -> None:
    for number in range(12):
        body = {"id": 500 + number, "Full Name": f"Reader {number}"}
        assert (await user.ask("POST", "/readers", json=body)).status_code == 201
        rows = await user.rows(f"/readers?id=eq.{500 + number}&select=id,loans(days)")
        assert rows == [{"id": 500 + number, "loans": []}]
        response = await user.ask("DELETE", f"/readers?id=eq.{500 + number}")
        assert response.status_code == 204
