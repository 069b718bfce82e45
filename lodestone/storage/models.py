"""Buckets, objects, and what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket with its limits; sizes in bytes."""

    id: str
    name: str
    owner_id: str | None
    public: bool
    file_size_limit: int | None
    allowed_mime_types: list[str] | None
    type: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's row; `version` names its bytes."""

    id: UUID
    bucket_id: str
    name: str
    version: str
    owner_id: str | None
    metadata: dict[str, Any]
    user_metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return int(self.metadata.get("size") or 0)

    @property
    def mime_type(self) -> str:
        """Return the type that the uploader declared."""
        return str(self.metadata.get("mimetype") or "application/octet-stream")

    @property
    def etag(self) -> str:
        """Return the entity tag, in its quotes."""
        return str(self.metadata.get("eTag") or f'"{self.version}"')

    @property
    def cache_control(self) -> str:
        """Return how long browsers may keep it, as a header."""
        return str(self.metadata.get("cacheControl") or "no-cache")


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """What a folder shows: an object, or a folder, which has no id."""

    name: str
    id: UUID | None
    created_at: datetime | None
    updated_at: datetime | None
    last_accessed_at: datetime | None
    metadata: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is or goes."""

    bucket_id: str
    name: str


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be stored: its declared type and what is noted with it."""

    place: Place
    mime_type: str | None = None
    cache_control: str = "no-cache"
    user_metadata: Mapping[str, Any] | None = None
    is_upsert: bool = False
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What part of a folder is asked for, and in which order."""

    prefix: str = ""
    search: str = ""
    limit: int = 100
    offset: int = 0
    sort: str = "name"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One page of a listing by cursor; folders end in a slash."""

    folders: list[ListedEntry] = field(default_factory=list)
    objects: list[ListedEntry] = field(default_factory=list)
    next_cursor: str | None = None
