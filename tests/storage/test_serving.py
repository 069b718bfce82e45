"""How a file is answered: parts of it, unchanged ones, and never as a page of this site."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from lodestone.platform.runtime import Runtime
from lodestone.storage import signing
from lodestone.storage.models import Place
from tests.people import Person
from tests.storage.conftest import Files, folder, refused

DIGITS = b"0123456789"

Publish = Callable[[bytes, str], Awaitable[httpx.Response]]


@pytest.fixture
async def digits(hers: Files, ada: Person) -> str:
    """A file of ten bytes in the private bucket; its address."""
    path = f"files/{folder(ada)}/digits.txt"
    assert (await hers.put(path, DIGITS, cache_control="max-age=3600")).is_success
    return f"/object/authenticated/{path}"


@pytest.mark.parametrize(
    ("asked", "part", "said"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-99", DIGITS, None),
        ("bytes=0-1,3-4", DIGITS, None),
        ("lines=0-1", DIGITS, None),
        ("bytes=5-2", DIGITS, None),
    ],
)
async def test_a_part_is_answered(
    hers: Files, digits: str, asked: str, part: bytes, said: str | None
) -> None:
    answered = await hers.get(digits, range=asked)
    assert answered.content == part
    assert answered.status_code == (200 if said is None else 206)
    assert answered.headers.get("content-range") == said
    assert answered.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-12", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused(hers: Files, digits: str, asked: str) -> None:
    answered = await hers.get(digits, range=asked)
    assert answered.status_code == 416
    assert answered.headers["content-range"] == "bytes */10"


async def test_an_unchanged_file_is_not_sent_again(hers: Files, digits: str) -> None:
    first = await hers.get(digits)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    assert first.headers["cache-control"] == "private, max-age=3600"
    for known in (
        {"if_none_match": tag},
        {"if_none_match": f'"x", W/{tag}'},
        {"if_none_match": "*"},
    ):
        assert (await hers.get(digits, **known)).status_code == 304
    assert (await hers.get(digits, if_modified_since=changed)).status_code == 304
    assert (await hers.get(digits, if_none_match='"x"')).status_code == 200
    assert (await hers.get(digits, if_modified_since="never")).status_code == 200
    stale = await hers.get(digits, range="bytes=0-1", if_range='"x"')
    assert (stale.status_code, stale.content) == (200, DIGITS)


async def test_a_replaced_file_has_another_tag(hers: Files, ada: Person, digits: str) -> None:
    before = (await hers.get(digits)).headers["etag"]
    await hers.put(f"files/{folder(ada)}/digits.txt", b"other")
    assert (await hers.get(digits, if_none_match=before)).content == b"other"


async def test_headers_alone_are_answered(hers: Files, digits: str) -> None:
    answered = await hers.ask("HEAD", digits)
    assert (answered.status_code, answered.content) == (200, b"")
    assert answered.headers["content-length"] == "10"
    assert answered.headers["content-type"].startswith("text/plain")
    assert (await hers.ask("HEAD", f"{digits}.no")).status_code == 400


@pytest.mark.parametrize(
    ("download", "said"),
    [
        ("", "attachment; filename=\"digits.txt\"; filename*=UTF-8''digits.txt"),
        ("é.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ('a"\r\nb: c', "attachment; filename=\"a___b_ c\"; filename*=UTF-8''a%22%0D%0Ab%3A%20c"),
    ],
)
async def test_a_file_can_be_saved_under_a_name(
    hers: Files, digits: str, download: str, said: str
) -> None:
    answered = await hers.ask("GET", digits, params={"download": download})
    assert answered.headers["content-disposition"] == said


@pytest.fixture
def publish(hers: Files, visitor: Files, ada: Person) -> Publish:
    """Puts a file where everybody sees it, and asks for it as somebody who is not signed in."""

    async def put_and_get(content: bytes, mime_type: str) -> httpx.Response:
        path = f"assets/{folder(ada)}/page"
        assert (await hers.put(path, content, mime_type)).is_success
        return await visitor.get(f"/object/public/{path}")

    return put_and_get


@pytest.mark.parametrize(
    ("content", "declared", "served"),
    [
        (b"<html></html>", "text/html", "text/html"),
        (b"<svg onload='x'/>", "image/svg+xml", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml", "application/xml"),
        (b"<html/>", "application/xhtml+xml", "application/xhtml+xml"),
        (b"  <!DOCTYPE html><p>", "image/png", "application/octet-stream"),
        (b"<?xml version='1.0'?>\n<svg>", "image/gif", "application/octet-stream"),
        (b"bytes", "application/x-own", "application/x-own"),
        # Of several types browsers take the last.
        (b"<form action='//evil.example'>", "image/png;,text/html", "application/octet-stream"),
        (b"<b>", "text/plain; charset=utf-8, text/html", "application/octet-stream"),
    ],
)
async def test_a_file_never_acts_as_a_page_of_this_site(
    publish: Publish, content: bytes, declared: str, served: str
) -> None:
    answered = await publish(content, declared)
    assert answered.content == content
    assert answered.headers["content-disposition"].startswith("attachment;")
    assert answered.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-type"].startswith(served)


@pytest.mark.parametrize("mime_type", ["text/javascript", "application/javascript", "text/css"])
async def test_no_page_can_run_a_file_as_its_script(publish: Publish, mime_type: str) -> None:
    answered = await publish(b"alert(1)", mime_type)
    assert answered.headers["content-type"] == "text/plain; charset=utf-8"
    assert answered.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_is_shown(hers: Files, visitor: Files, ada: Person, picture: bytes) -> None:
    path = f"assets/{folder(ada)}/a.png"
    await hers.put(path, picture, "image/png", cache_control="max-age=60")
    answered = await visitor.get(f"/object/public/{path}")
    assert "content-disposition" not in answered.headers
    assert answered.headers["content-security-policy"].startswith("default-src 'none'")
    assert answered.headers["cache-control"] == "max-age=60"
    # Signed in or not, by its other addresses too: the bucket is public.
    assert (await visitor.get(f"/object/{path}")).content == picture
    assert (await visitor.get(f"/object/info/public/{path}")).json()["size"] == len(picture)


async def test_a_private_file_has_no_public_address(
    visitor: Files, stranger: Files, digits: str
) -> None:
    public = digits.replace("authenticated", "public")
    for asker in (visitor, stranger):
        refused(await asker.get(public), "NoSuchBucket", "404")
        refused(await asker.get(digits), "NoSuchKey", "404")


async def test_a_signed_address_ends_and_opens_nothing_else(
    visitor: Files, hers: Files, runtime: Runtime, ada: Person, digits: str
) -> None:
    path = digits.removeprefix("/object/authenticated/")
    signed = await hers.ask("POST", f"/object/sign/{path}", json={"expiresIn": "60"})
    address = signed.json()["signedURL"]
    answered = await visitor.get(address)
    assert answered.content == DIGITS
    assert answered.headers["cache-control"].startswith("private, max-age=")
    other = f"files/{folder(ada)}/other.txt"
    await hers.put(other, b"other")
    token = address.partition("token=")[2]
    refused(await visitor.get(f"/object/sign/{other}?token={token}"), "InvalidSignature", "400")
    refused(await visitor.get(f"/object/sign/{path}?token=x"), "InvalidSignature", "400")
    refused(await visitor.get(f"/object/sign/{path}"), "InvalidSignature", "400")
    place = Place("files", path.removeprefix("files/"))
    upload = signing.sign_upload(place, owner_id=None, is_upsert=True)
    refused(await visitor.get(f"/object/sign/{path}?token={upload}"), "InvalidSignature", "400")
    over = runtime.secrets.sign(
        "storage:download", '["a", "b", 1]', expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    refused(await visitor.get(f"/object/sign/{path}?token={over}"), "InvalidJWT", "400")
    for seconds in (0, -1, "soon"):
        refusal = await hers.ask("POST", f"/object/sign/{path}", json={"expiresIn": seconds})
        refused(refusal, "InvalidParameter", "400")
