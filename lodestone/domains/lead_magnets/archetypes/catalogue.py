"""The ten formats, put together."""

from collections.abc import Mapping
from types import MappingProxyType

from lodestone.domains.lead_magnets.archetypes import models
from lodestone.domains.lead_magnets.archetypes.guidance import GUIDANCE
from lodestone.domains.lead_magnets.archetypes.models import ArchetypeInfo, InteractiveType
from lodestone.domains.lead_magnets.archetypes.questions import QUESTIONS
from lodestone.domains.lead_magnets.models import Archetype

_ALL = (
    ArchetypeInfo(
        archetype=Archetype.SINGLE_BREAKDOWN,
        name="The Single Breakdown",
        idea="Take one success apart so that readers can repeat it.",
        content=models.SingleBreakdown,
        questions=QUESTIONS[Archetype.SINGLE_BREAKDOWN],
        guidance=GUIDANCE[Archetype.SINGLE_BREAKDOWN],
    ),
    ArchetypeInfo(
        archetype=Archetype.SINGLE_SYSTEM,
        name="The Single System",
        idea="One process, from its first step to one outcome.",
        content=models.SingleSystem,
        questions=QUESTIONS[Archetype.SINGLE_SYSTEM],
        guidance=GUIDANCE[Archetype.SINGLE_SYSTEM],
    ),
    ArchetypeInfo(
        archetype=Archetype.FOCUSED_TOOLKIT,
        name="The Focused Toolkit",
        idea="Ten to twenty ready items that do one job.",
        content=models.FocusedToolkit,
        questions=QUESTIONS[Archetype.FOCUSED_TOOLKIT],
        guidance=GUIDANCE[Archetype.FOCUSED_TOOLKIT],
    ),
    ArchetypeInfo(
        archetype=Archetype.SINGLE_CALCULATOR,
        name="The Single Calculator",
        idea="One number that answers one question.",
        content=models.SingleCalculator,
        interactive=InteractiveType.CALCULATOR,
        questions=QUESTIONS[Archetype.SINGLE_CALCULATOR],
        guidance=GUIDANCE[Archetype.SINGLE_CALCULATOR],
    ),
    ArchetypeInfo(
        archetype=Archetype.FOCUSED_DIRECTORY,
        name="The Focused Directory",
        idea="Five to fifteen entries that you vouch for.",
        content=models.FocusedDirectory,
        questions=QUESTIONS[Archetype.FOCUSED_DIRECTORY],
        guidance=GUIDANCE[Archetype.FOCUSED_DIRECTORY],
    ),
    ArchetypeInfo(
        archetype=Archetype.MINI_TRAINING,
        name="The Mini Training",
        idea="One skill, taught in a few short lessons.",
        content=models.MiniTraining,
        questions=QUESTIONS[Archetype.MINI_TRAINING],
        guidance=GUIDANCE[Archetype.MINI_TRAINING],
    ),
    ArchetypeInfo(
        archetype=Archetype.ONE_STORY,
        name="The One Story",
        idea="One transformation, told so that others can follow.",
        content=models.OneStory,
        questions=QUESTIONS[Archetype.ONE_STORY],
        guidance=GUIDANCE[Archetype.ONE_STORY],
    ),
    ArchetypeInfo(
        archetype=Archetype.PROMPT,
        name="The Prompt",
        idea="Prompts to copy that do one task well.",
        content=models.PromptPack,
        interactive=InteractiveType.GPT,
        questions=QUESTIONS[Archetype.PROMPT],
        guidance=GUIDANCE[Archetype.PROMPT],
    ),
    ArchetypeInfo(
        archetype=Archetype.ASSESSMENT,
        name="The Assessment",
        idea="Questions that show readers where they stand.",
        content=models.SelfAssessment,
        interactive=InteractiveType.ASSESSMENT,
        questions=QUESTIONS[Archetype.ASSESSMENT],
        guidance=GUIDANCE[Archetype.ASSESSMENT],
    ),
    ArchetypeInfo(
        archetype=Archetype.WORKFLOW,
        name="The Workflow",
        idea="An automation that readers can rebuild.",
        content=models.WorkflowContent,
        questions=QUESTIONS[Archetype.WORKFLOW],
        guidance=GUIDANCE[Archetype.WORKFLOW],
    ),
)

ARCHETYPES: Mapping[Archetype, ArchetypeInfo] = MappingProxyType(
    {info.archetype: info for info in _ALL}
)
"""Every format by its value in the database, in the order in which they are offered."""
