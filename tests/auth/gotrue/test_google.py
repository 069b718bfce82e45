"""Signing in with Google, against a local OpenID provider that signs ID tokens."""

import hashlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError

from tests.auth.gotrue.conftest import APP, PASSWORD, URL, Door, an_email
from tests.auth.gotrue.provider import CLIENT_ID, CLIENT_SECRET, KEY_ID, LocalProvider, running


@pytest.fixture(scope="module")
def served() -> Iterator[LocalProvider]:
    """The provider."""
    with running() as provider:
        yield provider


@pytest.fixture
def google(served: LocalProvider, door: Door) -> LocalProvider:
    """The provider, with us as its client and a new person in front of it."""
    door.choose(
        google_client_id=CLIENT_ID,
        google_client_secret=CLIENT_SECRET,
        google_issuer=served.issuer,
    )
    served.claims = {"sub": uuid4().hex, "email": an_email(), "name": "Grace Hopper"}
    return served


async def _lead(client: AsyncGoTrueClient, browser: httpx.AsyncClient) -> httpx.Response:
    begun = await client.sign_in_with_oauth(
        {"provider": "google", "options": {"redirect_to": APP, "query_params": {"prompt": "none"}}}
    )
    return await browser.get(begun.url)


async def _come_back(google: LocalProvider, door: Door) -> str:
    """Go to the provider and back; return where the browser ends."""
    browser = await door.browser()
    left = await _lead(await door.client(), browser)
    assert left.status_code == 302, left.text
    back = await browser.get(google.approve(left.headers["location"]))
    assert back.status_code == 303
    return back.headers["location"]


async def _signed_in(google: LocalProvider, door: Door) -> AsyncGoTrueClient:
    client = await door.client()
    await client.initialize_from_url(await _come_back(google, door))
    return client


def _told(location: str) -> str:
    return parse_qs(urlsplit(location).query).get("error_code", [""])[0]


class TestSigningIn:
    async def test_makes_an_account_with_a_proved_address(
        self, google: LocalProvider, door: Door
    ) -> None:
        client = await _signed_in(google, door)
        session = await client.get_session()
        assert session is not None
        assert session.provider_token == "google-access"
        user = session.user
        assert user.email == google.claims["email"]
        assert user.email_confirmed_at is not None
        assert user.app_metadata == {"provider": "google", "providers": ["google"]}
        assert user.user_metadata["full_name"] == "Grace Hopper"
        assert user.identities is not None
        assert [each.provider for each in user.identities] == ["google"]
        claims = door.runtime.tokens.verify(session.access_token)
        assert [each["method"] for each in claims["amr"]] == ["oauth"]
        row = await door.fetchval(
            "select row(name, is_super_admin, password_hash)::text from users where id = $1",
            user.id,
        )
        assert row == '("Grace Hopper",f,)'

    async def test_knows_the_person_again_by_sub(self, google: LocalProvider, door: Door) -> None:
        first = await (await _signed_in(google, door)).get_session()
        google.claims["email"] = an_email()
        second = await (await _signed_in(google, door)).get_session()
        assert first is not None
        assert second is not None
        assert first.user.id == second.user.id
        assert second.user.email == first.user.email

    async def test_hands_a_client_with_a_challenge_a_code(
        self, google: LocalProvider, door: Door
    ) -> None:
        client, browser = await door.client(flow="pkce"), await door.browser()
        left = await _lead(client, browser)
        back = await browser.get(google.approve(left.headers["location"]))
        location = back.headers["location"]
        assert "access_token" not in location
        code = parse_qs(urlsplit(location).query)["code"][0]
        opened = await client.exchange_code_for_session({"auth_code": code})
        assert opened.session is not None
        assert opened.session.provider_refresh_token == "google-refresh"
        assert opened.session.user.email == google.claims["email"]

    async def test_opens_the_console(self, google: LocalProvider, door: Door) -> None:
        browser = await door.browser()
        left = await browser.get("/sign-in/google?next=/app/account")
        back = await browser.get(google.approve(left.headers["location"]))
        assert (back.status_code, back.headers["location"]) == (303, "/app/account")
        assert (await browser.get("/app")).status_code == 200

    async def test_opens_the_console_of_nobody_else(
        self, google: LocalProvider, door: Door
    ) -> None:
        """An address that an attacker sends signs nobody in as the attacker."""
        left = await (await door.browser()).get("/sign-in/google")
        victim = await door.browser()
        back = await victim.get(google.approve(left.headers["location"]))
        assert _told(back.headers["location"]) == "bad_oauth_state"
        assert (await victim.get("/app")).status_code == 303

    async def test_is_off_until_configured(self, door: Door) -> None:
        browser = await door.browser()
        answer = await browser.get(f"{URL}/authorize?provider=google")
        assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")
        other = await browser.get(f"{URL}/authorize?provider=apple")
        assert other.status_code == 400
        assert (await browser.get(f"{URL}/settings")).json()["external"]["google"] is False

    async def test_makes_nobody_an_account_where_sign_up_is_closed(
        self, google: LocalProvider, door: Door
    ) -> None:
        door.choose(sign_up="closed")
        assert _told(await _come_back(google, door)) == "signup_disabled"

    async def test_needs_its_second_factor_too(self, google: LocalProvider, door: Door) -> None:
        client = await _signed_in(google, door)
        session = await client.get_session()
        assert session is not None
        await door.execute(
            "insert into user_mfa_factors (user_id, status, secret) values ($1, 'verified', 'x')",
            session.user.id,
        )
        again = await (await _signed_in(google, door)).get_session()
        assert again is not None
        assert door.runtime.tokens.verify(again.access_token)["role"] == "anon"


class TestMerging:
    async def test_drops_what_was_set_up_on_an_unconfirmed_account(
        self, google: LocalProvider, door: Door
    ) -> None:
        door.choose(require_email_confirmation=False)
        email = google.claims["email"]
        stranger = await door.client()
        await stranger.sign_up({"email": email, "password": "the stranger's words"})
        owner = await (await _signed_in(google, door)).get_session()
        assert owner is not None
        assert owner.user.email == email
        with pytest.raises(AuthApiError):
            await stranger.refresh_session()
        with pytest.raises(AuthApiError):
            await stranger.sign_in_with_password(
                {"email": email, "password": "the stranger's words"}
            )

    async def test_keeps_a_confirmed_account_as_it_is(
        self, google: LocalProvider, door: Door
    ) -> None:
        email = google.claims["email"]
        client = await door.member(email=email)
        merged = await (await _signed_in(google, door)).get_session()
        assert merged is not None
        assert merged.user.app_metadata["providers"] == ["email", "google"]
        await client.refresh_session()
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        assert (await door.letter(email, "new way to sign in")).text

    async def test_is_refused_for_a_barred_account(self, google: LocalProvider, door: Door) -> None:
        email = google.claims["email"]
        await door.member(email=email)
        await door.execute(
            "update users set banned_until = now() + interval '1 day' where email = $1", email
        )
        assert _told(await _come_back(google, door)) == "user_banned"


class TestWhatIsNotBelieved:
    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"email_verified": False}, "provider_email_needs_verification"),
            ({"email_verified": "true"}, "provider_email_needs_verification"),
            ({"aud": "somebody else"}, "bad_oauth_callback"),
            ({"azp": "somebody else"}, "bad_oauth_callback"),
            ({"iss": "https://evil.example"}, "bad_oauth_callback"),
            ({"exp": 1_000}, "bad_oauth_callback"),
            ({"nonce": "another"}, "bad_oauth_callback"),
            ({"nonce": None}, "bad_oauth_callback"),
        ],
    )
    async def test_lets_nobody_in(
        self, google: LocalProvider, door: Door, claims: dict[str, Any], code: str
    ) -> None:
        google.claims |= claims
        location = await _come_back(google, door)
        assert location.startswith(APP)
        assert _told(location) == code
        found = await door.fetchval(
            "select count(*) from users where email = $1", google.claims["email"]
        )
        assert found == 0

    async def test_a_state_works_once_and_only_here(
        self, google: LocalProvider, door: Door
    ) -> None:
        browser = await door.browser()
        left = await _lead(await door.client(), browser)
        address = google.approve(left.headers["location"])
        assert _told((await browser.get(address)).headers["location"]) == ""
        for again in (address, f"{URL}/callback?code=x&state=made-up", f"{URL}/callback"):
            answer = await browser.get(again)
            assert _told(answer.headers["location"]) == "bad_oauth_state"

    async def test_a_person_who_declines_is_led_back(
        self, google: LocalProvider, door: Door
    ) -> None:
        browser = await door.browser()
        left = await _lead(await door.client(), browser)
        state = parse_qs(urlsplit(left.headers["location"]).query)["state"][0]
        back = await browser.get(f"{URL}/callback?error=access_denied&state={state}")
        assert back.headers["location"].startswith(APP)
        assert _told(back.headers["location"]) == "bad_oauth_callback"


class TestIdTokens:
    async def test_sign_in_with_the_nonce_that_they_carry(
        self, google: LocalProvider, door: Door
    ) -> None:
        client = await door.client()
        hashed = hashlib.sha256(b"a nonce").hexdigest()
        opened = await client.sign_in_with_id_token(
            {"provider": "google", "token": google.id_token(nonce=hashed), "nonce": "a nonce"}
        )
        assert opened.user is not None
        assert opened.user.email == google.claims["email"]
        for nonce in ("another", ""):
            with pytest.raises(AuthApiError):
                await client.sign_in_with_id_token(
                    {"provider": "google", "token": google.id_token(nonce=hashed), "nonce": nonce}
                )

    async def test_of_another_key_are_refused(self, google: LocalProvider, door: Door) -> None:
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        claims = {
            "iss": google.issuer,
            "aud": CLIENT_ID,
            "sub": "1",
            "email": an_email(),
            "email_verified": True,
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
        }
        client = await door.client()
        forged = jwt.encode(claims, other, "RS256", headers={"kid": KEY_ID})
        unknown = jwt.encode(claims, other, "RS256", headers={"kid": "key-2"})
        unsigned = jwt.encode(claims, "", "none", headers={"kid": KEY_ID})
        for token in (forged, unknown, unsigned):
            with pytest.raises(AuthApiError) as refused:
                await client.sign_in_with_id_token({"provider": "google", "token": token})
            assert refused.value.code == "bad_oauth_callback"


class TestLinking:
    async def test_adds_google_to_the_account_that_asks(
        self, google: LocalProvider, door: Door
    ) -> None:
        client = await door.member(email=google.claims["email"])
        begun = await client.link_identity({"provider": "google", "options": {"redirect_to": APP}})
        browser = await door.browser()
        await browser.get(google.approve(begun.url))
        found = (await client.get_user_identities()).identities
        assert [each.provider for each in found] == ["email", "google"]
        await client.unlink_identity(found[1])
        left = (await client.get_user_identities()).identities
        assert [each.provider for each in left] == ["email"]

    async def test_adds_none_of_another_address(self, google: LocalProvider, door: Door) -> None:
        """Otherwise an address that an attacker sends would tie the victim to their account."""
        client = await door.member()
        begun = await client.link_identity({"provider": "google", "options": {"redirect_to": APP}})
        back = await (await door.browser()).get(google.approve(begun.url))
        assert _told(back.headers["location"]) == "email_exists"

    async def test_leaves_a_last_way_in(self, google: LocalProvider, door: Door) -> None:
        client = await _signed_in(google, door)
        (only,) = (await client.get_user_identities()).identities
        with pytest.raises(AuthApiError) as refused:
            await client.unlink_identity(only)
        assert refused.value.code == "single_identity_not_deletable"
