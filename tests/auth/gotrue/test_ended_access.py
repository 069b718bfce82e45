"""An access token opens tables and files only while its session and its account last."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from lodestone.rest import catalogs
from tests.auth.gotrue.conftest import Door
from tests.auth.gotrue.test_sessions import _account, _signed_in

TABLE = "/rest/v1/saved_views"
FILES = "/storage/v1/bucket"


@pytest.fixture
async def listening(door: Door) -> AsyncIterator[None]:
    """The application hears what the database says, as it does when it is served."""
    async with catalogs.listening(door.database_url):
        yield


class Holder:
    """Somebody with a token, who asks for tables and files with it."""

    def __init__(self, door: Door, browser: httpx.AsyncClient, email: str, token: str) -> None:
        self.door, self.browser, self.email, self.token = door, browser, email, token

    async def status(self, path: str = TABLE) -> int:
        """Return how a request with the token is answered."""
        headers = {"apikey": self.door.key("anon"), "authorization": f"Bearer {self.token}"}
        return (await self.browser.get(path, headers=headers)).status_code

    async def is_refused_soon(self) -> bool:
        """Say whether the data API refuses the token within seconds."""
        for _ in range(250):
            if await self.status() == 401:
                return True
            await asyncio.sleep(0.02)
        return False

    async def ban(self) -> None:
        """Suspend the account."""
        statement = "update users set banned_until = now() + interval '1 day' where email = $1"
        await self.door.execute(statement, self.email)


async def _holder(door: Door) -> Holder:
    email = await _account(door)
    session = await (await _signed_in(door, email)).get_session()
    assert session is not None
    return Holder(door, await door.browser(), email, session.access_token)


async def test_after_signing_out_it_opens_nothing_even_where_it_was_seen_before(
    door: Door, listening: None
) -> None:
    holder = await _holder(door)
    other = await _holder(door)
    assert (await holder.status(), await holder.status(FILES)) == (200, 200)
    assert await other.status() == 200
    headers = {"authorization": f"Bearer {holder.token}"}
    await holder.browser.post("/auth/v1/logout?scope=local", headers=headers)
    assert await holder.is_refused_soon()
    assert await holder.status(FILES) == 400
    assert await other.status() == 200


async def test_once_suspended_it_opens_nothing_even_where_it_was_seen_before(
    door: Door, listening: None
) -> None:
    holder = await _holder(door)
    assert await holder.status() == 200
    await holder.ban()
    assert await holder.is_refused_soon()
    assert await holder.status(FILES) == 400


async def test_a_process_that_never_saw_it_asks_first(door: Door) -> None:
    holder = await _holder(door)
    await holder.ban()
    assert (await holder.status(), await holder.status(FILES)) == (401, 400)


async def test_a_token_of_an_issuer_elsewhere_ends_with_its_account(door: Door) -> None:
    email = await _account(door)
    user_id = await door.fetchval("select id from users where email = $1", email)
    claims = {"role": "authenticated", "sub": str(user_id)}
    browser = await door.browser()
    first = Holder(door, browser, email, door.runtime.tokens.sign(claims, 600))
    second = Holder(door, browser, email, door.runtime.tokens.sign(claims, 700))
    assert await first.status() == 200
    await first.ban()
    assert (await second.status(), await second.status(FILES)) == (401, 400)


async def test_a_token_without_the_second_factor_ends_when_there_is_one(door: Door) -> None:
    holder = await _holder(door)
    await door.execute(
        "insert into user_mfa_factors (user_id, secret, status)"
        " select id, 'sealed', 'verified' from users where email = $1",
        holder.email,
    )
    assert (await holder.status(), await holder.status(FILES)) == (401, 400)
