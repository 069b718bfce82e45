"""Which sections a new page gets, what they say until somebody fills them, and their order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from lodestone.domains.funnels.sections.models import (
    CONFIGS,
    FOLD,
    LAST,
    Config,
    Location,
    SectionType,
)


class Template(StrEnum):
    """Sets of sections that a new page can begin with."""

    MINIMAL = "minimal"
    SOCIAL_PROOF = "social_proof"
    AUTHORITY = "authority"
    FULL_SUITE = "full_suite"


@dataclass(frozen=True, slots=True)
class Planned:
    """A section that a template puts on a page."""

    section_type: SectionType
    page_location: Location
    sort_order: int
    config: dict[str, Any]
    is_placeholder: bool


_T, _L = SectionType, Location
_SOCIAL_PROOF = (
    (_T.LOGO_BAR, _L.OPTIN, 50),
    (_T.STEPS, _L.THANKYOU, 50),
    (_T.LOGO_BAR, _L.CONTENT, 50),
    (_T.TESTIMONIAL, _L.CONTENT, 60),
)
_AUTHORITY = (
    (_T.STEPS, _L.OPTIN, 50),
    (_T.TESTIMONIAL, _L.OPTIN, 60),
    (_T.STEPS, _L.THANKYOU, 50),
    (_T.SECTION_BRIDGE, _L.CONTENT, 50),
    (_T.STEPS, _L.CONTENT, 60),
    (_T.TESTIMONIAL, _L.CONTENT, 70),
)
_FULL_SUITE = (
    (_T.LOGO_BAR, _L.OPTIN, 50),
    (_T.STEPS, _L.OPTIN, 60),
    (_T.MARKETING_BLOCK, _L.OPTIN, 70),
    (_T.TESTIMONIAL, _L.OPTIN, 80),
    (_T.SECTION_BRIDGE, _L.THANKYOU, 40),
    (_T.STEPS, _L.THANKYOU, 50),
    (_T.TESTIMONIAL, _L.THANKYOU, 60),
    (_T.LOGO_BAR, _L.CONTENT, 50),
    (_T.SECTION_BRIDGE, _L.CONTENT, 60),
    (_T.STEPS, _L.CONTENT, 70),
    (_T.TESTIMONIAL, _L.CONTENT, 80),
)
TEMPLATES = {
    Template.MINIMAL: (),
    Template.SOCIAL_PROOF: _SOCIAL_PROOF,
    Template.AUTHORITY: _AUTHORITY,
    Template.FULL_SUITE: _FULL_SUITE,
}

_FINE = {"benefit", "What happens next", "What you get", "First", "Then", "At last"}
"""Words of placeholders that somebody may well keep."""

PLACEHOLDERS: dict[SectionType, dict[str, Any]] = {
    _T.HERO: {"heading": "The one thing this page is about", "text": "Why it matters now."},
    _T.LOGO_BAR: {"logos": []},
    _T.STEPS: {
        "heading": "What happens next",
        "steps": [
            {"title": "First", "description": "What they do, or get, first."},
            {"title": "Then", "description": "What follows from it."},
            {"title": "At last", "description": "Where they are in the end."},
        ],
    },
    _T.TESTIMONIAL: {"quote": "What somebody said of your work, in their words."},
    _T.SOCIAL_PROOF_WALL: {
        "voices": [
            {"quote": "A short word of praise.", "author": "Who said it"},
            {"quote": "Another one.", "author": "Who said it"},
        ]
    },
    _T.STATS_BAR: {
        "stats": [
            {"value": "0", "label": "What this counts"},
            {"value": "0", "label": "What this counts"},
            {"value": "0", "label": "What this counts"},
        ]
    },
    _T.FEATURE_GRID: {
        "heading": "What you get",
        "features": [
            {"title": "One thing", "description": "What it is good for."},
            {"title": "Another", "description": "What it is good for."},
            {"title": "A third", "description": "What it is good for."},
        ],
    },
    _T.MARKETING_BLOCK: {
        "blockType": "benefit",
        "title": "What changes for them",
        "content": "Say it in two or three sentences.",
    },
    _T.SECTION_BRIDGE: {"text": "A sentence that leads on to what comes next."},
}


def has_samples(section_type: SectionType, config: Mapping[str, Any]) -> bool:
    """Tell whether some of the words are still those of the placeholder."""
    samples = set(_words(PLACEHOLDERS[section_type])) - _FINE
    return not samples.isdisjoint(_words(config))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, str):
        yield value


def read_config(section_type: str, config: Mapping[str, Any]) -> Config | None:
    """Return a stored configuration in the shape of its own type, or None when it has another."""
    try:
        return CONFIGS[SectionType(section_type)].model_validate(config)
    except (ValueError, ValidationError):
        return None


def plan(
    template: Template, kit: Mapping[str, Any], location: Location | None = None
) -> list[Planned]:
    """Return the sections of a template, the brand kit's own words in place of placeholders."""
    return [
        _plan_one(section_type, page, order, kit)
        for section_type, page, order in TEMPLATES[template]
        if location in (None, page)
    ]


def _plan_one(
    section_type: SectionType, location: Location, order: int, kit: Mapping[str, Any]
) -> Planned:
    branded = brand_config(section_type, kit)
    return Planned(
        section_type,
        location,
        order,
        branded.to_json() if branded else PLACEHOLDERS[section_type],
        is_placeholder=branded is None,
    )


def brand_config(section_type: SectionType, kit: Mapping[str, Any]) -> Config | None:
    """Return what a brand kit holds for a section, or None when it holds nothing that fits."""
    stored = {
        SectionType.LOGO_BAR: {"logos": kit.get("logos") or []},
        SectionType.TESTIMONIAL: kit.get("default_testimonial"),
        SectionType.STEPS: kit.get("default_steps"),
    }.get(section_type)
    return read_config(section_type, stored) if isinstance(stored, dict) else None


def spread(above: int, total: int) -> list[int]:
    """Return the orders of so many sections, the first `above` of them above the form.

    Each stays in its part of the page, however many there are, and keeps its place in the row.
    """
    lower = [min(number, FOLD - 1) for number in _evenly(0, FOLD, above)]
    return [*lower, *_evenly(FOLD, LAST + 1, total - above)]


def _evenly(start: int, end: int, count: int) -> list[int]:
    step = max(1, min(10, (end - start) // (count or 1)))
    return [min(start + number * step, end - 1) for number in range(count)]
