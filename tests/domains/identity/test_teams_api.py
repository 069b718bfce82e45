"""Programs work with teams as the person whose key they hold."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.teams import join, make_team, profile_of


@pytest.fixture
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture
async def member(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        yield await sign_up(database, browser, name="Mika Member")


async def program_of(person: Account, client: httpx.AsyncClient, **limits: Any) -> httpx.Headers:
    """Make a key for a person, and return what a program sends with it."""
    given = {"name": "A program", "scope": "admin", **limits}
    answer = await person.browser.post("/api/identity/keys", json=given)
    assert answer.status_code == 201, answer.text
    return httpx.Headers({"authorization": f"Bearer {answer.json()['key']}"})


class TestPrograms:
    async def test_make_a_team_and_change_what_they_name(
        self, owner: Account, client: httpx.AsyncClient
    ) -> None:
        key = await program_of(owner, client)
        given = {"name": "Halden", "industry": "Robotics", "shared_goal": "Demos"}
        made = await client.post("/api/identity/teams", json=given, headers=key)
        assert made.status_code == 201
        path = f"/api/identity/teams/{made.json()['id']}"
        changed = await client.patch(path, json={"industry": None}, headers=key)
        team = changed.json()
        assert (team["name"], team["industry"], team["shared_goal"]) == ("Halden", None, "Demos")
        assert (await client.patch(path, json={"name": None}, headers=key)).status_code == 422
        assert (await client.patch(path, json={"owner": "me"}, headers=key)).status_code == 422

    async def test_change_one_thing_of_a_persona_and_blank_nothing(
        self, owner: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        key = await program_of(owner, client)
        place = (await profile_of(database, team_id, owner.email))["id"]
        path = f"/api/identity/teams/{team_id}/people/{place}"
        voice = {"tone": "Dry", "vocabulary": ["reply"], "house_rule": "no exclamation marks"}
        await client.patch(path, json={"bio": "Founder.", "voice_profile": voice}, headers=key)
        answer = await client.patch(path, json={"voice_profile": {"tone": None}}, headers=key)
        persona = answer.json()
        assert persona["bio"] == "Founder."
        assert persona["voice_profile"]["vocabulary"] == ["reply"]
        assert persona["voice_profile"]["house_rule"] == "no exclamation marks"
        assert persona["voice_profile"]["tone"] is None

    async def test_reach_what_their_person_reaches(
        self, owner: Account, member: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        path = f"/api/identity/teams/{team_id}"
        key = await program_of(member, client)
        assert (await client.get(path, headers=key)).status_code == 404
        await join(database, owner, member, team_id)
        assert (await client.get(path, headers=key)).status_code == 200
        assert (await client.patch(path, json={"name": "Mine"}, headers=key)).status_code == 403
        people = (await client.get(f"{path}/people", headers=key)).json()
        assert [each["full_name"] for each in people] == ["Olga Owner", "Mika Member"]
        mika = people[1]["id"]
        assert (await client.delete(f"{path}/people/{mika}", headers=key)).status_code == 403
        of_owner = await program_of(owner, client)
        gone = await client.delete(f"{path}/people/{mika}", headers=of_owner)
        assert gone.status_code == 204
        assert (await client.get(path, headers=key)).status_code == 404
        activity = (await client.get(f"{path}/activity", headers=of_owner)).json()
        assert activity["items"][0]["action"] == "profile.removed"
        assert activity["total"] == 3

    async def test_need_the_scope_for_what_they_do(
        self, owner: Account, client: httpx.AsyncClient
    ) -> None:
        team_id = await make_team(owner, "Halden")
        path = f"/api/identity/teams/{team_id}"
        writer = await program_of(owner, client, scope="write")
        assert (await client.get(path, headers=writer)).status_code == 200
        assert (await client.patch(path, json={"name": "X"}, headers=writer)).status_code == 403
        assert (await client.get(path)).status_code == 401


class TestTheWorkspaceOfAProgram:
    async def here(
        self, client: httpx.AsyncClient, key: httpx.Headers, **params: str
    ) -> list[tuple[str, bool]]:
        answer = await client.get("/api/identity/workspaces", headers=key, params=params)
        assert answer.status_code == 200, answer.text
        return [(each["key"], each["is_current"]) for each in answer.json()]

    async def test_is_an_owned_team_unless_it_names_another(
        self, owner: Account, client: httpx.AsyncClient
    ) -> None:
        team_id = await make_team(owner, "Halden")
        key = await program_of(owner, client)
        assert await self.here(client, key) == [("personal", False), (team_id, True)]
        assert (await self.here(client, key, team_id="personal"))[0] == ("personal", True)

    async def test_is_no_team_that_its_person_never_entered(
        self, owner: Account, member: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        key = await program_of(member, client)
        team_id = await make_team(owner, "A stranger's")
        await join(database, owner, member, team_id)
        assert await self.here(client, key) == [("personal", True), (team_id, False)]
        assert (await self.here(client, key, team_id=team_id))[1] == (team_id, True)
        entered = await member.browser.post("/app/workspaces", data={"workspace": team_id})
        assert entered.status_code == 303
        assert await self.here(client, key) == [("personal", False), (team_id, True)]

    async def test_is_the_one_that_the_key_is_bound_to(
        self, owner: Account, client: httpx.AsyncClient
    ) -> None:
        bound, other = await make_team(owner, "Halden"), await make_team(owner, "Mora")
        key = await program_of(owner, client, team_id=bound)
        assert await self.here(client, key) == [(bound, True)]
        for elsewhere in (other, "personal", str(uuid4())):
            answer = await client.get(
                "/api/identity/workspaces", headers=key, params={"team_id": elsewhere}
            )
            assert answer.status_code == 404
        assert (await client.get(f"/api/identity/teams/{other}", headers=key)).status_code == 404
