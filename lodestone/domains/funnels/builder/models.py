"""What the builder takes and gives beside the page itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from lodestone.domains.funnels.models import Headline, Slug, Subline

MOST_AT_ONCE = 100

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class TargetType(StrEnum):
    """What a funnel gives away."""

    LEAD_MAGNET = "lead_magnet"
    LIBRARY = "library"
    EXTERNAL_RESOURCE = "external_resource"

    @property
    def column(self) -> str:
        """Return the column that refers to it."""
        return f"{self.value}_id"


class FunnelCreate(BaseModel):
    """A funnel to draft: what it gives away, and what the person knows better than the draft."""

    target_type: TargetType = TargetType.LEAD_MAGNET
    target_id: UUID
    slug: Slug | None = None
    optin_headline: Headline | None = None
    optin_subline: Subline | None = None
    optin_button_text: Short | None = None
    publish: bool = False


class FunnelsCreate(BaseModel):
    """Up to a hundred funnels to draft at once."""

    funnels: Annotated[list[FunnelCreate], Field(min_length=1, max_length=MOST_AT_ONCE)]


class CreatedRow(BaseModel):
    """What became of one funnel of many: an id, or why there is none."""

    target_id: UUID
    funnel_page_id: UUID | None = None
    is_published: bool = False
    error: str | None = None


class CopyInput(BaseModel):
    """What the words of an opt-in page are made of."""

    title: str = Field(description="The name of the lead magnet")
    concept: str = Field(default="", description="What it is, in a sentence or two")
    pain: str = Field(default="", description="What it eases")
    audience: str = Field(default="", description="For whom it is")
    proof: str = Field(default="", description="What speaks for it: results, numbers")
    credibility: str = Field(default="", description="Who stands behind it")
    archetype: str = Field(default="", description="Its format")


class OptinCopy(BaseModel):
    """The words of an opt-in page."""

    headline: Annotated[str, Field(min_length=1, max_length=500)]
    subline: Annotated[str, Field(max_length=1000)] = ""
    social_proof: Annotated[str, Field(alias="socialProof", max_length=1000)] = ""
    button_text: Annotated[str, Field(alias="buttonText", min_length=1, max_length=100)]
    thankyou_subline: Annotated[str, Field(alias="thankyouSubline", max_length=1000)] = ""

    model_config = {"populate_by_name": True}


@dataclass(frozen=True, slots=True)
class Giveaway:
    """What a funnel gives away: a magnet, a library or a link, and whose it is."""

    target_type: TargetType
    id: UUID
    title: str
    team_id: UUID | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """What publishing lacks, and where it is mended."""

    name: str
    sentence: str
    href: str
    label: str
