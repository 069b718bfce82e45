"""Looking with another's eyes: for a reason, for half an hour, and nothing changes unasked."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root, Viewer
from lodestone.platform.database import Database
from tests.domains.accounts import GUIDE, Account, open_browser, sign_up, write_magnet
from tests.domains.identity.test_administration import actions, entries, make_admin, page_of

REASON = "Ticket 1234: their funnel stays hidden"


@pytest.fixture
async def admin(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Olga Operator")
        await make_admin(database, account.id)
        yield account


@pytest.fixture
async def second_admin(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Ove Operator")
        await make_admin(database, account.id)
        yield account


@pytest.fixture
async def ann(database: Database, app: FastAPI, admin: Account) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ann Subject")


async def look(admin: Account, at: Account, reason: str = REASON) -> int:
    answer = await admin.browser.post(f"{page_of(at)}/look", data={"reason": reason})
    return answer.status_code


async def write_a_magnet(account: Account) -> int:
    """Try to write a lead magnet; return the status."""
    answer = await account.browser.post(
        "/app/lead-magnets/new",
        data={"title": "By another hand", "body": GUIDE, "pain_point": "Deals go quiet"},
    )
    return answer.status_code


async def magnets_of(database: Database, account: Account) -> int:
    async with database.acting_as(Root()) as tx:
        count: int = await tx.fetchval(
            "select count(*) from lead_magnets where user_id = $1", account.id
        )
    return count


class TestALook:
    async def test_shows_what_the_person_sees_under_a_bar(
        self, admin: Account, ann: Account
    ) -> None:
        magnet = await write_magnet(ann, title="Only Ann wrote this")
        assert (await admin.browser.get(magnet)).status_code == 404
        assert await look(admin, ann) == 303
        page = await admin.browser.get(magnet)
        assert page.status_code == 200
        for text in ("Only Ann wrote this", "ls-view-bar", "Nothing can be changed", "Ann Subject"):
            assert text in page.text

    async def test_begins_and_ends_in_the_person_s_own_workspace(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            team_id = await tx.fetchval(
                "insert into teams (owner_id, name) values ($1, 'Of the admin') returning id",
                admin.id,
            )
        admin.browser.cookies.set("lodestone_workspace", str(team_id))
        await look(admin, ann)
        page = await admin.browser.get("/app")
        assert page.status_code == 200
        assert "Of the admin" not in page.text

    async def test_opens_no_admin_area(self, admin: Account, ann: Account) -> None:
        await look(admin, ann)
        assert (await admin.browser.get("/app/admin")).status_code == 404
        assert (await admin.browser.get(page_of(ann))).status_code == 404

    async def test_changes_nothing(self, admin: Account, ann: Account, database: Database) -> None:
        await look(admin, ann)
        assert await write_a_magnet(admin) == 403
        assert await magnets_of(database, ann) == 0

    async def test_changes_nothing_by_any_other_door(
        self, ann: Account, database: Database
    ) -> None:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with database.acting_as(Viewer(ann.id)) as tx:
                await tx.execute("update users set name = 'Other' where id = $1", ann.id)

    async def test_changes_things_after_a_second_consent(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        await look(admin, ann)
        assert (await admin.browser.post("/app/admin/view/allow-changes")).status_code == 303
        assert await write_a_magnet(admin) == 303
        assert await magnets_of(database, ann) == 1
        assert "What you change is noted" in (await admin.browser.get("/app")).text

    async def test_never_touches_what_is_personal(self, admin: Account, ann: Account) -> None:
        await look(admin, ann)
        await admin.browser.post("/app/admin/view/allow-changes")
        for path in ("/app/account", "/app/account/password", "/app/account/data/export"):
            answer = await admin.browser.post(path, data={"name": "Other"})
            assert answer.status_code in (403, 404, 405), path
        await admin.browser.get("/data/")
        token = {"X-CSRFToken": admin.browser.cookies["starlette_admin_csrftoken"]}
        by_table = await admin.browser.post(
            f"/data/users/edit?pk={ann.id}",
            data={"name": "Other"},
            headers=token,
        )
        assert by_table.status_code == 403
        assert "Ann Subject" in (await ann.browser.get("/app")).text

    async def test_ends_when_the_admin_ends_it(self, admin: Account, ann: Account) -> None:
        await look(admin, ann)
        answer = await admin.browser.post("/app/admin/view/end")
        assert answer.headers["location"] == page_of(ann)
        page = await admin.browser.get("/app")
        assert "Olga Operator" in page.text
        assert "ls-view-bar" not in page.text

    async def test_ends_by_itself(self, admin: Account, ann: Account, database: Database) -> None:
        await look(admin, ann)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update user_sessions set acting_until = now() - interval '1 second'"
                " where acting_as_user_id = $1",
                ann.id,
            )
        assert await write_a_magnet(admin) == 409
        assert "Olga Operator" in (await admin.browser.get("/app")).text
        assert await magnets_of(database, ann) == await magnets_of(database, admin) == 0

    async def test_ends_with_the_session(self, admin: Account, ann: Account) -> None:
        await look(admin, ann)
        await admin.browser.post("/sign-out")
        assert (await admin.browser.get("/app")).status_code == 303
        assert (await ann.browser.get("/app")).status_code == 200

    async def test_ends_with_the_rank(
        self, admin: Account, second_admin: Account, ann: Account
    ) -> None:
        await look(admin, ann)
        await second_admin.browser.post(f"{page_of(admin)}/super-admin/revoke")
        page = await admin.browser.get("/app")
        assert "Olga Operator" in page.text


class TestWhoMayLook:
    async def test_needs_a_reason(self, admin: Account, ann: Account, database: Database) -> None:
        assert await look(admin, ann, reason="hm") == 422
        assert await actions(database, ann.id) == []

    async def test_never_with_the_eyes_of_a_super_admin(
        self, admin: Account, second_admin: Account, database: Database
    ) -> None:
        assert await look(admin, second_admin) == 409
        assert await look(admin, admin) == 409
        with pytest.raises(asyncpg.PostgresError, match="never with a super admin"):
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update user_sessions set acting_as_user_id = $2, acting_until = now()"
                    " where user_id = $1",
                    admin.id,
                    second_admin.id,
                )

    async def test_nobody_else_even_past_the_code(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        with pytest.raises(asyncpg.PostgresError, match="Only a super admin"):
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update user_sessions set acting_as_user_id = $2, acting_until = now()"
                    " where user_id = $1",
                    ann.id,
                    admin.id,
                )

    async def test_no_longer_than_half_an_hour(
        self, admin: Account, ann: Account, database: Database
    ) -> None:
        with pytest.raises(asyncpg.PostgresError, match="30 minutes"):
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update user_sessions set acting_as_user_id = $2,"
                    " acting_until = now() + interval '2 hours' where user_id = $1",
                    admin.id,
                    ann.id,
                )


async def test_every_step_is_noted_with_both_ids(
    admin: Account, ann: Account, database: Database
) -> None:
    await look(admin, ann)
    await admin.browser.get("/app/lead-magnets")
    await write_a_magnet(admin)
    await admin.browser.post("/app/admin/view/allow-changes")
    await write_a_magnet(admin)
    await admin.browser.post("/app/admin/view/end")
    noted = await entries(database, ann.id)
    assert {row["actor_id"] for row in noted} == {admin.id}
    assert [row["action"] for row in noted] == [
        "view.started",
        "view.read",
        "view.refused",
        "view.writing_allowed",
        "view.changed",
        "view.ended",
    ]
    assert noted[0]["details"] == {"reason": REASON}
    assert noted[4]["details"] == {"method": "POST", "path": "/app/lead-magnets/new"}


async def test_no_token_of_a_link_is_noted(
    admin: Account, ann: Account, database: Database
) -> None:
    await look(admin, ann)
    await admin.browser.get("/invitations/a-secret-token")
    noted = await entries(database, ann.id)
    assert noted[-1]["details"] == {"method": "GET", "path": "/invitations/{token}"}


async def test_a_look_makes_no_links_that_outlive_it(admin: Account, ann: Account) -> None:
    sent = await ann.browser.post(
        "/app/files/upload/files", files={"file": ("plan.txt", b"sail", "text/plain")}
    )
    assert sent.status_code == 303
    assert "?token=" in (await ann.browser.get("/app/files/file/files/plan.txt")).text
    await look(admin, ann)
    seen = await admin.browser.get("/app/files/file/files/plan.txt")
    assert seen.status_code == 200
    assert "?token=" not in seen.text
