"""Buckets and objects as the clients read them in JSON."""

from datetime import UTC, datetime
from typing import Any

from lodestone.storage.models import Bucket, ListedEntry, StoredObject


def bucket(row: Bucket) -> dict[str, Any]:
    """Return a bucket; one without an owner has an empty one, which older clients insist on."""
    return {
        "id": row.id,
        "name": row.name,
        "owner": row.owner_id or "",
        "public": row.public,
        "type": row.type,
        "file_size_limit": row.file_size_limit,
        "allowed_mime_types": row.allowed_mime_types,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
    }


def info(row: StoredObject) -> dict[str, Any]:
    """Return what there is to know about an object."""
    return {
        "id": str(row.id),
        "name": row.name,
        "version": row.version,
        "bucket_id": row.bucket_id,
        "size": row.size,
        "content_type": row.mime_type,
        "cache_control": row.cache_control,
        "etag": row.etag,
        "metadata": row.user_metadata,
        "last_modified": time(row.updated_at),
        "created_at": time(row.created_at),
    }


def removed(row: StoredObject) -> dict[str, Any]:
    """Return an object that is gone."""
    return {
        "id": str(row.id),
        "name": row.name,
        "bucket_id": row.bucket_id,
        "owner": row.owner_id or "",
        "owner_id": row.owner_id,
        "version": row.version,
        "metadata": row.metadata,
        "user_metadata": row.user_metadata,
        "created_at": time(row.created_at),
        "updated_at": time(row.updated_at),
        "last_accessed_at": time(row.last_accessed_at),
    }


def listed(entry: ListedEntry) -> dict[str, Any]:
    """Return an entry of a folder; a folder itself has a name and nothing else."""
    return {
        "name": entry.name,
        "id": None if entry.id is None else str(entry.id),
        "updated_at": time(entry.updated_at),
        "created_at": time(entry.created_at),
        "last_accessed_at": time(entry.last_accessed_at),
        "metadata": entry.metadata,
    }


def time(at: datetime | None) -> str | None:
    """Return a time as JavaScript writes it."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
