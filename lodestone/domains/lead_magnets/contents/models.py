"""The layers of content as they are taken in: strict where a person edits, bounded everywhere."""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from lodestone.domains.lead_magnets.models import BlockType

MOST_SECTIONS = 100
MOST_BLOCKS = 300
MOST_BYTES = 1_000_000
"""Of the whole content as JSON."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Verbatim = Annotated[str, StringConstraints(max_length=50_000)]


def check_link(value: str) -> str:
    """Return a web address as it is, and "" for none yet. Raises ValueError for anything else."""
    parts = urlsplit(value)
    if value and (parts.scheme not in {"https", "http"} or not parts.hostname):
        raise ValueError("A web address starts with https://")
    return value


def check_picture(value: str) -> str:
    """Return the address of a picture, on the web or of this installation. Raises ValueError."""
    if value.startswith("/") and not value.startswith("//"):
        return value
    return check_link(value)


_Address = StringConstraints(strip_whitespace=True, max_length=2_000)
Link = Annotated[str, _Address, AfterValidator(check_link)]
Picture = Annotated[str, _Address, AfterValidator(check_picture)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class ContentItem(_Given):
    """A point that the author made, in three lengths."""

    headline: Line
    summary: Text = ""
    detail: Text = ""


class ExtractedSection(_Given):
    """A part of what the author said."""

    section_name: Name = Field(alias="sectionName")
    introduction: Text = ""
    contents: Annotated[list[Text | ContentItem], Field(max_length=MOST_BLOCKS)] = []
    key_takeaway: Text = Field(default="", alias="keyTakeaway")


class ExtractedContent(_Given):
    """What the author said, in order; the stored shape of `lead_magnets.extracted_content`."""

    title: Line = ""
    format: Line = ""
    structure: Annotated[list[ExtractedSection], Field(min_length=1, max_length=MOST_SECTIONS)]
    non_obvious_insight: Text = Field(default="", alias="nonObviousInsight")
    personal_experience: Text = Field(default="", alias="personalExperience")
    proof: Text = ""
    common_mistakes: list[Text] = Field(default=[], alias="commonMistakes", max_length=50)
    differentiation: Text = ""

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape."""
        return self.model_dump(mode="json", by_alias=True)


class Paragraph(_Given):
    """Running text."""

    type: Literal[BlockType.PARAGRAPH]
    content: Text = ""


class Callout(_Given):
    """A remark set apart."""

    type: Literal[BlockType.CALLOUT]
    style: Literal["info", "warning", "success"] = "info"
    title: Line | None = None
    content: Text = ""


class BulletList(_Given):
    """A list in Markdown, one item to a line."""

    type: Literal[BlockType.LIST]
    content: Text = ""


class Quote(_Given):
    """Somebody's words."""

    type: Literal[BlockType.QUOTE]
    content: Text = ""


class Divider(_Given):
    """A line between two thoughts."""

    type: Literal[BlockType.DIVIDER]


class Image(_Given):
    """A picture; without an address yet, it is left out of the page."""

    type: Literal[BlockType.IMAGE]
    src: Picture = ""
    alt: Line = ""
    caption: Line | None = None
    content: Text = ""


class Embed(_Given):
    """A video or a tool of another site."""

    type: Literal[BlockType.EMBED]
    url: Link = ""
    provider: Line | None = None
    title: Line | None = None
    content: Text = ""


class Code(_Given):
    """Text to copy as it is; the language "prompt" is for texts to a model."""

    type: Literal[BlockType.CODE]
    language: Line | None = None
    title: Line | None = None
    content: Verbatim = ""


class Table(_Given):
    """Rows below one line of headings."""

    type: Literal[BlockType.TABLE]
    headers: Annotated[list[Line], Field(max_length=20)] = []
    rows: Annotated[list[Annotated[list[Line], Field(max_length=20)]], Field(max_length=500)] = []
    content: Text = ""


class Accordion(_Given):
    """Text that opens below its title."""

    type: Literal[BlockType.ACCORDION]
    title: Line = ""
    content: Text = ""


class NumberedItem(_Given):
    """One of several, with its number."""

    type: Literal[BlockType.NUMBERED_ITEM]
    number: int | Line | None = None
    title: Line = ""
    content: Text = ""
    detail: Text | None = None
    category: Line | None = None


class StatCard(_Given):
    """One figure, in `title`, and what it means."""

    type: Literal[BlockType.STAT_CARD]
    title: Line = ""
    style: Literal["info", "warning", "success"] | None = None
    content: Text = ""


class ResourceCard(_Given):
    """One link, with a word about it."""

    type: Literal[BlockType.RESOURCE_CARD]
    title: Line = ""
    url: Link | None = None
    content: Text = ""


class ResourceItem(_Given):
    """One link of several."""

    title: Line = ""
    url: Link | None = None


class ResourceGrid(_Given):
    """Several links side by side."""

    type: Literal[BlockType.RESOURCE_GRID]
    items: Annotated[list[ResourceItem], Field(max_length=60)] = []
    content: Text = ""


GivenBlock = Annotated[
    Paragraph
    | Callout
    | BulletList
    | Quote
    | Divider
    | Image
    | Embed
    | Code
    | Table
    | Accordion
    | NumberedItem
    | StatCard
    | ResourceCard
    | ResourceGrid,
    Field(discriminator="type"),
]


class GivenSection(_Given):
    """A section as its editor sends it; without an id it gets one."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    section_name: Name = Field(alias="sectionName")
    introduction: Text = ""
    blocks: Annotated[list[GivenBlock], Field(max_length=MOST_BLOCKS)] = []
    key_takeaway: Text = Field(default="", alias="keyTakeaway")


class GivenContent(_Given):
    """The whole content as its editor sends it."""

    hero_summary: Text = Field(default="", alias="heroSummary")
    sections: Annotated[list[GivenSection], Field(min_length=1, max_length=MOST_SECTIONS)]

    @model_validator(mode="after")
    def _name_sections(self) -> Self:
        taken = {section.id for section in self.sections if section.id}
        seen: set[str] = set()
        number = 0
        for section in self.sections:
            if section.id and section.id not in seen:
                seen.add(section.id)
                continue
            while (candidate := f"section-{(number := number + 1)}") in taken | seen:
                continue
            section.id = candidate
            seen.add(candidate)
        return self


class ContentSave(_Given):
    """An edit: the whole content, and the version that it began with (0 when there was none)."""

    version: Annotated[int, Field(ge=0)]
    content: GivenContent


class PolishedDraft(_Given):
    """What polishing gives: the summary below the title, and sections of blocks."""

    hero_summary: Text = Field(default="", alias="heroSummary")
    sections: Annotated[list[GivenSection], Field(min_length=1, max_length=MOST_SECTIONS)]


class Saved(BaseModel):
    """What a save answers."""

    version: int
    word_count: int = Field(serialization_alias="wordCount")
    reading_time_minutes: int = Field(serialization_alias="readingTimeMinutes")


BLOCKS: TypeAdapter[GivenBlock] = TypeAdapter(GivenBlock)
