"""A person's own password and sessions."""

from lodestone.auth import passwords, service
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.console.conftest import Browser
from tests.people import Person

SECURITY = "/app/account/security"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"


PASSWORD = "three plain words"


async def _give_password(database: Database, person: Person) -> None:
    stored = await passwords.hash_password(PASSWORD)
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set password_hash = $2 where id = $1", person.id, stored)


class TestSessions:
    async def test_are_listed_and_ended_one_by_one(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            token = await service.open_session(tx, user_id=person.id, user_agent=CHROME)
            session_id = await tx.fetchval(
                "select id from user_sessions where user_id = $1 and user_agent is not null",
                person.id,
            )
        browser = await browser_of(person)
        assert "Chrome on Linux" in (await browser.get(SECURITY)).text
        await browser.post(f"{SECURITY}/sessions/{session_id}/end")
        assert await service.find_signed_in(token) is None
        assert (await browser.get(SECURITY)).status_code == 200

    async def test_of_others_are_out_of_reach(
        self, browser_of: Browser, person: Person, operator: Person, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            token = await service.open_session(tx, user_id=operator.id)
            session_id = await tx.fetchval(
                "select id from user_sessions where user_id = $1", operator.id
            )
        answer = await (await browser_of(person)).post(f"{SECURITY}/sessions/{session_id}/end")
        assert answer.status_code == 404
        assert await service.find_signed_in(token) is not None

    async def test_end_everywhere_else(self, browser_of: Browser, person: Person) -> None:
        here, elsewhere = await browser_of(person), await browser_of(person)
        await here.post(f"{SECURITY}/sessions/end-others")
        assert (await here.get(SECURITY)).status_code == 200
        assert (await elsewhere.get(SECURITY)).status_code == 303


class TestPassword:
    async def test_needs_the_rules_and_the_current_one(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        await _give_password(database, person)
        browser, elsewhere = await browser_of(person), await browser_of(person)
        path = f"{SECURITY}/password"
        form = {"password": "short", "current_password": PASSWORD}
        weak = await browser.post(path, data=form)
        assert weak.status_code == 422
        assert "Use at least 10 characters." in weak.text
        good = await browser.post(path, data={**form, "password": "four plain words x"})
        assert good.status_code == 303
        assert (await browser.get(SECURITY)).status_code == 200
        assert (await elsewhere.get(SECURITY)).status_code == 303
        form = {"password": "five plain words xy", "current_password": "guess"}
        wrong = await browser.post(path, data=form)
        assert "This is not your current password." in wrong.text
        same = {"password": "four plain words x", "current_password": "four plain words x"}
        assert "Choose another." in (await browser.post(path, data=same)).text

    async def test_is_not_guessed_by_who_took_the_session(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        await _give_password(database, person)
        browser = await browser_of(person)
        path = f"{SECURITY}/password"
        form = {"password": "five plain words xy", "current_password": "guess"}
        statuses = [(await browser.post(path, data=form)).status_code for _ in range(11)]
        assert statuses == [422] * 10 + [429]

    async def test_that_is_the_first_comes_by_mail(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        assert "Mail me a link to set one" in (await browser.get(SECURITY)).text
        answer = await browser.post(f"{SECURITY}/password", data={"password": "four plain words x"})
        assert answer.status_code == 409


class TestALookWithAnothersEyes:
    async def test_changes_no_way_in(
        self, browser_of: Browser, person: Person, operator: Person, database: Database
    ) -> None:
        browser = await browser_of(operator)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update user_sessions set acting_as_user_id = $2, acting_may_write = true,"
                " acting_until = now() + interval '10 minutes' where user_id = $1",
                operator.id,
                person.id,
            )
        form = {"name": "Mine", "password": "four plain words x", "email": "x@example.com"}
        paths = (
            f"{SECURITY}/password",
            f"{SECURITY}/factors",
            f"{SECURITY}/sessions/end-others",
            "/app/account/email",
            "/app/developer/keys",
        )
        assert [(await browser.post(path, data=form)).status_code for path in paths] == [403] * 5
