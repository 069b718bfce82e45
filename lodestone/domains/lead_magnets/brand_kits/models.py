"""What a brand kit is made of, and what its screens take."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

MOST_LINES = 30
LEAST_TEXT = 50
MOST_TEXT = 60_000
MOST_LOGO_BYTES = 2 * 1024 * 1024
MOST_FONT_BYTES = 5 * 1024 * 1024
MOST_LOGOS = 12


class BusinessType(StrEnum):
    """Whose business it is, with the values of the database."""

    COACH = "coach-consultant"
    AGENCY = "agency-owner"
    COURSES = "course-creator"
    FREELANCER = "freelancer"
    SAAS = "saas-tech"
    B2B = "b2b-service"


class Tone(StrEnum):
    """How it speaks."""

    CONVERSATIONAL = "conversational"
    PROFESSIONAL = "professional"
    PROVOCATIVE = "provocative"
    EDUCATIONAL = "educational"
    INSPIRATIONAL = "inspirational"


class SourceKind(StrEnum):
    """What a pasted text is."""

    OFFER = "offer-doc"
    LINKEDIN = "linkedin"
    SALES_PAGE = "sales-page"
    OTHER = "other"


class Confidence(StrEnum):
    """How sure a reading is of a field."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def _split(given: object) -> object:
    """Take a text area of lines as a list, without bullets, blanks and repeats."""
    lines = given.splitlines() if isinstance(given, str) else given
    if not isinstance(lines, list):
        return lines
    cleaned = [" ".join(str(each).split()).lstrip("-•*· ").strip() for each in lines]
    return list(dict.fromkeys(each for each in cleaned if each))


def _blank_is_none(given: object) -> object:
    return None if isinstance(given, str) and not given.strip() else given


Item = Annotated[str, StringConstraints(max_length=1_000)]
Lines = Annotated[list[Item], BeforeValidator(_split), Field(max_length=MOST_LINES)]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=20, max_length=4_000)
]
Blankable = BeforeValidator(_blank_is_none)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Passage = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^https?://[^\s/]+")
]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]

LISTS = (
    "urgent_pains",
    "results",
    "credibility_markers",
    "processes",
    "templates",
    "tools",
    "frequent_questions",
    "audience_tools",
)
"""The lists of a context, in the order in which they are asked."""


class Context(BaseModel):
    """What the business does; absent fields stay as they were."""

    business_description: Description
    business_type: BusinessType
    urgent_pains: Lines = []
    results: Lines = []
    credibility_markers: Lines = []
    processes: Lines = []
    templates: Lines = []
    tools: Lines = []
    frequent_questions: Lines = []
    audience_tools: Lines = []
    success_example: Annotated[Passage | None, Blankable] = None
    preferred_tone: Tone = Tone.CONVERSATIONAL


class ContentLink(BaseModel):
    """Something of the creator's that mails may point to."""

    title: Line
    url: Address


class Testimonial(BaseModel):
    """What a client said."""

    quote: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
    author: Line | None = None
    role: Line | None = None
    result: Line | None = None


class NextStep(BaseModel):
    """One step of how it works."""

    title: Line
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    icon: str | None = None


class NextSteps(BaseModel):
    """How it works, in steps, with a heading."""

    heading: Line | None = None
    steps: Annotated[list[NextStep], Field(max_length=6)] = []


class Look(BaseModel):
    """How new pages look."""

    default_theme: Annotated[str, StringConstraints(pattern="^(dark|light|custom)$")] = "dark"
    default_primary_color: Colour = "#8b5cf6"
    default_background_style: Annotated[
        str, StringConstraints(pattern="^(solid|gradient|pattern)$")
    ] = "solid"
    font_family: Annotated[
        Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w .\-]+$")] | None, Blankable
    ] = None
    website_url: Annotated[Address | None, Blankable] = None


class Sending(BaseModel):
    """What mails say of their sender, and what pages show of clients."""

    sender_name: Annotated[
        Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\r\n]*$")] | None, Blankable
    ] = None
    best_video_url: Annotated[Address | None, Blankable] = None
    best_video_title: Annotated[Line | None, Blankable] = None
    community_url: Annotated[Address | None, Blankable] = None
    content_links: Annotated[list[ContentLink], Field(max_length=10)] = []
    default_testimonial: Testimonial | None = None
    default_steps: NextSteps | None = None


class BrandKit(BaseModel):
    """A stored kit."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    user_id: UUID
    team_id: UUID | None
    business_description: str
    business_type: BusinessType
    urgent_pains: list[str]
    results: list[str]
    credibility_markers: list[str]
    processes: list[str]
    templates: list[str]
    tools: list[str]
    frequent_questions: list[str]
    audience_tools: list[str]
    success_example: str | None
    preferred_tone: str
    style_profile: dict[str, Any] | None
    sender_name: str | None
    best_video_url: str | None
    best_video_title: str | None
    content_links: list[dict[str, Any]]
    community_url: str | None
    logos: list[dict[str, Any]]
    logo_url: str | None
    default_testimonial: dict[str, Any] | None
    default_steps: dict[str, Any] | None
    default_theme: str | None
    default_primary_color: str | None
    default_background_style: str | None
    font_family: str | None
    font_url: str | None
    website_url: str | None
    saved_ideation_result: dict[str, Any] | None
    ideation_generated_at: datetime | None
    updated_at: datetime


class ReadContext(BaseModel):
    """What a text says of a business. Lists hold only what the text says itself."""

    business_description: str = ""
    business_type: BusinessType | None = None
    urgent_pains: list[str] = []
    results: list[str] = []
    credibility_markers: list[str] = []
    processes: list[str] = []
    templates: list[str] = []
    tools: list[str] = []
    frequent_questions: list[str] = []
    success_example: str | None = None


class Reading(BaseModel):
    """A context taken from a text, how sure each field is, and up to four things to add."""

    extracted: ReadContext
    confidence: dict[str, Confidence] = {}
    suggestions: list[str] = []


class ReadSource(BaseModel):
    """A text to read, or the web site that holds it."""

    kind: SourceKind = SourceKind.OTHER
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_TEXT)] = ""
    url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""
