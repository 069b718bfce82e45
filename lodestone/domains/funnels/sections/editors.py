"""What the builder asks for each type of section: its fields, and the list it may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lodestone.domains.funnels.sections.models import (
    FEATURES,
    LOGOS,
    STATS,
    STEPS,
    VOICES,
    SectionType,
)

Kind = Literal["line", "area", "picture", "link", "choice", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `name` is that of the stored configuration."""

    name: str
    label: str
    most: int = 200
    kind: Kind = "line"
    is_needed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A list of things of one kind."""

    name: str
    noun: str
    fields: tuple[Field, ...]
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Editor:
    """A type of section as people choose and fill it."""

    type: SectionType
    label: str
    about: str
    icon: str
    fields: tuple[Field, ...] = ()
    group: Group | None = None


_HEADING = Field("heading", "Heading")
_AUTHOR = Field("author", "Who said it", 100)
_ROLE = Field("role", "Role and company", 100)
_PICTURE = Field("imageUrl", "Picture", 2000, "picture")
_BUTTON = (
    Field("ctaText", "Button", 100, hint="Shown when it has an address too."),
    Field("ctaUrl", "Where the button leads", 2000, "link"),
)
_ICON = Field("icon", "Sign", 50, hint="An emoji or a number.")
_TITLED = (
    Field("title", "Title", is_needed=True),
    Field("description", "What it is", 500, "area", is_needed=True),
    _ICON,
)

_EDITORS = (
    Editor(
        SectionType.HERO,
        "Opening",
        "A large heading with a picture",
        "star",
        (
            Field("heading", "Heading", is_needed=True),
            Field("text", "Text", 500, "area"),
            _PICTURE,
            *_BUTTON,
        ),
    ),
    Editor(
        SectionType.LOGO_BAR,
        "Logos",
        "Customers, or papers that wrote of you",
        "layers",
        group=Group(
            "logos",
            "logo",
            (
                Field("name", "Name", 100, is_needed=True),
                Field("imageUrl", "Picture", 2000, "picture", is_needed=True),
            ),
            1,
            LOGOS,
        ),
    ),
    Editor(
        SectionType.STEPS,
        "Steps",
        "What happens, one thing after another",
        "check-circle",
        (_HEADING, Field("subheading", "Line below", 500, "area")),
        Group("steps", "step", _TITLED, 1, STEPS),
    ),
    Editor(
        SectionType.TESTIMONIAL,
        "Testimonial",
        "What one person says of it",
        "message",
        (
            Field("quote", "Their words", 2000, "area", is_needed=True),
            _AUTHOR,
            _ROLE,
            Field("result", "What they achieved", hint="Such as: 40 % more calls in a month."),
        ),
    ),
    Editor(
        SectionType.SOCIAL_PROOF_WALL,
        "Wall of praise",
        "Two to six short quotes, side by side",
        "users",
        (_HEADING,),
        Group(
            "voices",
            "quote",
            (
                Field("quote", "Their words", 500, "area", is_needed=True),
                Field("author", "Who said it", 100, is_needed=True),
                _ROLE,
            ),
            2,
            VOICES,
        ),
    ),
    Editor(
        SectionType.STATS_BAR,
        "Numbers",
        "Three or four numbers that speak for you",
        "bars",
        group=Group(
            "stats",
            "number",
            (
                Field("value", "Number", 30, is_needed=True),
                Field("label", "What it counts", 100, is_needed=True),
            ),
            3,
            STATS,
        ),
    ),
    Editor(
        SectionType.FEATURE_GRID,
        "Benefits",
        "Three to six things that they get",
        "sparkle",
        (_HEADING,),
        Group("features", "benefit", _TITLED, 3, FEATURES),
    ),
    Editor(
        SectionType.MARKETING_BLOCK,
        "Text or questions",
        "An argument, a case, prices, or answers to questions",
        "book",
        (
            Field(
                "blockType",
                "What it is",
                kind="choice",
                options=(
                    ("benefit", "Benefit"),
                    ("feature", "Feature"),
                    ("case_study", "Case study"),
                    ("testimonial", "Praise"),
                    ("pricing", "Prices"),
                    ("cta", "Call to action"),
                    ("faq", "Questions and answers"),
                ),
            ),
            Field("title", "Title"),
            Field(
                "content",
                "Text",
                5000,
                "area",
                hint="Leave a line empty between paragraphs. Questions: **the question**, then its"
                " answer below.",
            ),
            _PICTURE,
            *_BUTTON,
        ),
    ),
    Editor(
        SectionType.SECTION_BRIDGE,
        "Bridge",
        "A sentence that leads on",
        "arrow-right",
        (
            Field("text", "Sentence", 500, "area", is_needed=True),
            Field(
                "variant",
                "Look",
                kind="choice",
                options=(("default", "Plain"), ("accent", "Accent"), ("gradient", "Glow")),
            ),
            Field("stepNumber", "Number of the step", 2, "number"),
            Field("stepLabel", "Name of the step", 100),
        ),
    ),
)
EDITORS: Mapping[SectionType, Editor] = {editor.type: editor for editor in _EDITORS}


def unflatten(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration from a form's names, `steps.0.title`; what is empty is left out.

    Things of a list of which every field is empty are left out too, and the rest keep their order.
    """
    config: dict[str, Any] = {}
    lists: dict[str, dict[int, dict[str, Any]]] = {}
    for name, value in form.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        parts = name.split(".")
        if len(parts) == 1:
            config[name] = value
        elif len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) <= 3:
            lists.setdefault(parts[0], {}).setdefault(int(parts[1]), {})[parts[2]] = value
    for name, things in lists.items():
        config[name] = [things[number] for number in sorted(things)]
    return config


def summarise(config: Mapping[str, Any]) -> str:
    """Return the first words of a section, by which its maker knows it again."""
    for name in ("heading", "title", "text", "quote", "content"):
        if config.get(name):
            return str(config[name])[:90]
    for things in config.values():
        if isinstance(things, list) and things and isinstance(things[0], dict):
            words = [str(next(iter(thing.values()), "")) for thing in things if thing]
            return ", ".join(word for word in words if word)[:90]
    return ""
