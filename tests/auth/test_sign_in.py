"""Signing in and out through the pages, as a browser does."""

import httpx
import pytest
from fastapi import FastAPI

from lodestone.auth import service
from lodestone.auth.dependencies import COOKIE
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.auth.conftest import Account


async def _sign_in(client: httpx.AsyncClient, account: Account, **changes: str) -> httpx.Response:
    form = {"email": account.email, "password": account.password, **changes}
    return await client.post("/sign-in", data=form)


def _from(app: FastAPI, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


class TestSigningIn:
    async def test_opens_the_console(self, client: httpx.AsyncClient, account: Account) -> None:
        answer = await _sign_in(client, account)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app")
        home = await client.get("/app")
        assert home.status_code == 200
        assert "Ada" in home.text

    async def test_hides_the_cookie_from_scripts_and_other_sites(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        cookie = (await _sign_in(client, account)).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie

    async def test_stores_only_the_hash_of_the_token(
        self, client: httpx.AsyncClient, account: Account, database: Database
    ) -> None:
        await _sign_in(client, account)
        token = client.cookies[COOKIE]
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow("select * from user_sessions where user_id = $1", account.id)
        assert row is not None
        assert token not in str(dict(row))

    async def test_takes_the_address_in_any_case(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        answer = await _sign_in(client, account, email=f" {account.email.upper()} ")
        assert answer.status_code == 303

    async def test_ends_the_session_that_the_browser_had(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        await _sign_in(client, account)
        earlier = client.cookies[COOKIE]
        await _sign_in(client, account)
        assert client.cookies[COOKIE] != earlier
        assert await service.find_signed_in(earlier) is None

    async def test_answers_a_wrong_password_and_an_unknown_address_alike(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        wrong = await _sign_in(client, account, password="not this one")
        unknown = await _sign_in(client, account, email="nobody@example.com")
        assert wrong.status_code == unknown.status_code == 401
        sentence = "E-mail and password don&#39;t belong together."
        assert sentence in wrong.text
        assert sentence in unknown.text
        assert COOKIE not in client.cookies

    async def test_refuses_an_account_without_a_password(
        self, client: httpx.AsyncClient, database: Database, account: Account
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute("update users set password_hash = null where id = $1", account.id)
        assert (await _sign_in(client, account)).status_code == 401


class TestLeadingBack:
    async def test_sends_a_page_to_sign_in_and_back(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        asked = await client.get("/app/outbox?q=a b")
        assert asked.status_code == 303
        shown = await client.get(asked.headers["location"])
        assert 'name="next" value="/app/outbox?q=a%20b"' in shown.text
        answer = await _sign_in(client, account, next="/app/outbox?q=a%20b")
        assert answer.headers["location"] == "/app/outbox?q=a%20b"

    @pytest.mark.parametrize(
        "target",
        [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/sign-out",
            "/app\r\nx: y",
            "",
        ],
    )
    async def test_never_leads_away_from_here(
        self, client: httpx.AsyncClient, account: Account, target: str
    ) -> None:
        answer = await _sign_in(client, account, next=target)
        assert answer.headers["location"] == "/app"

    async def test_answers_programs_with_401(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/jobs/1/events")
        assert answer.status_code == 401
        assert answer.json() == {
            "code": "sign_in_needed",
            "message": "Sign in to go on.",
            "details": None,
            "hint": None,
        }

    async def test_lets_no_cookie_in_beside_another_credential(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        await _sign_in(client, account)
        answer = await client.get("/api/jobs/1/events", headers={"authorization": "Bearer x"})
        assert answer.status_code == 401


class TestTooManyTries:
    async def test_refuses_the_sixth_even_with_the_right_password(
        self, app: FastAPI, account: Account
    ) -> None:
        async with _from(app, "192.0.2.11") as client:
            for _ in range(5):
                assert (await _sign_in(client, account, password="wrong")).status_code == 401
            refused = await _sign_in(client, account)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
        assert "Too many tries" in refused.text

    async def test_leaves_other_accounts_alone(
        self, app: FastAPI, account: Account, other_account: Account
    ) -> None:
        async with _from(app, "192.0.2.12") as client:
            for _ in range(5):
                await _sign_in(client, account, password="wrong")
            assert (await _sign_in(client, other_account)).status_code == 303

    async def test_forgets_failures_after_a_good_one(self, app: FastAPI, account: Account) -> None:
        async with _from(app, "192.0.2.13") as client:
            for _ in range(2):
                for _ in range(4):
                    await _sign_in(client, account, password="wrong")
                assert (await _sign_in(client, account)).status_code == 303

    async def test_counts_an_address_over_all_accounts(
        self, app: FastAPI, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "ATTEMPTS_PER_ADDRESS", 3)
        async with _from(app, "192.0.2.14") as client:
            for number in range(3):
                await _sign_in(client, account, email=f"guess{number}@example.com")
            assert (await _sign_in(client, account)).status_code == 429
        async with _from(app, "192.0.2.15") as client:
            assert (await _sign_in(client, account)).status_code == 303

    async def test_keeps_no_address_in_the_clear(
        self, app: FastAPI, account: Account, database: Database
    ) -> None:
        async with _from(app, "192.0.2.16") as client:
            await _sign_in(client, account, password="wrong")
        async with database.acting_as(Root()) as tx:
            kept = await tx.fetchval("select string_agg(identifier, ' ') from login_attempts")
        assert "192.0.2.16" not in kept
        assert account.email not in kept


class TestSessionsEnd:
    async def test_sign_out_ends_it_on_the_server(
        self, client: httpx.AsyncClient, account: Account
    ) -> None:
        await _sign_in(client, account)
        token = client.cookies[COOKIE]
        answer = await client.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        client.cookies.set(COOKIE, token)
        assert (await client.get("/app")).status_code == 303

    @pytest.mark.parametrize(
        "change",
        [
            "last_seen_at = now() - interval '14 days 1 second'",
            "expires_at = now() - interval '1 second'",
        ],
    )
    async def test_after_idle_days_and_after_its_lifetime(
        self, client: httpx.AsyncClient, account: Account, database: Database, change: str
    ) -> None:
        await _sign_in(client, account)
        async with database.acting_as(Root()) as tx:
            await tx.execute(f"update user_sessions set {change} where user_id = $1", account.id)
        assert (await client.get("/app")).headers["location"].startswith("/sign-in")

    async def test_use_keeps_it_alive(
        self, client: httpx.AsyncClient, account: Account, database: Database
    ) -> None:
        await _sign_in(client, account)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update user_sessions set last_seen_at = now() - interval '13 days'"
                " where user_id = $1",
                account.id,
            )
        assert (await client.get("/app")).status_code == 200
        async with database.acting_as(Root()) as tx:
            is_fresh = await tx.fetchval(
                "select last_seen_at > now() - interval '1 minute' from user_sessions"
                " where user_id = $1",
                account.id,
            )
        assert is_fresh

    async def test_upkeep_deletes_what_has_ended(
        self, account: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await service.open_session(tx, user_id=account.id)
            await tx.execute(
                "update user_sessions set expires_at = now() - interval '1 day' where user_id = $1",
                account.id,
            )
            await service.forget_ended(tx)
            left = await tx.fetchval(
                "select count(*) from user_sessions where user_id = $1", account.id
            )
        assert left == 0
