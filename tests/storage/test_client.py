"""Every method of storage3, Supabase's own client, against the running product."""

import itertools
from collections.abc import Awaitable, Callable

import httpx
import pytest
from storage3.exceptions import StorageApiError

from tests.people import Person
from tests.storage.conftest import ClientOf, Files, Keys, folder


async def test_buckets_are_made_listed_changed_emptied_and_deleted(
    client_of: ClientOf, keys: Keys
) -> None:
    storage = client_of(keys.service)
    name = "reports of 2026"
    options = {"public": False, "file_size_limit": 1_000, "allowed_mime_types": ["text/*"]}
    assert await storage.create_bucket(name, options=options) == {"name": name}  # type: ignore[arg-type]
    bucket = await storage.get_bucket(name)
    assert (bucket.public, bucket.file_size_limit) == (False, 1_000)
    assert (bucket.allowed_mime_types, bucket.type) == (["text/*"], "STANDARD")
    assert name in [each.id for each in await storage.list_buckets()]

    changed = await storage.update_bucket(name, {"public": True, "file_size_limit": 2_000})
    assert changed == {"message": "Successfully updated"}
    bucket = await storage.get_bucket(name)
    assert (bucket.public, bucket.file_size_limit) == (True, 2_000)
    assert bucket.allowed_mime_types == ["text/*"]

    await storage.from_(name).upload("a.txt", b"a", {"content-type": "text/plain"})
    with pytest.raises(StorageApiError, match="not empty"):
        await storage.delete_bucket(name)
    assert await storage.empty_bucket(name) == {"message": "Successfully emptied"}
    assert await storage.delete_bucket(name) == {"message": "Successfully deleted"}
    with pytest.raises(StorageApiError, match="Bucket not found"):
        await storage.get_bucket(name)


async def test_a_file_is_stored_read_replaced_and_described(
    client_of: ClientOf, keys: Keys, ada: Person
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    path = f"{folder(ada)}/notes/plan & more.txt"
    stored = await files.upload(
        path, b"first", {"content-type": "text/plain", "metadata": {"draft": 1}}
    )
    assert (stored.path, stored.full_path) == (path, f"files/{path}")
    assert await files.download(path) == b"first"
    assert await files.exists(path)
    assert not await files.exists(f"{folder(ada)}/nothing.txt")

    with pytest.raises(StorageApiError) as taken:
        await files.upload(path, b"again")
    assert (taken.value.status, taken.value.code) == ("409", "Duplicate")
    await files.upload(path, b"second", {"upsert": "true", "content-type": "text/plain"})
    assert await files.download(path) == b"second"
    await files.update(path, b"third!", {"cache-control": "60", "content-type": "text/markdown"})

    info = await files.info(path)
    assert (info["name"], info["bucket_id"], info["size"]) == (path, "files", 6)
    assert (info["content_type"], info["cache_control"]) == ("text/markdown", "max-age=60")
    assert info["etag"].startswith('"')


async def test_folders_are_listed_sorted_and_paged(
    client_of: ClientOf, keys: Keys, ada: Person
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    root = f"{folder(ada)}/list"
    for name in ("b.txt", "a.txt", "Z/1.txt", "Z/2.txt", "Z.txt", "deep/er/x.txt"):
        await files.upload(f"{root}/{name}", name.encode())
    names = [each["name"] for each in await files.list(root)]
    assert names == ["Z", "deep", "Z.txt", "a.txt", "b.txt"]
    shown = {each["name"]: each for each in await files.list(root)}
    assert shown["Z"]["id"] is None
    assert shown["a.txt"]["metadata"]["size"] == 5
    newest = {"sortBy": {"column": "created_at", "order": "desc"}, "limit": 4}
    assert [e["name"] for e in await files.list(root, newest)][2:] == ["Z.txt", "a.txt"]  # type: ignore[arg-type]
    found = await files.list(root, {"search": "z"})
    assert [each["name"] for each in found] == ["Z", "Z.txt"]
    rest = await files.list(root, {"limit": 2, "offset": 3})
    assert [each["name"] for each in rest] == ["a.txt", "b.txt"]
    assert [each["name"] for each in await files.list(f"{root}/Z/")] == ["1.txt", "2.txt"]


@pytest.mark.parametrize("by_folder", [True, False])
@pytest.mark.parametrize(
    "sort", list(itertools.product(["name", "created_at", "updated_at"], ["asc", "desc"]))
)
async def test_a_listing_by_cursor_names_everything_once(
    client_of: ClientOf, keys: Keys, ada: Person, by_folder: bool, sort: tuple[str, str]
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    root = f"{folder(ada)}/v2/"
    for name in ("a", "a b", "a/1", "a/2", "b", "c/d/e", "é"):
        await files.upload(root + name, b"x")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        options = {"prefix": root, "limit": 2, "with_delimiter": by_folder, "cursor": cursor}
        options["sortBy"] = {"column": sort[0], "order": sort[1]}
        page = await files.list_v2(options)  # type: ignore[arg-type]
        assert page.hasNext is (page.nextCursor is not None)
        assert len(page.folders) + len(page.objects) <= 2
        seen += [each.name for each in page.folders] + [each.name for each in page.objects]
        cursor = page.nextCursor
    flat = ["a", "a b", "a/1", "a/2", "b", "c/d/e", "é"]
    level = ["a", "a b", "a/", "b", "c/", "é"]
    assert sorted(seen) == sorted(root + name for name in (level if by_folder else flat))


async def test_files_are_moved_copied_and_removed(
    client_of: ClientOf, keys: Keys, ada: Person, server: str
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    root = folder(ada)
    await files.upload(f"{root}/one.txt", b"one", {"metadata": {"k": "v"}})
    moved = await files.move(f"{root}/one.txt", f"{root}/in/two.txt")
    assert moved["message"] == "Successfully moved"
    assert not await files.exists(f"{root}/one.txt")
    copied = await files.copy(f"{root}/in/two.txt", f"{root}/three.txt")
    assert copied["Key"] == f"files/{root}/three.txt"
    assert (await files.info(f"{root}/three.txt"))["metadata"] == {"k": "v"}
    removed = await files.remove([f"{root}/in/two.txt", f"{root}/never.txt"])
    assert [each["name"] for each in removed] == [f"{root}/in/two.txt"]
    assert await files.download(f"{root}/three.txt") == b"one"
    async with httpx.AsyncClient(base_url=server, timeout=30) as http:
        mine = Files(http, keys.of(ada))
        given = {"bucketId": "files", "sourceKey": f"{root}/three.txt"}
        given |= {"destinationBucket": "assets", "destinationKey": f"{root}/four.txt"}
        assert (await mine.ask("POST", "/object/copy", json=given)).status_code == 200
        given["destinationKey"] = f"{root}/five.txt"
        assert (await mine.ask("POST", "/object/move", json=given)).status_code == 200
        for name in ("four", "five"):
            seen = await http.get(f"/storage/v1/object/public/assets/{root}/{name}.txt")
            assert seen.text == "one"
    assert not await files.exists(f"{root}/three.txt")


async def test_signed_addresses_are_read_without_a_key(
    client_of: ClientOf, keys: Keys, ada: Person
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    path = f"{folder(ada)}/a report.txt"
    await files.upload(path, b"signed")
    one = await files.create_signed_url(path, 60, {"download": "renamed.txt"})
    many = await files.create_signed_urls([path, "not/mine.txt"], 60)
    assert many[1]["signedURL"] is None
    assert many[1]["error"]
    async with httpx.AsyncClient() as anybody:
        answered = await anybody.get(str(one["signedUrl"]))
        assert answered.content == b"signed"
        assert "renamed.txt" in answered.headers["content-disposition"]
        assert (await anybody.get(str(many[0]["signedURL"]))).content == b"signed"
        assert (await anybody.get(str(many[0]["signedURL"])[:-3])).status_code == 400


async def test_a_signed_upload_stores_in_the_name_of_its_maker(
    client_of: ClientOf, keys: Keys, ada: Person
) -> None:
    files = client_of(keys.of(ada)).from_("files")
    path = f"{folder(ada)}/sent.txt"
    ticket = await files.create_signed_upload_url(path)
    nobody = client_of(keys.anon).from_("files")
    sent = await nobody.upload_to_signed_url(path, ticket["token"], b"from outside")
    assert sent.full_path == f"files/{path}"
    assert await files.download(path) == b"from outside"
    with pytest.raises(StorageApiError, match="already exists"):
        await nobody.upload_to_signed_url(path, ticket["token"], b"twice")
    with pytest.raises(StorageApiError, match="Invalid signature"):
        await nobody.upload_to_signed_url(f"{folder(ada)}/b.txt", ticket["token"], b"x")


async def test_public_addresses_are_read_by_everybody(
    client_of: ClientOf, keys: Keys, ada: Person, picture: bytes
) -> None:
    assets = client_of(keys.of(ada)).from_("assets")
    path = f"{folder(ada)}/me.png"
    await assets.upload(path, picture, {"content-type": "image/png", "cache-control": "86400"})
    async with httpx.AsyncClient() as anybody:
        answered = await anybody.get(await assets.get_public_url(path))
        assert answered.content == picture
        assert answered.headers["content-type"] == "image/png"
        assert answered.headers["cache-control"] == "max-age=86400"
        scaled = await assets.get_public_url(path, {"transform": {"width": 10}})
        refusal = await anybody.get(scaled)
        assert (refusal.status_code, refusal.json()["code"]) == (501, "NotSupported")


async def test_strangers_get_nothing(
    client_of: ClientOf, keys: Keys, ada: Person, stranger: Files
) -> None:
    mine = client_of(keys.of(ada)).from_("files")
    path = f"{folder(ada)}/secret.txt"
    await mine.upload(path, b"secret")
    for key in (str(stranger.key), keys.anon):
        theirs = client_of(key).from_("files")
        attempts: list[Callable[[], Awaitable[object]]] = [
            lambda theirs=theirs: theirs.download(path),  # type: ignore[misc]
            lambda theirs=theirs: theirs.upload(path, b"!", {"upsert": "true"}),  # type: ignore[misc]
            lambda theirs=theirs: theirs.update(path, b"!"),  # type: ignore[misc]
            lambda theirs=theirs: theirs.upload(f"{folder(ada)}/new", b"!"),  # type: ignore[misc]
            lambda theirs=theirs: theirs.move(path, "x/y"),  # type: ignore[misc]
            lambda theirs=theirs: theirs.copy(path, "x/y"),  # type: ignore[misc]
            lambda theirs=theirs: theirs.create_signed_url(path, 60),  # type: ignore[misc]
            lambda theirs=theirs: theirs.create_signed_upload_url(path),  # type: ignore[misc]
            lambda theirs=theirs: theirs.info(path),  # type: ignore[misc]
        ]
        for attempt in attempts:
            with pytest.raises(StorageApiError):
                await attempt()
        assert await theirs.list(folder(ada)) == []
        assert await theirs.remove([path]) == []
        with pytest.raises(StorageApiError):
            await client_of(key).create_bucket("mine now")
    assert await mine.download(path) == b"secret"
