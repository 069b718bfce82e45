"""Calls of our other services: signed, once, for what the key allows, and accounts made by them."""

import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.identity.services.rules import sign
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.test_administration import make_admin

PATH = "/api/identity/accounts"
KEYS = "/app/admin/services"


@pytest.fixture
async def admin(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Olga Operator")
        await make_admin(database, account.id)
        yield account


@dataclass(frozen=True)
class Caller:
    """A service with its key, at an address of its own."""

    http: httpx.AsyncClient
    service_id: str
    secret: str
    user_id: str = field(default_factory=lambda: str(uuid4()))

    def signed(self, body: bytes, *, at: int | None = None, **changes: str) -> dict[str, str]:
        """Return the headers of a call."""
        timestamp = str(int(time.time()) if at is None else at)
        signature = sign(
            self.secret,
            method="POST",
            path="/identity/accounts",
            timestamp=timestamp,
            body=body,
        )
        headers = {
            "x-gtm-signature": signature,
            "x-gtm-timestamp": timestamp,
            "x-gtm-user-id": self.user_id,
            "x-gtm-service-id": self.service_id,
            "content-type": "application/json",
        }
        return {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}

    async def make(self, given: dict[str, Any], *, at: int | None = None) -> httpx.Response:
        body = json.dumps(given).encode()
        return await self.http.post(PATH, content=body, headers=self.signed(body, at=at))


async def make_key(admin: Account, service_id: str, **given: str) -> str:
    """Make a key on its screen; return the secret that it shows."""
    answer = await admin.browser.post(
        KEYS, data={"service_id": service_id, "actions": "accounts.create", **given}
    )
    assert answer.status_code == 200, answer.text
    return secret_in(answer.text)


def secret_in(page: str) -> str:
    found = re.search(r"lsvc_[\w-]+", page)
    assert found
    return found[0]


@pytest.fixture
async def caller(admin: Account, app: FastAPI) -> AsyncIterator[Caller]:
    name = f"svc-{uuid4().hex[:8]}"
    secret = await make_key(admin, name)
    async with open_browser(app, address=f"2001:db8::{uuid4().hex[:4]}") as http:
        yield Caller(http, name, secret)


def somebody(**more: str) -> dict[str, str]:
    return {"email": f"s{uuid4().hex[:10]}@example.com", "full_name": "Sam Sold", **more}


class TestAnAccount:
    async def test_is_made_on_the_pro_plan_with_a_team_and_an_invitation(
        self, caller: Caller, database: Database
    ) -> None:
        given = somebody(company="Sold Ltd", job_title="Founder")
        answer = await caller.make({**given, "email": given["email"].upper()})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["email"], made["already_existed"]) == (given["email"], False)
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                """
                select u.name, u.password_hash, u.is_super_admin, s.plan, s.status,
                    t.name as team, p.role, p.title,
                    (select kind from user_one_time_tokens as o where o.user_id = u.id) as invited
                from users as u
                join subscriptions as s on s.user_id = u.id
                join teams as t on t.owner_id = u.id and not t.is_personal
                join team_profiles as p on p.team_id = t.id
                where u.id = $1
                """,
                made["user_id"],
            )
        assert row is not None
        assert dict(row) == {
            "name": "Sam Sold",
            "password_hash": None,
            "is_super_admin": False,
            "plan": "pro",
            "status": "active",
            "team": "Sold Ltd",
            "role": "owner",
            "title": "Founder",
            "invited": "invite",
        }

    async def test_without_a_company_has_a_team_of_its_name_or_none(self, caller: Caller) -> None:
        linked = await caller.make(somebody(linkedin_url="https://www.linkedin.com/in/sam"))
        assert linked.json()["team_id"]
        plain = await caller.make(somebody())
        assert plain.json()["team_id"] is None

    async def test_that_is_there_is_left_as_it_is(
        self, caller: Caller, admin: Account, database: Database
    ) -> None:
        answer = await caller.make({"email": admin.email, "full_name": "Somebody Else"})
        assert answer.status_code == 200
        assert answer.json()["already_existed"] is True
        assert answer.json()["user_id"] == str(admin.id)
        async with database.acting_as(Root()) as tx:
            plan = await tx.fetchval("select plan from subscriptions where user_id = $1", admin.id)
        assert plan == "free"

    async def test_names_what_is_wrong_with_it(self, caller: Caller) -> None:
        answer = await caller.make({"email": "nobody", "full_name": "x"})
        assert answer.status_code == 422
        assert "email" in answer.json()["details"]["fields"]
        answer = await caller.make(
            {"email": "a@example.com", "linkedin_url": "javascript:alert(1)"}
        )
        assert set(answer.json()["details"]["fields"]) == {"full_name", "linkedin_url"}

    async def test_is_noted_in_the_audit(self, caller: Caller, admin: Account) -> None:
        made = (await caller.make(somebody())).json()
        page = await admin.browser.get("/app/admin/audit", params={"subject": made["user_id"]})
        assert "Made the account" in page.text
        assert caller.service_id in page.text


class TestACall:
    async def test_counts_once(self, caller: Caller) -> None:
        body = json.dumps(somebody()).encode()
        headers = caller.signed(body)
        assert (await caller.http.post(PATH, content=body, headers=headers)).status_code == 201
        again = await caller.http.post(PATH, content=body, headers=headers)
        assert (again.status_code, again.json()["code"]) == (401, "service_call_replayed")
        shouted = {**headers, "x-gtm-signature": headers["x-gtm-signature"].upper()}
        third = await caller.http.post(PATH, content=body, headers=shouted)
        assert third.json()["code"] == "service_call_replayed"

    @pytest.mark.parametrize("age", [-400, 400])
    async def test_is_of_now(self, caller: Caller, age: int) -> None:
        answer = await caller.make(somebody(), at=int(time.time()) + age)
        assert answer.status_code == 401

    async def test_is_signed_as_a_whole(self, caller: Caller) -> None:
        body = json.dumps(somebody()).encode()
        headers = caller.signed(body)
        changed = body.replace(b"Sam Sold", b"Sam Mold")
        assert (await caller.http.post(PATH, content=changed, headers=headers)).status_code == 401
        late = {**headers, "x-gtm-timestamp": str(int(headers["x-gtm-timestamp"]) + 1)}
        assert (await caller.http.post(PATH, content=body, headers=late)).status_code == 401
        longer = await caller.http.post(f"{PATH}?plan=all", content=body, headers=headers)
        assert longer.status_code == 401

    @pytest.mark.parametrize(
        "missing", ["x-gtm-signature", "x-gtm-timestamp", "x-gtm-user-id", "x-gtm-service-id"]
    )
    async def test_needs_every_header(self, caller: Caller, missing: str) -> None:
        body = json.dumps(somebody()).encode()
        headers = caller.signed(body)
        del headers[missing]
        answer = await caller.http.post(PATH, content=body, headers=headers)
        assert answer.status_code == 401
        assert missing in answer.json()["message"]

    async def test_is_of_the_service_that_signs(self, caller: Caller, admin: Account) -> None:
        other = f"svc-{uuid4().hex[:8]}"
        await make_key(admin, other)
        body = json.dumps(somebody()).encode()
        answer = await caller.http.post(
            PATH, content=body, headers=caller.signed(body, x_gtm_service_id=other)
        )
        assert answer.status_code == 401

    async def test_has_a_small_body(self, caller: Caller) -> None:
        body = json.dumps(somebody(company="x" * 70_000)).encode()
        answer = await caller.http.post(PATH, content=body, headers=caller.signed(body))
        assert answer.status_code == 413

    async def test_is_not_let_in_by_a_cookie(self, admin: Account) -> None:
        answer = await admin.browser.post(PATH, json=somebody())
        assert answer.status_code == 401

    async def test_may_do_what_its_key_allows(self, caller: Caller, database: Database) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update service_keys set allowed_actions = '{leads.read}' where service_id = $1",
                caller.service_id,
            )
        answer = await caller.make(somebody())
        assert (answer.status_code, answer.json()["code"]) == (403, "action_not_allowed")


class TestAKey:
    async def test_is_sent_bare_only_where_that_was_chosen(
        self, caller: Caller, admin: Account
    ) -> None:
        headers = {"x-gtm-user-id": caller.user_id, "x-gtm-service-id": caller.service_id}
        bare = {**headers, "authorization": f"Bearer {caller.secret}"}
        refused = await caller.http.post(PATH, json=somebody(), headers=bare)
        assert refused.status_code == 401
        chosen = await make_key(admin, caller.service_id, allows_bearer="true")
        taken = await caller.http.post(
            PATH, json=somebody(), headers={**headers, "authorization": f"Bearer {chosen}"}
        )
        assert taken.status_code == 201

    async def test_is_rotated_while_the_earlier_one_still_works(
        self, caller: Caller, admin: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            key_id = await tx.fetchval(
                "select id from service_keys where service_id = $1", caller.service_id
            )
        page = await admin.browser.post(f"{KEYS}/{key_id}/rotate")
        renewed = Caller(caller.http, caller.service_id, secret_in(page.text))
        assert (await renewed.make(somebody())).status_code == 201
        assert (await caller.make(somebody())).status_code == 201
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update service_keys set expires_at = now() - interval '1 second' where id = $1",
                key_id,
            )
        assert (await caller.make(somebody())).status_code == 401
        assert (await renewed.make(somebody())).status_code == 201

    async def test_ends_when_it_is_revoked(
        self, caller: Caller, admin: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            key_id = await tx.fetchval(
                "select id from service_keys where service_id = $1", caller.service_id
            )
        assert (await admin.browser.post(f"{KEYS}/{key_id}/revoke")).status_code == 303
        assert (await caller.make(somebody())).status_code == 401
        assert (await admin.browser.post(f"{KEYS}/{key_id}/rotate")).status_code == 404

    async def test_is_shown_once_and_kept_sealed(
        self, caller: Caller, admin: Account, database: Database
    ) -> None:
        page = await admin.browser.get(KEYS)
        assert caller.service_id in page.text
        assert caller.secret not in page.text
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchval(
                "select to_jsonb(k)::text from service_keys as k where service_id = $1",
                caller.service_id,
            )
        assert caller.secret not in row

    async def test_needs_a_name_and_an_action(self, admin: Account) -> None:
        answer = await admin.browser.post(KEYS, data={"service_id": "1 bad name"})
        assert answer.status_code == 422
        answer = await admin.browser.post(KEYS, data={"service_id": "fine", "actions": "all"})
        assert answer.status_code == 422
