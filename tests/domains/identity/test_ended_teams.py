"""A team ends a week after its owner said so, and nothing vanishes with it unexported."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.identity.teams.closing.jobs import close_due_teams
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.teams import join, make_team


@pytest.fixture
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture
async def member(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        yield await sign_up(database, browser, name="Mika Member")


async def ask(person: Account, team_id: str, name: str = "Halden") -> httpx.Response:
    """Ask for the end of a team, having typed a name."""
    return await person.browser.post(f"/app/teams/{team_id}/delete", data={"confirmation": name})


async def let_its_day_come(database: Database, database_url: str, team_id: str) -> None:
    """Let the week pass, and the worker do what is due, twice over."""
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update account_exports set created_at = created_at - interval '8 days'"
            " where user_id = (select owner_id from teams where id = $1)",
            UUID(team_id),
        )
        await tx.execute(
            "update teams set deletion_requested_at = deletion_requested_at - interval '8 days'"
            " where id = $1",
            UUID(team_id),
        )
    for _ in range(2):
        await close_due_teams.run()
        await work_off(database_url)


async def one(database: Database, query: str, *values: object) -> object:
    async with database.acting_as(Root(), readonly=True) as tx:
        return await tx.fetchval(query, *values)


async def test_goes_on_its_day_and_what_was_made_stays(
    owner: Account, database: Database, database_url: str
) -> None:
    team_id = await make_team(owner, "Halden")
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "insert into lead_magnets (user_id, team_id, title, archetype)"
            " values ($1, $2, 'Ours', 'prompt')",
            owner.id,
            UUID(team_id),
        )
    answer = await ask(owner, team_id)
    assert answer.status_code == 303, answer.text
    assert "will be deleted" in (await owner.browser.get(f"/app/teams/{team_id}")).text
    await work_off(database_url)
    await let_its_day_come(database, database_url, team_id)
    assert (await owner.browser.get(f"/app/teams/{team_id}")).status_code == 404
    assert "Halden" not in (await owner.browser.get("/app/workspaces")).text
    assert await one(database, "select team_id from lead_magnets where title = 'Ours'") is None
    closed = "select closed_at is not null and name = 'Deleted workspace' from teams where id = $1"
    assert await one(database, closed, UUID(team_id)) is True
    history = "select count(*) > 0 from team_activity_log where team_id = $1"
    assert await one(database, history, UUID(team_id)) is True
    async with database.acting_as(owner.actor) as tx:
        mine = "select $1 = any (access.team_ids()) or $1 = any (access.owned_team_ids())"
        assert await tx.fetchval(mine, UUID(team_id)) is False


async def test_waits_for_the_export(owner: Account, database: Database, database_url: str) -> None:
    team_id = await make_team(owner, "Halden")
    await ask(owner, team_id)
    async with database.acting_as(Root()) as tx:
        await tx.execute("update account_exports set state = 'failed' where user_id = $1", owner.id)
        await tx.execute("delete from platform.jobs")
        await tx.execute(
            "update teams set deletion_requested_at = deletion_requested_at - interval '8 days'"
            " where id = $1",
            UUID(team_id),
        )
    await close_due_teams.run()
    await work_off(database_url)
    ready = "select count(*) from account_exports where user_id = $1 and state = 'ready'"
    assert await one(database, ready, owner.id) == 1
    closed = "select closed_at is not null from teams where id = $1"
    assert await one(database, closed, UUID(team_id)) is False
    await close_due_teams.run()
    await work_off(database_url)
    assert await one(database, closed, UUID(team_id)) is True


async def test_is_kept_when_its_owner_says_so(
    owner: Account, database: Database, database_url: str
) -> None:
    team_id = await make_team(owner, "Halden")
    await ask(owner, team_id)
    assert (await ask(owner, team_id)).status_code == 409
    assert (await owner.browser.post(f"/app/teams/{team_id}/keep")).status_code == 303
    assert (await owner.browser.post(f"/app/teams/{team_id}/keep")).status_code == 409
    await let_its_day_come(database, database_url, team_id)
    assert (await owner.browser.get(f"/app/teams/{team_id}")).status_code == 200


async def test_needs_its_name_its_owner_and_nobody_else_inside(
    owner: Account, member: Account, database: Database
) -> None:
    team_id = await make_team(owner, "Halden")
    assert (await ask(member, team_id)).status_code == 404
    wrong = await ask(owner, team_id, "Haldn")
    assert wrong.status_code == 422
    assert "Type the name of the team" in wrong.text
    await join(database, owner, member, team_id)
    assert (await ask(member, team_id)).status_code == 403
    held = await ask(owner, team_id)
    assert held.status_code == 409
    assert "Another person works here" in held.text


async def test_is_not_ended_at_the_tables(owner: Account, database: Database) -> None:
    team_id = await make_team(owner, "Halden")
    made = await owner.browser.post(
        "/api/identity/keys", json={"name": "A program", "scope": "admin"}
    )
    key = {"authorization": f"Bearer {made.json()['key']}"}
    answer = await owner.browser.delete(f"/rest/v1/teams?id=eq.{team_id}", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    changed = await owner.browser.patch(
        f"/rest/v1/teams?id=eq.{team_id}", headers=key, json={"closed_at": "2026-01-01"}
    )
    assert changed.status_code == 403
