"""What the block editor offers: each kind of part with its fields and what it begins as."""

from typing import Any

from lodestone.domains.email.designs import fields
from lodestone.domains.email.designs.models import (
    Block,
    Body,
    Button,
    Columns,
    Divider,
    Heading,
    Image,
    List,
    Logo,
    Social,
    SocialLink,
    Spacer,
    Text,
)

_ALIGN = {
    "name": "align",
    "label": "Aligned",
    "type": "choice",
    "options": [["left", "Left"], ["center", "Centre"], ["right", "Right"]],
}


def _field(name: str, label: str, kind: str = "line", **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "type": kind, **more}


def _kind(label: str, icon: str, blank: Block, *shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": blank.kind,
        "label": label,
        "icon": icon,
        "fields": list(shown),
        "blank": blank.model_dump(mode="json"),
    }


KINDS: list[dict[str, Any]] = [
    _kind(
        "Heading",
        "tag",
        Heading(),
        _field("text", "Words"),
        _field(
            "size",
            "Size",
            "choice",
            options=[["large", "Large"], ["medium", "Medium"], ["small", "Small"]],
        ),
        _ALIGN,
    ),
    _kind(
        "Text",
        "page",
        Text(text="Some words."),
        _field("text", "Words", "words", hint="Markdown: **bold**, *italic*, [link](https://…)"),
        _ALIGN,
    ),
    _kind("Mail text", "mail", Body()),
    _kind(
        "Button",
        "link",
        Button(),
        _field("label", "Words"),
        _field("url", "Leads to", "address"),
        _ALIGN,
        _field("is_wide", "As wide as the mail", "switch"),
    ),
    _kind(
        "Image",
        "eye",
        Image(),
        _field("url", "Address of the picture", "address"),
        _field("alt", "What it shows"),
        _field("link", "Leads to", "address"),
        _field("width", "Width in pixels", "number", least=40, most=600),
        _ALIGN,
    ),
    _kind(
        "Columns",
        "layers",
        Columns(),
        _field(
            "columns",
            "Column",
            "rows",
            least=2,
            most=3,
            fields=[
                _field("image_url", "Address of a picture", "address"),
                _field("image_alt", "What it shows"),
                _field("heading", "Heading"),
                _field("text", "Words", "words"),
                _field("button_label", "Button"),
                _field("button_url", "Leads to", "address"),
            ],
        ),
    ),
    _kind(
        "List",
        "menu",
        List(items=("A point",)),
        _field("items", "Points, one on each line", "lines"),
        _field("is_numbered", "Numbered", "switch"),
    ),
    _kind(
        "Logo",
        "star",
        Logo(),
        _field("link", "Leads to", "address"),
        _field("width", "Width in pixels", "number", least=40, most=400),
        _ALIGN,
    ),
    _kind("Divider", "minus", Divider()),
    _kind(
        "Space",
        "selector",
        Spacer(),
        _field("height", "Height in pixels", "number", least=4, most=160),
    ),
    _kind(
        "Profiles",
        "users",
        Social(links=(SocialLink(name="LinkedIn", url="https://www.linkedin.com/in/"),)),
        _field(
            "links",
            "Profile",
            "rows",
            least=0,
            most=10,
            fields=[_field("name", "Name"), _field("url", "Address", "address")],
        ),
        _ALIGN,
    ),
]

LOOK: list[dict[str, Any]] = [
    _field("colour", "Buttons and links", "colour"),
    _field("text_colour", "Words", "colour"),
    _field("surface", "Behind the words", "colour"),
    _field("ground", "Around the mail", "colour"),
    _field(
        "font",
        "Font",
        "choice",
        options=[
            ["system", "Of the device"],
            ["serif", "Serif"],
            ["georgia", "Georgia"],
            ["verdana", "Verdana"],
            ["trebuchet", "Trebuchet"],
            ["mono", "Typewriter"],
        ],
    ),
    _field("is_framed", "A sheet on a ground", "switch"),
    _field("logo_url", "Logo", "address", hint="Empty: the logo of your brand kit."),
]

FIELDS = [[name, fields.LABELS[name]] for name in fields.FALLBACKS]
