"""Files in a bucket of an S3-compatible store; imported where one is set up, for it is large."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from lodestone.platform.storage import (
    NAME,
    PIECE_BYTES,
    BlobMissing,
    Stored,
    Written,
    new_name,
    regrouped,
    unavailable,
)

PART_BYTES = 8 * 1024 * 1024
"""What is sent to S3 at a time; ten thousand of them are the most that it puts together."""

_Result = TypeVar("_Result")


class S3Blobs:
    """Blobs as objects of a bucket in an S3-compatible store.

    A writer that dies leaves parts that S3 keeps: give the bucket a lifecycle rule that ends
    incomplete multipart uploads after a day.
    """

    def __init__(
        self,
        bucket: str,
        *,
        region: str,
        endpoint: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        prefix: str = "",
    ) -> None:
        options = {
            "endpoint": endpoint,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
        }
        is_plain = endpoint is not None and endpoint.startswith("http://")
        self._store = S3Store(
            bucket,
            region=region,
            prefix=prefix.strip("/") or None,
            client_options={"allow_http": is_plain, "timeout": "60s"},
            **{key: value for key, value in options.items() if value},  # type: ignore[arg-type]
        )
        self._bucket = bucket

    def __repr__(self) -> str:
        return f"S3Blobs({self._bucket!r})"

    async def write(self, pieces: AsyncIterator[bytes]) -> Written:
        name, digest, size = new_name(), hashlib.blake2b(digest_size=16), 0
        writer = obstore.open_writer_async(
            self._store, name, buffer_size=PART_BYTES, max_concurrency=2
        )
        async for piece in regrouped(pieces, PIECE_BYTES):
            size += len(piece)
            digest.update(piece)
            await _of_store(writer.write, piece)
        # Closing is what makes the object appear, so whoever raised before leaves none.
        await _of_store(writer.close)
        return Written(name, size, digest.hexdigest())

    async def read(self, name: str, *, start: int, end: int) -> AsyncIterator[bytes]:
        if start == end:
            return
        try:
            found = await obstore.get_async(self._store, name, options={"range": (start, end)})
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)
        except FileNotFoundError:
            raise BlobMissing("The bytes of this file are gone.") from None
        except BaseError as error:
            raise unavailable() from error

    async def copy(self, name: str) -> str:
        copied = new_name()
        await _of_store(obstore.copy_async, self._store, name, copied)
        return copied

    async def delete(self, names: Sequence[str]) -> None:
        if names:
            await _of_store(obstore.delete_async, self._store, list(names))

    async def list(self) -> AsyncIterator[Sequence[Stored]]:
        try:
            async for found in obstore.list(self._store, chunk_size=1_000):
                yield [
                    Stored(str(each["path"]), int(each["size"]), each["last_modified"])
                    for each in found
                    if NAME.fullmatch(str(each["path"]))
                ]
        except BaseError as error:
            raise unavailable() from error

    async def clear_unfinished(self, *, before: datetime) -> int:
        del before
        return 0


async def _of_store(ask: Callable[..., Awaitable[_Result]], *given: object) -> _Result:
    try:
        return await ask(*given)
    except FileNotFoundError:
        raise BlobMissing("The bytes of this file are gone.") from None
    except BaseError as error:
        raise unavailable() from error
