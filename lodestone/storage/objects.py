"""Objects: who may do what is asked of the database, the bytes are the store's.

An object's row is written after its bytes are durable, and bytes are deleted after the row is gone;
what a crash leaves between the two is swept (`sweep`). No transaction is open while bytes flow.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lodestone.platform import runtime
from lodestone.platform.actors import Actor, Root
from lodestone.platform.database import Tx
from lodestone.storage import queries
from lodestone.storage.blobs import Inspected, forget, now, store
from lodestone.storage.buckets import get_bucket
from lodestone.storage.errors import denied, no_such_bucket, no_such_object, too_large, wrong_type
from lodestone.storage.models import (
    Bucket,
    ListedEntry,
    ListedPage,
    ListOptions,
    NewFile,
    Place,
    StoredObject,
)
from lodestone.storage.names import check_object_name, is_allowed

SWEEP_AGE = timedelta(hours=24)
"""Bytes that no row holds are left alone so long: their upload may still be on its way."""


SIGNED = Root()
"""Whoever holds a signed address: its maker was allowed what it says."""


class _Undone(Exception):
    """Ends a transaction that only asked whether something would be allowed."""


@dataclass(frozen=True, slots=True)
class OpenObject:
    """An object whose bytes can be read; `is_public` says that everybody may."""

    row: StoredObject
    is_public: bool

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `end`. Raises BlobMissing."""
        async for piece in store().read(self.row.version, start=start, end=end):
            yield piece


async def put_object(
    actor: Actor,
    new: NewFile,
    pieces: AsyncIterator[bytes],
    *,
    announced_size: int | None = None,
    complete: Callable[[NewFile], NewFile] | None = None,
) -> StoredObject:
    """Store a file and return its row, which is there once its bytes are durable.

    A form may say after the file what is noted with it: `complete` adds that at the end.

    Raises: StorageError for a bad name, an unknown bucket, a type or size that the bucket refuses;
    asyncpg.PostgresError when no policy lets the actor, or the name is taken.
    """
    check_object_name(new.place.name)
    bucket = await get_bucket(Root(), new.place.bucket_id)
    most_bytes = _most_bytes(bucket)
    if announced_size is not None and announced_size > most_bytes:
        raise too_large()
    if new.mime_type is not None and not is_allowed(new.mime_type, bucket.allowed_mime_types):
        raise wrong_type(new.mime_type)
    await check_upload(actor, new)
    counted = Inspected(pieces, most_bytes=most_bytes, new=new, allowed=bucket.allowed_mime_types)
    written = await store().write(counted.checked())
    new = complete(new) if complete else new
    metadata = counted.describe(written, new)
    return await _note(actor, new, written.name, metadata)


async def check_upload(actor: Actor, new: NewFile) -> None:
    """Ask whether the actor might store this, and leave nothing. Raises as `put_object`."""
    check_object_name(new.place.name)
    try:
        async with runtime.acting_as(actor) as tx:
            await _write_row(tx, new, version="", metadata={})
            raise _Undone
    except _Undone:
        return


async def open_object(actor: Actor, place: Place) -> OpenObject:
    """Return an object to read; everybody reads those of public buckets. Raises StorageError."""
    check_object_name(place.name)
    bucket = await get_bucket(Root(), place.bucket_id)
    row = await _find_row(Root() if bucket.public else actor, place)
    return OpenObject(row, is_public=bucket.public)


async def open_public_object(place: Place) -> OpenObject:
    """Return an object of a public bucket. Raises StorageError."""
    bucket = await get_bucket(Root(), place.bucket_id)
    if not bucket.public:
        raise no_such_bucket()
    return OpenObject(await _find_row(Root(), place), is_public=True)


async def open_signed_object(place: Place) -> OpenObject:
    """Return an object to whoever has a signed address, which was verified. Raises StorageError."""
    return OpenObject(await _find_row(Root(), place), is_public=False)


async def get_object(actor: Actor, place: Place) -> StoredObject:
    """Return an object's row. Raises StorageError when the actor sees none."""
    return await _find_row(actor, place)


async def find_names(actor: Actor, bucket_id: str, names: Sequence[str]) -> set[str]:
    """Return those of the names that are objects which the actor sees."""
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await queries.find_names(tx, bucket_id=bucket_id, names=names)


async def list_objects(actor: Actor, bucket_id: str, options: ListOptions) -> list[ListedEntry]:
    """Return what lies directly in a folder, folders first."""
    prefix = options.prefix.lstrip("/")
    folder = f"{prefix}/" if prefix and not prefix.endswith("/") else prefix
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await queries.list_level(
            tx, bucket_id=bucket_id, options=replace(options, prefix=folder)
        )


async def list_page(
    actor: Actor, bucket_id: str, options: ListOptions, *, after: str, by_folder: bool
) -> ListedPage:
    """Return a page of a listing by cursor; `after` is the last name, or how many were shown."""
    wanted = replace(options, limit=options.limit + 1)
    by_name = options.sort == "name" and not options.descending
    if not by_name:
        wanted = replace(wanted, offset=int(after or 0))
    async with runtime.acting_as(actor, readonly=True) as tx:
        if by_folder and by_name:
            found = await queries.list_level_after(
                tx, bucket_id=bucket_id, prefix=options.prefix, after=after, limit=wanted.limit
            )
        elif by_folder:
            level = await queries.list_level(tx, bucket_id=bucket_id, options=wanted)
            found = [_whole(options.prefix, each) for each in level]
        elif by_name and after:
            found = await queries.list_flat_after(
                tx, bucket_id=bucket_id, prefix=options.prefix, after=after, limit=wanted.limit
            )
        else:
            found = await queries.list_flat(tx, bucket_id=bucket_id, options=wanted)
    page, has_next = found[: options.limit], len(found) > options.limit
    cursor = page[-1].name if by_name and page else str(wanted.offset + len(page))
    return ListedPage(
        folders=[each for each in page if each.id is None],
        objects=[each for each in page if each.id is not None],
        next_cursor=cursor if has_next else None,
    )


async def move_object(
    actor: Actor, source: Place, target: Place, *, owner_id: str | None
) -> StoredObject:
    """Rename an object, also into another bucket; its bytes stay where they are.

    Raises: StorageError, asyncpg.PostgresError as `put_object`.
    """
    check_object_name(target.name)
    row = await _find_row(actor, source)
    if source == target:
        return row
    await _check_fits(target.bucket_id, row)
    async with runtime.acting_as(actor) as tx:
        await queries.lock_name(tx, place=target)
        held = await queries.lock_object(tx, place=source)
        if held is None:
            raise denied()
        moved = await queries.move_object(tx, object_id=held.id, place=target, owner_id=owner_id)
        if moved is None:
            raise denied()
    return moved


async def copy_object(
    actor: Actor,
    source: Place,
    new: NewFile,
    *,
    replaced_metadata: Mapping[str, Any] | None = None,
) -> StoredObject:
    """Store the bytes of an object once more under another name, also in another bucket.

    `replaced_metadata` (mimetype, cacheControl) takes the place of what the object has; then the
    uploader's notes are the new file's.

    Raises: StorageError, asyncpg.PostgresError as `put_object`.
    """
    check_object_name(new.place.name)
    row = (await open_object(actor, source)).row
    metadata = {**row.metadata, **(replaced_metadata or {}), "lastModified": now()}
    await _check_fits(new.place.bucket_id, replace(row, metadata=metadata))
    await check_upload(actor, new)
    if replaced_metadata is None:
        new = replace(new, user_metadata=row.user_metadata)
    version = await store().copy(row.version)
    return await _note(actor, new, version, metadata)


async def delete_objects(actor: Actor, bucket_id: str, names: Sequence[str]) -> list[StoredObject]:
    """Delete the objects that the actor may delete and return them; the others stay, unsaid."""
    async with runtime.acting_as(actor) as tx:
        deleted = await queries.delete_objects(tx, bucket_id=bucket_id, names=names)
    await forget([row.version for row in deleted])
    return deleted


async def delete_object(actor: Actor, place: Place) -> None:
    """Delete one object. Raises StorageError when there is none that the actor may delete."""
    if not await delete_objects(actor, place.bucket_id, [place.name]):
        raise no_such_object()


async def sweep(*, age: timedelta = SWEEP_AGE) -> int:
    """Delete bytes that no object holds and that are older than `age`; return how many.

    They are left by uploads whose process died before the row, by deletions that died after it.
    """
    blobs, before = store(), datetime.now(UTC) - age
    swept = await blobs.clear_unfinished(before=before)
    async for found in blobs.list():
        old = [each.name for each in found if each.changed_at < before]
        if not old:
            continue
        async with runtime.acting_as(Root(), readonly=True) as tx:
            held = await queries.find_held_versions(tx, versions=old)
        orphans = [name for name in old if name not in held]
        await blobs.delete(orphans)
        swept += len(orphans)
    return swept


async def _note(
    actor: Actor, new: NewFile, version: str, metadata: Mapping[str, Any]
) -> StoredObject:
    """Write the row of bytes that are durable; forget them when that is refused."""
    try:
        async with runtime.acting_as(actor) as tx:
            row, replaced = await _write_row(tx, new, version=version, metadata=metadata)
    except Exception:
        await forget([version])
        raise
    await forget([replaced] if replaced else [])
    return row


async def _write_row(
    tx: Tx, new: NewFile, *, version: str, metadata: Mapping[str, Any]
) -> tuple[StoredObject, str | None]:
    """Insert the row, or update it where that was asked; return it and the version it had."""
    noted: dict[str, Any] = {
        "owner_id": new.owner_id,
        "version": version,
        "metadata": metadata,
        "user_metadata": new.user_metadata,
    }
    held = None
    if new.is_upsert:
        await queries.lock_name(tx, place=new.place)
        held = await queries.lock_object(tx, place=new.place)
    if held is None:
        return await queries.insert_object(tx, place=new.place, **noted), None
    row = await queries.update_object(tx, object_id=held.id, **noted)
    if row is None:
        raise denied()
    return row, held.version


async def _find_row(actor: Actor, place: Place) -> StoredObject:
    check_object_name(place.name)
    async with runtime.acting_as(actor, readonly=True) as tx:
        found = await queries.find_object(tx, place=place)
    if found is None:
        raise no_such_object()
    return found


async def _check_fits(bucket_id: str, row: StoredObject) -> None:
    """Raises StorageError when a bucket takes no file of this size and type."""
    bucket = await get_bucket(Root(), bucket_id)
    if row.size > _most_bytes(bucket):
        raise too_large()
    for mime_type in (row.mime_type, row.metadata.get("detectedType")):
        if mime_type and not is_allowed(mime_type, bucket.allowed_mime_types):
            raise wrong_type(mime_type)


def _most_bytes(bucket: Bucket) -> int:
    most_bytes = runtime.current().files.most_bytes
    return min(most_bytes, bucket.file_size_limit or most_bytes)


def _whole(prefix: str, entry: ListedEntry) -> ListedEntry:
    """Return an entry of a level under its whole name; a folder's ends in a slash."""
    return replace(entry, name=f"{prefix}{entry.name}{'' if entry.id else '/'}")
