"""The super-admin area: what admins see and do is noted, and nobody else comes in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import PASSWORD, Account, open_browser, sign_up


@pytest.fixture(scope="module")
async def admin(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Olga Operator")
        await make_admin(database, account.id)
        yield account


@pytest.fixture
async def ann(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    """Somebody whose account is looked after."""
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Ann Subject")
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update users set is_super_admin = false where id = $1 and is_super_admin",
                account.id,
            )
        yield account


@pytest.fixture
async def second_admin(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Ove Operator")
        await make_admin(database, account.id)
        yield account


async def make_admin(database: Database, user_id: UUID, *, is_one: bool = True) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = $2 where id = $1", user_id, is_one)


async def entries(database: Database, subject_id: UUID) -> list[asyncpg.Record]:
    async with database.acting_as(Root()) as tx:
        return await tx.fetch(
            "select action, actor_id, details from admin_audit_log where subject_id = $1"
            " order by created_at, id",
            subject_id,
        )


async def actions(database: Database, subject_id: UUID) -> list[str]:
    return [row["action"] for row in await entries(database, subject_id)]


def page_of(account: Account) -> str:
    return f"/app/admin/users/{account.id}"


class TestTheArea:
    async def test_is_not_there_for_others(self, ann: Account, admin: Account) -> None:
        for path in ("", "/users.csv", "/audit", "/audit.csv", "/installation", "/services"):
            assert (await ann.browser.get(f"/app/admin{path}")).status_code == 404
        assert (await ann.browser.get(page_of(admin))).status_code == 404
        for action in ("plan", "suspend", "look", "super-admin/grant", "password-link"):
            answer = await ann.browser.post(
                f"{page_of(ann)}/{action}", data={"plan": "unlimited", "reason": "because I can"}
            )
            assert answer.status_code == 404
        assert 'href="/app/admin"' not in (await ann.browser.get("/app")).text

    async def test_sends_nobody_in_particular_to_sign_in(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/app/admin")).headers["location"].startswith("/sign-in")

    async def test_lists_searches_and_narrows(self, admin: Account, ann: Account) -> None:
        assert 'href="/app/admin"' in (await admin.browser.get("/app")).text
        found = await admin.browser.get("/app/admin", params={"q": ann.email})
        assert f"{page_of(ann)}" in found.text
        assert "1 account" in found.text
        none = await admin.browser.get("/app/admin", params={"q": ann.email, "plan": "unlimited"})
        assert page_of(ann) not in none.text

    async def test_sorts_by_every_column_that_offers_it(self, admin: Account) -> None:
        for key in ("name", "plan", "state", "last_seen_at", "created_at"):
            for sort in (key, f"-{key}"):
                answer = await admin.browser.get("/app/admin", params={"sort": sort})
                assert answer.status_code == 200

    async def test_exports_what_is_narrowed(self, admin: Account, ann: Account) -> None:
        answer = await admin.browser.get("/app/admin/users.csv", params={"q": ann.email})
        lines = answer.text.splitlines()
        assert len(lines) == 2
        assert lines[1].startswith(f"{ann.email},Ann Subject,{ann.username},free")

    async def test_shows_one_account(self, admin: Account, ann: Account) -> None:
        page = await admin.browser.get(page_of(ann))
        assert page.status_code == 200
        for text in (ann.email, "Workspaces", "Sessions", "Look with their eyes"):
            assert text in page.text
        assert (await admin.browser.get(f"/app/admin/users/{uuid4()}")).status_code == 404


class TestChanging:
    async def test_a_plan_by_hand_is_noted(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        await admin.browser.post(f"{page_of(ann)}/plan", data={"plan": "pro"})
        async with database.acting_as(Root()) as tx:
            plan = await tx.fetchval("select plan from subscriptions where user_id = $1", ann.id)
        assert plan == "pro"
        noted = (await entries(database, ann.id))[0]
        assert (noted["action"], noted["actor_id"]) == ("plan.changed", admin.id)
        assert noted["details"] == {"from": "free", "to": "pro"}

    async def test_a_plan_that_stripe_bills_stays(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set stripe_subscription_id = $2 where user_id = $1",
                ann.id,
                f"sub_{uuid4().hex}",
            )
        answer = await admin.browser.post(f"{page_of(ann)}/plan", data={"plan": "unlimited"})
        assert answer.status_code == 409
        assert await actions(database, ann.id) == []

    async def test_an_unknown_plan_is_refused(self, admin: Account, ann: Account) -> None:
        answer = await admin.browser.post(f"{page_of(ann)}/plan", data={"plan": "gold"})
        assert answer.status_code == 422

    async def test_suspending_signs_out_at_once_and_for_good(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        answer = await admin.browser.post(
            f"{page_of(ann)}/suspend", data={"reason": "Sent spam to strangers"}
        )
        assert answer.status_code == 303
        assert (await ann.browser.get("/app")).headers["location"].startswith("/sign-in")
        refused = await ann.browser.post(
            "/sign-in", data={"email": ann.email, "password": PASSWORD}
        )
        assert refused.status_code in (401, 403)
        await admin.browser.post(f"{page_of(ann)}/unsuspend")
        welcome = await ann.browser.post(
            "/sign-in", data={"email": ann.email, "password": PASSWORD}
        )
        assert welcome.status_code == 303
        assert await actions(database, ann.id) == ["account.suspended", "account.unsuspended"]

    async def test_suspending_needs_a_reason_and_another(
        self, admin: Account, ann: Account
    ) -> None:
        nameless = await admin.browser.post(f"{page_of(ann)}/suspend", data={"reason": " no "})
        assert nameless.status_code == 422
        oneself = await admin.browser.post(
            f"{page_of(admin)}/suspend", data={"reason": "tired of all this"}
        )
        assert oneself.status_code == 409

    async def test_sessions_are_ended_one_by_one_and_together(
        self, admin: Account, ann: Account, app: FastAPI, database: Database
    ) -> None:
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(open_browser(app))
            await other.post("/sign-in", data={"email": ann.email, "password": PASSWORD})
            async with database.acting_as(Root()) as tx:
                first = await tx.fetchval(
                    "select id from user_sessions where user_id = $1 order by created_at limit 1",
                    ann.id,
                )
            await admin.browser.post(f"{page_of(ann)}/sessions/{first}/end")
            assert (await ann.browser.get("/app")).status_code == 303
            assert (await other.get("/app")).status_code == 200
            await admin.browser.post(f"{page_of(ann)}/sessions/end")
            assert (await other.get("/app")).status_code == 303
        again = await admin.browser.post(f"{page_of(ann)}/sessions/{first}/end")
        assert again.status_code == 404

    async def test_a_password_link_is_noted(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        answer = await admin.browser.post(f"{page_of(ann)}/password-link")
        assert answer.status_code == 303
        async with database.acting_as(Root()) as tx:
            kinds = await tx.fetch(
                "select kind from user_one_time_tokens where user_id = $1", ann.id
            )
        assert [row["kind"] for row in kinds] == ["recovery"]
        assert await actions(database, ann.id) == ["account.reset_sent"]

    async def test_the_beta_is_switched_and_noted(self, admin: Account, database: Database) -> None:
        async with database.acting_as(Root()) as tx:
            before = await tx.fetchval("select value from app_settings where key = 'beta'")
        turned = "off" if before == "on" else "on"
        path = "/app/admin/installation/beta"
        await admin.browser.post(path, data={"is_on": str(turned == "on").lower()})
        async with database.acting_as(Root()) as tx:
            now = await tx.fetchval("select value from app_settings where key = 'beta'")
        await admin.browser.post(path, data={"is_on": str(before == "on").lower()})
        assert now == turned
        page = await admin.browser.get("/app/admin/audit", params={"kind": "installation"})
        assert f"now: {turned}, switch: beta" in page.text


class TestRank:
    async def test_is_given_and_taken(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        await admin.browser.post(f"{page_of(ann)}/super-admin/grant")
        assert (await ann.browser.get("/app/admin")).status_code == 200
        await admin.browser.post(f"{page_of(ann)}/super-admin/revoke")
        assert (await ann.browser.get("/app/admin")).status_code == 404
        assert await actions(database, ann.id) == ["super_admin.granted", "super_admin.revoked"]

    async def test_of_the_last_super_admin_stays(
        self, fresh_database: Database, people_in_fresh: tuple[UUID, UUID]
    ) -> None:
        first, second = people_in_fresh
        await make_admin(fresh_database, second, is_one=False)
        with pytest.raises(asyncpg.PostgresError, match="last super admin"):
            await make_admin(fresh_database, first, is_one=False)
        with pytest.raises(asyncpg.PostgresError, match="last super admin"):
            async with fresh_database.acting_as(Root()) as tx:
                await tx.execute(
                    "update users set banned_until = now() + interval '1 day' where id = $1", first
                )

    @pytest.fixture
    async def people_in_fresh(self, fresh_database: Database) -> tuple[UUID, UUID]:
        async with fresh_database.acting_as(Root()) as tx:
            rows = await tx.fetch(
                "insert into users (email, is_super_admin)"
                " values ('one@example.com', true), ('two@example.com', true) returning id"
            )
        return rows[0]["id"], rows[1]["id"]


class TestTheAudit:
    async def test_can_neither_be_changed_nor_emptied(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        await admin.browser.post(f"{page_of(ann)}/plan", data={"plan": "pro"})
        for statement in (
            "update admin_audit_log set action = 'plan.kept' where subject_id = $1",
            "delete from admin_audit_log where subject_id = $1",
        ):
            with pytest.raises(asyncpg.PostgresError, match="stays as it is"):
                async with database.acting_as(Root()) as tx:
                    await tx.execute(statement, ann.id)

    async def test_is_searched_and_exported(self, admin: Account, ann: Account) -> None:
        await admin.browser.post(f"{page_of(ann)}/plan", data={"plan": "pro"})
        page = await admin.browser.get("/app/admin/audit", params={"q": ann.email})
        assert "Changed the plan by hand" in page.text
        assert "free → pro" in page.text
        file = await admin.browser.get("/app/admin/audit.csv", params={"q": ann.email})
        assert "plan.changed" in file.text
