"""Who may ask: keys and tokens."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from lodestone.cli.accounts import api_key
from lodestone.platform.runtime import Runtime, set_current
from lodestone.platform.tokens import TokenKeys
from lodestone.rest.keys import Bearer, resolve_keys_with
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


class TestKeysOfOtherIssuers:
    async def test_a_trusted_set_verifies(
        self, http: httpx.AsyncClient, on_library: Runtime
    ) -> None:
        pair = ec.generate_private_key(ec.SECP256R1())
        public = {**json.loads(ECAlgorithm.to_jwk(pair.public_key())), "kid": "theirs"}
        keys = TokenKeys("", None, json.dumps({"keys": [public]}))
        set_current(replace(on_library, tokens=keys))
        claims = {"role": "authenticated", "exp": int(time.time()) + 60}
        token = jwt.encode(claims, pair, algorithm="ES256", headers={"kid": "theirs"})
        assert (await ask(http, apikey=token)).json()["role"] == "authenticated"
        thief = ec.generate_private_key(ec.SECP256R1())
        token = jwt.encode(claims, thief, algorithm="ES256", headers={"kid": "theirs"})
        response = await ask(http, apikey=token)
        assert (response.status_code, response.json()["code"]) == (401, "PGRST301")

    async def test_without_any_key_nobody_can_be_told_apart(
        self, http: httpx.AsyncClient, on_library: Runtime, settings: Settings
    ) -> None:
        set_current(replace(on_library, tokens=TokenKeys("")))
        response = await ask(http, apikey=sign(settings, role="anon"))
        assert (response.status_code, response.json()["code"]) == (500, "PGRST300")


class TestKeysThatPeopleMade:
    @pytest.fixture(autouse=True)
    def known(self, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two keys of one person, of whom the second may only read."""
        monkeypatch.setattr("lodestone.rest.keys._resolver", [])

        async def find(key: str) -> Bearer | None:
            claims = {"sub": "5e0d3f0e-0000-4000-8000-000000000001"}
            found = {
                "ls_all": Bearer("authenticated", claims),
                "ls_read": Bearer("authenticated", claims, is_readonly=True),
            }
            return found.get(key)

        resolve_keys_with(find)

    async def test_stand_for_their_owner(self, http: httpx.AsyncClient) -> None:
        for headers in ({"apikey": "ls_all"}, {"authorization": "Bearer ls_all"}):
            found = (await ask(http, **headers)).json()
            assert found["role"] == "authenticated"
            assert found["claims"]["sub"] == "5e0d3f0e-0000-4000-8000-000000000001"

    async def test_are_refused_when_nobody_knows_them(self, http: httpx.AsyncClient) -> None:
        response = await ask(http, authorization="Bearer ls_none")
        assert (response.status_code, response.json()["code"]) == (401, "PGRST301")

    async def test_may_only_read_where_they_say_so(self, http: httpx.AsyncClient) -> None:
        headers = {"apikey": "ls_read"}
        row = {"id": 77, "Full Name": "Cy Reader"}
        for method, path, body in (
            ("POST", "/readers", row),
            ("PATCH", "/readers?id=eq.1", {"Full Name": "Else"}),
            ("DELETE", "/loans?book_id=eq.1", None),
            ("POST", "/rpc/buy", {"title": "One more"}),
        ):
            response = await http.request(method, f"/rest/v1{path}", headers=headers, json=body)
            assert (response.status_code, response.json()["code"]) == (403, "42501"), path
        assert (await http.get("/rest/v1/readers", headers=headers)).status_code == 200
        called = await http.post("/rest/v1/rpc/add_them", headers=headers, json={"a": 1})
        assert called.json() == 11


class TestProductTables:
    async def test_strangers_see_nothing_of_a_person(self, anon: Api, user: Api) -> None:
        assert (await anon.get("/brand_kits")).status_code in (200, 401)
        assert await user.rows("/brand_kits") == []
        assert (await user.get("/users?select=password_hash")).status_code in (400, 403)
