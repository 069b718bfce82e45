"""The developer's page: keys made, shown once, and ended."""

import re

import httpx

from tests.console.conftest import Browser
from tests.people import People, Person

DEVELOPER = "/app/developer"
ME = "/api/identity/me"


async def _make(browser: httpx.AsyncClient, **form: str) -> tuple[httpx.Response, str]:
    page = await browser.post(f"{DEVELOPER}/keys", data={"name": "Zapier", **form})
    assert page.status_code == 200, page.text
    key = re.search(r"lsk_[0-9a-f]{64}", page.text)
    assert key is not None
    return page, key[0]


class TestAKey:
    async def test_is_shown_once_with_a_button_that_copies_it(
        self, browser_of: Browser, person: Person, client: httpx.AsyncClient
    ) -> None:
        browser = await browser_of(person)
        page, key = await _make(browser, scope="write", days="30")
        assert f'data-copy="{key}"' in page.text
        later = await browser.get(DEVELOPER)
        assert key not in later.text
        assert f"…{key[-4:]}" in later.text
        answer = await client.get(ME, headers={"authorization": f"Bearer {key}"})
        assert answer.json()["email"] == person.email

    async def test_is_ended_at_once(
        self, browser_of: Browser, person: Person, client: httpx.AsyncClient
    ) -> None:
        browser = await browser_of(person)
        _, key = await _make(browser)
        page = await browser.get(DEVELOPER)
        action = re.search(r'action="([^"]+/revoke)"', page.text)
        assert action is not None
        await browser.post(action[1])
        answer = await client.get(ME, headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 401
        assert "Revoked" in (await browser.get(DEVELOPER)).text

    async def test_of_others_is_out_of_reach(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        browser, stranger = await browser_of(person), await browser_of(operator)
        await _make(browser, name="A private key")
        page = await browser.get(DEVELOPER)
        action = re.search(r'action="([^"]+/revoke)"', page.text)
        assert action is not None
        assert (await stranger.post(action[1])).status_code == 404
        assert "A private key" not in (await stranger.get(DEVELOPER)).text

    async def test_works_in_one_team_when_that_is_chosen(
        self, browser_of: Browser, person: Person, people: People
    ) -> None:
        team = await people.team(person, name="Client Nord")
        browser = await browser_of(person)
        await _make(browser, team_id=str(team))
        assert "Client Nord only" in (await browser.get(DEVELOPER)).text

    async def test_names_what_is_wrong(
        self, browser_of: Browser, person: Person, people: People
    ) -> None:
        foreign = await people.team(await people.user())
        browser = await browser_of(person)
        for form in ({"name": ""}, {"name": "x", "team_id": str(foreign)}, {"scope": "all"}):
            page = await browser.post(f"{DEVELOPER}/keys", data=form)
            assert page.status_code == 422
            assert "lsk_" not in page.text.replace("lsk_…", "")
