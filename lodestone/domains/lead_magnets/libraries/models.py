"""What libraries and their items take and give."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

DEFAULT_ICON = "📚"
DEFAULT_DAYS = 14

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
Icon = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,100}$")]


class AssetType(StrEnum):
    """What an item is."""

    LEAD_MAGNET = "lead_magnet"
    EXTERNAL_RESOURCE = "external_resource"


class LibraryCreate(BaseModel):
    """A new library; its slug is made of its name."""

    name: Name
    description: Description = ""
    icon: Icon = DEFAULT_ICON
    auto_feature_days: Annotated[int, Field(ge=0, le=365)] = DEFAULT_DAYS


class LibraryUpdate(LibraryCreate):
    """A library as its form gives it."""

    slug: Slug


class LibraryPatch(BaseModel):
    """A change of a library: absent or null means unchanged."""

    name: Name | None = None
    description: Description | None = None
    icon: Icon | None = None
    auto_feature_days: Annotated[int, Field(ge=0, le=365)] | None = None
    slug: Slug | None = None


class Library(BaseModel):
    """A stored library; `funnel_page_id` is the page that gives it away, if there is one."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    name: str
    description: str | None
    icon: str | None
    slug: str
    auto_feature_days: int
    created_at: datetime
    updated_at: datetime
    items: int = 0
    funnel_page_id: UUID | None = None
    is_published: bool = False


class ItemAdd(BaseModel):
    """What to put into a library."""

    asset_type: AssetType
    asset_id: UUID


class ItemPlace(BaseModel):
    """Where an item is to stand among the others."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    sort_order: int = Field(alias="sortOrder")


class ItemUpdate(BaseModel):
    """A change of an item."""

    is_featured: bool


class LibraryItem(BaseModel):
    """An item with what stands behind it.

    `username` and `slug` are those of the published page that gives a magnet away, None without
    one: such a magnet is not shown to visitors.
    """

    id: UUID
    asset_type: AssetType
    lead_magnet_id: UUID | None
    external_resource_id: UUID | None
    title: str
    description: str | None
    icon: str | None
    is_featured: bool
    added_at: datetime
    username: str | None = None
    slug: str | None = None
    click_count: int | None = None

    @property
    def is_shown(self) -> bool:
        """Whether visitors see it: links always, magnets once a published page gives them."""
        return self.asset_type is AssetType.EXTERNAL_RESOURCE or bool(self.username and self.slug)

    def is_new(self, *, now: datetime, days: int) -> bool:
        """Whether it was added less than so many days ago."""
        return self.added_at > now - timedelta(days=days)


class Candidate(BaseModel):
    """Something of the workspace that is not in a library yet."""

    id: UUID
    asset_type: AssetType
    title: str


class ShownItem(BaseModel):
    """A line of the public page; `path` is where it leads, on the product's own host."""

    title: str
    description: str | None
    icon: str
    path: str
    is_featured: bool
    is_new: bool


class ShownLibrary(BaseModel):
    """A library as visitors see it: what is featured or new, then the rest, each in its order."""

    name: str
    description: str | None
    icon: str
    first: list[ShownItem]
    rest: list[ShownItem]

    @property
    def count(self) -> int:
        """Return how many things there are."""
        return len(self.first) + len(self.rest)
