"""API keys that people make themselves open their files, as far as their scope goes."""

import httpx
import pytest

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
