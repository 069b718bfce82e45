"""What the screens and the other rooms say about files."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator

THUMBNAIL_BYTES = 500_000


class Entry(BaseModel):
    """A file or a folder in a listing; `path` is its name inside the workspace's folder."""

    path: str
    name: str
    is_folder: bool
    size: int | None
    mime_type: str | None
    updated_at: datetime | None
    detected_type: str | None

    @property
    def id(self) -> str:
        """Return what a form names it by."""
        return self.path

    @property
    def has_thumbnail(self) -> bool:
        """Say whether a list may show the picture itself: it is one, and small."""
        is_picture = (self.mime_type or "").startswith("image/")
        return is_picture and not self.detected_type and (self.size or 0) < THUMBNAIL_BYTES


class BucketForm(BaseModel):
    """What an administrator chooses for a bucket."""

    name: str = Field(default="", max_length=100)
    public: bool = False
    has_folders: bool = False
    most_megabytes: int | None = Field(default=None, ge=1, le=5_000_000)
    types: list[str] = []

    @field_validator("most_megabytes", mode="before")
    @classmethod
    def _absent(cls, given: object) -> object:
        return None if given == "" else given

    @field_validator("types", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return given.replace(",", " ").split() if isinstance(given, str) else given

    @model_validator(mode="after")
    def _plain(self) -> Self:
        if any(each.count("/") != 1 for each in self.types):
            raise ValueError("Write types like image/png or image/*.")
        return self
