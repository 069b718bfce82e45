"""Who may ask: keys and tokens."""

import time
from datetime import UTC, datetime

import httpx
import jwt
import pytest

from lodestone.cli.accounts import api_key
from lodestone.settings import Settings
from tests.rest.conftest import Api, sign


async def ask(http: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """Ask who we are."""
    return await http.get("/rest/v1/rpc/who_am_i", headers=headers)


class TestKeys:
    async def test_nobody_is_anonymous(self, http: httpx.AsyncClient) -> None:
        assert (await ask(http)).json()["role"] == "anon"

    async def test_a_key_of_the_command_line_opens(
        self, http: httpx.AsyncClient, settings: Settings
    ) -> None:
        for role in ("anon", "service_role"):
            key = api_key(settings, role, now=datetime.now(UTC))
            assert (await ask(http, apikey=key)).json()["role"] == role

    async def test_the_bearer_says_who_acts(
        self, http: httpx.AsyncClient, settings: Settings
    ) -> None:
        key = sign(settings, role="anon")
        token = sign(settings, role="authenticated", sub="5e0d3f0e-0000-4000-8000-000000000001")
        found = (await ask(http, apikey=key, authorization=f"Bearer {token}")).json()
        assert found["role"] == "authenticated"
        assert found["claims"]["sub"] == "5e0d3f0e-0000-4000-8000-000000000001"

    async def test_claims_of_one_request_are_gone_in_the_next(
        self, http: httpx.AsyncClient, settings: Settings
    ) -> None:
        token = sign(settings, role="authenticated", sub="5e0d3f0e-0000-4000-8000-000000000001")
        for _ in range(3):
            await ask(http, apikey=token)
        assert (await ask(http)).json() == {"role": "anon", "claims": {"role": "anon"}}

    @pytest.mark.parametrize(
        ("claims", "secret", "code"),
        [
            ({"role": "service_role"}, "x" * 32, "PGRST301"),
            ({"role": "postgres"}, None, "PGRST301"),
            ({"role": "anon; drop table books"}, None, "PGRST301"),
            ({"role": ["anon"]}, None, "PGRST301"),
            ({"role": "anon", "exp": 1}, None, "PGRST303"),
            ({"role": "anon", "nbf": 99_999_999_999}, None, "PGRST303"),
        ],
    )
    async def test_refuses_a_bad_token(
        self,
        http: httpx.AsyncClient,
        settings: Settings,
        claims: dict[str, object],
        secret: str | None,
        code: str,
    ) -> None:
        key = secret or settings.jwt_secret.get_secret_value()
        token = jwt.encode({"exp": int(time.time()) + 60, **claims}, key, algorithm="HS256")
        for headers in ({"apikey": token}, {"authorization": f"Bearer {token}"}):
            response = await ask(http, **headers)
            assert (response.status_code, response.json()["code"]) == (401, code)
            assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "é"])
    async def test_refuses_what_is_no_token(self, http: httpx.AsyncClient, token: str) -> None:
        raw = [(b"authorization", f"Bearer {token}".encode())]
        response = await http.get("/rest/v1/books", headers=raw)
        assert (response.status_code, response.json()["code"]) == (401, "PGRST301")

    async def test_refuses_an_unsigned_token(self, http: httpx.AsyncClient) -> None:
        token = jwt.encode({"role": "service_role"}, "", algorithm="none")
        assert (await ask(http, apikey=token)).status_code == 401

    async def test_a_kept_token_ends_on_time(
        self, http: httpx.AsyncClient, settings: Settings
    ) -> None:
        # Thirty seconds of leeway are allowed, and this one is past all but one of them.
        token = sign(settings, role="authenticated", exp=int(time.time()) - 28)
        assert (await ask(http, apikey=token)).status_code == 200

    async def test_a_claim_with_quotes_stays_a_claim(
        self, http: httpx.AsyncClient, settings: Settings
    ) -> None:
        odd = "'; set role service_role; --\\'\u0000"
        token = sign(settings, role="authenticated", nick=odd)
        found = (await ask(http, apikey=token)).json()
        assert found.get("role", "refused") in ("authenticated", "refused")


class TestProductTables:
    async def test_strangers_see_nothing_of_a_person(self, anon: Api, user: Api) -> None:
        assert (await anon.get("/brand_kits")).status_code in (200, 401)
        assert await user.rows("/brand_kits") == []
        assert (await user.get("/users?select=password_hash")).status_code in (400, 403)
