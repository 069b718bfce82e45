"""A person's own profile, password and sessions."""

from lodestone.auth import service
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.console.conftest import Browser
from tests.people import Person

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"


class TestProfile:
    async def test_is_saved_and_says_so_once(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        form = {"name": "Pia  Newname", "username": person.username.upper()}
        answer = await browser.post("/app/account", data=form)
        assert answer.headers["location"] == "/app/account"
        page = await browser.get("/app/account")
        assert "Profile saved" in page.text
        assert "Pia Newname" in page.text
        assert "Profile saved" not in (await browser.get("/app/account")).text

    async def test_keeps_what_was_typed_and_names_what_is_wrong(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        page = await browser.post("/app/account", data={"name": "Pia", "username": "admin"})
        assert page.status_code == 422
        assert "This name is kept for the product." in page.text
        assert 'aria-invalid="true"' in page.text
        assert 'value="admin"' in page.text

    async def test_refuses_a_name_that_is_taken(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        browser = await browser_of(person)
        form = {"name": "Pia", "username": operator.username}
        page = await browser.post("/app/account", data=form)
        assert page.status_code == 422
        assert "This name is taken." in page.text


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
        assert "Chrome on Linux" in (await browser.get("/app/account")).text
        await browser.post(f"/app/account/sessions/{session_id}/end")
        assert await service.find_signed_in(token) is None
        assert (await browser.get("/app/account")).status_code == 200

    async def test_of_others_are_out_of_reach(
        self, browser_of: Browser, person: Person, operator: Person, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            token = await service.open_session(tx, user_id=operator.id)
            session_id = await tx.fetchval(
                "select id from user_sessions where user_id = $1", operator.id
            )
        answer = await (await browser_of(person)).post(f"/app/account/sessions/{session_id}/end")
        assert answer.status_code == 404
        assert await service.find_signed_in(token) is not None

    async def test_end_everywhere_else(self, browser_of: Browser, person: Person) -> None:
        here, elsewhere = await browser_of(person), await browser_of(person)
        await here.post("/app/account/sessions/end-others")
        assert (await here.get("/app/account")).status_code == 200
        assert (await elsewhere.get("/app/account")).status_code == 303


class TestPassword:
    async def test_needs_the_rules_and_the_current_one(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        weak = await browser.post("/app/account/password", data={"password": "short"})
        assert weak.status_code == 422
        assert "Use at least 10 characters." in weak.text
        good = await browser.post("/app/account/password", data={"password": "four plain words x"})
        assert good.status_code == 303
        wrong = await browser.post(
            "/app/account/password",
            data={"password": "five plain words xy", "current_password": "guess"},
        )
        assert "This is not your current password." in wrong.text
