"""What buckets and names refuse, over HTTP."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import pytest

from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime
from tests.people import People, Person
from tests.storage.conftest import PREFIX, Files, Keys, folder, refused

MakeBucket = Callable[..., Awaitable[str]]
HTML = b"<!doctype html><script>alert(1)</script>" + b" " * 5_000


@pytest.mark.parametrize(
    "name",
    [
        "../up.txt",
        "a/../../up.txt",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\x00b",
        "a\\b",
        "é" * 600,
        "%",
    ],
)
async def test_a_name_that_leads_elsewhere_is_refused(service: Files, name: str) -> None:
    address = f"/object/files/{quote(name, safe='').replace('.', '%2e')}"
    refused(await service.ask("POST", address, content=b"x"), "InvalidKey", "400")
    refused(await service.ask("GET", address), "InvalidKey", "400")
    body = {"bucketId": "files", "sourceKey": "a", "destinationKey": name}
    answered = await service.ask("POST", "/object/move", json=body)
    assert answered.json()["code"] in ("InvalidKey", "InvalidParameter")


async def test_the_store_never_sees_the_name(runtime: Runtime, service: Files) -> None:
    await service.put("files/etc/passwd", b"x")
    kept = [path.relative_to(runtime.data_dir) for path in (runtime.data_dir / "files").rglob("*")]
    assert not any("passwd" in str(path) for path in kept)


@pytest.mark.parametrize("name", ["", "a/b", "public", "sign", "list", "..", " a", "a" * 101])
async def test_a_bucket_can_not_be_called_anything(service: Files, name: str) -> None:
    answered = await service.ask("POST", "/bucket", json={"id": name, "name": name})
    refused(answered, "InvalidBucketName", "400")


async def test_a_bucket_takes_the_types_that_it_names(
    service: Files, make_bucket: MakeBucket, picture: bytes
) -> None:
    bucket = await make_bucket(allowed_mime_types=["image/*", "application/pdf"])
    assert (await service.put(f"{bucket}/a.png", picture, "image/png")).status_code == 200
    assert (await service.put(f"{bucket}/a.pdf", b"%PDF-1.7 ", "application/pdf")).is_success
    refused(await service.put(f"{bucket}/a.txt", b"text"), "InvalidMimeType", "415")
    refused(await service.put(f"{bucket}/b.png", HTML, "image/png"), "InvalidMimeType", "415")
    refused(
        await service.put(f"{bucket}/c.png", b"%PDF-1.7 ", "video/mp4"), "InvalidMimeType", "415"
    )
    refused(await service.put(f"{bucket}/d.png", picture, "nonsense"), "InvalidMimeType", "415")
    refused(await service.get(f"/object/{bucket}/b.png"), "NoSuchKey", "404")


async def test_copies_and_moves_keep_to_the_limits(service: Files, make_bucket: MakeBucket) -> None:
    images = await make_bucket(allowed_mime_types=["image/*"])
    small = await make_bucket(file_size_limit="3B")
    source = await make_bucket()
    await service.put(f"{source}/a.txt", b"four")
    for target, code in (
        (images, "InvalidMimeType"),
        (small, "EntityTooLarge"),
        ("no", "NoSuchBucket"),
    ):
        for act in ("copy", "move"):
            body = {
                "bucketId": source,
                "sourceKey": "a.txt",
                "destinationBucket": target,
                "destinationKey": "a.txt",
            }
            answered = await service.ask("POST", f"/object/{act}", json=body)
            assert answered.json()["code"] == code, answered.text


@pytest.mark.parametrize("limit", [10, "10B", "10"])
async def test_a_file_larger_than_its_bucket_takes_is_refused(
    service: Files, make_bucket: MakeBucket, limit: object
) -> None:
    bucket = await make_bucket(file_size_limit=limit)
    assert (await service.put(f"{bucket}/ten", b"x" * 10)).is_success
    refused(await service.put(f"{bucket}/eleven", b"x" * 11), "EntityTooLarge", "413")

    async def unannounced() -> AsyncIterator[bytes]:
        yield b"x" * 6
        yield b"x" * 6

    streamed = await service.ask("POST", f"/object/{bucket}/stream", content=unannounced())
    refused(streamed, "EntityTooLarge", "413")
    form = {"file": ("a.txt", b"x" * 11, "text/plain")}
    refused(
        await service.ask("POST", f"/object/{bucket}/form", files=form), "EntityTooLarge", "413"
    )
    listed = await service.ask("POST", f"/object/list/{bucket}", json={"prefix": ""})
    assert [each["name"] for each in listed.json()] == ["ten"]


async def test_a_refused_upload_leaves_no_bytes(
    runtime: Runtime, service: Files, stranger: Files, make_bucket: MakeBucket
) -> None:
    bucket = await make_bucket(file_size_limit=10)
    store = runtime.files.store
    before = {each.name async for found in store.list() for each in found}
    await service.put(f"{bucket}/large", b"x" * 3_000_000)
    await stranger.put("files/not/mine", b"x" * 3_000_000)
    form = {"a": ("a", b"x", "text/plain"), "b": ("b", b"x", "text/plain")}
    refused(await service.ask("POST", f"/object/{bucket}/two", files=form), "InvalidRequest", "400")
    assert {each.name async for found in store.list() for each in found} == before
    assert list((runtime.data_dir / "files" / "unfinished").glob("*")) == []


async def test_a_form_without_its_end_stores_nothing(hers: Files, ada: Person) -> None:
    body = b'--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\nhalf a file'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    path = f"/object/files/{folder(ada)}/half"
    refused(await hers.ask("POST", path, headers=headers, content=body), "InvalidRequest", "400")
    refused(await hers.get(path), "NoSuchKey", "404")
    for broken in (b"", b"--x\r\n", b"--b\r\n\x00: \r\n\r\n", b"--b--\r\n"):
        answered = await hers.ask("POST", path, headers=headers, content=broken)
        refused(answered, "InvalidRequest", "400")


async def test_a_browsers_form_may_name_its_notes_after_the_file(hers: Files, ada: Person) -> None:
    parts = [
        ("", ("blob", b"a,b", "text/csv")),
        ("cacheControl", (None, b"120")),
        ("metadata", (None, json.dumps({"of": "me"}).encode())),
    ]
    path = f"files/{folder(ada)}/late.csv"
    stored = await hers.ask("POST", f"/object/{path}", files=parts)
    assert stored.json()["Key"] == path
    info = (await hers.get(f"/object/info/{path}")).json()
    assert (info["content_type"], info["size"]) == ("text/csv", 3)
    assert (info["cache_control"], info["metadata"]) == ("max-age=120", {"of": "me"})


async def test_a_bare_body_says_what_is_noted_in_headers(hers: Files, ada: Person) -> None:
    notes = base64.b64encode(b'{"of": "me"}').decode()
    path = f"files/{folder(ada)}/bare.bin"
    headers = {"cache_control": "max-age=9", "x_metadata": notes}
    assert (await hers.put(path, b"\x00\x01", "application/x-own", **headers)).is_success
    info = (await hers.get(f"/object/info/{path}")).json()
    assert (info["content_type"], info["cache_control"]) == ("application/x-own", "max-age=9")
    assert info["metadata"] == {"of": "me"}
    for wrong in ({"x_metadata": "%"}, {"cache_control": "a\tb"}, {"x_metadata": "W10="}):
        refused(await hers.put(path, b"x", **wrong), "InvalidParameter", "400")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/object/list/files", {"limit": "many"}),
        ("/object/list/files", {"prefix": 1}),
        ("/object/list/files", {"sortBy": {"column": "id; drop table"}}),
        ("/object/list/files", {"sortBy": "name"}),
        ("/object/list-v2/files", {"cursor": "%%"}),
        ("/object/list-v2/files", {"cursor": "YQ==", "sortBy": {"column": "created_at"}}),
        ("/object/sign/files", {"paths": [], "expiresIn": 1}),
        ("/object/sign/files", {"paths": "a", "expiresIn": 1}),
        ("/object/copy", {}),
        ("/bucket", {"id": "x", "public": "yes"}),
        ("/bucket", []),
    ],
)
async def test_input_that_makes_no_sense_is_named(service: Files, path: str, body: object) -> None:
    refused(await service.ask("POST", path, json=body), "InvalidParameter", "400")


async def test_keys_that_are_not_good_are_refused(visitor: Files, keys: Keys) -> None:
    late = keys.runtime.tokens.sign({"role": "service_role"}, -60)
    odd = keys.runtime.tokens.sign({"role": "postgres"}, 60)
    for key in ("nonsense", f"{keys.service[:-4]}AAAA", late, odd, "a.b.c"):
        answered = await Files(visitor.client, key).get("/bucket")
        refused(answered, "InvalidJWT", "403")
        assert (await visitor.get("/bucket", apikey=key)).status_code == 400


async def test_teams_share_a_folder_and_former_members_lose_it(
    people: People, database: Database, keys: Keys, visitor: Files, ada: Person
) -> None:
    bob = await people.user(name="Bob")
    team = await people.team(ada, bob)
    adas, bobs = Files(visitor.client, keys.of(ada)), Files(visitor.client, keys.of(bob))
    path = f"/object/files/{folder(team)}/plan.txt"
    assert (await adas.ask("POST", path, content=b"plan")).is_success
    assert (await bobs.get(path)).content == b"plan"
    async with database.pool.acquire() as connection:
        await connection.execute(
            "update public.team_profiles set status = 'removed'"
            " where team_id = $1 and user_id = $2",
            team,
            bob.id,
        )
    refused(await bobs.get(path), "NoSuchKey", "404")
    refused(await bobs.ask("PUT", path, content=b"!"), "AccessDenied", "403")


async def test_other_buckets_are_the_service_keys_alone_until_a_policy_says_more(
    hers: Files, service: Files, make_bucket: MakeBucket, ada: Person, database: Database
) -> None:
    bucket = await make_bucket()
    path = f"/object/{bucket}/{folder(ada)}/a.txt"
    assert (await service.ask("POST", path, content=b"a")).is_success
    refused(await hers.get(path), "NoSuchKey", "404")
    refused(await hers.ask("POST", f"{path}.b", content=b"b"), "AccessDenied", "403")
    assert (await hers.get(f"/bucket/{bucket}")).json()["code"] == "NoSuchBucket"
    async with database.pool.acquire() as connection:
        await connection.execute(
            f"create policy own_{bucket} on storage.objects for select to authenticated using"
            f" (bucket_id = '{bucket}' and (storage.foldername(name))[1] = auth.uid()::text)"
        )
        assert (await hers.get(path)).content == b"a"
        await connection.execute(f"drop policy own_{bucket} on storage.objects")


@pytest.mark.parametrize(
    "path", ["/render/image/public/a/b", "/upload/resumable", "/cdn/a/b", "/s3/a", "/vector/x"]
)
async def test_what_is_not_spoken_says_so(visitor: Files, path: str) -> None:
    answered = await visitor.ask("POST", path)
    assert (answered.status_code, answered.json()["code"]) == (501, "NotSupported")


async def test_browsers_of_other_sites_may_ask(visitor: Files) -> None:
    asked = {"access-control-request-headers": "x-upsert, authorization", "origin": "https://a.b"}
    answered = await visitor.ask("OPTIONS", "/object/files/a", headers=asked)
    assert answered.status_code == 204
    assert answered.headers["access-control-allow-headers"] == "x-upsert, authorization"
    refusal = await visitor.client.get(
        f"{PREFIX}/object/files/a", headers={"origin": "https://a.b"}
    )
    assert refusal.headers["access-control-allow-origin"] == "*"
