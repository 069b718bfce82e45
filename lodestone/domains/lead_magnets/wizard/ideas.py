"""Ideas without a model: ten, one for each format, made of what the author has said. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.models import (
    Bundle,
    Concept,
    IdeationResult,
    Pick,
    Recommendations,
    ViralCheck,
)

_ABOUT = re.compile(
    r"^.*?\b(?:struggl\w+ with|tired of|stuck (?:with|in|on|at)|frustrated (?:with|by)|"
    r"overwhelmed (?:with|by)|wast\w+ (?:\w+ )?(?:time|hours|money|budget) (?:on|with|in)|"
    r"problems? (?:with|is|of)|afraid of|worr\w+ about|no time for)\s+",
    re.IGNORECASE,
)
_UNABLE = re.compile(
    r"^.*?\b(?:struggl\w+ to|can['’]?t|cannot|fail\w* to|no time to|hard to)\s+", re.IGNORECASE
)
_TAIL = re.compile(
    r"\s*(?:[,;:–—(.]|\b(?:and|because|when|while|so that|which|every)\b).*$", re.IGNORECASE
)
_AUDIENCE = re.compile(
    r"\bhelp(?:s|ing)?\s+(.{3,60}?)(?=\s+(?:to|with|who|that|so|in|keep|get|grow|build|find|make|"
    r"turn|launch|scale|win|close|write|reach|save|stop|become|sell|book|run|land|hire|do|without|"
    r"by|through|from)\b|[,.;:]|$)",
    re.IGNORECASE,
)
_MOST_WORDS = 7


@dataclass(frozen=True, slots=True)
class Ground:
    """What ideas are made of: the lines of a kit, and what was found in calls."""

    description: str
    pains: Sequence[str] = ()
    results: Sequence[str] = ()
    processes: Sequence[str] = ()
    templates: Sequence[str] = ()
    tools: Sequence[str] = ()
    questions: Sequence[str] = ()
    proof: Sequence[str] = ()
    dominant: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one format makes an idea: its title about a thing, or a clause, and what goes into it."""

    title: str
    clause_title: str
    hook: str
    contents: str
    form: str
    hours: str
    effort: int
    draws_on: str
    is_quick: bool = True


_PLANS: dict[Archetype, _Plan] = {
    Archetype.FOCUSED_TOOLKIT: _Plan(
        "The {topic} toolkit: lines to copy today",
        "{topic}? Ten lines to copy today",
        "It can be used in the next hour, without learning anything first.",
        "Ten ready lines, questions and templates, each with the moment to use it.",
        "One page to copy from",
        "2 to 3 hours",
        1,
        "templates",
    ),
    Archetype.SINGLE_SYSTEM: _Plan(
        "The {process}: from first step to finished",
        "{topic}? The system, from first step to finished",
        "It replaces a pile of tips by one order to do things in.",
        "Each step with what goes in, what you do and what comes out.",
        "A guide in steps",
        "3 to 4 hours",
        3,
        "processes",
    ),
    Archetype.SINGLE_BREAKDOWN: _Plan(
        "How it worked: one case of {topic}, taken apart",
        "{topic}? How one client got out of it, piece by piece",
        "A real case answers the doubt that advice can't.",
        "What was there before, every piece of what was done, and what each piece did.",
        "An annotated case",
        "2 to 3 hours",
        2,
        "results",
    ),
    Archetype.ASSESSMENT: _Plan(
        "Where do you stand with {topic}? A check in ten questions",
        "{topic}? Find out where you stand in ten questions",
        "People want their own number before they want anybody's advice.",
        "Ten questions, a score, and for each range what to do next.",
        "A score of one's own",
        "2 to 3 hours",
        2,
        "questions",
    ),
    Archetype.SINGLE_CALCULATOR: _Plan(
        "What {topic} costs you: the calculator",
        "{topic}? Work out what it costs you",
        "A cost in one's own figures is hard to put off.",
        "Three to six inputs, one number, and what it means.",
        "A calculator",
        "2 hours",
        2,
        "results",
    ),
    Archetype.PROMPT: _Plan(
        "Prompts for {topic}, ready to paste",
        "{topic}? Prompts that are ready to paste",
        "The answer is on the screen a minute after the download.",
        "Three to five prompts with an example of what comes out.",
        "Prompts to copy",
        "1 to 2 hours",
        1,
        "questions",
    ),
    Archetype.WORKFLOW: _Plan(
        "The {topic} workflow{with_tool}",
        "{topic}? The workflow that does it for you{with_tool}",
        "It takes a weekly chore off the list for good.",
        "The trigger, each step with its tool, and how to adapt it.",
        "A workflow to rebuild",
        "3 to 4 hours",
        3,
        "tools",
        is_quick=False,
    ),
    Archetype.MINI_TRAINING: _Plan(
        "{topic}: three short lessons",
        "{topic}? Three short lessons that change it",
        "One skill that shows in this week's work.",
        "Three lessons, each with an exercise of ten minutes.",
        "A short course",
        "4 to 5 hours",
        4,
        "processes",
        is_quick=False,
    ),
    Archetype.FOCUSED_DIRECTORY: _Plan(
        "The short list for {topic}: what is worth your time",
        "{topic}? The short list of what helps",
        "It saves the evening that comparing would take.",
        "Five to fifteen entries with your own verdict on each.",
        "A list to choose from",
        "2 hours",
        1,
        "tools",
    ),
    Archetype.ONE_STORY: _Plan(
        "Out of {topic}: one client's story",
        "{topic}? One client's way out",
        "Readers see themselves in the first paragraph.",
        "How it was, what was tried, what changed it, and how it is now.",
        "A story of five minutes",
        "1 to 2 hours",
        1,
        "results",
    ),
}
_COST_WORDS = re.compile(
    r"[$€£%]|\d|cost|price|budget|hours|revenue|churn|money|time", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a pain is about: a thing ("slow replies") or a short clause ("Reports take hours")."""

    text: str
    is_thing: bool


def topic_of(pain: str, *, most_words: int = _MOST_WORDS) -> Topic:
    """Return what a pain is about, in its own words."""
    whole = " ".join(pain.split()).rstrip(".!?")
    about, unable = _ABOUT.match(whole), _UNABLE.match(whole)
    if about:
        return Topic(_shorten(whole[about.end() :], most_words), is_thing=True)
    if unable:
        return Topic(f"Hard to {_shorten(whole[unable.end() :], most_words)}", is_thing=False)
    text = _shorten(whole, most_words)
    return Topic(text, is_thing=len(text.split()) <= 2)


def _shorten(text: str, most_words: int) -> str:
    words = (_TAIL.sub("", text) or text).split()[:most_words]
    while len(words) > 1 and words[-1].lower() in {"or", "the", "a", "of", "to", "with", "for"}:
        words.pop()
    return " ".join(words).strip(" '\"“”")


def audience_of(description: str) -> str | None:
    """Return whom the business helps, in its own words, or None when it does not say."""
    found = _AUDIENCE.search(description)
    return found[1].strip() if found else None


def think_up(ground: Ground) -> IdeationResult:
    """Return ten ideas, one for each format, spread over the pains; always the same ten."""
    pains = (
        list(ground.pains)
        or [each.rstrip("?") for each in ground.questions]
        or [ground.description]
    )
    ordered = sorted(pains, key=lambda pain: pain not in ground.dominant)
    concepts = [
        _concept(archetype, plan, ordered[place % len(ordered)], ground)
        for place, (archetype, plan) in enumerate(_PLANS.items())
    ]
    titles = [concept.title for concept in concepts]
    for place, concept in enumerate(concepts):
        concept.bundle_potential = [
            titles[(place + 1) % len(titles)],
            titles[(place + 3) % len(titles)],
        ]
    return IdeationResult(
        concepts=concepts, recommendations=recommend(concepts), suggested_bundle=bundle(concepts)
    )


def _concept(archetype: Archetype, plan: _Plan, pain: str, ground: Ground) -> Concept:
    topic = topic_of(pain)
    sources: Sequence[str] = getattr(ground, plan.draws_on)
    source = sources[0] if sources else None
    tool = next(iter(ground.tools), None)
    is_named = archetype is Archetype.SINGLE_SYSTEM and bool(ground.processes)
    pattern = plan.title if topic.is_thing or is_named else plan.clause_title
    title = pattern.format(
        topic=_opened(topic.text) if topic.is_thing else topic.text,
        process=_named(ground.processes[0]) if ground.processes else f"{topic.text} system",
        with_tool=f" in {tool}" if tool else "",
    )
    is_grounded = source is not None
    return Concept(
        archetype=archetype,
        archetype_name=archetypes.name_of(archetype),
        title=_fit(title),
        pain_solved=pain,
        why_now_hook=plan.hook,
        contents=plan.contents,
        delivery_format=plan.form,
        viral_check=ViralCheck(
            high_value=is_grounded,
            urgent_pain=pain in ground.pains,
            actionable_under_1h=plan.is_quick,
            simple=len(title.split()) <= 12,
            authority_boosting=is_grounded and plan.draws_on in {"results", "processes"},
        ),
        creation_time_estimate=plan.hours,
        grounded_in=source,
    )


def _named(process: str) -> str:
    """Return a process as a name, without "our" and without what it achieved."""
    text = re.sub(r"^(?:our|my|the|a|an)\s+", "", process.strip(), flags=re.IGNORECASE)
    return _shorten(re.split(r"\b(?:cut|sav\w+|increas\w+|that|to|for)\b", text)[0] or text, 6)


def _opened(text: str) -> str:
    """Return a thing as it stands inside a sentence: names and abbreviations keep capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _fit(title: str) -> str:
    title = " ".join(title.split())
    title = title[:1].upper() + title[1:]
    return title if len(title) <= 120 else title[:119].rsplit(" ", 1)[0] + "…"


def recommend(concepts: Sequence[Concept]) -> Recommendations:
    """Pick the quickest to make, the likeliest to be shared and the best proof: three ideas."""
    if not concepts:
        return Recommendations()
    taken: set[int] = set()

    def pick(score: dict[int, int]) -> int:
        free = {place: points for place, points in score.items() if place not in taken} or score
        chosen = max(free, key=lambda place: (free[place], -place))
        taken.add(chosen)
        return chosen

    def effort(concept: Concept) -> int:
        plan = _PLANS.get(concept.archetype)
        return plan.effort if plan else 3

    places = range(len(concepts))
    quick = pick({i: concepts[i].viral_check.passed * 2 - effort(concepts[i]) * 3 for i in places})
    shared_by = {Archetype.ASSESSMENT: 4, Archetype.SINGLE_CALCULATOR: 3, Archetype.PROMPT: 2}
    shared = pick(
        {
            i: shared_by.get(concepts[i].archetype, 0)
            + 2 * concepts[i].viral_check.urgent_pain
            + bool(_COST_WORDS.search(concepts[i].pain_solved))
            for i in places
        }
    )
    proof_by = {Archetype.SINGLE_BREAKDOWN: 3, Archetype.ONE_STORY: 2, Archetype.SINGLE_SYSTEM: 2}
    proof = pick(
        {
            i: proof_by.get(concepts[i].archetype, 0)
            + 3 * concepts[i].viral_check.authority_boosting
            for i in places
        }
    )
    estimate = concepts[quick].creation_time_estimate or "an afternoon"
    return Recommendations(
        ship_this_week=Pick(
            concept_index=quick,
            reason=f"Made in {estimate}, and usable by readers within the hour.",
        ),
        highest_engagement=Pick(
            concept_index=shared,
            reason="It gives everybody a result of their own, which people show to others.",
        ),
        best_authority_builder=Pick(
            concept_index=proof,
            reason="It rests on something that you did yourself: nobody else can publish it.",
        ),
    )


def bundle(concepts: Sequence[Concept]) -> Bundle:
    """Return a check, a system and a toolkit that lead from one to the next."""
    wanted = (Archetype.ASSESSMENT, Archetype.SINGLE_SYSTEM, Archetype.FOCUSED_TOOLKIT)
    chosen = [c for kind in wanted for c in concepts if c.archetype is kind]
    return Bundle(
        name="From where you stand to what you do",
        components=[concept.title for concept in chosen],
        combined_value="A check shows the gap, the system closes it, the toolkit makes it quick.",
    )


def settle(result: IdeationResult) -> IdeationResult:
    """Hold a model's ideas to their shape: at most ten, names of formats, picks that exist."""
    concepts = result.concepts[:10]
    for concept in concepts:
        concept.archetype_name = archetypes.name_of(concept.archetype)
    usual = recommend(concepts)
    given = result.recommendations
    settled = {}
    for name in ("ship_this_week", "highest_engagement", "best_authority_builder"):
        pick: Pick = getattr(given, name)
        is_real = bool(pick.reason) and 0 <= pick.concept_index < len(concepts)
        settled[name] = pick if is_real else getattr(usual, name)
    return IdeationResult(
        concepts=concepts,
        recommendations=Recommendations.model_validate(settled),
        suggested_bundle=result.suggested_bundle,
        made_by=result.made_by,
    )
