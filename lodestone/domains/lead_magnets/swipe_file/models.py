"""What examples are, and what their forms take."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from lodestone.domains.lead_magnets.external_resources.models import Address

MOST_TAGS = 8
MOST_CONTENT = 20_000
PER_PAGE, MOST_PER_PAGE = 20, 50


class Kind(StrEnum):
    """The two halves of the file, as addresses name them."""

    POST = "posts"
    LEAD_MAGNET = "lead-magnets"

    @property
    def label(self) -> str:
        """Return what one of them is called."""
        return "Post" if self is Kind.POST else "Lead magnet"


class Status(StrEnum):
    """How an example stands; approved and featured are seen by everybody who is signed in."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    FEATURED = "featured"


class PostType(StrEnum):
    """How a post is told."""

    STORY = "story"
    LISTICLE = "listicle"
    HOT_TAKE = "hot-take"
    EDUCATIONAL = "educational"
    CASE_STUDY = "case-study"
    CAROUSEL = "carousel"


class MagnetFormat(StrEnum):
    """What form a lead magnet has."""

    CHECKLIST = "checklist"
    TEMPLATE = "template"
    GUIDE = "guide"
    SWIPE_FILE = "swipe-file"
    CALCULATOR = "calculator"
    QUIZ = "quiz"
    CHEATSHEET = "cheatsheet"


class Niche(StrEnum):
    """For whom it was made."""

    COACHING = "coaching"
    SAAS = "saas"
    AGENCY = "agency"
    CREATOR = "creator"
    B2B = "b2b"
    OTHER = "other"


def read_tags(value: Any) -> Any:
    """Return what was typed between commas as a list without doubles."""
    if not isinstance(value, str):
        return value
    tags = (tag.strip().lstrip("#").lower() for tag in value.split(","))
    return list(dict.fromkeys(tag for tag in tags if tag))


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


Tag = Annotated[str, StringConstraints(max_length=40)]
Tags = Annotated[list[Tag], BeforeValidator(read_tags), Field(max_length=MOST_TAGS)]
Count = Annotated[
    Annotated[int, Field(ge=0, le=2_000_000_000)] | None, BeforeValidator(_none_if_empty)
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=20, max_length=MOST_CONTENT)
]


class PostSubmit(BaseModel):
    """A post that somebody submits."""

    content: Text
    hook: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    post_type: PostType
    niche: Niche
    topic_tags: Tags = []
    likes_count: Count = None
    comments_count: Count = None
    leads_generated: Count = None
    source_url: Annotated[Address | None, BeforeValidator(_none_if_empty)] = None
    author_name: Name = ""
    author_headline: Name = ""
    notes: Note = ""


def _not_blank(value: str) -> str:
    if not value:
        raise ValueError("This is needed.")
    return value


class MagnetSubmit(BaseModel):
    """A lead magnet that somebody submits."""

    title: Annotated[Name, AfterValidator(_not_blank)]
    description: Note = ""
    content: Text
    format: MagnetFormat
    niche: Niche
    topic_tags: Tags = []
    downloads_count: Count = None
    conversion_rate: Annotated[
        Annotated[float, Field(ge=0, le=100)] | None, BeforeValidator(_none_if_empty)
    ] = None
    leads_generated: Count = None
    notes: Note = ""


class Example(BaseModel):
    """A stored example of either kind; `type` is a post's type or a magnet's format."""

    id: UUID
    kind: Kind
    title: str
    description: str | None
    content: str | None
    type: str | None
    niche: str | None
    topic_tags: list[str] | None
    figures: dict[str, float | None]
    source_url: str | None
    author_name: str | None
    author_headline: str | None
    notes: str | None
    status: Status
    submitted_by: UUID | None
    created_at: datetime

    @property
    def source(self) -> str | None:
        """Return where it was published; what is no address of the web is none."""
        url = self.source_url or ""
        return url if url.startswith(("https://", "http://")) else None

    @property
    def text(self) -> str:
        """Return all its words, as the wizard takes somebody else's text."""
        parts = (self.title, self.description, self.content)
        return "\n\n".join(dict.fromkeys(part for part in parts if part))


class Search(BaseModel):
    """What somebody looks for."""

    words: str = ""
    niche: Niche | None = None
    type: str | None = None
    limit: int = PER_PAGE
    page: int = 1

    @property
    def offset(self) -> int:
        """Return how many come before this page."""
        return (self.page - 1) * self.limit
