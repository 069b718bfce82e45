"""The bytes of files: looked at while they flow in, forgotten when no row holds them."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from lodestone.platform import runtime
from lodestone.platform.errors import LodestoneError
from lodestone.platform.storage import BlobMissing, BlobStore, Written
from lodestone.storage.contents import HEAD_BYTES, UNKNOWN, contradiction, identify, refused
from lodestone.storage.errors import too_large, wrong_type
from lodestone.storage.models import NewFile

_log = structlog.get_logger(__name__)


class Inspected:
    """A stream that is looked at while it flows: its size, and what its first bytes are."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        *,
        most_bytes: int,
        new: NewFile,
        allowed: list[str] | None,
    ) -> None:
        self._pieces = pieces
        self._most_bytes = most_bytes
        self._new = new
        self._allowed = allowed
        self._size = 0
        self._head = b""

    async def checked(self) -> AsyncIterator[bytes]:
        """Yield the pieces. Raises StorageError once they are too many, or of a wrong type."""
        is_looked_at = False
        async for piece in self._pieces:
            self._size += len(piece)
            if self._size > self._most_bytes:
                raise too_large()
            if len(self._head) < HEAD_BYTES:
                self._head += piece[: HEAD_BYTES - len(self._head)]
            elif not is_looked_at:
                is_looked_at = True
                self._look()
            yield piece
        if not is_looked_at:
            self._look()

    def describe(self, written: Written, new: NewFile) -> dict[str, Any]:
        """Return what is noted of the file, under the names that the clients know."""
        declared = self._declared()
        noted = {
            "eTag": f'"{written.digest}"',
            "size": written.size,
            "mimetype": declared,
            "cacheControl": new.cache_control,
            "lastModified": now(),
            "contentLength": written.size,
            "httpStatusCode": 200,
        }
        found = contradiction(declared, self._head)
        return {**noted, "detectedType": found} if found else noted

    def _declared(self) -> str:
        if self._new.mime_type:
            return self._new.mime_type
        return next(iter(identify(self._head)), UNKNOWN)

    def _look(self) -> None:
        found = refused(self._declared(), self._head, self._allowed)
        if found is not None:
            raise wrong_type(found)


async def forget(versions: Sequence[str]) -> None:
    """Delete bytes that no row holds any more; what can't be deleted now, the sweep finds."""
    named = [version for version in versions if version]
    try:
        if named:
            await store().delete(named)
    except BlobMissing:
        _log.info("foreign_versions_forgotten", count=len(named))
    except LodestoneError as error:
        _log.warning("bytes_left_to_the_sweep", count=len(named), reason=error.message)


def store() -> BlobStore:
    """Return where the bytes lie."""
    return runtime.current().files.store


def now() -> str:
    """Return the time as the clients write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
