"""Sections as they are stored, and the shape that each type's configuration has."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from lodestone.domains.funnels.embeds import check_picture_url, check_web_url

LOGOS, STEPS, STATS, FEATURES, VOICES = 20, 6, 4, 6, 6
FOLD = 50
"""Sections of a lower order stand above the form or the video, the others below."""
LAST = 999


def _text(most: int, *, least: int = 1) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=most)


Short = Annotated[str, _text(100)]
Title = Annotated[str, _text(200)]
Line = Annotated[str, _text(500)]
Icon = Annotated[str, _text(50)]
Picture = Annotated[str, _text(2000), AfterValidator(check_picture_url)]
Link = Annotated[str, _text(2000), AfterValidator(check_web_url)]


class SectionType(StrEnum):
    """What a section is."""

    HERO = "hero"
    LOGO_BAR = "logo_bar"
    STEPS = "steps"
    TESTIMONIAL = "testimonial"
    SOCIAL_PROOF_WALL = "social_proof_wall"
    STATS_BAR = "stats_bar"
    FEATURE_GRID = "feature_grid"
    MARKETING_BLOCK = "marketing_block"
    SECTION_BRIDGE = "section_bridge"


class Location(StrEnum):
    """The page that a section stands on."""

    OPTIN = "optin"
    THANKYOU = "thankyou"
    CONTENT = "content"


class Config(BaseModel):
    """A configuration; stored with the names that the data API has always used."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Logo(Config):
    """A customer's or a paper's mark."""

    name: Short
    image_url: Picture


class LogoBar(Config):
    """A row of marks."""

    logos: Annotated[list[Logo], Field(min_length=1, max_length=LOGOS)]


class Step(Config):
    """One step."""

    title: Title
    description: Line
    icon: Icon | None = None


class Steps(Config):
    """What happens, one thing after another."""

    heading: Title | None = None
    subheading: Line | None = None
    steps: Annotated[list[Step], Field(min_length=1, max_length=STEPS)]


class Testimonial(Config):
    """What somebody says of it."""

    quote: Annotated[str, _text(2000)]
    author: Short | None = None
    role: Short | None = None
    result: Title | None = None


class MarketingBlock(Config):
    """A picture and a text that argue for it."""

    block_type: Literal[
        "testimonial", "case_study", "feature", "benefit", "faq", "pricing", "cta"
    ] = "feature"
    title: Title | None = None
    content: Annotated[str, _text(5000)] | None = None
    image_url: Picture | None = None
    cta_text: Short | None = None
    cta_url: Link | None = None


class SectionBridge(Config):
    """A sentence that leads from one part of a page to the next."""

    text: Line
    variant: Literal["default", "accent", "gradient"] = "default"
    step_number: Annotated[int, Field(ge=0, le=99)] | None = None
    step_label: Short | None = None


class Hero(Config):
    """A large opening, with a picture."""

    heading: Title
    text: Line | None = None
    image_url: Picture | None = None
    cta_text: Short | None = None
    cta_url: Link | None = None


class Stat(Config):
    """A number and what it counts."""

    value: Annotated[str, _text(30)]
    label: Short


class StatsBar(Config):
    """Three or four numbers."""

    stats: Annotated[list[Stat], Field(min_length=3, max_length=STATS)]


class Feature(Config):
    """One thing that one gets."""

    title: Title
    description: Line
    icon: Icon | None = None


class FeatureGrid(Config):
    """Three to six things that one gets."""

    heading: Title | None = None
    features: Annotated[list[Feature], Field(min_length=3, max_length=FEATURES)]


class Voice(Config):
    """A short word of praise."""

    quote: Line
    author: Short
    role: Short | None = None


class SocialProofWall(Config):
    """Two to six short words of praise, side by side."""

    heading: Title | None = None
    voices: Annotated[list[Voice], Field(min_length=2, max_length=VOICES)]


CONFIGS: dict[SectionType, type[Config]] = {
    SectionType.HERO: Hero,
    SectionType.LOGO_BAR: LogoBar,
    SectionType.STEPS: Steps,
    SectionType.TESTIMONIAL: Testimonial,
    SectionType.SOCIAL_PROOF_WALL: SocialProofWall,
    SectionType.STATS_BAR: StatsBar,
    SectionType.FEATURE_GRID: FeatureGrid,
    SectionType.MARKETING_BLOCK: MarketingBlock,
    SectionType.SECTION_BRIDGE: SectionBridge,
}


class StoredSection(BaseModel):
    """A section as the database has it; `config` may have been written past this code."""

    id: UUID
    section_type: str
    page_location: str
    sort_order: int
    is_visible: bool = True
    is_placeholder: bool = False
    config: dict[str, Any]


class SectionCreate(BaseModel):
    """A section to add. Without an order it goes to the end of its part of the page."""

    section_type: SectionType
    page_location: Location
    is_above: bool = True
    config: dict[str, Any] | None = None


class SectionMove(BaseModel):
    """All sections of a page in the order wanted, and how many of them stand above the form."""

    page_location: Location
    ids: Annotated[list[UUID], Field(max_length=200)]
    above: Annotated[int, Field(ge=0, le=200)]


class Draft(BaseModel):
    """What somebody is typing into a section, for the preview."""

    id: UUID
    config: dict[str, Any]

    def put_into(self, stored: list[StoredSection]) -> list[StoredSection]:
        """Return the sections with this one as it is typed, shown even while it is hidden."""
        typed = {"config": self.config, "is_visible": True, "is_placeholder": False}
        return [
            each.model_copy(update=typed) if each.id == self.id else each
            for each in stored
            if each.is_visible or each.id == self.id
        ]
