"""API keys: made by a person, sent by a program, ended at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from lodestone.auth import service as auth
from lodestone.auth.api_keys import service
from lodestone.auth.dependencies import COOKIE
from lodestone.platform.actors import Root, User
from lodestone.platform.database import Database
from lodestone.platform.secrets import hash_token
from tests.people import People, Person

ME = "/api/identity/me"
KEYS = "/api/identity/keys"


@asynccontextmanager
async def _program(app: FastAPI, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50000))
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as opened:
        yield opened


@pytest.fixture
async def browser(app: FastAPI, database: Database, person: Person) -> AsyncIterator[Any]:
    """A browser in which the person is signed in."""
    async with _program(app) as opened:
        async with database.acting_as(Root()) as tx:
            opened.cookies.set(COOKIE, await auth.open_session(tx, user_id=person.id))
        yield opened


@pytest.fixture
async def person(people: People) -> Person:
    return await people.user(name="Pia Person", tenant_id=await people.tenant())


async def _make(browser: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await browser.post(KEYS, json={"name": "A program", **given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


class TestAKey:
    async def test_is_shown_once_and_kept_as_a_hash(
        self, browser: httpx.AsyncClient, database: Database
    ) -> None:
        made = await _make(browser, name="  Zapier ", scope="write", days=30)
        key = made["key"]
        assert key.startswith("lsk_")
        assert len(key) == len("lsk_") + 64
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                "select * from api_keys where id = $1", UUID(made["about"]["id"])
            )
        assert row is not None
        assert key not in str(dict(row))
        assert (row["key_hash"], row["key_prefix"], row["name"]) == (
            hash_token(key),
            key[-4:],
            "Zapier",
        )
        listed = await browser.get(KEYS)
        assert key not in listed.text
        assert listed.json()[0]["last_four"] == key[-4:]

    async def test_acts_for_its_account(
        self, app: FastAPI, browser: httpx.AsyncClient, person: Person
    ) -> None:
        key = (await _make(browser))["key"]
        async with _program(app, key) as program:
            answer = await program.get(ME)
        assert answer.json() == {
            "user_id": str(person.id),
            "email": person.email,
            "name": "Pia Person",
            "username": person.username,
            "may_write": False,
            "may_administer": False,
            "team_id": None,
        }

    async def test_of_the_product_before_still_opens(
        self, app: FastAPI, database: Database, person: Person
    ) -> None:
        key = f"ml_live_{'0123456789abcdef' * 4}"
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into api_keys (user_id, key_hash, key_prefix, name)"
                " values ($1, $2, $3, 'Old') on conflict do nothing",
                person.id,
                hash_token(key),
                key[-4:],
            )
        async with _program(app, key) as program:
            answer = await program.get(ME)
        assert (answer.status_code, answer.json()["may_write"]) == (200, True)

    async def test_notes_when_it_was_used(
        self, app: FastAPI, browser: httpx.AsyncClient, database: Database
    ) -> None:
        made = await _make(browser)
        assert made["about"]["last_used_at"] is None
        async with _program(app, made["key"]) as program:
            await program.get(ME)
        await asyncio.gather(*service.notes_under_way())
        assert (await browser.get(KEYS)).json()[0]["last_used_at"] is not None

    @pytest.mark.parametrize(
        "given",
        [
            {"name": "   "},
            {"name": "x" * 101},
            {"scope": "everything"},
            {"days": 0},
            {"team_id": "00000000-0000-4000-8000-000000000000"},
        ],
    )
    async def test_names_the_field_that_is_wrong(
        self, browser: httpx.AsyncClient, given: dict[str, Any]
    ) -> None:
        answer = await browser.post(KEYS, json={"name": "A program", **given})
        assert answer.status_code == 422
        assert list(answer.json()["details"]["fields"]) == list(given)


class TestAKeyThatIsNotGood:
    @pytest.mark.parametrize(
        "change",
        [
            "is_active = false",
            "expires_at = now() - interval '1 second'",
            "key_hash = repeat('0', 63) || right(key_hash, 1)",
        ],
    )
    async def test_is_401_and_never_falls_back_to_the_cookie(
        self,
        app: FastAPI,
        browser: httpx.AsyncClient,
        database: Database,
        change: str,
    ) -> None:
        made = await _make(browser)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                f"update api_keys set {change} where id = $1", UUID(made["about"]["id"])
            )
        answer = await browser.get(ME, headers={"authorization": f"Bearer {made['key']}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
        assert (await browser.get(ME)).status_code == 200

    @pytest.mark.parametrize("sent", ["Bearer lsk_nobody", "Bearer a.b.c", "Bearer ", "Basic eDp5"])
    async def test_whatever_it_looks_like(self, browser: httpx.AsyncClient, sent: str) -> None:
        answer = await browser.get(ME, headers={"authorization": sent})
        assert answer.status_code == 401

    async def test_opens_no_page(self, app: FastAPI, browser: httpx.AsyncClient) -> None:
        key = (await _make(browser, scope="admin"))["key"]
        async with _program(app, key) as program:
            answer = await program.get("/app/account")
        assert answer.headers["location"].startswith("/sign-in")

    async def test_ends_with_its_suspended_account(
        self, app: FastAPI, browser: httpx.AsyncClient, database: Database, person: Person
    ) -> None:
        key = (await _make(browser))["key"]
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update users set banned_until = now() + interval '1 day' where id = $1", person.id
            )
        async with _program(app, key) as program:
            assert (await program.get(ME)).status_code == 401

    async def test_is_slowed_down_when_it_asks_too_often(
        self, app: FastAPI, browser: httpx.AsyncClient, database: Database
    ) -> None:
        made = await _make(browser)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update api_keys set requests_per_minute = 2 where id = $1",
                UUID(made["about"]["id"]),
            )
        async with _program(app, made["key"]) as program:
            statuses = [(await program.get(ME)).status_code for _ in range(3)]
            refused = await program.get(ME)
        assert statuses == [200, 200, 429]
        assert 0 < int(refused.headers["retry-after"]) <= 60


class TestScopes:
    async def test_read_changes_nothing(self, app: FastAPI, browser: httpx.AsyncClient) -> None:
        key = (await _make(browser, scope="read"))["key"]
        async with _program(app, key) as program:
            answer = await program.post(KEYS, json={"name": "Another"})
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")

    async def test_read_is_read_only_in_the_database_too(
        self, browser: httpx.AsyncClient, database: Database
    ) -> None:
        key = (await _make(browser, scope="read"))["key"]
        found = await service.find_actor(key)
        assert found is not None
        async with database.acting_as(found) as tx:
            assert await tx.fetchval("show transaction_read_only") == "on"

    async def test_write_does_not_manage_the_account(
        self, app: FastAPI, browser: httpx.AsyncClient
    ) -> None:
        key = (await _make(browser, scope="write"))["key"]
        async with _program(app, key) as program:
            answers = [await program.get(KEYS), await program.post(KEYS, json={"name": "More"})]
        assert {answer.status_code for answer in answers} == {403}

    async def test_admin_makes_and_ends_keys(
        self, app: FastAPI, browser: httpx.AsyncClient
    ) -> None:
        key = (await _make(browser, scope="admin"))["key"]
        async with _program(app, key) as program:
            other = await _make(program, name="Other")
            ended = await program.delete(f"{KEYS}/{other['about']['id']}")
            assert ended.status_code == 204
            listed = (await program.get(KEYS)).json()
        assert {one["name"]: one["is_live"] for one in listed} == {
            "A program": True,
            "Other": False,
        }

    async def test_super_admins_are_so_with_the_scope_alone(
        self, browser: httpx.AsyncClient, database: Database, person: Person
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute("update users set is_super_admin = true where id = $1", person.id)
        for scope, expected in (("write", False), ("admin", True)):
            holder = await service.find_holder((await _make(browser, scope=scope))["key"])
            assert holder is not None
            assert holder.is_super_admin is expected


class TestAStranger:
    async def test_neither_sees_nor_ends_it(
        self, app: FastAPI, browser: httpx.AsyncClient, people: People, database: Database
    ) -> None:
        made = await _make(browser)
        stranger = await people.user()
        async with _program(app) as other:
            async with database.acting_as(Root()) as tx:
                other.cookies.set(COOKIE, await auth.open_session(tx, user_id=stranger.id))
            assert (await other.get(KEYS)).json() == []
            ended = await other.delete(f"{KEYS}/{made['about']['id']}")
        assert ended.status_code == 404
        assert await service.find_holder(made["key"]) is not None

    async def test_is_told_to_sign_in(self, client: httpx.AsyncClient) -> None:
        for method, path in (("GET", ME), ("GET", KEYS), ("POST", KEYS)):
            assert (await client.request(method, path)).status_code == 401


class TestAKeyBoundToATeam:
    async def test_reaches_no_other_team(
        self, browser: httpx.AsyncClient, people: People, database: Database, person: Person
    ) -> None:
        ours = await people.team(person, name="Ours")
        await people.team(person, name="Another client")
        key = (await _make(browser, team_id=str(ours), scope="write"))["key"]
        actor = await service.find_actor(key)
        assert actor is not None
        async with database.acting_as(actor) as tx:
            assert await tx.fetchval("select access.team_ids()") == [ours]
            assert await tx.fetchval("select access.owned_team_ids()") == [ours]
        async with database.acting_as(User(person.id)) as tx:
            assert len(await tx.fetchval("select access.team_ids()")) == 2

    async def test_ends_when_its_person_leaves(
        self, browser: httpx.AsyncClient, people: People, database: Database, person: Person
    ) -> None:
        team = await people.team(await people.user(), person)
        key = (await _make(browser, team_id=str(team)))["key"]
        assert await service.find_holder(key) is not None
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update team_profiles set status = 'removed' where team_id = $1 and user_id = $2",
                team,
                person.id,
            )
        assert await service.find_holder(key) is None

    async def test_makes_keys_for_that_team_alone(
        self, app: FastAPI, browser: httpx.AsyncClient, people: People, person: Person
    ) -> None:
        ours, other = await people.team(person), await people.team(person)
        key = (await _make(browser, team_id=str(ours), scope="admin"))["key"]
        async with _program(app, key) as program:
            assert (await _make(program))["about"]["team_id"] == str(ours)
            refused = await program.post(KEYS, json={"name": "x", "team_id": str(other)})
        assert refused.status_code == 422

    async def test_is_for_a_team_of_ones_own(
        self, browser: httpx.AsyncClient, people: People
    ) -> None:
        foreign = await people.team(await people.user())
        answer = await browser.post(KEYS, json={"name": "x", "team_id": str(foreign)})
        assert answer.status_code == 422


class TestAnAccessToken:
    async def test_acts_while_its_session_lasts(
        self, app: FastAPI, database: Database, person: Person, runtime: Any
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await auth.open_session(tx, user_id=person.id)
            session_id = await tx.fetchval(
                "select id from user_sessions where user_id = $1", person.id
            )
        claims = {
            "sub": str(person.id),
            "role": "authenticated",
            "session_id": str(session_id),
        }
        token = runtime.tokens.sign(claims, 60)
        async with _program(app, token) as program:
            answer = await program.get(ME)
            assert answer.json()["email"] == person.email
            async with database.acting_as(Root()) as tx:
                await tx.execute("delete from user_sessions where id = $1", session_id)
            assert (await program.get(ME)).status_code == 401

    async def test_of_another_role_is_nobodys(
        self, app: FastAPI, person: Person, runtime: Any
    ) -> None:
        for claims in (
            {"sub": str(person.id), "role": "service_role"},
            {"role": "authenticated"},
            {"sub": "somebody", "role": "authenticated"},
        ):
            async with _program(app, runtime.tokens.sign(claims, 60)) as program:
                assert (await program.get(ME)).status_code == 401

    async def test_needs_the_second_factor_of_an_account_that_has_one(
        self, app: FastAPI, database: Database, person: Person, runtime: Any
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into user_mfa_factors (user_id, secret, status)"
                " values ($1, 'sealed', 'verified')",
                person.id,
            )
        token = runtime.tokens.sign({"sub": str(person.id), "role": "authenticated"}, 60)
        async with _program(app, token) as program:
            answer = await program.get(ME)
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_aal")


class TestTheDataApi:
    async def test_takes_a_key_in_either_header(
        self, app: FastAPI, browser: httpx.AsyncClient, person: Person
    ) -> None:
        key = (await _make(browser))["key"]
        path = "/rest/v1/users?select=email"
        async with _program(app, key) as program:
            as_bearer = await program.get(path)
        async with _program(app) as program:
            as_key = await program.get(path, headers={"apikey": key})
        assert as_bearer.json() == as_key.json() == [{"email": person.email}]

    async def test_lets_a_key_that_reads_change_nothing(
        self, app: FastAPI, browser: httpx.AsyncClient, person: Person
    ) -> None:
        path = f"/rest/v1/users?id=eq.{person.id}"
        for scope, status in (("read", 403), ("write", 204)):
            key = (await _make(browser, scope=scope))["key"]
            async with _program(app, key) as program:
                answer = await program.patch(path, json={"name": "Changed"})
            assert (scope, answer.status_code) == (scope, status), answer.text

    async def test_refuses_a_key_that_was_revoked(
        self, app: FastAPI, browser: httpx.AsyncClient
    ) -> None:
        made = await _make(browser)
        await browser.delete(f"{KEYS}/{made['about']['id']}")
        async with _program(app, made["key"]) as program:
            assert (await program.get("/rest/v1/users")).status_code == 401


class TestOddInput:
    @pytest.mark.parametrize("name", [r"A\u0000", r"\ud800", r"odd\udfff name"])
    async def test_text_that_no_database_holds_is_refused(
        self, browser: httpx.AsyncClient, name: str
    ) -> None:
        answer = await browser.post(
            KEYS,
            content=f'{{"name": "{name}", "scope": "read"}}',
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 422

    async def test_a_field_that_no_answer_can_name_is_refused(
        self, browser: httpx.AsyncClient
    ) -> None:
        answer = await browser.post(
            KEYS, content=r'{"name": {"\ud800": 1}}', headers={"content-type": "application/json"}
        )
        assert answer.status_code == 422
