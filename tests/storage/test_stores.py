"""The two places where bytes lie: the same promises, on disk and in S3."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from lodestone.platform.s3 import PART_BYTES, S3Blobs
from lodestone.platform.storage import BlobMissing, BlobStore, DiskStore, StoreUnavailable

ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3-compatible store with a bucket; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            try:
                httpx.put(f"{address}/files", timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def connect(address: str, prefix: str = "of/tests") -> S3Blobs:
    """Return the store in S3."""
    return S3Blobs(
        "files",
        region="us-east-1",
        endpoint=address,
        access_key_id="key",
        secret_access_key="secret",
        prefix=prefix,
    )


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each of the two."""
    if request.param == "disk":
        return DiskStore(tmp_path / "files")
    return connect(request.getfixturevalue("s3"), f"of/{tmp_path.name}")


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    """Give bytes as a request would."""
    for piece in given:
        yield piece


async def read(store: BlobStore, name: str, start: int, end: int) -> bytes:
    """Return a part of a blob."""
    return b"".join([piece async for piece in store.read(name, start=start, end=end)])


async def names(store: BlobStore) -> set[str]:
    """Return everything that is stored."""
    return {each.name async for found in store.list() for each in found}


async def test_what_was_written_is_read_whole_and_in_parts(store: BlobStore) -> None:
    content = bytes(range(256)) * 10
    written = await store.write(pieces(content[:1000], content[1000:]))
    assert written.size == len(content)
    assert await read(store, written.name, 0, len(content)) == content
    assert await read(store, written.name, 255, 258) == b"\xff\x00\x01"
    again = await store.write(pieces(content))
    assert (again.digest, again.name != written.name) == (written.digest, True)


async def test_more_than_one_part_is_put_together(store: BlobStore) -> None:
    piece = b"0123456789abcdef" * 65_536
    count = PART_BYTES * 2 // len(piece) + 1
    written = await store.write(pieces(*[piece] * count))
    assert written.size == len(piece) * count
    assert await read(store, written.name, written.size - 4, written.size) == b"cdef"


async def test_nothing_is_a_file_too(store: BlobStore) -> None:
    written = await store.write(pieces())
    assert written.size == 0
    assert await read(store, written.name, 0, 0) == b""


async def test_a_write_that_fails_leaves_nothing(store: BlobStore) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        raise RuntimeError("the connection was lost")

    with pytest.raises(RuntimeError):
        await store.write(broken())
    assert await names(store) == set()
    assert await store.clear_unfinished(before=datetime.now(UTC) + timedelta(1)) == 0


async def test_a_write_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    store, started = DiskStore(tmp_path), asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 2_000_000
        started.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(store.write(endless()))
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await names(store) == set()
    assert await store.clear_unfinished(before=datetime.now(UTC) + timedelta(1)) == 0


async def test_a_copy_lives_on_when_its_source_goes(store: BlobStore) -> None:
    written = await store.write(pieces(b"twice"))
    copied = await store.copy(written.name)
    assert await names(store) == {written.name, copied}
    await store.delete([written.name, ABSENT])
    assert await names(store) == {copied}
    assert await read(store, copied, 0, 5) == b"twice"


async def test_what_is_not_there_is_said_to_be_missing(store: BlobStore) -> None:
    with pytest.raises(BlobMissing):
        await read(store, ABSENT, 0, 5)
    with pytest.raises(BlobMissing):
        await store.copy(ABSENT)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a", f"{ABSENT}/x", ABSENT.upper()[:-1]])
async def test_only_names_of_ours_are_looked_up_on_disk(tmp_path: Path, name: str) -> None:
    with pytest.raises(BlobMissing):
        await read(DiskStore(tmp_path), name, 0, 5)


async def test_what_a_writer_that_died_has_left_is_cleared(tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished" / ABSENT
    unfinished.parent.mkdir()
    unfinished.write_bytes(b"half")
    store = DiskStore(tmp_path)
    assert await store.clear_unfinished(before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.clear_unfinished(before=datetime.now(UTC) + timedelta(hours=1)) == 1
    assert not unfinished.exists()


async def test_nobody_else_on_the_machine_reads_the_files(tmp_path: Path) -> None:
    await DiskStore(tmp_path / "files").write(pieces(b"private"))
    found = list((tmp_path / "files").rglob("*"))
    assert found
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


async def test_a_disk_that_refuses_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreUnavailable):
        await DiskStore(tmp_path / "files").write(pieces(b"x"))
