"""What promotes a magnet, in the shapes of the columns: camelCase keys."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

MOST_POST = 3_000
"""Characters of a post: what LinkedIn takes."""

DEFAULT_WORD = "LINK"
Post = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_POST)]
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9]{2,20}$")
]


class _Stored(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape."""
        return self.model_dump(mode="json", by_alias=True)


class Strength(StrEnum):
    """How strong a hook is."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Resonance(StrEnum):
    """How clearly a post speaks of the problem."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ToneMatch(StrEnum):
    """Whether a post sounds like its author."""

    ALIGNED = "aligned"
    PARTIAL = "partial"
    OFF = "off"


class Evaluation(_Stored):
    """What is good and what is weak about a post."""

    hook_strength: Strength = Strength.MEDIUM
    credibility_clear: bool = False
    problem_resonance: Resonance = Resonance.MEDIUM
    contents_specific: bool = False
    tone_match: ToneMatch = ToneMatch.PARTIAL
    ai_cliche_free: bool = True


class PostVariation(_Stored):
    """One post."""

    hook_type: str
    post: str
    why_this_angle: str = ""
    evaluation: Evaluation = Evaluation()


class PostResult(_Stored):
    """Three posts, which of them to take, and what goes with them."""

    variations: list[PostVariation] = []
    recommendation: str = ""
    dm_template: str = ""
    cta_word: str = DEFAULT_WORD


class PostInput(BaseModel):
    """What posts are written from."""

    title: str = Field(description="Title of the magnet", examples=["The 10-minute review"])
    format: str = Field(default="", description="What it is", examples=["The Focused Toolkit"])
    pain_solved: str = Field(
        default="", description="The pain it eases", examples=["Deals go quiet"]
    )
    why_now: str = Field(default="", description="Why now", examples=["It works in an hour"])
    contents: str = Field(
        default="", description="What is in it, a line each", examples=["The three questions"]
    )
    proof: str = Field(default="", description="Proof, or nothing", examples=["Used in 200 calls"])
    author: str = Field(default="", description="Who writes", examples=["Business: advice"])
    tone: str = Field(default="conversational", description="The tone", examples=["professional"])
    audience: str = Field(default="", description="For whom", examples=["agency owners"])


class Promotion(BaseModel):
    """What a magnet has for its promotion; `chosen` is the post that its author left."""

    lead_magnet_id: UUID
    title: str
    team_id: UUID | None
    variations: list[PostVariation]
    chosen: str | None
    dm_template: str | None
    cta_word: str | None


class PromotionUpdate(BaseModel):
    """An edit; absent fields stay."""

    post: Post | None = None
    dm_template: Message | None = None
    cta_word: Word | None = None
