"""Files of a workspace, for the screens and for the other rooms.

Another room keeps a picture in three lines:

    place = files.place(user_id, f"avatars/{user_id}.png", public=True)
    await files.put_file(actor, place, content, mime_type="image/png")
    address = files.public_address(place)

Calls open transactions of their own, since bytes flow between them; none takes a `tx`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from lodestone.domains.files.models import BucketForm, Entry
from lodestone.domains.files.rules import other_names, tidy_name
from lodestone.platform import runtime
from lodestone.platform.actors import Actor, Root
from lodestone.storage import buckets, objects, queries, signing
from lodestone.storage.models import Bucket, ListOptions, NewFile, Place, StoredObject
from lodestone.storage.names import read_mime_types

PRIVATE_BUCKET = "files"
PUBLIC_BUCKET = "assets"
MOST_LISTED = 1_000
PREVIEW_BYTES = 20_000

_ADDRESS = "/storage/v1/object"


def place(owner_id: UUID, path: str, *, public: bool = False) -> Place:
    """Return where a file of a person or team lies."""
    return Place(PUBLIC_BUCKET if public else PRIVATE_BUCKET, f"{owner_id}/{path}")


async def put_file(
    actor: Actor,
    where: Place,
    content: bytes | AsyncIterator[bytes],
    *,
    mime_type: str,
    cache_seconds: int = 3_600,
) -> StoredObject:
    """Store a file in place of what was there. Raises as `storage.objects.put_object`."""
    subject = actor.claims().get("sub")
    new = NewFile(
        where,
        mime_type=mime_type,
        cache_control=f"max-age={cache_seconds}",
        is_upsert=True,
        owner_id=str(subject) if subject else None,
    )
    pieces = _once(content) if isinstance(content, bytes) else content
    return await objects.put_object(actor, new, pieces)


async def read_file(actor: Actor, where: Place, *, most_bytes: int | None = None) -> bytes:
    """Return a file, or its beginning. Raises StorageError when the actor sees none."""
    opened = await objects.open_object(actor, where)
    end = opened.row.size if most_bytes is None else min(opened.row.size, most_bytes)
    return b"".join([piece async for piece in opened.read(0, end)])


async def open_file(actor: Actor, where: Place) -> objects.OpenObject:
    """Return a file to be answered. Raises StorageError when the actor sees none."""
    return await objects.open_object(actor, where)


def public_address(where: Place) -> str:
    """Return the address of a file in a public bucket, for everybody."""
    return (
        f"{runtime.current().base_url}{_ADDRESS}/public/{quote(f'{where.bucket_id}/{where.name}')}"
    )


async def signed_address(actor: Actor, where: Place, *, seconds: int) -> str:
    """Return an address that opens a file for a while. Raises StorageError."""
    await objects.open_object(actor, where)
    token = signing.sign_download(where, seconds=seconds)
    path = quote(f"{where.bucket_id}/{where.name}")
    return f"{runtime.current().base_url}{_ADDRESS}/sign/{path}?token={token}"


async def list_buckets(actor: Actor) -> list[Bucket]:
    """Return the buckets in which the actor's workspaces have a folder."""
    async with runtime.acting_as(actor, readonly=True) as tx:
        with_folders = set(await queries.list_folder_buckets(tx))
    found = await buckets.list_buckets(actor)
    ordered = sorted(found, key=lambda each: (each.id != PRIVATE_BUCKET, each.public, each.id))
    return [each for each in ordered if each.id in with_folders]


async def list_folder(
    actor: Actor,
    bucket_id: str,
    owner_id: UUID,
    folder: str,
    *,
    search: str,
    sort: str,
    descending: bool,
) -> list[Entry]:
    """Return what lies in a folder of a workspace, folders first; at most MOST_LISTED."""
    root = f"{owner_id}/{folder}/" if folder else f"{owner_id}/"
    options = ListOptions(
        prefix=root, search=search, limit=MOST_LISTED, sort=sort, descending=descending
    )
    found = await objects.list_objects(actor, bucket_id, options)
    inside = f"{folder}/" if folder else ""
    return [
        Entry(
            path=f"{inside}{each.name}{'' if each.id else '/'}",
            name=each.name,
            is_folder=each.id is None,
            size=(each.metadata or {}).get("size"),
            mime_type=(each.metadata or {}).get("mimetype"),
            updated_at=each.updated_at,
            detected_type=(each.metadata or {}).get("detectedType"),
        )
        for each in found
    ]


async def free_place(actor: Actor, bucket_id: str, owner_id: UUID, folder: str, name: str) -> Place:
    """Return where a file of this name goes without replacing another."""
    root = f"{owner_id}/{folder}/" if folder else f"{owner_id}/"
    tried = [f"{root}{each}" for each in other_names(tidy_name(name))]
    taken = await objects.find_names(actor, bucket_id, tried)
    return Place(bucket_id, next((each for each in tried if each not in taken), tried[-1]))


async def delete_files(actor: Actor, bucket_id: str, owner_id: UUID, paths: Sequence[str]) -> int:
    """Delete files, and folders (whose path ends in a slash) with all that is in them."""
    names = [f"{owner_id}/{path}" for path in paths if not path.endswith("/")]
    deleted = len(await objects.delete_objects(actor, bucket_id, names)) if names else 0
    for path in paths:
        if path.endswith("/"):
            deleted += await _delete_below(actor, bucket_id, f"{owner_id}/{path}")
    return deleted


async def _delete_below(actor: Actor, bucket_id: str, prefix: str) -> int:
    options, deleted = ListOptions(prefix=prefix, limit=MOST_LISTED), 0
    while True:
        page = await objects.list_page(actor, bucket_id, options, after="", by_folder=False)
        names = [each.name for each in page.objects]
        gone = await objects.delete_objects(actor, bucket_id, names) if names else []
        deleted += len(gone)
        if not gone:
            return deleted


async def list_all_buckets(actor: Actor) -> list[dict[str, Any]]:
    """Return every bucket with how much is in it. The caller makes sure of an administrator."""
    found = await buckets.list_buckets(actor)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        with_folders = set(await queries.list_folder_buckets(tx))
        counted = {each.id: await queries.count_objects(tx, bucket_id=each.id) for each in found}
    return [
        {
            "id": each.id,
            "public": each.public,
            "limit": each.file_size_limit,
            "types": each.allowed_mime_types,
            "has_folders": each.id in with_folders,
            "objects": counted[each.id][0],
            "bytes": counted[each.id][1],
            "created_at": each.created_at,
        }
        for each in found
    ]


async def get_bucket(actor: Actor, bucket_id: str) -> Bucket:
    """Return a bucket. Raises StorageError when the actor sees none."""
    return await buckets.get_bucket(actor, bucket_id)


async def save_bucket(actor: Actor, given: BucketForm, *, bucket_id: str | None) -> str:
    """Make a bucket, or change one, as an administrator; return its id.

    Raises: StorageError for a bad name, asyncpg.PostgresError when it is taken or refused.
    """
    limit = None if given.most_megabytes is None else given.most_megabytes * 1_000_000
    types = read_mime_types(given.types or None)
    chosen = bucket_id or given.name
    if bucket_id is None:
        owner_id = str(actor.claims()["sub"])
        await buckets.create_bucket(
            actor,
            chosen,
            owner_id=owner_id,
            public=given.public,
            file_size_limit=limit,
            allowed_mime_types=types,
        )
    else:
        limits = {"file_size_limit": limit, "allowed_mime_types": types}
        await buckets.update_bucket(actor, chosen, public=given.public, limits=limits)
    await buckets.set_bucket_folders(chosen, has_folders=given.has_folders)
    return chosen


async def delete_bucket(actor: Actor, bucket_id: str) -> None:
    """Delete an empty bucket as an administrator. Raises as `storage.buckets.delete_bucket`."""
    await buckets.delete_bucket(actor, bucket_id)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
