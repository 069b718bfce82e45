"""What each step's form says, as a change to the draft. Pure; nothing typed is dropped."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.brand_kits.models import LISTS, BusinessType, Tone
from lodestone.domains.lead_magnets.contents.models import ExtractedContent, ExtractedSection
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.posts.models import MOST_POST, PostResult
from lodestone.domains.lead_magnets.wizard import rules
from lodestone.domains.lead_magnets.wizard.extraction import read_contents
from lodestone.domains.lead_magnets.wizard.models import (
    MOST_ANSWER,
    MOST_SOURCE,
    CallTranscript,
    CompetitorInspiration,
    Concept,
    IdeationSources,
    WizardState,
    WizardStep,
)
from lodestone.platform.errors import InvalidInput

Form = Mapping[str, str]
MOST_SECTIONS = 40
_TYPES = frozenset(BusinessType)
_TONES = frozenset(Tone)


def read_step(step: WizardStep, state: WizardState, form: Form) -> WizardState:
    """Return the draft with what the step's form says; fields that it has not stay as they were.

    Raises: InvalidInput that names what is too long or malformed.
    """
    readers: dict[WizardStep, Callable[[WizardState, Form], WizardState]] = {
        WizardStep.CONTEXT: _read_context,
        WizardStep.IDEAS: _read_idea,
        WizardStep.ANSWERS: _read_answers,
        WizardStep.CONTENT: _read_content,
        WizardStep.POSTS: _read_posts,
        WizardStep.PUBLISH: _read_title,
    }
    return readers[step](state, form).model_copy(update={"current_step": step})


def _refuse(field: str, sentence: str) -> InvalidInput:
    return InvalidInput("Some of this can't be taken as it is.", fields={field: sentence})


def _text(form: Form, name: str, most: int) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > most:
        raise _refuse(name, f"This is too long: at most {most:,} characters.")
    return text


def _read_context(state: WizardState, form: Form) -> WizardState:
    kit = dict(state.brand_kit)
    for name in ("business_description", "success_example"):
        if name in form:
            kit[name] = _text(form, name, 4_000)
    if form.get("business_type") in _TYPES:
        kit["business_type"] = form["business_type"]
    if form.get("preferred_tone") in _TONES:
        kit["preferred_tone"] = form["preferred_tone"]
    for name in LISTS:
        if name in form:
            kit[name] = rules.lines_of({name: _text(form, name, 30_000)}, name)
    sources = _read_sources(state.ideation_sources, form)
    return state.model_copy(update={"brand_kit": kit, "ideation_sources": sources})


def _read_sources(sources: IdeationSources, form: Form) -> IdeationSources:
    """Take the pasted texts; what was found in a text goes when the text changes."""
    call, other = sources.call_transcript, sources.competitor_inspiration
    if "transcript" in form:
        raw = _text(form, "transcript", MOST_SOURCE)
        call = call if raw == call.raw else CallTranscript(raw=raw)
    if "competitor" in form:
        raw = _text(form, "competitor", MOST_SOURCE)
        other = other if raw == other.raw else CompetitorInspiration(raw=raw)
    return IdeationSources(call_transcript=call, competitor_inspiration=other)


def _read_idea(state: WizardState, form: Form) -> WizardState:
    """Keep an own idea while it is being typed; it is chosen by its button."""
    if not form.get("own_title", "").strip() or form.get("own_archetype") not in set(Archetype):
        return state
    return state.model_copy(update={"custom_concept": own_idea(form)})


def own_idea(form: Form) -> Concept:
    """Return the author's own idea. Raises: InvalidInput that names what is missing."""
    errors = {}
    if not form.get("own_title", "").strip():
        errors["own_title"] = "Give it a title."
    if len(form.get("own_title", "").strip()) > 200:
        errors["own_title"] = "At most 200 characters."
    if not form.get("own_pain", "").strip():
        errors["own_pain"] = "Which pain does it ease?"
    if form.get("own_archetype") not in set(Archetype):
        errors["own_archetype"] = "Choose a format."
    is_typing = errors.keys() == {"own_pain"} and "autosave" in form
    if errors and not is_typing:
        raise InvalidInput("Your idea lacks something.", fields=errors)
    archetype = Archetype(form["own_archetype"])
    return Concept(
        archetype=archetype,
        archetype_name=archetypes.name_of(archetype),
        title=form["own_title"].strip(),
        pain_solved=_text(form, "own_pain", 2_000),
        contents=_text(form, "own_contents", 2_000),
    )


def _read_answers(state: WizardState, form: Form) -> WizardState:
    answers = dict(state.extraction_answers)
    for question in rules.questions_for(state):
        name = f"answer_{question.id}"
        if name in form:
            answers[question.id] = _text(form, name, MOST_ANSWER)
    return state.model_copy(update={"extraction_answers": answers})


def _read_content(state: WizardState, form: Form) -> WizardState:
    before = state.extracted_content
    if before is None or "s0_name" not in form:
        return state
    sections = []
    for place in range(MOST_SECTIONS + 1):
        if f"s{place}_name" not in form:
            break
        if place == MOST_SECTIONS:
            raise _refuse("content", f"At most {MOST_SECTIONS} sections.")
        name = _text(form, f"s{place}_name", 300)
        introduction = _text(form, f"s{place}_intro", 20_000)
        contents = read_contents(_text(form, f"s{place}_body", 50_000))
        takeaway = _text(form, f"s{place}_take", 5_000)
        if name or introduction or contents or takeaway:
            sections.append((name, introduction, contents, takeaway))
    try:
        content = ExtractedContent(
            title=before.title,
            format=before.format,
            structure=[
                ExtractedSection(
                    section_name=name or f"Part {number}",
                    introduction=introduction,
                    contents=contents,
                    key_takeaway=takeaway,
                )
                for number, (name, introduction, contents, takeaway) in enumerate(sections, start=1)
            ],
            non_obvious_insight=_text(form, "insight", 5_000),
            personal_experience=_text(form, "experience", 5_000),
            proof=_text(form, "proof", 5_000),
            common_mistakes=rules.lines_of({"m": _text(form, "mistakes", 10_000)}, "m")[:50],
            differentiation=_text(form, "summary", 5_000),
        )
    except ValidationError as error:
        raise _refuse("content", "Keep at least one section, each of a readable length.") from error
    return state.model_copy(update={"extracted_content": content})


def _read_posts(state: WizardState, form: Form) -> WizardState:
    if state.post_result is None:
        return state
    found = PostResult.model_validate(state.post_result)
    variations = [
        each.model_copy(update={"post": _text(form, f"post_{place}", MOST_POST)})
        if form.get(f"post_{place}", "").strip()
        else each
        for place, each in enumerate(found.variations)
    ]
    word = "".join(filter(str.isalnum, form.get("cta_word", found.cta_word).upper()))[:20]
    message = _text(form, "dm_template", 1_000) if "dm_template" in form else found.dm_template
    index = form.get("selected", "")
    is_chosen = index.isdecimal() and int(index) < len(variations)
    return state.model_copy(
        update={
            "post_result": found.model_copy(
                update={
                    "variations": variations,
                    "cta_word": word or found.cta_word,
                    "dm_template": message,
                }
            ).to_json(),
            "selected_post_index": int(index) if is_chosen else state.selected_post_index,
        }
    )


def _read_title(state: WizardState, form: Form) -> WizardState:
    if "title" not in form:
        return state
    return state.model_copy(update={"title": _text(form, "title", 200)})
