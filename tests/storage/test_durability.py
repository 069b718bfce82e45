"""Large files in little memory, processes that die at any moment, and what is swept after them."""

import asyncio
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from lodestone.platform.runtime import Runtime
from lodestone.settings import Settings
from lodestone.storage import objects
from lodestone.storage.errors import StorageError
from lodestone.storage.models import Place
from tests.people import Person
from tests.storage.conftest import PREFIX, Files, Keys, folder, refused
from tests.storage.test_stores import pieces, s3

__all__ = ["s3"]

PIECE = os.urandom(1_000_000)
MEGABYTES = 300
MOST_GROWTH = 100
"""In MB, for a file of MEGABYTES."""

START = b"x" * 1_500_000


Start = Callable[..., AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]


@pytest.fixture
def start(settings: Settings, database_url: str, runtime: Runtime, tmp_path: Path) -> Start:
    """Serves in one process of its own; gives its address and it."""

    @contextmanager
    def serve(**more: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        others = {name: text for name, text in os.environ.items() if "LODESTONE_" not in name}
        environment = others | {
            "LODESTONE_DATABASE_URL": database_url,
            "LODESTONE_SECRET_KEYS": settings.secret_keys[0].get_secret_value(),
            "LODESTONE_JWT_SECRET": settings.jwt_secret.get_secret_value(),
            "LODESTONE_DATA_DIR": str(settings.data_dir),
            "LODESTONE_PORT": str(port),
            **more,
        }
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lodestone", "serve"],
                env=environment,
                stdout=log,
                stderr=log,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(process, address)
            yield address, process
        finally:
            process.kill()
            process.wait(timeout=30)

    return serve


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def memory(process: subprocess.Popen[bytes]) -> int:
    """Return the resident bytes of a process and of those that it started."""
    whole = psutil.Process(process.pid)
    return sum(each.memory_info().rss for each in (whole, *whole.children(recursive=True)))


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of each of the two places for bytes."""
    if request.param == "disk":
        return {}
    return {
        "LODESTONE_STORAGE_S3_BUCKET": "files",
        "LODESTONE_STORAGE_S3_ENDPOINT": request.getfixturevalue("s3"),
        "LODESTONE_STORAGE_S3_ACCESS_KEY_ID": "key",
        "LODESTONE_STORAGE_S3_SECRET_ACCESS_KEY": "secret",
    }


async def test_a_large_file_flows_through_little_memory(
    start: Start, place: dict[str, str], keys: Keys, ada: Person
) -> None:
    sent, received, seen = hashlib.sha256(), hashlib.sha256(), []
    with start(**place) as (address, process):
        async with httpx.AsyncClient(base_url=address, timeout=120) as http:
            hers = Files(http, keys.of(ada))
            path = f"/object/files/{folder(ada)}/large.bin"
            await hers.ask("POST", f"{path}.small", content=PIECE)
            before = memory(process)

            async def body() -> AsyncIterator[bytes]:
                for number in range(MEGABYTES):
                    sent.update(PIECE)
                    if number % 20 == 0:
                        seen.append(memory(process))
                    yield PIECE

            stored = await hers.ask("POST", path, content=body())
            assert stored.status_code == 200, stored.text
            headers = {"authorization": f"Bearer {hers.key}"}
            async with http.stream("GET", PREFIX + path, headers=headers) as answered:
                assert answered.headers["content-length"] == str(MEGABYTES * len(PIECE))
                async for piece in answered.aiter_bytes(20 * len(PIECE)):
                    received.update(piece)
                    seen.append(memory(process))
    assert received.digest() == sent.digest()
    growth = (max(seen) - before) / 2**20
    print(f"{MEGABYTES} MB up and down: {before / 2**20:.0f} MB, and {growth:.0f} MB more")  # noqa: T201
    assert growth < MOST_GROWTH


async def test_what_was_acknowledged_outlives_a_kill_at_any_moment(
    start: Start, runtime: Runtime, keys: Keys, ada: Person
) -> None:
    headers = {"authorization": f"Bearer {keys.of(ada)}", "x-upsert": "true"}
    root = f"{PREFIX}/object/files/{folder(ada)}/kill"
    acknowledged: list[str] = []
    for dies_at in (9, 10, 11):
        with start() as (address, process):
            async with httpx.AsyncClient(base_url=address, timeout=30, headers=headers) as http:
                for number in range(dies_at + 1):
                    name = f"{dies_at}-{number}"
                    # One file is replaced each time: the old bytes or the new, never none.
                    again = await http.post(f"{root}/same", content=name.encode())
                    assert again.status_code == 200
                    killed = process if number == dies_at else None
                    try:
                        await http.post(f"{root}/{name}", content=_body(name, killed))
                    except httpx.TransportError:
                        assert killed
                        break
                    acknowledged.append(name)
    assert len(acknowledged) == 9 + 10 + 11
    for name in acknowledged:
        assert await _content(ada, f"kill/{name}") == START + name.encode()
    assert await _content(ada, "kill/same") == b"11-11"
    with pytest.raises(StorageError):
        await _content(ada, "kill/11-11")
    # What the killed uploads have left is cleared by the next sweep, and nothing else is.
    await objects.sweep(age=timedelta(0))
    assert unfinished(runtime) == []
    assert await _content(ada, f"kill/{acknowledged[0]}") == START + b"9-0"


async def _body(last: str, killed: subprocess.Popen[bytes] | None) -> AsyncIterator[bytes]:
    """Give a file, and kill the server before its end."""
    yield START
    if killed is not None:
        killed.kill()
    yield last.encode()


async def _content(owner: Person, name: str) -> bytes:
    place = Place("files", f"{folder(owner)}/{name}")
    opened = await objects.open_object(owner.actor, place)
    return b"".join([piece async for piece in opened.read(0, opened.row.size)])


def unfinished(runtime: Runtime) -> list[Path]:
    """Return what writers on this worker's disk have not finished."""
    return list((runtime.data_dir / "files" / "unfinished").glob("*"))


async def test_bytes_that_no_object_holds_are_swept_when_they_are_old(
    runtime: Runtime, hers: Files, ada: Person
) -> None:
    path = f"files/{folder(ada)}/kept.txt"
    await hers.put(path, b"kept")
    store = runtime.files.store
    orphan = (await store.write(pieces(b"nobody's"))).name
    await objects.sweep()
    assert orphan in {each.name async for found in store.list() for each in found}
    assert await objects.sweep(age=timedelta(0)) >= 1
    assert orphan not in {each.name async for found in store.list() for each in found}
    assert (await hers.get(f"/object/{path}")).content == b"kept"


async def test_replaced_and_removed_files_leave_no_bytes(
    runtime: Runtime, hers: Files, ada: Person
) -> None:
    store = runtime.files.store
    before = {each.name async for found in store.list() for each in found}
    path = f"files/{folder(ada)}/short.txt"
    for content in (b"one", b"two", b"three"):
        await hers.put(path, content)
    kept = {each.name async for found in store.list() for each in found} - before
    assert len(kept) == 1
    assert (await hers.ask("DELETE", f"/object/{path}")).is_success
    assert {each.name async for found in store.list() for each in found} <= before
    refused(await hers.ask("DELETE", f"/object/{path}"), "NoSuchKey", "404")


async def test_writers_at_the_same_time_leave_one_file_whole(
    runtime: Runtime, hers: Files, ada: Person
) -> None:
    store = runtime.files.store
    before = {each.name async for found in store.list() for each in found}
    path = f"files/{folder(ada)}/raced.txt"
    contents = [str(number).encode() * 100_000 for number in range(8)]
    answers = await asyncio.gather(*(hers.put(path, content) for content in contents))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert (await hers.get(f"/object/{path}")).content in contents
    assert len({each.name async for found in store.list() for each in found} - before) == 1
    fresh = f"/object/files/{folder(ada)}/once.txt"
    made = await asyncio.gather(*(hers.ask("POST", fresh, content=each) for each in contents))
    assert sorted(answer.status_code for answer in made) == [200, *[400] * 7]
    assert {each.json().get("error") for each in made if each.is_error} == {"Duplicate"}
    assert len({each.name async for found in store.list() for each in found} - before) == 2
