"""A draft of the wizard, in the shapes of `extraction_sessions.wizard_state`: camelCase keys."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from lodestone.domains.lead_magnets.contents.models import ExtractedContent
from lodestone.domains.lead_magnets.models import Archetype

MOST_CHARACTERS = 500_000
MOST_SOURCE = 120_000
MOST_ANSWER = 20_000
MOST_MESSAGES = 40


class WizardStep(IntEnum):
    """The six steps."""

    CONTEXT = 1
    IDEAS = 2
    ANSWERS = 3
    CONTENT = 4
    POSTS = 5
    PUBLISH = 6


class _Stored(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    def to_json(self) -> dict[str, Any]:
        """Return the stored shape."""
        return self.model_dump(mode="json", by_alias=True)


class ViralCheck(_Stored):
    """The five tests of an idea: worth 50 dollars, urgent, usable in an hour, simple, telling."""

    high_value: bool = False
    urgent_pain: bool = False
    actionable_under_1h: Annotated[bool, Field(alias="actionableUnder1h")] = False
    simple: bool = False
    authority_boosting: bool = False

    @property
    def passed(self) -> int:
        """Return how many of the five it passes."""
        return sum(
            (
                self.high_value,
                self.urgent_pain,
                self.actionable_under_1h,
                self.simple,
                self.authority_boosting,
            )
        )


class Concept(_Stored):
    """One idea for a lead magnet."""

    archetype: Archetype
    archetype_name: str = ""
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    pain_solved: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""
    why_now_hook: str = ""
    contents: str = ""
    delivery_format: str = ""
    viral_check: ViralCheck = ViralCheck()
    creation_time_estimate: str = ""
    bundle_potential: list[str] = []
    grounded_in: str | None = None


class Pick(_Stored):
    """One recommended idea, by its place in the list, and why."""

    concept_index: int = 0
    reason: str = ""


class Recommendations(_Stored):
    """Three ways to choose."""

    ship_this_week: Pick = Pick()
    highest_engagement: Pick = Pick()
    best_authority_builder: Pick = Pick()


class Bundle(_Stored):
    """Two or three ideas that belong together."""

    name: str = ""
    components: list[str] = []
    combined_value: str = ""


class IdeationResult(_Stored):
    """Ten ideas, three picks among them, and a bundle. `made_by` is a model, or `offline`."""

    concepts: list[Concept] = []
    recommendations: Recommendations = Recommendations()
    suggested_bundle: Bundle | None = None
    made_by: str = ""


class Frequency(StrEnum):
    """How often something was said in a call."""

    ONCE = "mentioned-once"
    RECURRING = "recurring"
    DOMINANT = "dominant"


class PainPoint(_Stored):
    """A pain, in the words of whoever has it."""

    quote: str
    theme: str = ""
    frequency: Frequency = Frequency.ONCE


class TranscriptInsights(_Stored):
    """What clients said in a call."""

    pain_points: list[PainPoint] = []
    frequent_questions: list[str] = []
    transformation_outcomes: list[str] = []
    objections: list[str] = []
    language_patterns: list[str] = []


class CompetitorAnalysis(_Stored):
    """What makes somebody else's lead magnet work."""

    detected_archetype: Archetype | None = None
    format: str = ""
    pain_point_addressed: str = ""
    effectiveness_factors: list[str] = []
    adaptation_suggestions: list[str] = []
    original_title: str = ""


class CallTranscript(_Stored):
    """A pasted call, and what was found in it."""

    raw: str = ""
    insights: TranscriptInsights | None = None


class CompetitorInspiration(_Stored):
    """Somebody else's text, and what was found in it."""

    raw: str = ""
    analysis: CompetitorAnalysis | None = None


class IdeationSources(_Stored):
    """What ideas may draw on besides the kit."""

    call_transcript: CallTranscript = CallTranscript()
    competitor_inspiration: CompetitorInspiration = CompetitorInspiration()


class AskedQuestion(_Stored):
    """A question as it is put to this author; the id is the format's own."""

    id: str
    question: str
    required: bool = True


class ChatMessage(_Stored):
    """One line of the conversation beside the questions."""

    role: Annotated[str, StringConstraints(pattern="^(user|assistant)$")]
    content: Annotated[str, StringConstraints(max_length=MOST_ANSWER)]


class PendingJob(_Stored):
    """The work that the draft waits for."""

    job_id: UUID
    job_type: str
    started_at: datetime


class WizardState(_Stored):
    """Everything of a draft."""

    current_step: WizardStep = WizardStep.CONTEXT
    brand_kit: dict[str, Any] = {}
    import_result: dict[str, Any] | None = None
    ideation_sources: IdeationSources = IdeationSources()
    ideation_result: IdeationResult | None = None
    selected_concept_index: int | None = None
    is_custom_idea: bool = False
    custom_concept: Concept | None = None
    questions: list[AskedQuestion] = []
    extraction_answers: dict[str, str] = {}
    chat_messages: list[ChatMessage] = []
    extracted_content: ExtractedContent | None = None
    interactive_config: dict[str, Any] | None = None
    post_result: dict[str, Any] | None = None
    selected_post_index: int | None = None
    title: str = ""
    made_by: dict[str, str] = {}
    pending_job: PendingJob | None = None

    @property
    def concept(self) -> Concept | None:
        """Return the chosen idea: the author's own, or the one picked from the list."""
        if self.is_custom_idea:
            return self.custom_concept
        index, found = self.selected_concept_index, self.ideation_result
        if found is None or index is None or not 0 <= index < len(found.concepts):
            return None
        return found.concepts[index]


class Draft(BaseModel):
    """A stored draft. `version` is the time of its last change."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    state: WizardState
    version: datetime
    created_at: datetime


class DraftRow(BaseModel):
    """A line of the list of drafts."""

    id: UUID
    draft_title: str | None
    current_step: WizardStep
    archetype: Archetype | None
    author_name: str | None
    updated_at: datetime
