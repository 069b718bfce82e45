"""What a lead magnet is made of, and what its screens and endpoints take and return."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=500_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]


class Archetype(StrEnum):
    """The ten formats, with the values of the database's enum."""

    SINGLE_BREAKDOWN = "single-breakdown"
    SINGLE_SYSTEM = "single-system"
    FOCUSED_TOOLKIT = "focused-toolkit"
    SINGLE_CALCULATOR = "single-calculator"
    FOCUSED_DIRECTORY = "focused-directory"
    MINI_TRAINING = "mini-training"
    ONE_STORY = "one-story"
    PROMPT = "prompt"
    ASSESSMENT = "assessment"
    WORKFLOW = "workflow"

    @property
    def label(self) -> str:
        """Return the display name, such as "The Focused Toolkit"."""
        return "The " + self.value.replace("-", " ").title()


class LeadMagnetStatus(StrEnum):
    """Where a magnet stands, with the values of the database's enum."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    ARCHIVED = "archived"


class BlockType(StrEnum):
    """Every kind of block that content is made of."""

    PARAGRAPH = "paragraph"
    CALLOUT = "callout"
    LIST = "list"
    QUOTE = "quote"
    DIVIDER = "divider"
    IMAGE = "image"
    EMBED = "embed"
    CODE = "code"
    TABLE = "table"
    ACCORDION = "accordion"
    NUMBERED_ITEM = "numbered-item"
    STAT_CARD = "stat-card"
    RESOURCE_CARD = "resource-card"
    RESOURCE_GRID = "resource-grid"


class Block(BaseModel):
    """One block of a section. `content` is Markdown, save in code and tables.

    Which of the other fields a kind has is said by `contents.models`. Keys that stored content
    holds beside them are kept as they are.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    content: str = ""
    title: str | None = None
    style: str | None = None
    src: str | None = None
    alt: str | None = None
    caption: str | None = None
    url: str | None = None
    provider: str | None = None
    language: str | None = None
    headers: list[str] | None = None
    rows: list[list[str]] | None = None
    number: int | str | None = None
    detail: str | None = None
    category: str | None = None
    items: list[dict[str, Any]] | None = None


class Section(BaseModel):
    """A titled part of the content."""

    id: str
    section_name: str = Field(alias="sectionName")
    introduction: str = ""
    blocks: list[Block] = []
    key_takeaway: str = Field(default="", alias="keyTakeaway")

    model_config = ConfigDict(populate_by_name=True)


class ContentMetadata(BaseModel):
    """Length of the content: words, and minutes at 200 words a minute, at least one."""

    word_count: int = Field(alias="wordCount")
    reading_time_minutes: int = Field(alias="readingTimeMinutes")

    model_config = ConfigDict(populate_by_name=True)


class PolishedContent(BaseModel):
    """What a reader sees, in the shape of `lead_magnets.polished_content`."""

    version: int = 1
    polished_at: datetime | None = Field(default=None, alias="polishedAt")
    title: str | None = None
    hero_summary: str = Field(default="", alias="heroSummary")
    sections: list[Section] = []
    metadata: ContentMetadata

    model_config = ConfigDict(populate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape, with the keys that the old frontends read."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class LeadMagnetCreate(BaseModel):
    """A new magnet, written or pasted."""

    title: Title
    body: Body
    archetype: Archetype = Archetype.FOCUSED_TOOLKIT
    pain_point: Line | None = None
    target_audience: Line | None = None
    short_description: Line | None = None


class LeadMagnetUpdate(BaseModel):
    """A change: absent means unchanged, null means cleared."""

    title: Title | None = None
    body: Body | None = None
    archetype: Archetype | None = None
    pain_point: Line | None = None
    target_audience: Line | None = None
    short_description: Line | None = None


class LeadMagnet(BaseModel):
    """A stored magnet."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    title: str
    archetype: Archetype | None
    status: LeadMagnetStatus
    pain_point: str | None
    target_audience: str | None
    short_description: str | None
    external_url: str | None = None
    polished_content: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class LeadMagnetRow(BaseModel):
    """A line of the list, with what its funnel earned."""

    id: UUID
    title: str
    archetype: Archetype | None
    status: LeadMagnetStatus
    short_description: str | None
    updated_at: datetime
    funnel_page_id: UUID | None
    slug: str | None
    is_published: bool
    leads: int
    views: int
