"""Pure rules of funnels: slugs, drafted copy, who counts as a bot."""

import hashlib
import hmac
import re
import unicodedata

MAX_AUTOMATIC_SLUG = 50
HEADLINE_LIMIT = 60
SUBLINE_LIMIT = 100
LEADS_PER_ADDRESS_AND_MINUTE = 5
QUICKEST_PERSON_SECONDS = 0.8
MIN_CONTENT_WORDS = 1

_BOT = re.compile(
    r"bot\b|crawl|spider|slurp|preview|monitor|headless|python-|curl/|wget/|facebookexternalhit|scan",
    re.IGNORECASE,
)


def slugify(text: str) -> str:
    """Return the text as a slug of at most 50 characters, never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words[:MAX_AUTOMATIC_SLUG].strip("-") or "page"


def cut(text: str, limit: int) -> str:
    """Shorten at a word's end to at most `limit` characters, with an ellipsis when shortened."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    kept = text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.;:–-")
    return f"{kept or text[: limit - 1]}…"


def draft_headline(title: str) -> str:
    """Draft the opt-in headline from the magnet's title: the offline rule."""
    return cut(title, HEADLINE_LIMIT)


def draft_subline(*, pain_point: str | None, short_description: str | None) -> str | None:
    """Draft the line under the headline: the pain it eases, else what it is."""
    source = pain_point or short_description
    return cut(source, SUBLINE_LIMIT) if source else None


def draft_button(archetype: str | None) -> str:
    """Draft the button: two to four words that name what one gets."""
    return {
        "single-calculator": "Open the calculator",
        "assessment": "Take the assessment",
        "prompt": "Get the prompts",
        "mini-training": "Start the training",
        "workflow": "Get the workflow",
        "focused-directory": "See the list",
        "focused-toolkit": "Get the toolkit",
        "one-story": "Read the story",
    }.get(archetype or "", "Get free access")


def is_bot(user_agent: str | None) -> bool:
    """Tell whether a user agent is a program's; a missing one is."""
    return not user_agent or bool(_BOT.search(user_agent))


def is_trapped(*, website: str | None, seconds_shown: float | None) -> bool:
    """Tell whether an opt-in fell into a trap: a hidden field filled, or quicker than a person."""
    if website:
        return True
    return seconds_shown is not None and seconds_shown < QUICKEST_PERSON_SECONDS


def hash_visitor(*, salt: bytes, address: str, user_agent: str) -> str:
    """Return a visitor's hash: the same all day, unlinkable to any other day, 32 hex digits.

    The salt is the day's and secret, so no personal data is stored and none can be worked back.
    """
    return hmac.new(salt, f"{address}\n{user_agent}".encode(), hashlib.sha256).hexdigest()[:32]
