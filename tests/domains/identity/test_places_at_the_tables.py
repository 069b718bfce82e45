"""Places in a team that are written at the tables, without the screens."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.teams import invite, link_of, mails_to, make_team, prove_address

PLACES = "/rest/v1/team_profiles"
MOST_A_DAY = 100


@pytest.fixture
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture
async def known(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        person = await sign_up(database, browser, name="Mika Member")
        await prove_address(database, person)
        yield person


async def a_key(owner: Account) -> dict[str, str]:
    """Make a key that manages the account; return what a program sends."""
    made = await owner.browser.post(
        "/api/identity/keys", json={"name": "A program", "scope": "admin"}
    )
    return {"authorization": f"Bearer {made.json()['key']}", "prefer": "return=representation"}


def an_address() -> str:
    return f"n{uuid4().hex[:12]}@example.com"


async def add(
    owner: Account, key: dict[str, str], team_id: str, emails: list[str | None]
) -> httpx.Response:
    rows = [{"team_id": team_id, "email": email, "full_name": "Somebody"} for email in emails]
    return await owner.browser.post(PLACES, headers=key, json=rows)


async def test_look_alike_whether_or_not_there_is_an_account(
    owner: Account, known: Account
) -> None:
    team_id, key = await make_team(owner, "Halden"), await a_key(owner)
    unknown = an_address()
    answer = await add(owner, key, team_id, [known.email, unknown])
    assert answer.status_code == 201, answer.text
    later = await owner.browser.get(
        f"{PLACES}?team_id=eq.{team_id}&role=eq.member&order=created_at", headers=key
    )
    for rows in (answer.json(), later.json()):
        shapes = [
            {name: row[name] is None if name.endswith("_at") else row[name] for name in row}
            for row in rows
        ]
        for shape in shapes:
            for own in ("id", "email"):
                shape.pop(own)
        assert shapes[0] == shapes[1]
        assert shapes[0]["status"] == "pending"


async def test_are_invitations_that_are_mailed_and_opened(
    owner: Account, known: Account, runtime: Runtime, database_url: str
) -> None:
    team_id, key = await make_team(owner, "Halden"), await a_key(owner)
    assert (await add(owner, key, team_id, [known.email])).status_code == 201
    assert (await known.browser.get(f"/app/teams/{team_id}")).status_code == 404
    await work_off(database_url)
    (mail,) = mails_to(runtime, known.email)
    await known.browser.post(f"{link_of(mail)}/accept")
    assert (await known.browser.get(f"/app/teams/{team_id}")).status_code == 200


async def test_count_against_the_limit_of_a_day_all_or_none(
    owner: Account, database: Database
) -> None:
    team_id, key = await make_team(owner, "Halden"), await a_key(owner)
    quiet = {**key, "prefer": "return=minimal"}
    await invite(owner, team_id, an_address())
    over = await add(owner, quiet, team_id, [an_address() for _ in range(MOST_A_DAY)])
    assert (over.status_code, over.json()["code"]) == (429, "LS429"), over.text
    full = await add(owner, quiet, team_id, [an_address() for _ in range(MOST_A_DAY - 1)])
    assert full.status_code == 201, full.text
    reader = {"owner_id": str(owner.id), "email": an_address()}
    refused = await owner.browser.post("/rest/v1/team_members", headers=quiet, json=reader)
    assert refused.status_code == 429
    screen = await owner.browser.post(
        f"/app/teams/{team_id}/people/new", data={"full_name": "One more", "email": an_address()}
    )
    assert screen.status_code == 429
    voices = await add(owner, quiet, team_id, [None] * 3)
    assert voices.status_code == 201, voices.text
