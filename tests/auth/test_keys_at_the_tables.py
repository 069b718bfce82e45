"""What an API key may not do through the data API either: manage its account, reach other teams."""

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.teams import join, make_team

KEYS = "/api/identity/keys"


@pytest.fixture
async def owner(database: Database, client: httpx.AsyncClient) -> Account:
    """A person with two teams."""
    return await sign_up(database, client, name="Ada Keys")


async def a_team(database: Database, owner: Account) -> UUID:
    """Make a team of the person's."""
    async with database.acting_as(Root()) as tx:
        found: UUID = await tx.fetchval(
            "insert into teams (owner_id, name) values ($1, $2) returning id", owner.id, "Client"
        )
    return found


async def a_key(owner: Account, **given: str) -> dict[str, str]:
    """Make a key, and return what a program sends with it."""
    made = await owner.browser.post(KEYS, json={"name": "A program", **given})
    assert made.status_code == 201, made.text
    return {"authorization": f"Bearer {made.json()['key']}"}


async def write(
    owner: Account, key: dict[str, str], method: str, path: str, **body: object
) -> httpx.Response:
    """Send a write to the data API."""
    headers = {**key, "prefer": "return=minimal"}
    return await owner.browser.request(
        method, f"/rest/v1/{path}", headers=headers, json=body or None
    )


async def test_a_writing_key_manages_neither_people_nor_teams_nor_keys(
    owner: Account, database: Database
) -> None:
    team = await a_team(database, owner)
    key = await a_key(owner, scope="write")
    for method, path, body in (
        ("DELETE", "api_keys?id=not.is.null", {}),
        ("DELETE", f"teams?id=eq.{team}", {}),
        ("PATCH", f"teams?id=eq.{team}", {"name": "Other"}),
        ("POST", "teams", {"owner_id": str(owner.id), "name": "More"}),
        ("POST", "team_members", {"owner_id": str(owner.id), "email": "spy@example.com"}),
        (
            "POST",
            "team_profiles",
            {"team_id": str(team), "email": "spy@example.com", "full_name": "Spy"},
        ),
        ("PATCH", f"users?id=eq.{owner.id}", {"username": f"u{uuid4().hex[:9]}"}),
    ):
        answer = await write(owner, key, method, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501"), (path, answer.text)


async def test_a_writing_key_writes_what_is_no_matter_of_the_account(owner: Account) -> None:
    key = await a_key(owner, scope="write")
    changed = {"default_theme": "light"}
    answer = await write(owner, key, "PATCH", f"users?id=eq.{owner.id}", **changed)
    assert answer.status_code == 204, answer.text
    view = {"user_id": str(owner.id), "list": "/app/x", "name": "Mine", "query": ""}
    assert (await write(owner, key, "POST", "saved_views", **view)).status_code == 201


async def test_a_key_bound_to_a_team_changes_no_other_and_not_the_account(
    owner: Account, database: Database
) -> None:
    ours, other = await a_team(database, owner), await a_team(database, owner)
    key = await a_key(owner, scope="admin", team_id=str(ours))
    renamed = await write(owner, key, "PATCH", f"teams?id=eq.{ours}", name="Renamed")
    assert renamed.status_code == 204, renamed.text
    for method, path, body in (
        ("POST", "team_members", {"owner_id": str(owner.id), "email": "spy@example.com"}),
        ("PATCH", f"users?id=eq.{owner.id}", {"username": f"u{uuid4().hex[:9]}"}),
    ):
        answer = await write(owner, key, method, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501"), (path, answer.text)
    await write(owner, key, "PATCH", f"teams?id=eq.{other}", name="Mine")
    await write(owner, key, "DELETE", f"teams?id=eq.{other}")
    async with database.acting_as(Root()) as tx:
        assert await tx.fetchval("select name from teams where id = $1", other) == "Client"


async def test_an_unbound_admin_key_and_the_person_manage_everything(
    owner: Account, database: Database
) -> None:
    team = await a_team(database, owner)
    key = await a_key(owner, scope="admin")
    changed = await write(owner, key, "PATCH", f"teams?id=eq.{team}", name="Renamed")
    assert changed.status_code == 204
    assert (await write(owner, key, "DELETE", "api_keys?id=not.is.null")).status_code == 204


async def test_a_key_bound_to_a_team_sees_nothing_beside_it(
    owner: Account, database: Database
) -> None:
    ours, other = await a_team(database, owner), await a_team(database, owner)
    free, bound = await a_key(owner), await a_key(owner, team_id=str(ours))

    async def read(key: dict[str, str], path: str) -> list[str]:
        answer = await owner.browser.get(f"/rest/v1/{path}", headers=key)
        assert answer.status_code == 200, answer.text
        return [row["name"] for row in answer.json()]

    async with database.acting_as(Root()) as tx:
        for team_id, name in ((None, "personal"), (ours, "ours"), (other, "theirs")):
            await tx.execute(
                "insert into lead_magnets (user_id, team_id, title, archetype)"
                " values ($1, $2, $3, 'prompt')",
                owner.id,
                team_id,
                name,
            )
        await tx.execute(
            "insert into saved_views (user_id, list, name, query)"
            " values ($1, '/app/x', 'Mine', '')",
            owner.id,
        )
        for team_id in (ours, other):
            await tx.execute(
                "insert into team_profiles (team_id, user_id, full_name, role)"
                " values ($1, $2, $3, 'owner')",
                team_id,
                owner.id,
                "ours" if team_id == ours else "theirs",
            )
    magnets = "lead_magnets?select=name:title&order=title"
    assert await read(free, magnets) == ["ours", "personal", "theirs"]
    assert await read(bound, magnets) == ["ours"]
    assert await read(bound, "saved_views?select=name") == []
    assert len(await read(free, "teams?select=name")) == 3
    assert await read(bound, "teams?select=name") == ["Client"]
    assert await read(bound, "team_profiles?select=name:full_name") == ["ours"]
    assert await read(bound, "users?select=name") == ["Ada Keys"]


async def test_a_key_bound_to_a_team_writes_nothing_outside_of_teams(
    owner: Account, database: Database
) -> None:
    ours = await a_team(database, owner)
    key = await a_key(owner, scope="write", team_id=str(ours))
    row = {"user_id": str(owner.id), "title": "Mine", "archetype": "prompt"}
    refused = await write(owner, key, "POST", "lead_magnets", **row)
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    made = await write(owner, key, "POST", "lead_magnets", **row, team_id=str(ours))
    assert made.status_code == 201, made.text


async def test_a_persona_is_no_longer_its_persons_once_they_have_left(
    app: FastAPI, owner: Account, database: Database
) -> None:
    team_id = await make_team(owner, "Halden")
    async with open_browser(app, address="127.0.0.2") as browser:
        member = await sign_up(database, browser, name="Mika Member")
        await join(database, owner, member, team_id)
        key = {**await a_key(member, scope="admin"), "prefer": "return=representation"}
        path = f"/rest/v1/team_profiles?team_id=eq.{team_id}&user_id=eq.{member.id}"
        first = await browser.patch(path, headers=key, json={"bio": "Here"})
        assert [row["bio"] for row in first.json()] == ["Here"]
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update team_profiles set status = 'removed' where user_id = $1 and team_id = $2",
                member.id,
                UUID(team_id),
            )
        second = await browser.patch(path, headers=key, json={"bio": "Gone"})
        assert (second.status_code, second.json()) == (200, [])
