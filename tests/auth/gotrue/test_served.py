"""A running server, supabase-py whole: what somebody signs in to."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pyotp
import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from lodestone.settings import Settings
from tests.auth.gotrue.conftest import PASSWORD, an_email
from tests.contract.serving import serving


@pytest.fixture(scope="module")
def address(
    settings: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server that asks for no confirmation: nobody reads mail here."""
    log: Path = tmp_path_factory.mktemp("serve") / "log"
    with serving(
        settings, database_url, log, LODESTONE_REQUIRE_EMAIL_CONFIRMATION="false"
    ) as found:
        yield found


@asynccontextmanager
async def _connected(address: str, settings: Settings) -> AsyncIterator[AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=True) as http:
        options = AsyncClientOptions(auto_refresh_token=False, httpx_client=http)
        key = settings.token_keys.sign({"role": "anon"}, 600)
        yield await acreate_client(address, key, options)


async def _emails(client: AsyncClient) -> list[str]:
    """Return whose accounts the data API shows; a visitor is refused the table."""
    session = await client.auth.get_session()
    assert session is not None
    client.postgrest.auth(session.access_token)
    found = await client.table("users").select("email").execute()
    return [str(row["email"]) for row in found.data if isinstance(row, dict)]


async def test_a_person_who_signed_up_sees_their_own_rows_alone(
    address: str, settings: Settings
) -> None:
    one, other = an_email(), an_email()
    async with _connected(address, settings) as first, _connected(address, settings) as second:
        await first.auth.sign_up({"email": one, "password": PASSWORD})
        await second.auth.sign_up({"email": other, "password": PASSWORD})
        assert await _emails(first) == [one]
        assert await _emails(second) == [other]
        await first.auth.sign_out()
        assert await first.auth.get_session() is None


async def test_a_password_without_the_second_factor_opens_no_data(
    address: str, settings: Settings
) -> None:
    email = an_email()
    async with _connected(address, settings) as client:
        await client.auth.sign_up({"email": email, "password": PASSWORD})
        made = await client.auth.mfa.enroll({"factor_type": "totp", "friendly_name": "Phone"})
        assert made.totp is not None
        app = pyotp.TOTP(made.totp.secret)
        await client.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": app.now()})
        assert await _emails(client) == [email]
        async with _connected(address, settings) as thief:
            await thief.auth.sign_in_with_password({"email": email, "password": PASSWORD})
            with pytest.raises(Exception, match="permission denied"):
                await _emails(thief)
