"""Posts without a model: three hooks over the author's own words, and how good a post is. Pure."""

import re
from collections.abc import Sequence

from lodestone.domains.lead_magnets.posts.models import (
    DEFAULT_WORD,
    MOST_POST,
    Evaluation,
    PostInput,
    PostResult,
    PostVariation,
    Resonance,
    Strength,
    ToneMatch,
)

HOOKS = ("question", "bold statement", "story")
DM_TEMPLATE = "Hi {first_name}, here is “{title}”: [LINK]\n\nTell me which part you try first?"
_FIGURE = re.compile(r"\d")
_CLICHES = (
    "game changer",
    "game-changer",
    "unlock",
    "unleash",
    "in today's",
    "fast-paced world",
    "let that sink in",
    "here's the thing",
    "dive in",
    "deep dive",
    "delve",
    "supercharge",
    "level up",
    "next level",
    "revolutioni",
    "secret sauce",
    "leverage",
    "seamless",
    "cutting-edge",
    "elevate your",
    "at the end of the day",
    "no fluff",
)
_NO_WORDS = frozenset(
    re.findall(
        r"\w+",
        "THIS THAT WITH YOUR FROM WHAT INTO WHERE STAND THESE WORKED TAKEN APART FIRST FINISHED"
        " LINES COPY TODAY COSTS READY PASTE SHORT WORTH TIME MOST HARD HELP HELPS DOES EVERY",
    )
)
_WORD = re.compile(r"\w+")


def write_posts(given: PostInput) -> PostResult:
    """Return three posts with different hooks, made of what the author said and nothing else."""
    word = word_for(given.title, about=given.pain_solved)
    lines = [line.strip("-• ").strip() for line in given.contents.splitlines() if line.strip()]
    inside = "\n".join(f"→ {line}" for line in lines[:5])
    pain = given.pain_solved.strip().rstrip(".!?")
    proof = given.proof.strip().split("\n")[0]
    ask = f"Comment “{word}” and I'll send it to you."
    named = f"I wrote down what I do about it: “{given.title}”."
    texts = (
        (
            HOOKS[0],
            [
                f"{pain or given.title}: does that sound like your week?",
                "It is rarely for lack of effort. Nobody wrote down what to do about it.",
                named,
                f"Inside:\n{inside}" if inside else "",
                proof,
                ask,
            ],
            "A question lets readers nod before they are asked for anything.",
        ),
        (
            HOOKS[1],
            [
                f"{_opening(given, proof)}",
                f"The rest is for whoever knows this: {_lowered(pain)}." if pain else "",
                f"It is free, and called “{given.title}”.",
                f"You get:\n{inside}" if inside else "",
                given.why_now.strip(),
                ask,
            ],
            "The claim comes first, and what backs it right after: it stops the thumb.",
        ),
        (
            HOOKS[2],
            [
                f"Behind this is one thing: {_lowered(pain)}." if pain else given.title,
                f"I put what I know about it in one place: “{given.title}”.",
                f"What it covers:\n{inside}" if inside else "",
                f"Where it comes from: {proof}" if proof else "",
                ask,
            ],
            "Where it came from is a story that nobody else can tell.",
        ),
    )
    variations = [
        PostVariation(
            hook_type=hook,
            post="\n\n".join(part for part in parts if part)[:MOST_POST],
            why_this_angle=why,
        )
        for hook, parts, why in texts
    ]
    for each in variations:
        each.evaluation = judge(each.post, given)
    best = max(range(3), key=lambda place: (_points(variations[place].evaluation), -place))
    reason = (
        "it has figures" if _FIGURE.search(variations[best].post) else "its first line is short"
    )
    return PostResult(
        variations=variations,
        recommendation=f"Take the {HOOKS[best]}: {reason}, and it names the problem early.",
        dm_template=DM_TEMPLATE.replace("{title}", given.title),
        cta_word=word,
    )


def _opening(given: PostInput, proof: str) -> str:
    if proof and _FIGURE.search(proof):
        return proof
    return f"You don't need another course. You need one page: “{given.title}”."


def _lowered(text: str) -> str:
    return text if text[1:2].isupper() or text[:2] == "I " else text[:1].lower() + text[1:]


def word_for(title: str, *, about: str = "") -> str:
    """Return the word that readers comment: a plain one of the title, first one of its pain."""
    plain = [word.upper() for word in re.findall(r"[A-Za-z]{4,10}", title)]
    fitting = [word for word in plain if word not in _NO_WORDS]
    named = {word.upper() for word in _WORD.findall(about)}
    chosen = [word for word in fitting if word in named] or fitting
    return max(chosen, key=len, default=DEFAULT_WORD)


def judge(post: str, given: PostInput) -> Evaluation:
    """Return what is good and what is weak about a post, by what can be counted."""
    first = post.strip().split("\n")[0]
    lowered = post.lower()
    length = len(first.split())
    strength = Strength.MEDIUM
    if length <= 14 and (_FIGURE.search(first) or first.endswith("?")):
        strength = Strength.STRONG
    elif length > 28:
        strength = Strength.WEAK
    return Evaluation(
        hook_strength=strength,
        credibility_clear=bool(given.proof.strip()) and _shared(given.proof, post) >= 0.5,
        problem_resonance=_resonance(given.pain_solved, post),
        contents_specific=post.count("→") + len(re.findall(r"(?m)^\s*[-•\d]", post)) >= 3,
        tone_match=ToneMatch.ALIGNED if is_plain(post) else ToneMatch.PARTIAL,
        ai_cliche_free=not any(phrase in lowered for phrase in _CLICHES),
    )


def is_plain(post: str) -> bool:
    """Say whether a post is in short paragraphs, without hashtags and shouting."""
    longest = max((len(part.split()) for part in post.split("\n\n")), default=0)
    return longest <= 60 and "#" not in post and "!!" not in post


def _resonance(pain: str, post: str) -> Resonance:
    shared = _shared(pain, post)
    if shared >= 0.6:
        return Resonance.HIGH
    return Resonance.MEDIUM if shared >= 0.25 else Resonance.LOW


def _shared(wanted: str, text: str) -> float:
    """Return which share of the longer words of one text are in the other."""
    words = {word.lower() for word in _WORD.findall(wanted) if len(word) > 3}
    there = {word.lower() for word in _WORD.findall(text)}
    return len(words & there) / len(words) if words else 0.0


def _points(evaluation: Evaluation) -> int:
    return (
        {Strength.STRONG: 2, Strength.MEDIUM: 1, Strength.WEAK: 0}[evaluation.hook_strength]
        + {Resonance.HIGH: 2, Resonance.MEDIUM: 1, Resonance.LOW: 0}[evaluation.problem_resonance]
        + evaluation.credibility_clear
        + evaluation.contents_specific
        + evaluation.ai_cliche_free
    )


def settle(result: PostResult, given: PostInput) -> PostResult:
    """Hold a model's posts to their shape: three, a word to comment, a message with its link."""
    usual = write_posts(given)
    variations = [
        each.model_copy(update={"post": each.post.strip()[:MOST_POST]})
        for each in result.variations
        if each.post.strip()
    ][:3]
    variations += usual.variations[len(variations) :]
    word = re.sub(r"[^A-Za-z0-9]", "", result.cta_word).upper()[:20]
    message = result.dm_template.strip()[:1_000]
    return PostResult(
        variations=variations,
        recommendation=result.recommendation or usual.recommendation,
        dm_template=message if "[LINK]" in message else usual.dm_template,
        cta_word=word if len(word) >= 2 else usual.cta_word,
    )


def describe_contents(names: Sequence[str]) -> str:
    """Return the names of sections as the lines of a post."""
    return "\n".join(name for name in names if name)
