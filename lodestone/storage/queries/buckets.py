"""The SQL of buckets."""

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.platform.database import Tx
from lodestone.storage.models import Bucket

_BUCKET = """
    id, name, coalesce(owner_id, owner::text) as owner_id, coalesce(public, false) as public,
    file_size_limit, allowed_mime_types, type::text as type, created_at, updated_at
"""

_BUCKET_ORDER = {
    "id": 'id collate "C"',
    "name": 'name collate "C"',
    "created_at": "created_at",
    "updated_at": "updated_at",
}
_DIRECTION = {False: "asc", True: "desc"}
BUCKET_SORTS = tuple(_BUCKET_ORDER)


async def find_bucket(tx: Tx, *, bucket_id: str) -> Bucket | None:
    """Return a bucket, None when there is none to see."""
    row = await tx.fetchrow(f"select {_BUCKET} from storage.buckets where id = $1", bucket_id)
    return None if row is None else Bucket(**row)


async def list_buckets(
    tx: Tx, *, search: str, limit: int, offset: int, sort: str, descending: bool
) -> list[Bucket]:
    """Return buckets whose id starts with the search."""
    rows = await tx.fetch(
        f"""
        select {_BUCKET} from storage.buckets
        where $1 = '' or starts_with(lower(id), lower($1))
        order by {_BUCKET_ORDER[sort]} {_DIRECTION[descending]}, id
        limit $2 offset $3
        """,
        search,
        limit,
        offset,
    )
    return [Bucket(**row) for row in rows]


async def insert_bucket(
    tx: Tx,
    *,
    bucket_id: str,
    owner_id: str | None,
    public: bool,
    file_size_limit: int | None,
    allowed_mime_types: Sequence[str] | None,
) -> None:
    """Make a bucket."""
    await tx.execute(
        """
        insert into storage.buckets
            (id, name, owner_id, public, file_size_limit, allowed_mime_types)
        values ($1, $1, $2, $3, $4, $5)
        """,
        bucket_id,
        owner_id,
        public,
        file_size_limit,
        allowed_mime_types,
    )


async def update_bucket(
    tx: Tx,
    *,
    bucket_id: str,
    public: bool | None,
    limits: Mapping[str, Any],
) -> bool:
    """Change what is given, and say whether there was a bucket to change."""
    changed = await tx.fetchval(
        """
        update storage.buckets set
            public = coalesce($2, public),
            file_size_limit = case when $3 then $4 else file_size_limit end,
            allowed_mime_types = case when $5 then $6 else allowed_mime_types end
        where id = $1
        returning true
        """,
        bucket_id,
        public,
        "file_size_limit" in limits,
        limits.get("file_size_limit"),
        "allowed_mime_types" in limits,
        limits.get("allowed_mime_types"),
    )
    return bool(changed)


async def delete_bucket(tx: Tx, *, bucket_id: str) -> bool:
    """Delete an empty bucket, and say whether there was one to delete."""
    await allow_deletes(tx)
    found = await tx.fetchval("delete from storage.buckets where id = $1 returning true", bucket_id)
    return bool(found)


async def delete_bucket_folders(tx: Tx, *, bucket_id: str) -> None:
    """Forget that people have folders of their own in a bucket."""
    await tx.execute("delete from access.bucket_folders where bucket_id = $1", bucket_id)


async def insert_bucket_folders(tx: Tx, *, bucket_id: str) -> None:
    """Give people and teams folders of their own in a bucket."""
    await tx.execute(
        "insert into access.bucket_folders (bucket_id) values ($1) on conflict do nothing",
        bucket_id,
    )


async def list_folder_buckets(tx: Tx) -> list[str]:
    """Return the buckets in which people and teams have folders of their own."""
    found: list[str] = await tx.fetchval("select access.folder_bucket_ids()")
    return found


async def allow_deletes(tx: Tx) -> None:
    """Tell Supabase's trigger that whoever deletes rows sees to the bytes as well."""
    await tx.execute("select set_config('storage.allow_delete_query', 'true', true)")
