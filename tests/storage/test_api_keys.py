"""API keys that people make themselves open their files, as far as their scope goes."""

from uuid import uuid4

import httpx
import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, sign_up
from tests.people import People
from tests.storage.conftest import Files, refused


@pytest.fixture
async def owner(database: Database, client: httpx.AsyncClient) -> Account:
    """A person who is signed in."""
    return await sign_up(database, client, name="Ada Keys")


async def make_key(owner: Account, scope: str) -> str:
    """Make a key as its owner does."""
    given = {"name": f"files {scope}", "scope": scope}
    made = await owner.browser.post("/api/identity/keys", json=given)
    assert made.status_code == 201, made.text
    return str(made.json()["key"])


async def test_a_key_writes_or_only_reads(owner: Account) -> None:
    writing = Files(owner.browser, await make_key(owner, "write"))
    reading = Files(owner.browser, await make_key(owner, "read"))
    path = f"files/{owner.id}/a.txt"
    assert (await writing.put(path, b"a")).is_success
    assert (await reading.get(f"/object/{path}")).content == b"a"
    for method, act, body in (
        ("POST", f"/object/{path}", None),
        ("PUT", f"/object/{path}", None),
        ("DELETE", f"/object/{path}", None),
        ("DELETE", "/object/files", {"prefixes": [path]}),
        ("POST", "/object/move", {}),
        ("POST", "/object/copy", {}),
        ("POST", f"/object/upload/sign/{path}", {}),
        ("POST", "/bucket", {"id": "x"}),
        ("PUT", "/bucket/files", {}),
        ("POST", "/bucket/files/empty", {}),
        ("DELETE", "/bucket/files", {}),
    ):
        refused(await reading.ask(method, act, json=body), "AccessDenied", "403")
    assert (await reading.get(f"/object/{path}")).content == b"a"


async def test_a_key_opens_no_folder_of_other_teams(owner: Account, people: People) -> None:
    theirs = await people.team(await people.user(name="Bob"))
    key = Files(owner.browser, await make_key(owner, "write"))
    refused(await key.put(f"files/{theirs}/a.txt", b"a"), "AccessDenied", "403")


async def test_a_key_that_is_not_known_opens_nothing(owner: Account) -> None:
    key = await make_key(owner, "write")
    stranger = Files(owner.browser, f"{key[:-4]}0000")
    refused(await stranger.get("/bucket"), "InvalidJWT", "403")


async def test_only_an_admin_key_of_a_super_admin_manages_buckets(
    owner: Account, database: Database
) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", owner.id)
    name = f"b{uuid4().hex[:12]}"
    writing = Files(owner.browser, await make_key(owner, "write"))
    made = await writing.ask("POST", "/bucket", json={"id": name, "name": name})
    refused(made, "AccessDenied", "403")
    managing = Files(owner.browser, await make_key(owner, "admin"))
    made = await managing.ask("POST", "/bucket", json={"id": name, "name": name})
    assert made.is_success, made.text
    assert (await managing.ask("DELETE", f"/bucket/{name}")).is_success


async def test_a_key_bound_to_a_team_opens_no_folder_but_the_team_s(
    owner: Account, people: People, database: Database
) -> None:
    async with database.acting_as(Root()) as tx:
        team = await tx.fetchval(
            "insert into teams (owner_id, name) values ($1, $2) returning id", owner.id, "Client"
        )
    given = {"name": "bound", "scope": "write", "team_id": str(team)}
    made = await owner.browser.post("/api/identity/keys", json=given)
    bound = Files(owner.browser, str(made.json()["key"]))
    assert (await bound.put(f"files/{team}/a.txt", b"a")).is_success
    refused(await bound.put(f"files/{owner.id}/a.txt", b"a"), "AccessDenied", "403")
