"""How a draft moves: which steps are open, what a change does, what the magnet is made of. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.brand_kits.models import LISTS
from lodestone.domains.lead_magnets.posts.models import PostInput, PostResult
from lodestone.domains.lead_magnets.wizard import tools
from lodestone.domains.lead_magnets.wizard.extraction import standard_questions
from lodestone.domains.lead_magnets.wizard.ideas import Ground, audience_of
from lodestone.domains.lead_magnets.wizard.models import (
    AskedQuestion,
    Concept,
    Frequency,
    WizardState,
    WizardStep,
)
from lodestone.platform.errors import Conflict, InvalidInput

_LONGEST_TITLE = 200


def read_state(stored: Mapping[str, Any]) -> WizardState:
    """Read a stored draft; parts of an older shape that fit no more are left out, not the rest."""
    given = dict(stored)
    for _ in range(len(given) + 1):
        try:
            return WizardState.model_validate(given)
        except ValidationError as error:
            for name in {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}:
                given.pop(name, None)
    return WizardState()


def open_steps(state: WizardState) -> set[WizardStep]:
    """Return the steps that have something to work on."""
    found = {WizardStep.CONTEXT}
    if state.ideation_result is not None or state.custom_concept is not None:
        found.add(WizardStep.IDEAS)
    if state.concept is not None:
        found |= {WizardStep.IDEAS, WizardStep.ANSWERS}
    if state.concept is not None and state.extracted_content is not None:
        found |= {WizardStep.CONTENT, WizardStep.POSTS, WizardStep.PUBLISH}
    return found


def title_of(state: WizardState) -> str | None:
    """Return what a draft is called in lists."""
    concept = state.concept
    title = state.title or (concept.title if concept else "")
    return title[:_LONGEST_TITLE] or None


def questions_for(state: WizardState) -> list[AskedQuestion]:
    """Return the questions of the chosen idea, reworded if they have been."""
    concept = state.concept
    if concept is None:
        return []
    standard = standard_questions(concept.archetype)
    if [each.id for each in state.questions] == [each.id for each in standard]:
        return state.questions
    return standard


def choose_idea(state: WizardState, *, index: int) -> WizardState:
    """Take one of the ideas. Raises InvalidInput when there is no such one."""
    found = state.ideation_result
    if found is None or not 0 <= index < len(found.concepts):
        raise InvalidInput("Choose one of the ideas.", fields={"index": "Choose one of the ideas."})
    return _begin_answers(
        state.model_copy(update={"selected_concept_index": index, "is_custom_idea": False}), state
    )


def choose_own(state: WizardState, concept: Concept) -> WizardState:
    """Take the author's own idea."""
    named = concept.model_copy(update={"archetype_name": archetypes.name_of(concept.archetype)})
    return _begin_answers(
        state.model_copy(update={"custom_concept": named, "is_custom_idea": True}), state
    )


def _begin_answers(state: WizardState, before: WizardState) -> WizardState:
    """Go on to the questions; the wording is asked for anew, what was answered stays."""
    chosen, former = state.concept, before.concept
    update: dict[str, Any] = {"current_step": WizardStep.ANSWERS}
    if chosen is not None and (former is None or former.title != chosen.title):
        update |= {"questions": [], "title": "", "extracted_content": None, "post_result": None}
        update |= {"selected_post_index": None, "chat_messages": []}
    return state.model_copy(update=update)


def answers_to(state: WizardState) -> dict[str, str]:
    """Return the answers to the chosen format's questions; those of another format wait."""
    asked = {each.id for each in questions_for(state)}
    return {name: text for name, text in state.extraction_answers.items() if name in asked}


def require_answers(state: WizardState) -> Concept:
    """Return the idea whose required questions all have an answer.

    Raises: Conflict before an idea is chosen, InvalidInput that names each question unanswered.
    """
    concept = state.concept
    if concept is None:
        raise Conflict("Choose an idea first.")
    missing = archetypes.list_unanswered(concept.archetype, state.extraction_answers)
    if missing:
        fields = {f"answer_{each.id}": f"Still open: {each.text}" for each in missing}
        raise InvalidInput("Some questions still need an answer.", fields=fields)
    return concept


def ground_of(state: WizardState) -> Ground:
    """Return what ideas are made of: the kit's lines, and first what was heard in calls."""
    kit = state.brand_kit
    insights = state.ideation_sources.call_transcript.insights
    heard = [pain.quote for pain in insights.pain_points] if insights else []
    dominant = (
        [each.quote for each in insights.pain_points if each.frequency is Frequency.DOMINANT]
        if insights
        else []
    )
    asked = insights.frequent_questions if insights else []
    return Ground(
        description=str(kit.get("business_description", "")),
        pains=[*lines_of(kit, "urgent_pains"), *heard[:4]],
        results=lines_of(kit, "results"),
        processes=lines_of(kit, "processes"),
        templates=lines_of(kit, "templates"),
        tools=lines_of(kit, "tools"),
        questions=[*lines_of(kit, "frequent_questions"), *asked],
        proof=lines_of(kit, "credibility_markers"),
        dominant=frozenset(dominant),
    )


def lines_of(kit: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of the kit as the draft holds it: lines, or a text of lines."""
    value = kit.get(name) or []
    lines = value.splitlines() if isinstance(value, str) else value
    return [str(line).strip() for line in lines if str(line).strip()]


def kit_lines(state: WizardState) -> dict[str, list[str]]:
    """Return every list of the kit."""
    return {name: lines_of(state.brand_kit, name) for name in LISTS}


def heard_lines(state: WizardState) -> list[str]:
    """Return what clients said in the call that was pasted."""
    insights = state.ideation_sources.call_transcript.insights
    if insights is None:
        return []
    return [*(pain.quote for pain in insights.pain_points), *insights.frequent_questions]


def write_interview(state: WizardState) -> str:
    """Return questions and answers as text for a prompt."""
    answers = answers_to(state)
    return "\n\n".join(
        f"Q: {each.question}\nA: {answers[each.id].strip()}"
        for each in questions_for(state)
        if answers.get(each.id, "").strip()
    )


def post_input(state: WizardState, *, author: str) -> PostInput:
    """Return what posts are written from. Raises Conflict before there is content."""
    concept, extracted = state.concept, state.extracted_content
    if concept is None or extracted is None:
        raise Conflict("The content comes before the posts.")
    return PostInput(
        title=state.title or concept.title,
        format=concept.delivery_format or concept.archetype_name,
        pain_solved=concept.pain_solved,
        why_now=concept.why_now_hook,
        contents="\n".join(section.section_name for section in extracted.structure),
        proof=extracted.proof or "\n".join(lines_of(state.brand_kit, "results")[:1]),
        author=author,
        tone=str(state.brand_kit.get("preferred_tone", "conversational")),
        audience=audience_of(str(state.brand_kit.get("business_description", ""))) or "",
    )


def magnet_values(state: WizardState, *, title: str) -> dict[str, Any]:
    """Return the columns of the magnet that a draft becomes. Raises Conflict before the content."""
    concept, extracted = state.concept, state.extracted_content
    if concept is None or extracted is None:
        raise Conflict("Put your answers in order first: a lead magnet needs content.")
    posts = PostResult.model_validate(state.post_result) if state.post_result else None
    place = state.selected_post_index
    chosen = (
        posts.variations[place].post
        if posts and place is not None and 0 <= place < len(posts.variations)
        else None
    )
    concept_json = concept.to_json() | ({"linkedinPost": chosen} if chosen else {})
    return {
        "title": title,
        "archetype": concept.archetype,
        "concept": concept_json,
        "extracted_content": extracted.to_json() | {"title": title},
        "interactive_config": state.interactive_config,
        "post_variations": [each.to_json() for each in posts.variations] if posts else None,
        "linkedin_post": chosen,
        "dm_template": posts.dm_template if posts else None,
        "cta_word": posts.cta_word if posts else None,
        "pain_point": concept.pain_solved or None,
        "target_audience": audience_of(str(state.brand_kit.get("business_description", ""))),
        "short_description": concept.contents or concept.why_now_hook or None,
    }


def draft_tool(state: WizardState) -> dict[str, Any] | None:
    """Return the parts of the tool that the idea's format becomes; None for what is read."""
    return tools.draft_tool(state.concept, answers_to(state)) if state.concept else None


def left_to_answer(state: WizardState) -> Sequence[str]:
    """Return the ids of required questions without an answer."""
    concept = state.concept
    if concept is None:
        return []
    missing = archetypes.list_unanswered(concept.archetype, state.extraction_answers)
    return [each.id for each in missing]
