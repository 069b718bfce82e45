"""The screens of files, as their owner, a colleague and a stranger."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI

from lodestone.domains.files import service as files
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, sign_up

FILES = "/app/files"


@pytest.fixture
async def ada(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    """Somebody with files."""
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Files")


@pytest.fixture
async def eve(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    """Somebody else."""
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Files")


async def upload(
    by: Account,
    name: str,
    content: bytes = b"text",
    *,
    into: str = "files",
    kind: str = "text/plain",
) -> None:
    """Upload as the form does, without its script."""
    sent = await by.browser.post(f"{FILES}/upload/{into}", files={"file": (name, content, kind)})
    assert sent.status_code == 303, sent.text


async def make_admin(database: Database, account: Account) -> None:
    """Let an account run the installation."""
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", account.id)


async def test_an_empty_place_says_what_to_do(ada: Account) -> None:
    assert (await ada.browser.get(FILES)).headers["location"] == f"{FILES}/in/files"
    shown = await ada.browser.get(f"{FILES}/in/files")
    assert "Nothing here yet" in shown.text
    assert f'action="{FILES}/upload/files"' in shown.text


async def test_files_are_uploaded_found_and_opened(ada: Account) -> None:
    await upload(ada, "plan.txt", b"first we sail")
    await upload(ada, "C:\\me\\notes?.txt", into="files/deep/er")
    shown = await ada.browser.get(f"{FILES}/in/files")
    assert "plan.txt" in shown.text
    assert f'{FILES}/in/files/deep"' in shown.text
    assert "notes-.txt" in (await ada.browser.get(f"{FILES}/in/files/deep/er")).text
    assert "plan.txt" not in (await ada.browser.get(f"{FILES}/in/files?q=deep")).text
    one = await ada.browser.get(f"{FILES}/file/files/plan.txt")
    assert "first we sail" in one.text
    assert "Ends in an hour" in one.text
    content = await ada.browser.get(f"{FILES}/content/files/plan.txt?download")
    assert content.content == b"first we sail"
    assert content.headers["content-disposition"].startswith("attachment")


async def test_a_second_file_of_a_name_gets_another(ada: Account) -> None:
    for _ in range(3):
        await upload(ada, "same.txt")
    shown = (await ada.browser.get(f"{FILES}/in/files")).text
    assert all(name in shown for name in ("same.txt", "same 2.txt", "same 3.txt"))


async def test_links_open_without_an_account_until_the_file_is_gone(
    app: FastAPI, ada: Account
) -> None:
    await upload(ada, "shared.txt", b"shared")
    page = (await ada.browser.get(f"{FILES}/file/files/shared.txt")).text
    link = page.partition('data-copy="http://localhost')[2].partition('"')[0]
    async with open_browser(app) as anybody:
        assert (await anybody.get(link)).content == b"shared"
        gone = await ada.browser.post(f"{FILES}/delete/files", data={"ids": "shared.txt"})
        assert gone.headers["location"] == f"{FILES}/in/files"
        assert (await anybody.get(link)).json()["error"] == "not_found"


async def test_a_folder_goes_with_all_that_is_in_it(ada: Account) -> None:
    await upload(ada, "a.txt", into="files/box/in")
    await upload(ada, "b.txt", into="files/box")
    await upload(ada, "box.txt")
    await ada.browser.post(f"{FILES}/delete/files", data={"ids": ["box/"]})
    shown = (await ada.browser.get(f"{FILES}/in/files")).text
    assert "box.txt" in shown
    assert f"{FILES}/in/files/box" not in shown


async def test_public_files_have_an_address_for_everybody(app: FastAPI, ada: Account) -> None:
    await upload(ada, "logo.txt", b"logo", into="assets")
    page = (await ada.browser.get(f"{FILES}/file/assets/logo.txt")).text
    assert f"/storage/v1/object/public/assets/{ada.id}/logo.txt" in page
    async with open_browser(app) as anybody:
        seen = await anybody.get(f"/storage/v1/object/public/assets/{ada.id}/logo.txt")
        assert seen.content == b"logo"


async def test_strangers_see_their_own_folder_alone(ada: Account, eve: Account) -> None:
    await upload(ada, "private.txt")
    assert "private.txt" not in (await eve.browser.get(f"{FILES}/in/files")).text
    climbs = f"..%2F{ada.id}%2Fprivate.txt"
    for path in ("private.txt", f"{ada.id}/private.txt", climbs):
        for screen in ("file", "content"):
            seen = await eve.browser.get(f"{FILES}/{screen}/files/{path}")
            assert seen.status_code in (400, 404)
    await eve.browser.post(f"{FILES}/delete/files", data={"ids": f"../{ada.id}/private.txt"})
    assert (await ada.browser.get(f"{FILES}/file/files/private.txt")).status_code == 200
    sent = await eve.browser.post(
        f"{FILES}/upload/files/..%2F{ada.id}", files={"file": ("x.txt", b"x", "text/plain")}
    )
    assert sent.status_code == 400


async def test_an_upload_without_a_file_says_so(ada: Account) -> None:
    sent = await ada.browser.post(f"{FILES}/upload/files", content=b"x")
    assert sent.status_code == 422
    for bucket in ("nothing", "x" * 200):
        files_ = {"file": ("a.txt", b"a", "text/plain")}
        assert (await ada.browser.post(f"{FILES}/upload/{bucket}", files=files_)).status_code == 404


async def test_a_script_is_told_in_json(ada: Account) -> None:
    sent = await ada.browser.post(
        f"{FILES}/upload/files",
        files={"file": ("a.txt", b"a", "text/plain")},
        headers={"accept": "application/json"},
    )
    assert sent.json() == {"name": "a.txt"}


async def test_buckets_are_for_whoever_runs_the_installation(
    database: Database, ada: Account, eve: Account
) -> None:
    await make_admin(database, ada)
    for path in ("buckets", "buckets/new", "buckets/edit/files"):
        assert (await eve.browser.get(f"{FILES}/{path}")).status_code == 404
        assert (await ada.browser.get(f"{FILES}/{path}")).status_code == 200
    made = await ada.browser.post(
        f"{FILES}/buckets/new",
        data={
            "name": "press kit",
            "has_folders": "true",
            "types": "image/*",
            "most_megabytes": "5",
        },
    )
    assert made.headers["location"] == f"{FILES}/buckets"
    assert "press kit" in (await eve.browser.get(f"{FILES}/in/files")).text
    sent = await eve.browser.post(
        f"{FILES}/upload/press kit", files={"file": ("a.txt", b"a", "text/plain")}
    )
    assert sent.status_code == 415
    data = {"types": "nonsense"}
    wrong = await ada.browser.post(f"{FILES}/buckets/edit/press kit", data=data)
    assert wrong.status_code == 422
    again = await ada.browser.post(f"{FILES}/buckets/new", data={"name": "press kit"})
    assert "There is a bucket of this name." in again.text
    await ada.browser.post(f"{FILES}/buckets/edit/press kit", data={"public": "true"})
    assert "press kit" not in (await eve.browser.get(f"{FILES}/in/files")).text
    gone = await ada.browser.post(f"{FILES}/buckets/delete/press kit")
    assert gone.headers["location"] == f"{FILES}/buckets"


async def test_a_bucket_with_files_stays(database: Database, ada: Account) -> None:
    await make_admin(database, ada)
    await upload(ada, "a.txt")
    kept = await ada.browser.post(f"{FILES}/buckets/delete/files")
    assert kept.status_code == 409
    assert "There are files in this bucket" in kept.text


async def test_another_room_keeps_a_picture(app: FastAPI, runtime: Runtime, ada: Account) -> None:
    place = files.place(ada.id, "avatars/me.png", public=True)
    for content in (b"old", b"new"):
        await files.put_file(ada.actor, place, content, mime_type="image/png")
    assert await files.read_file(ada.actor, place) == b"new"
    address = files.public_address(place)
    assert address.startswith(runtime.base_url)
    async with open_browser(app) as anybody:
        assert (await anybody.get(address)).content == b"new"
    secret = files.place(UUID(str(ada.id)), "contract.pdf")
    await files.put_file(ada.actor, secret, b"%PDF", mime_type="application/pdf")
    signed = await files.signed_address(ada.actor, secret, seconds=60)
    async with open_browser(app) as anybody:
        assert (await anybody.get(signed)).content == b"%PDF"
