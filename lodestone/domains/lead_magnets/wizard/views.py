"""What each step shows beside the draft itself."""

from typing import Any

from lodestone.auth.models import SignedIn
from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.archetypes.service import ARCHETYPES
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.brand_kits.models import BusinessType, SourceKind, Tone
from lodestone.domains.lead_magnets.posts.models import PostResult
from lodestone.domains.lead_magnets.wizard import extraction, rules, tools
from lodestone.domains.lead_magnets.wizard.asks import ASIDES
from lodestone.domains.lead_magnets.wizard.models import Draft, WizardStep
from lodestone.platform import runtime

BUSINESS_TYPES = [
    (BusinessType.COACH, "Coach or consultant", "You advise people"),
    (BusinessType.AGENCY, "Agency", "Your team does the work"),
    (BusinessType.COURSES, "Courses", "You teach many at once"),
    (BusinessType.FREELANCER, "Freelancer", "You do the work yourself"),
    (BusinessType.SAAS, "Software", "You sell a product"),
    (BusinessType.B2B, "B2B service", "You serve companies"),
]
SOURCE_KINDS = [
    (SourceKind.OFFER, "Offer or proposal"),
    (SourceKind.LINKEDIN, "LinkedIn profile"),
    (SourceKind.SALES_PAGE, "Sales page"),
    (SourceKind.OTHER, "Something else"),
]
TONES = [(tone.value, tone.value.capitalize()) for tone in Tone]
BLANK = {
    "business_description": "",
    "business_type": "",
    "success_example": "",
    "preferred_tone": Tone.CONVERSATIONAL,
}
LISTS = [
    ("urgent_pains", "What hurts your clients now", "Replies come late and deals go quiet"),
    ("results", "Results you had", "Cut onboarding from 14 days to 5 for a team of 9"),
    ("credibility_markers", "Why people trust you", "12 years in procurement; 40 clients"),
    ("processes", "Processes of your own", "The Friday pipeline review"),
    ("templates", "Templates and checklists you have", "Onboarding checklist"),
    ("tools", "Tools you work with", "Notion"),
    ("frequent_questions", "What every new client asks", "How long does it take?"),
    ("audience_tools", "Tools your clients work with", "HubSpot"),
]


async def view_step(user: SignedIn, draft: Draft, step: WizardStep) -> dict[str, Any]:
    """Return what the step's page needs."""
    if step is WizardStep.CONTEXT:
        return await _view_context(user, draft)
    if step is WizardStep.IDEAS:
        return _view_ideas(draft)
    if step is WizardStep.ANSWERS:
        return _view_answers(draft)
    if step is WizardStep.CONTENT:
        content = draft.state.extracted_content
        texts = [extraction.write_section(each) for each in content.structure] if content else []
        return {"content": content, "texts": texts, **_view_tool(draft)}
    posts = PostResult.model_validate(draft.state.post_result) if draft.state.post_result else None
    return {"posts": posts}


def _view_tool(draft: Draft) -> dict[str, Any]:
    """Return the parts of the tool that three of the formats become, and what they lack."""
    concept = draft.state.concept
    tool = tools.draft_tool(concept, rules.answers_to(draft.state)) if concept else None
    lacking = tools.list_lacking(concept.archetype, tool) if concept and tool else {}
    return {"tool": tool, "lacking": lacking}


async def _view_context(user: SignedIn, draft: Draft) -> dict[str, Any]:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        kit = await brand_kits.find_kit(tx, user_id=user.user_id, team_id=draft.team_id)
    has_kept = kit is not None and bool((kit.saved_ideation_result or {}).get("concepts"))
    return {
        "business_types": BUSINESS_TYPES,
        "tones": TONES,
        "lists": LISTS,
        "source_kinds": SOURCE_KINDS,
        "values": {
            **BLANK,
            **draft.state.brand_kit,
            **{
                name: "\n".join(rules.lines_of(draft.state.brand_kit, name)) for name, _, _ in LISTS
            },
        },
        "kept_at": kit.ideation_generated_at if kit and has_kept else None,
        "has_kept": has_kept,
        "read_values": {"kind": "offer-doc", "text": "", "url": ""},
    }


def _view_ideas(draft: Draft) -> dict[str, Any]:
    result = draft.state.ideation_result
    picks: dict[int, list[tuple[str, str]]] = {}
    if result is not None and result.concepts:
        found = result.recommendations
        for label, pick in (
            ("Ship this week", found.ship_this_week),
            ("Most engagement", found.highest_engagement),
            ("Best for authority", found.best_authority_builder),
        ):
            picks.setdefault(pick.concept_index, []).append((label, pick.reason))
    ordered = sorted(
        range(len(result.concepts)) if result else [],
        key=lambda place: list(picks).index(place) if place in picks else len(picks),
    )
    return {
        "result": result,
        "picks": picks,
        "ordered": ordered,
        "formats": [
            (value, ARCHETYPES[value].name.removeprefix("The "), ARCHETYPES[value].idea)
            for value in ARCHETYPES
        ],
        "tests": [
            ("high_value", "Worth paying for"),
            ("urgent_pain", "Urgent"),
            ("actionable_under_1h", "Usable within an hour"),
            ("simple", "Understood at once"),
            ("authority_boosting", "Shows what you know"),
        ],
    }


def _view_answers(draft: Draft) -> dict[str, Any]:
    state = draft.state
    concept = state.concept
    if concept is None:
        return {"asked": [], "concept": None, "left": [], "guidance": None}
    hints = {each.id: each.hint for each in archetypes.questions_of(concept.archetype)}
    kit, heard = rules.kit_lines(state), rules.heard_lines(state)
    asked = [
        {
            "id": each.id,
            "question": each.question,
            "required": each.required,
            "hint": hints[each.id],
            "example": ASIDES[concept.archetype][each.id].example,
            "section": ASIDES[concept.archetype][each.id].section,
            "beside": extraction.beside(each.id, kit=kit, heard=heard),
            "answer": state.extraction_answers.get(each.id, ""),
        }
        for each in rules.questions_for(state)
    ]
    return {
        "asked": asked,
        "concept": concept,
        "left": rules.left_to_answer(state),
        "guidance": archetypes.guidance_of(concept.archetype),
    }
