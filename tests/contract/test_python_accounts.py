"""What supabase-py's clients for accounts and files offer is tried: there, or here.

`tests/auth` and `tests/storage` speak to the application with them; here is what is left, through
the whole client against a running server.
"""

from pathlib import Path
from uuid import uuid4

import pytest
from storage3._async.bucket import AsyncStorageBucketAPI
from storage3._async.file_api import AsyncBucketActionsMixin
from supabase import AsyncClient
from supabase_auth import AsyncGoTrueClient
from supabase_auth._async.gotrue_admin_api import AsyncGoTrueAdminAPI
from supabase_auth._async.gotrue_admin_mfa_api import AsyncGoTrueAdminMFAAPI
from supabase_auth._async.gotrue_mfa_api import AsyncGoTrueMFAAPI
from supabase_auth.errors import AuthApiError
from supabase_auth.types import AuthChangeEvent, Session

from tests.contract.conftest import Place, connecting
from tests.contract.reflection import named, offered

TESTS = Path(__file__).parents[1]
PASSWORD = "three plain words"


def named_in(*folders: str) -> set[str]:
    """Return what the tests of these folders name, and this file."""
    files = [path for folder in folders for path in (TESTS / folder).rglob("*.py")]
    assert files
    return set().union(*(named(str(path)) for path in [*files, Path(__file__)]))


@pytest.fixture
async def email(place: Place) -> str:
    """The address of a new account."""
    address = f"p{uuid4().hex[:12]}@example.com"
    async with connecting(place, place.service) as service:
        wanted = {"email": address, "password": PASSWORD, "email_confirm": True}
        await service.auth.admin.create_user(wanted)  # type: ignore[arg-type]
    return address


class TestEveryMethod:
    def test_for_accounts_is_called_in_a_test(self) -> None:
        kinds = [AsyncGoTrueClient, AsyncGoTrueAdminAPI, AsyncGoTrueAdminMFAAPI, AsyncGoTrueMFAAPI]
        assert offered(*kinds) - named_in("auth") == set()

    def test_for_files_is_called_in_a_test(self) -> None:
        kinds = [AsyncStorageBucketAPI, AsyncBucketActionsMixin]
        assert offered(*kinds) - named_in("storage") == set()


class TestASession:
    async def test_acts_in_the_data_api_and_is_taken_over(
        self, place: Place, visitor: AsyncClient, email: str
    ) -> None:
        events: list[AuthChangeEvent] = []

        def hear(event: AuthChangeEvent, _: Session | None) -> None:
            events.append(event)

        subscription = visitor.auth.on_auth_state_change(hear)
        signed_in = await visitor.auth.sign_in_with_password({"email": email, "password": PASSWORD})
        assert signed_in.session is not None
        assert signed_in.user is not None
        assert await self._who(visitor) == signed_in.user.id
        async with connecting(place) as elsewhere:
            session = signed_in.session
            await elsewhere.auth.set_session(session.access_token, session.refresh_token)
            assert await self._who(elsewhere) == signed_in.user.id
            await elsewhere.auth.initialize()
            await elsewhere.auth.initialize_from_storage()
            assert await self._who(elsewhere) == signed_in.user.id
        await visitor.auth.sign_out()
        subscription.unsubscribe()
        assert (events[0], events[-1]) == ("SIGNED_IN", "SIGNED_OUT")

    async def _who(self, client: AsyncClient) -> str:
        answer = await client.rpc("who_am_i").execute()
        assert isinstance(answer.data, dict)
        claims = answer.data["claims"]
        assert isinstance(claims, dict)
        return str(claims.get("sub"))


class TestWhatIsOff:
    async def test_says_so(self, visitor: AsyncClient) -> None:
        with pytest.raises(AuthApiError) as refused:
            await visitor.auth.sign_in_anonymously()
        assert refused.value.code == "anonymous_provider_disabled"
        with pytest.raises(AuthApiError) as refused:
            await visitor.auth.sign_in_with_sso({"domain": "example.com"})
        assert refused.value.code == "saml_provider_disabled"


class TestRecovery:
    async def test_goes_by_its_earlier_name_too(self, visitor: AsyncClient, email: str) -> None:
        await visitor.auth.reset_password_email(email)
        with pytest.raises(AuthApiError) as refused:
            await visitor.auth.reset_password_email(email)
        assert refused.value.code == "over_email_send_rate_limit"
