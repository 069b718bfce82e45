"""Buckets: named places for files, each with its limits."""

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.platform import runtime
from lodestone.platform.actors import Actor, Root
from lodestone.storage import queries
from lodestone.storage.blobs import forget
from lodestone.storage.errors import no_such_bucket
from lodestone.storage.models import Bucket
from lodestone.storage.names import check_bucket_name

_EMPTIED_AT_A_TIME = 1_000


async def get_bucket(actor: Actor, bucket_id: str) -> Bucket:
    """Return a bucket. Raises StorageError when the actor sees none."""
    async with runtime.acting_as(actor, readonly=True) as tx:
        found = await queries.find_bucket(tx, bucket_id=bucket_id)
    if found is None:
        raise no_such_bucket()
    return found


async def list_buckets(
    actor: Actor,
    *,
    search: str = "",
    limit: int = 1_000,
    offset: int = 0,
    sort: str = "id",
    descending: bool = False,
) -> list[Bucket]:
    """Return the buckets that the actor sees."""
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await queries.list_buckets(
            tx, search=search, limit=limit, offset=offset, sort=sort, descending=descending
        )


async def create_bucket(
    actor: Actor,
    bucket_id: str,
    *,
    owner_id: str | None,
    public: bool = False,
    file_size_limit: int | None = None,
    allowed_mime_types: Sequence[str] | None = None,
    has_folders: bool = False,
) -> None:
    """Make a bucket; with `has_folders` people and teams get a folder of their own in it.

    Raises: StorageError for a bad name, asyncpg.PostgresError when it is taken or refused.
    """
    check_bucket_name(bucket_id)
    async with runtime.acting_as(actor) as tx:
        await queries.insert_bucket(
            tx,
            bucket_id=bucket_id,
            owner_id=owner_id,
            public=public,
            file_size_limit=file_size_limit,
            allowed_mime_types=allowed_mime_types,
        )
    if has_folders:
        await set_bucket_folders(bucket_id, has_folders=True)


async def set_bucket_folders(bucket_id: str, *, has_folders: bool) -> None:
    """Give people and teams folders of their own in a bucket, or take them away.

    The caller has made sure that whoever asks is an administrator.
    """
    async with runtime.acting_as(Root()) as tx:
        if has_folders:
            await queries.insert_bucket_folders(tx, bucket_id=bucket_id)
        else:
            await queries.delete_bucket_folders(tx, bucket_id=bucket_id)


async def update_bucket(
    actor: Actor, bucket_id: str, *, public: bool | None, limits: Mapping[str, Any]
) -> None:
    """Change what is given of a bucket; a limit that is None is lifted. Raises StorageError."""
    async with runtime.acting_as(actor) as tx:
        if not await queries.update_bucket(tx, bucket_id=bucket_id, public=public, limits=limits):
            raise no_such_bucket()


async def empty_bucket(actor: Actor, bucket_id: str) -> None:
    """Delete every object of a bucket that the actor may delete. Raises StorageError."""
    await get_bucket(actor, bucket_id)
    while True:
        async with runtime.acting_as(actor) as tx:
            versions = await queries.delete_some_objects(
                tx, bucket_id=bucket_id, limit=_EMPTIED_AT_A_TIME
            )
        if not versions:
            return
        await forget(versions)


async def delete_bucket(actor: Actor, bucket_id: str) -> None:
    """Delete an empty bucket.

    Raises: StorageError when the actor sees none, asyncpg.PostgresError when objects are in it.
    """
    async with runtime.acting_as(actor) as tx:
        if not await queries.delete_bucket(tx, bucket_id=bucket_id):
            raise no_such_bucket()
    # A bucket of the same name that is made later starts without them.
    await set_bucket_folders(bucket_id, has_folders=False)
