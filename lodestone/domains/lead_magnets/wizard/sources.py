"""Calls and competitors read without a model: what is said, how often, and how it is made. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.models import (
    CompetitorAnalysis,
    Frequency,
    PainPoint,
    TranscriptInsights,
)

_SPEAKER = re.compile(r"^\s*(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?\s*)?(?:[A-Z][\w .'-]{0,30}:\s+)?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_PAIN = re.compile(
    r"\b(?:struggl\w*|stuck|frustrat\w*|overwhelm\w*|wast\w+|tired|problem\w*|hard|difficult\w*|"
    r"can['’]?t|don['’]?t know|no idea|losing|lost|fail\w*|slow|worr\w*|afraid|annoy\w*|hate|"
    r"never works?|nothing works?|ghost\w*|confus\w*)\b",
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"\b(?:want to|would love|so that (?:i|we)|my goal|our goal|hope to|dream|imagine|finally|"
    r"now (?:i|we) can|since then|in the end)\b",
    re.IGNORECASE,
)
_OBJECTION = re.compile(
    r"\b(?:too expensive|no budget|not sure|already tried|don['’]?t have (?:the )?time|"
    r"later|think about it|what if|but (?:i|we)|sceptical|skeptical|"
    r"too (?:long|complicated|busy))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-zäöüß']{3,}", re.IGNORECASE)
_STOP = frozenset(
    re.findall(
        r"\w+",
        "the and for that this with have has had was were are you your our they them then than but"
        " not what when which who how why all can could would should will just like really very"
        " about from into out get got going know think one some any more most much been being it's"
        " don't i'm that's because there here where their also only over so we do my me us if it"
        " yeah okay well right maybe",
    )
)
_FORMATS: tuple[tuple[Archetype, str], ...] = (
    (Archetype.SINGLE_CALCULATOR, r"calculat\w*|roi\b|estimat\w*"),
    (Archetype.ASSESSMENT, r"quiz|assessment|score\w*|test yourself|audit|how (?:good|ready)"),
    (Archetype.PROMPT, r"prompts?|chatgpt|claude\b"),
    (Archetype.WORKFLOW, r"workflow|automat\w*|zapier|n8n|make\.com"),
    (Archetype.FOCUSED_DIRECTORY, r"directory|list of|best \w+ tools|resources|\d+ tools"),
    (Archetype.FOCUSED_TOOLKIT, r"templates?|toolkit|swipe|scripts?|checklist|copy[- ]paste"),
    (Archetype.MINI_TRAINING, r"training|course|lessons?|masterclass|webinar|learn"),
    (Archetype.SINGLE_SYSTEM, r"system|framework|method|playbook|step[- ]by[- ]step|blueprint"),
    (Archetype.ONE_STORY, r"story|journey|how i went|from zero"),
    (
        Archetype.SINGLE_BREAKDOWN,
        r"breakdown|case study|teardown|behind the|dissect\w*|analy[sz]\w*",
    ),
)
_MOST = 8


def _sentences(text: str) -> list[str]:
    lines = (" ".join(_SPEAKER.sub("", each).split()) for each in _SENTENCE.split(text))
    return list(dict.fromkeys(line for line in lines if 12 <= len(line) <= 300))


def _theme(sentence: str, counted: Counter[str]) -> str:
    words = [word.lower() for word in _WORD.findall(sentence)]
    known = [word for word in words if word not in _STOP and not _PAIN.fullmatch(word)]
    return max(known, key=lambda word: (counted[word], len(word)), default="")


def listen(transcript: str) -> TranscriptInsights:
    """Return what clients said: pains with how often each came up, questions, wishes, doubts.

    A theme of one mention was mentioned once, of up to four is recurring, of more is dominant.
    """
    lines = _sentences(transcript)
    counted = Counter(
        word.lower() for line in lines for word in _WORD.findall(line) if word.lower() not in _STOP
    )
    pains = []
    for line in lines:
        if _PAIN.search(line) and not line.endswith("?"):
            theme = _theme(line, counted)
            pains.append(PainPoint(quote=line, theme=theme, frequency=_frequency(counted[theme])))
    order = (Frequency.DOMINANT, Frequency.RECURRING, Frequency.ONCE)
    pains.sort(key=lambda pain: order.index(pain.frequency))
    return TranscriptInsights(
        pain_points=pains[:_MOST],
        frequent_questions=[line for line in lines if line.endswith("?")][:_MOST],
        transformation_outcomes=[line for line in lines if _OUTCOME.search(line)][:_MOST],
        objections=[line for line in lines if _OBJECTION.search(line)][:_MOST],
        language_patterns=_phrases(lines),
    )


def _frequency(mentions: int) -> Frequency:
    if mentions >= 5:
        return Frequency.DOMINANT
    return Frequency.RECURRING if mentions >= 2 else Frequency.ONCE


def _phrases(lines: Sequence[str]) -> list[str]:
    """Return groups of two or three words that come back, the most frequent first."""
    counted: Counter[str] = Counter()
    for line in lines:
        words = [word.lower() for word in _WORD.findall(line)]
        for size in (3, 2):
            for start in range(len(words) - size + 1):
                group = words[start : start + size]
                if group[0] not in _STOP and group[-1] not in _STOP:
                    counted[" ".join(group)] += 1
    return [phrase for phrase, times in counted.most_common(40) if times >= 2][:_MOST]


def dissect(text: str) -> CompetitorAnalysis:
    """Return how somebody else's magnet is made, and how to make an own one of it."""
    lines = _sentences(text)
    title = next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]
    hits = [
        (len(re.findall(rf"\b(?:{words})", text, re.IGNORECASE)), kind) for kind, words in _FORMATS
    ]
    most, kind = max(hits, key=lambda each: each[0])
    numbers = len(re.findall(r"\b\d+\b", title))
    listed = len(re.findall(r"(?m)^\s*(?:[-•*]|\d+[.)])", text))
    factors = [
        (numbers > 0, "The title promises a number of things, so the reader knows the size of it."),
        (len(title.split()) <= 10, "The title is short enough to be read in passing."),
        (bool(re.search(r"\bfor\s+\w+", title)), "The title says whom it is for."),
        (bool(re.search(r"\b(?:minute|hour|day|week)s?\b", text)), "It says how long it takes."),
        (bool(re.search(r"[$€£%]\s?\d|\d\s?[%x]", text)), "It shows results in figures."),
        (listed >= 3, "It can be skimmed: lists, not walls of text."),
        (bool(re.search(r"\byou(?:r)?\b", text, re.IGNORECASE)), "It speaks to one reader."),
    ]
    found = [sentence for is_so, sentence in factors if is_so]
    missing = [sentence for is_so, sentence in factors if not is_so]
    return CompetitorAnalysis(
        detected_archetype=kind if most else None,
        format=kind.label if most else "",
        pain_point_addressed=next((line for line in lines if _PAIN.search(line)), ""),
        effectiveness_factors=found,
        adaptation_suggestions=[
            "Tell it from a case of your own: that is what they can't copy.",
            *(
                f"They left this out, so do it better: {each[0].lower()}{each[1:]}"
                for each in missing[:3]
            ),
        ],
        original_title=title,
    )
