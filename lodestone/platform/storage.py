"""Where the bytes of files lie: on disk, or in a bucket of an S3-compatible store.

A blob has a random name, is written once and never changes. It is there whole and durable when
`write` returns, or not at all; whoever is told so notes the name in the database afterwards. What
nobody has noted is swept later, so a crash at any moment loses nothing and leaves nothing for good.
Nothing here holds more than a few pieces of a file in memory.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar, TypeVarTuple, Unpack
from uuid import uuid4

from lodestone.platform.errors import LodestoneError, Unavailable

PIECE_BYTES = 1024 * 1024
"""What is read, or written, at a time."""

MOST_BYTES = 500_000_000

NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class BlobMissing(LodestoneError):
    """No bytes lie under this name, or not any more."""

    code = "blob_missing"
    status = 404


class StoreUnavailable(Unavailable):
    """The file store doesn't answer, or refuses us."""

    code = "file_store_unavailable"


@dataclass(frozen=True, slots=True)
class Written:
    """A blob that is whole and durable; `digest` is of its bytes, in hex."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob as the store lists it."""

    name: str
    size: int
    changed_at: datetime


class BlobStore(Protocol):
    """A place for blobs. Every method raises StoreUnavailable when the place can't be reached."""

    async def write(self, pieces: AsyncIterator[bytes]) -> Written:
        """Store what the iterator gives; nothing is left when it raises."""

    def read(self, name: str, *, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `end`. Raises BlobMissing before the first."""

    async def copy(self, name: str) -> str:
        """Store the same bytes once more and return their name. Raises BlobMissing."""

    async def delete(self, names: Sequence[str]) -> None:
        """Forget blobs; one that is not there is no error."""

    def list(self) -> AsyncIterator[Sequence[Stored]]:
        """Yield what is stored, some at a time, in no order."""

    async def clear_unfinished(self, *, before: datetime) -> int:
        """Remove what writers that died before that time have left; return how much."""


@dataclass(frozen=True, slots=True)
class FileStorage:
    """Where an installation keeps files, and the largest that it takes, in bytes."""

    store: BlobStore
    most_bytes: int = MOST_BYTES


def new_name() -> str:
    """Return the name of a blob to be."""
    return str(uuid4())


class DiskStore:
    """Blobs as files below a directory, which may be shared by the machines of an installation."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __repr__(self) -> str:
        return f"DiskStore({str(self._directory)!r})"

    async def write(self, pieces: AsyncIterator[bytes]) -> Written:
        name, digest, size = new_name(), hashlib.blake2b(digest_size=16), 0
        unfinished = self._unfinished(name)
        file = await _on_disk(_open_new, unfinished)
        try:
            async for piece in regrouped(pieces, PIECE_BYTES):
                size += len(piece)
                await _on_disk(_append, file, digest, piece)
            await _on_disk(self._finish, file, unfinished, self._path(name))
        except BaseException:
            # Not awaited: whoever is cancelled would leave the file behind.
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        return Written(name, size, digest.hexdigest())

    async def read(self, name: str, *, start: int, end: int) -> AsyncIterator[bytes]:
        file = await _on_disk(self._open, name)
        try:
            file.seek(start)
            left = end - start
            while left > 0:
                piece = await _on_disk(file.read, min(PIECE_BYTES, left))
                if not piece:
                    raise BlobMissing("The file is shorter than it should be.")
                left -= len(piece)
                yield piece
        finally:
            file.close()

    async def copy(self, name: str) -> str:
        copied = new_name()
        await _on_disk(self._link, self._path(name), self._path(copied))
        return copied

    async def delete(self, names: Sequence[str]) -> None:
        await _on_disk(_unlink, [self._path(name) for name in names])

    async def list(self) -> AsyncIterator[Sequence[Stored]]:
        for shard in await _on_disk(self._shards):
            found = await _on_disk(_list_directory, shard)
            if found:
                yield found

    async def clear_unfinished(self, *, before: datetime) -> int:
        return await _on_disk(self._clear_unfinished, before.timestamp())

    def _shards(self) -> Sequence[Path]:
        return sorted(self._directory.glob("[0-9a-f][0-9a-f]"))

    def _path(self, name: str) -> Path:
        """Return where a blob lies. Raises BlobMissing for what is no name of ours."""
        if not NAME.fullmatch(name):
            raise BlobMissing("No file lies under this name.")
        return self._directory / name[:2] / name

    def _unfinished(self, name: str) -> Path:
        return self._directory / "unfinished" / name

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise BlobMissing("The bytes of this file are gone.") from None

    def _finish(self, file: BinaryIO, unfinished: Path, path: Path) -> None:
        """Make the bytes durable, then the name; the order is what survives a power cut."""
        file.flush()
        os.fsync(file.fileno())
        file.close()
        _make_directory(path.parent)
        unfinished.rename(path)
        _sync_directory(path.parent)

    def _link(self, source: Path, target: Path) -> None:
        """Give the same bytes a second name: they never change, and go with the last name."""
        _make_directory(target.parent)
        try:
            target.hardlink_to(source)
        except FileNotFoundError:
            raise BlobMissing("The bytes of this file are gone.") from None
        os.utime(target)  # the sweep looks at the age, and both names share it
        _sync_directory(target.parent)

    def _clear_unfinished(self, before: float) -> int:
        cleared = 0
        for path in self._unfinished("").glob("*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                cleared += 1
        return cleared


async def _on_disk(work: Callable[[Unpack[_Arguments]], _Result], *given: *_Arguments) -> _Result:
    """Run what may wait for the disk in a thread. Raises StoreUnavailable when the disk refuses."""
    try:
        return await asyncio.to_thread(work, *given)
    except OSError as error:
        raise unavailable() from error


def unavailable() -> StoreUnavailable:
    """Return the error to raise when the store refuses or does not answer."""
    return StoreUnavailable("The file store does not answer. Try again in a moment.")


async def regrouped(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Put small pieces together: what comes from the network is a few kilobytes each."""
    kept = bytearray()
    async for piece in pieces:
        kept += piece
        if len(kept) >= size:
            yield bytes(kept)
            kept.clear()
    if kept:
        yield bytes(kept)


def _open_new(path: Path) -> BinaryIO:
    _make_directory(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "wb", buffering=0)


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


def _append(file: BinaryIO, digest: _Digest, piece: bytes) -> None:
    digest.update(piece)
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def _make_directory(path: Path) -> None:
    """Make a directory whose name survives a power cut, if it is not there."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        _make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _list_directory(path: Path) -> list[Stored]:
    found = []
    with os.scandir(path) as entries:
        for entry in entries:
            if NAME.fullmatch(entry.name):
                facts = entry.stat()
                changed_at = datetime.fromtimestamp(facts.st_mtime, UTC)
                found.append(Stored(entry.name, facts.st_size, changed_at))
    return found
