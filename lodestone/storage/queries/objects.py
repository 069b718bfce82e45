"""The SQL of objects, one or some by name."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx, fetch_one
from lodestone.storage.models import Place, StoredObject
from lodestone.storage.queries.buckets import allow_deletes

_OBJECT = """
    o.id, o.bucket_id, o.name, coalesce(o.version, '') as version,
    coalesce(o.owner_id, o.owner::text) as owner_id, coalesce(o.metadata, '{}') as metadata,
    o.user_metadata, o.created_at, o.updated_at, o.last_accessed_at
"""


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
    await allow_deletes(tx)
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
    await allow_deletes(tx)
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


def _as_uuid(owner_id: str | None) -> UUID | None:
    """Return an owner for the older column, which holds no other ids."""
    try:
        return UUID(owner_id or "")
    except ValueError:
        return None
