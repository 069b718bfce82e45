"""Saved views: kept with the account, by list and name."""

from tests.console.conftest import Browser
from tests.people import People, Person

LEADS = {"list": "/app/leads", "name": "To  call", "query": "?status=complete"}


class TestSavedViews:
    async def test_are_kept_by_list(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        assert (await browser.post("/app/views", data=LEADS)).status_code == 204
        kept = (await browser.get("/app/views", params={"list": "/app/leads"})).json()
        assert [(view["name"], view["query"]) for view in kept] == [("To call", "?status=complete")]
        assert (await browser.get("/app/views", params={"list": "/app/outbox"})).json() == []

    async def test_are_kept_by_workspace(
        self, browser_of: Browser, person: Person, people: People
    ) -> None:
        browser = await browser_of(person)
        team_id = await people.team(person, name="Halden")
        await browser.post("/app/workspaces", data={"workspace": "personal"})
        await browser.post("/app/views", data=LEADS)
        await browser.post("/app/workspaces", data={"workspace": str(team_id)})
        there = {"list": "/app/leads"}
        assert (await browser.get("/app/views", params=there)).json() == []
        await browser.post("/app/views", data=LEADS | {"query": "?q=team"})
        kept = (await browser.get("/app/views", params=there)).json()
        assert [view["query"] for view in kept] == ["?q=team"]
        await browser.post("/app/workspaces", data={"workspace": "personal"})
        kept = (await browser.get("/app/views", params=there)).json()
        assert [view["query"] for view in kept] == ["?status=complete"]

    async def test_are_replaced_by_name(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        await browser.post("/app/views", data=LEADS)
        await browser.post("/app/views", data=LEADS | {"query": "?q=ada"})
        kept = (await browser.get("/app/views", params={"list": "/app/leads"})).json()
        assert [view["query"] for view in kept] == ["?q=ada"]

    async def test_are_nobody_elses(
        self, browser_of: Browser, person: Person, people: People
    ) -> None:
        browser = await browser_of(person)
        stranger = await browser_of(await people.user())
        await browser.post("/app/views", data=LEADS)
        kept = (await browser.get("/app/views", params={"list": "/app/leads"})).json()
        forget = f"/app/views/{kept[0]['id']}/forget"
        assert (await stranger.get("/app/views", params={"list": "/app/leads"})).json() == []
        assert (await stranger.post(forget)).status_code == 404
        assert (await browser.post(forget)).status_code == 204
        assert (await browser.get("/app/views", params={"list": "/app/leads"})).json() == []

    async def test_lead_nowhere_else(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        for wrong in ({"list": "https://evil.example"}, {"query": "javascript:x"}, {"name": " "}):
            answer = await browser.post("/app/views", data=LEADS | wrong)
            assert answer.status_code == 422, wrong
