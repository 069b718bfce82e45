"""How to write in each format."""

from collections.abc import Mapping
from types import MappingProxyType

from lodestone.domains.lead_magnets.archetypes.models import Guidance
from lodestone.domains.lead_magnets.models import Archetype

_ALL: dict[Archetype, Guidance] = {
    Archetype.SINGLE_BREAKDOWN: Guidance(
        structure=(
            "The result first, with its figures",
            "The whole thing as it was, then piece by piece",
            "What each piece does to the reader",
            "A version to fill in",
        ),
        quality=(
            "One real example, quoted and not retold",
            "Every claim has a reason the reader can test",
            "The last section can be used the same day",
        ),
        mistakes=(
            "Several examples, none taken all the way",
            "Praise in place of explanation",
            "Reasons that would fit any success",
        ),
    ),
    Archetype.SINGLE_SYSTEM: Guidance(
        structure=(
            "The outcome, and what it replaces",
            "The whole system on one screen",
            "Each component: what it is for, how it is done, what it hands on",
            "The first week",
        ),
        quality=(
            "Each step names its input and its output",
            "Steps are few enough to remember",
            "A reader can start without buying anything",
        ),
        mistakes=(
            "A list of tips that calls itself a system",
            "Steps that only an expert can take",
            "No word on what to do when a step fails",
        ),
    ),
    Archetype.FOCUSED_TOOLKIT: Guidance(
        structure=(
            "The job, and when the kit is opened",
            "Items in groups, by moment",
            "Each item: the text, when it fits, an example",
            "Three to start with",
        ),
        quality=(
            "Every item can be copied as it stands",
            "Items differ from one another in use, not in words",
            "The reader finds theirs in a minute",
        ),
        mistakes=(
            "Descriptions of items without the items",
            "A hundred where ten would do",
            "Two jobs in one kit",
        ),
    ),
    Archetype.SINGLE_CALCULATOR: Guidance(
        structure=(
            "The question in the reader's words",
            "The inputs, from easy to hard",
            "The number, what it means, what to do about it",
        ),
        quality=(
            "Inputs that people know without looking them up",
            "A formula that is shown and can be doubted",
            "Ranges that meet and leave no gap",
        ),
        mistakes=(
            "More than six inputs",
            "A result that is always alarming",
            "Constants without a source",
        ),
    ),
    Archetype.FOCUSED_DIRECTORY: Guidance(
        structure=(
            "For whom the list is, and how it came about",
            "How to choose in a minute",
            "The entries by category, each with your own take",
        ),
        quality=(
            "Every entry was used by the author",
            "Drawbacks are named",
            "The same facts for each entry",
        ),
        mistakes=(
            "Everything there is",
            "The vendor's words",
            "Links without a judgement",
        ),
    ),
    Archetype.MINI_TRAINING: Guidance(
        structure=(
            "What the reader will be able to do",
            "Lessons: the aim, the idea, an example, an exercise",
            "How to keep going",
        ),
        quality=(
            "An exercise in every lesson",
            "Each lesson stands on the one before",
            "Success can be seen by the learner alone",
        ),
        mistakes=(
            "Theory first, practice never",
            "More than one skill",
            "Exercises without a way to check them",
        ),
    ),
    Archetype.ONE_STORY: Guidance(
        structure=(
            "A scene, not an introduction",
            "Before, attempts, turning point, after",
            "One lesson",
            "The reader's first step",
        ),
        quality=(
            "Figures at both ends",
            "A setback that is told honestly",
            "The reader finds themselves in the first paragraph",
        ),
        mistakes=(
            "A success without a struggle",
            "Five morals",
            "The author as the only hero",
        ),
    ),
    Archetype.PROMPT: Guidance(
        structure=(
            "The task, and what a good answer looks like",
            "Each prompt: when, the text, an example of what comes out",
            "How to change it for your own case",
        ),
        quality=(
            "Works when pasted as it is",
            "Gaps are marked, few, and explained",
            "Real output, weaknesses named",
        ),
        mistakes=(
            "Prompts about everything",
            "No example of what comes out",
            "Gaps that need an expert to fill",
        ),
    ),
    Archetype.ASSESSMENT: Guidance(
        structure=(
            "What is measured, and why it matters now",
            "Questions from easy to uncomfortable",
            "The score, its meaning, the next step",
        ),
        quality=(
            "Answers are about behaviour, not opinions",
            "Ranges cover every score there can be",
            "A low score helps as much as a high one",
        ),
        mistakes=(
            "Answers that everybody sees through",
            "The same advice for every score",
            "Made-up benchmarks",
        ),
    ),
    Archetype.WORKFLOW: Guidance(
        structure=(
            "The chore, and what is left of it",
            "The whole flow at a glance",
            "Each step: trigger, action, tool, output",
            "Setting it up in an hour",
        ),
        quality=(
            "Every step names its tool and what it hands on",
            "Works on the free plans, or says where it does not",
            "A test run is part of it",
        ),
        mistakes=(
            "A screenshot without the settings",
            "Steps that happen by magic",
            "Nothing about failures",
        ),
    ),
}

GUIDANCE: Mapping[Archetype, Guidance] = MappingProxyType(_ALL)
