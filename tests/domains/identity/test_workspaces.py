"""A person works in one workspace at a time, and only where they have access at that moment."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.identity.scope import COOKIE
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up, write_magnet
from tests.domains.identity.teams import join, make_team


@pytest.fixture
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture
async def member(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        yield await sign_up(database, browser, name="Mika Member")


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.3") as browser:
        yield await sign_up(database, browser, name="Sven Stranger")


def here(page: httpx.Response) -> str:
    """Return the workspace that a page was drawn for."""
    assert page.status_code == 200, page.text
    return page.text.split('data-workspace="', 1)[1].split('"', 1)[0]


async def choose(person: Account, workspace: str) -> httpx.Response:
    return await person.browser.post("/app/workspaces", data={"workspace": workspace})


class TestChoosing:
    async def test_a_new_account_works_in_its_personal_workspace(self, owner: Account) -> None:
        assert here(await owner.browser.get("/app")) == "personal"

    async def test_the_picker_shows_the_personal_workspace_and_each_team(
        self, owner: Account
    ) -> None:
        await make_team(owner, "Halden")
        page = await owner.browser.get("/app/workspaces")
        assert "Halden" in page.text
        assert "Personal" in page.text

    async def test_making_a_team_enters_it(self, owner: Account) -> None:
        team_id = await make_team(owner, "Halden")
        assert here(await owner.browser.get("/app")) == team_id

    async def test_a_choice_holds_until_the_next_one(self, owner: Account) -> None:
        team_id = await make_team(owner, "Halden")
        await choose(owner, "personal")
        assert here(await owner.browser.get("/app")) == "personal"
        await choose(owner, team_id)
        assert here(await owner.browser.get("/app/leads")) == team_id

    async def test_switching_empties_the_browser_s_cache_and_pages_are_never_stored(
        self, owner: Account
    ) -> None:
        team_id = await make_team(owner, "Halden")
        answer = await choose(owner, team_id)
        assert answer.headers["clear-site-data"] == '"cache"'
        page = await owner.browser.get("/app")
        assert "no-store" in page.headers["cache-control"]

    async def test_the_cookie_lasts_thirty_days_and_no_script_reads_it(
        self, owner: Account
    ) -> None:
        answer = await choose(owner, "personal")
        cookie = next(
            value for value in answer.headers.get_list("set-cookie") if value.startswith(COOKIE)
        )
        assert "Max-Age=2592000" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie

    async def test_nobody_enters_a_team_of_others(self, owner: Account, stranger: Account) -> None:
        team_id = await make_team(owner, "Halden")
        assert (await choose(stranger, team_id)).status_code == 404
        stranger.browser.cookies.set(COOKIE, team_id)
        assert here(await stranger.browser.get("/app")) == "personal"

    async def test_a_request_that_names_a_team_of_others_finds_nothing(
        self, owner: Account, stranger: Account
    ) -> None:
        team_id = await make_team(owner, "Halden")
        for path in ("/app/lead-magnets", "/app/funnels"):
            answer = await stranger.browser.get(path, params={"team_id": team_id})
            assert answer.status_code == 404
        answer = await stranger.browser.get("/app/lead-magnets", params={"team_id": "x"})
        assert answer.status_code == 404


class TestWithoutAChoice:
    async def test_the_only_team_opens_by_itself(self, owner: Account) -> None:
        team_id = await make_team(owner, "Halden")
        owner.browser.cookies.delete(COOKIE)
        assert here(await owner.browser.get("/app")) == team_id

    async def test_with_several_nobody_guesses(self, owner: Account) -> None:
        await make_team(owner, "Halden")
        await make_team(owner, "Mora")
        owner.browser.cookies.delete(COOKIE)
        assert here(await owner.browser.get("/app")) == "personal"

    async def test_a_team_that_one_was_added_to_opens_once_one_entered_it(
        self, owner: Account, member: Account, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        await join(database, owner, member, team_id)
        assert here(await member.browser.get("/app")) == "personal"
        await choose(member, team_id)
        member.browser.cookies.delete(COOKIE)
        assert here(await member.browser.get("/app")) == team_id


class TestWhatIsInAWorkspace:
    async def test_each_workspace_has_its_own_lead_magnets(self, owner: Account) -> None:
        await write_magnet(owner, title="Written alone")
        await make_team(owner, "Halden")
        await write_magnet(owner, title="Written for Halden")
        listed = (await owner.browser.get("/app/lead-magnets")).text
        assert "Written for Halden" in listed
        assert "Written alone" not in listed
        await choose(owner, "personal")
        listed = (await owner.browser.get("/app/lead-magnets")).text
        assert "Written alone" in listed
        assert "Written for Halden" not in listed

    async def test_members_see_and_change_what_the_team_has(
        self, owner: Account, member: Account, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        magnet = await write_magnet(owner, title="Shared guide")
        await join(database, owner, member, team_id)
        await choose(member, team_id)
        assert "Shared guide" in (await member.browser.get("/app/lead-magnets")).text
        saved = await member.browser.post(f"{magnet}/edit", data={"title": "Better guide"})
        assert saved.status_code == 303
        assert "Better guide" in (await owner.browser.get(magnet)).text

    async def test_opening_something_of_another_team_goes_there(self, owner: Account) -> None:
        team_id = await make_team(owner, "Halden")
        magnet = await write_magnet(owner, title="Shared guide")
        await choose(owner, "personal")
        assert here(await owner.browser.get(magnet)) == team_id
        assert here(await owner.browser.get("/app")) == team_id
        funnel = await owner.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        await choose(owner, "personal")
        assert here(await owner.browser.get(funnel.headers["location"])) == team_id

    async def test_what_is_made_of_a_team_s_magnet_is_the_team_s(
        self, owner: Account, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        magnet = await write_magnet(owner, title="Shared guide")
        await choose(owner, "personal")
        answer = await owner.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        funnel_id = answer.headers["location"].rsplit("/", 1)[1]
        async with database.acting_as(Root(), readonly=True) as tx:
            kept = await tx.fetchval("select team_id from funnel_pages where id = $1", funnel_id)
        assert str(kept) == team_id

    async def test_a_form_drawn_for_one_workspace_is_kept_there_after_a_switch(
        self, owner: Account, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        form = (await owner.browser.get("/app/lead-magnets/new")).text
        await choose(owner, "personal")
        action = form.split('data-workspace-form action="', 1)[1].split('"', 1)[0]
        answer = await owner.browser.post(
            action, data={"title": "From an older tab", "body": "Long enough to be a lead magnet."}
        )
        magnet_id = answer.headers["location"].rsplit("/", 1)[1]
        async with database.acting_as(Root(), readonly=True) as tx:
            kept = await tx.fetchval("select team_id from lead_magnets where id = $1", magnet_id)
        assert str(kept) == team_id

    async def test_a_stranger_finds_nothing_of_it(self, owner: Account, stranger: Account) -> None:
        team_id = await make_team(owner, "Halden")
        magnet = await write_magnet(owner, title="Shared guide")
        for path in (magnet, f"{magnet}/edit", f"/app/teams/{team_id}"):
            assert (await stranger.browser.get(path)).status_code == 404
        answer = await stranger.browser.post(f"{magnet}/edit", data={"title": "Mine"})
        assert answer.status_code == 404
