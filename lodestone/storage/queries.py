"""The SQL of buckets and objects. Row-level security decides what each statement finds."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx, fetch_one
from lodestone.storage.models import Bucket, ListedEntry, ListOptions, Place, StoredObject

_BUCKET = """
    id, name, coalesce(owner_id, owner::text) as owner_id, coalesce(public, false) as public,
    file_size_limit, allowed_mime_types, type::text as type, created_at, updated_at
"""

_OBJECT = """
    o.id, o.bucket_id, o.name, coalesce(o.version, '') as version,
    coalesce(o.owner_id, o.owner::text) as owner_id, coalesce(o.metadata, '{}') as metadata,
    o.user_metadata, o.created_at, o.updated_at, o.last_accessed_at
"""

_BUCKET_ORDER = {
    "id": 'id collate "C"',
    "name": 'name collate "C"',
    "created_at": "created_at",
    "updated_at": "updated_at",
}
_DIRECTION = {False: "asc", True: "desc"}
BUCKET_SORTS = tuple(_BUCKET_ORDER)

# A folder's entries, one step of the index each, however much lies below them: after "a/b" comes
# what follows "a/", and "0" is the character after the slash.
_WALK = """
with recursive walk as (
    (
        select o.name from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" >= $2 and o.name collate "C" < $3
        order by o.name collate "C" limit 1
    )
    union all
    select (
        select o.name from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" < $3
            and o.name collate "C" >= case
                when strpos(substr(w.name, $4), '/') > 0
                then left(w.name, $4 + strpos(substr(w.name, $4), '/') - 2) || '0'
                else w.name || chr(1)
            end
        order by o.name collate "C" limit 1
    )
    from walk as w
    where w.name is not null
), entries as (
    select
        w.name as whole, strpos(substr(w.name, $4), '/') > 0 as is_folder,
        split_part(substr(w.name, $4), '/', 1) as segment
    from walk as w
    where w.name is not null
)
"""

_LEVEL_ORDER = {
    "name": 'e.segment collate "C"',
    "created_at": "o.created_at",
    "updated_at": "o.updated_at",
    "last_accessed_at": "o.last_accessed_at",
}
_FLAT_ORDER = {
    "name": 'o.name collate "C"',
    "created_at": "o.created_at",
    "updated_at": "o.updated_at",
}
LEVEL_SORTS = tuple(_LEVEL_ORDER)
FLAT_SORTS = tuple(_FLAT_ORDER)


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
    await _allow_deletes(tx)
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


async def lock_name(tx: Tx, *, place: Place) -> None:
    """Wait for whoever writes the same object."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{place.bucket_id}/{place.name}"
    )


async def find_object(tx: Tx, *, place: Place) -> StoredObject | None:
    """Return an object, None when there is none to see."""
    row = await tx.fetchrow(
        f"select {_OBJECT} from storage.objects as o where o.bucket_id = $1 and o.name = $2",
        place.bucket_id,
        place.name,
    )
    return None if row is None else StoredObject(**row)


async def lock_object(tx: Tx, *, place: Place) -> StoredObject | None:
    """Return an object that the caller may change, locked; None when there is none."""
    row = await tx.fetchrow(
        f"select {_OBJECT} from storage.objects as o where o.bucket_id = $1 and o.name = $2"
        " for update",
        place.bucket_id,
        place.name,
    )
    return None if row is None else StoredObject(**row)


async def find_names(tx: Tx, *, bucket_id: str, names: Sequence[str]) -> set[str]:
    """Return those of the names that are objects to see."""
    rows = await tx.fetch(
        "select o.name from storage.objects as o where o.bucket_id = $1 and o.name = any ($2)",
        bucket_id,
        list(names),
    )
    return {row["name"] for row in rows}


async def insert_object(
    tx: Tx,
    *,
    place: Place,
    owner_id: str | None,
    version: str,
    metadata: Mapping[str, Any],
    user_metadata: Mapping[str, Any] | None,
) -> StoredObject:
    """Note an object."""
    row = await fetch_one(
        tx,
        f"""
        insert into storage.objects as o
            (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
        values ($1, $2, $3::uuid, $4, $5, $6, $7)
        returning {_OBJECT}
        """,
        place.bucket_id,
        place.name,
        _as_uuid(owner_id),
        owner_id,
        version,
        metadata,
        user_metadata,
    )
    return StoredObject(**row)


async def update_object(
    tx: Tx,
    *,
    object_id: object,
    owner_id: str | None,
    version: str,
    metadata: Mapping[str, Any],
    user_metadata: Mapping[str, Any] | None,
) -> StoredObject | None:
    """Give an object new bytes; None when no policy lets the caller."""
    row = await tx.fetchrow(
        f"""
        update storage.objects as o set
            owner = $2::uuid, owner_id = $3, version = $4, metadata = $5, user_metadata = $6,
            last_accessed_at = now()
        where o.id = $1
        returning {_OBJECT}
        """,
        object_id,
        _as_uuid(owner_id),
        owner_id,
        version,
        metadata,
        user_metadata,
    )
    return None if row is None else StoredObject(**row)


async def move_object(
    tx: Tx, *, object_id: object, place: Place, owner_id: str | None
) -> StoredObject | None:
    """Rename an object, also into another bucket; None when no policy lets the caller."""
    row = await tx.fetchrow(
        f"""
        update storage.objects as o set
            bucket_id = $2, name = $3,
            owner = coalesce($4::uuid, o.owner), owner_id = coalesce($5, o.owner_id)
        where o.id = $1
        returning {_OBJECT}
        """,
        object_id,
        place.bucket_id,
        place.name,
        _as_uuid(owner_id),
        owner_id,
    )
    return None if row is None else StoredObject(**row)


async def delete_objects(tx: Tx, *, bucket_id: str, names: Sequence[str]) -> list[StoredObject]:
    """Delete objects by name and return those that there were."""
    await _allow_deletes(tx)
    rows = await tx.fetch(
        f"""
        delete from storage.objects as o where o.bucket_id = $1 and o.name = any ($2)
        returning {_OBJECT}
        """,
        bucket_id,
        list(names),
    )
    return [StoredObject(**row) for row in rows]


async def delete_some_objects(tx: Tx, *, bucket_id: str, limit: int) -> list[str]:
    """Delete some objects of a bucket and return their versions."""
    await _allow_deletes(tx)
    rows = await tx.fetch(
        """
        delete from storage.objects as o where o.id in (
            select e.id from storage.objects as e where e.bucket_id = $1 limit $2 for update
        )
        returning coalesce(o.version, '') as version
        """,
        bucket_id,
        limit,
    )
    return [row["version"] for row in rows]


async def list_level(tx: Tx, *, bucket_id: str, options: ListOptions) -> list[ListedEntry]:
    """Return what lies directly below a prefix, folders first."""
    rows = await tx.fetch(
        f"""{_WALK}
        select
            e.segment as name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from entries as e
        left join storage.objects as o
            on o.bucket_id = $1 and o.name = e.whole and not e.is_folder
        where $5 = '' or starts_with(lower(e.segment), lower($5))
        order by
            e.is_folder desc, {_LEVEL_ORDER[options.sort]} {_DIRECTION[options.descending]},
            e.segment collate "C" {_DIRECTION[options.descending]}
        limit $6 offset $7
        """,
        bucket_id,
        *_range(options.prefix),
        len(options.prefix) + 1,
        options.search,
        options.limit,
        options.offset,
    )
    return [ListedEntry(**row) for row in rows]


async def list_level_after(
    tx: Tx, *, bucket_id: str, prefix: str, after: str, limit: int
) -> list[ListedEntry]:
    """Return what lies directly below a prefix, by name, from where a page ended."""
    start, end = _range(prefix)
    # A folder's name ends in a slash: what follows it starts with the character after.
    beyond = f"{after[:-1]}0" if after.endswith("/") else f"{after}\x01"
    rows = await tx.fetch(
        f"""{_WALK}, page as (select * from entries limit $5)
        select
            case when e.is_folder then left(e.whole, $4 + length(e.segment)) else e.whole end
                as name,
            o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from page as e
        left join storage.objects as o
            on o.bucket_id = $1 and o.name = e.whole and not e.is_folder
        order by e.whole collate "C"
        """,
        bucket_id,
        max(start, beyond) if after else start,
        end,
        len(prefix) + 1,
        limit,
    )
    return [ListedEntry(**row) for row in rows]


async def list_flat_after(
    tx: Tx, *, bucket_id: str, prefix: str, after: str, limit: int
) -> list[ListedEntry]:
    """Return all objects below a prefix by their whole names, from where a page ended."""
    rows = await tx.fetch(
        """
        select o.name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" > $2 and o.name collate "C" < $3
        order by o.name collate "C"
        limit $4
        """,
        bucket_id,
        after,
        _range(prefix)[1],
        limit,
    )
    return [ListedEntry(**row) for row in rows]


async def list_flat(tx: Tx, *, bucket_id: str, options: ListOptions) -> list[ListedEntry]:
    """Return all objects below a prefix by their whole names, at any depth."""
    rows = await tx.fetch(
        f"""
        select o.name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" >= $2 and o.name collate "C" < $3
        order by
            {_FLAT_ORDER[options.sort]} {_DIRECTION[options.descending]},
            o.name collate "C" {_DIRECTION[options.descending]}
        limit $4 offset $5
        """,
        bucket_id,
        *_range(options.prefix),
        options.limit,
        options.offset,
    )
    return [ListedEntry(**row) for row in rows]


async def find_held_versions(tx: Tx, *, versions: Sequence[str]) -> set[str]:
    """Return those of the versions that an object still holds."""
    rows = await tx.fetch(
        "select o.version from storage.objects as o where o.version = any ($1)", list(versions)
    )
    return {row["version"] for row in rows}


async def count_objects(tx: Tx, *, bucket_id: str) -> tuple[int, int]:
    """Return how many objects the caller sees in a bucket, and their bytes."""
    row = await fetch_one(
        tx,
        "select count(*) as objects, coalesce(sum((o.metadata ->> 'size')::bigint), 0)::bigint"
        " as bytes from storage.objects as o where o.bucket_id = $1",
        bucket_id,
    )
    return row["objects"], row["bytes"]


async def _allow_deletes(tx: Tx) -> None:
    """Tell Supabase's trigger that whoever deletes rows sees to the bytes as well."""
    await tx.execute("select set_config('storage.allow_delete_query', 'true', true)")


def _range(prefix: str) -> tuple[str, str]:
    """Return the first name below a prefix and the first after, in the order of bytes."""
    return prefix, f"{prefix}\U0010ffff"


def _as_uuid(owner_id: str | None) -> UUID | None:
    """Return an owner for the older column, which holds no other ids."""
    try:
        return UUID(owner_id or "")
    except ValueError:
        return None
