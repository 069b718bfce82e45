"""Merge fields: `{{first_name}}` and `{{first_name|there}}`, and nothing else between braces.

field    = "{{" name [ "|" fallback ] "}}"
name     = a known field
fallback = anything without braces, used for whoever has no value
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from html import escape
from urllib.parse import quote

from lodestone.platform.errors import InvalidInput

FALLBACKS: dict[str, str] = {
    "first_name": "there",
    "last_name": "",
    "name": "there",
    "email": "",
    "company": "your company",
    "sender_name": "",
    "unsubscribe_url": "",
    "preferences_url": "",
}
"""The fields of every mail, each with what stands there for whoever has no value."""

RESOURCE_FIELDS = {"resource_url": "", "resource_title": "your resource"}
"""Fields of mails that follow an opt-in: there is something to deliver."""

LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Whole name",
    "email": "E-mail address",
    "company": "Company",
    "sender_name": "Your name",
    "unsubscribe_url": "Link to unsubscribe",
    "preferences_url": "Link to the preferences",
    "resource_url": "Their link to the resource",
    "resource_title": "Name of the resource",
}

_ALL = {**FALLBACKS, **RESOURCE_FIELDS}
_FIELD = re.compile(r"\{\{([^{}]*)\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|([^{}]*))?")
_COMPILED = re.compile(r"\{\{([htu]):([a-z_]+)\|([^{}]*)\}\}")
# Source: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_STAND_IN = re.compile(r"lsmf(\d+)x")
_LINKS = re.compile(r'(?:href|src)="[^"]*"')
_WRITTEN_LINKS = re.compile(r"(?:https?://|mailto:)[^\s)]*")
_SUBJECT_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Field:
    """One use of a field; `fallback` is what stands there without a value."""

    name: str
    fallback: str

    @property
    def is_address(self) -> bool:
        """Return whether its value is a link."""
        return self.name.endswith("_url")


def read_field(inside: str, known: Iterable[str] = tuple(_ALL)) -> Field:
    """Read what stands between the braces. Raises ValueError with a sentence that names it."""
    found = _NAME.fullmatch(inside)
    written = "{{" + inside.strip() + "}}"
    if found is None:
        raise ValueError(f"{written} is no field: write a name, such as {{{{first_name}}}}.")
    name, fallback = found[1], found[2]
    names = list(known)
    if name not in names:
        if name in _ALL:
            raise ValueError(f"{written} is known only in mails that follow an opt-in.")
        near = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
        hint = f" Did you mean {{{{{near[0]}}}}}?" if near else ""
        raise ValueError(f"{written} is not a field we know.{hint}")
    return Field(name, _ALL[name] if fallback is None else fallback.strip())


def list_problems(text: str, known: Iterable[str] = tuple(FALLBACKS)) -> list[str]:
    """Return a sentence for each field that can't be filled; none when the text is fine."""
    names = tuple(known)
    problems = []
    for inside in _FIELD.findall(text):
        try:
            read_field(inside, names)
        except ValueError as error:
            problems.append(str(error))
    if _BRACES.search(_FIELD.sub("", text)):
        problems.append("Two braces belong to no field: write {{first_name}}, closed by }}.")
    return list(dict.fromkeys(problems))


def check(texts: Mapping[str, str], known: Iterable[str] = tuple(FALLBACKS)) -> None:
    """Raises: InvalidInput naming each text with a field that can't be filled."""
    names = tuple(known)
    wrong = {
        name: " ".join(problems)
        for name, text in texts.items()
        if (problems := list_problems(text, names))
    }
    if wrong:
        raise InvalidInput("A field in this mail is not known.", fields=wrong)


class Swap:
    """Takes fields out of texts on their way through Markdown and MJML, and puts them back.

    A stand-in is a plain word that no parser touches and no writer uses.
    """

    def __init__(self) -> None:
        self._fields: list[Field] = []

    def out(self, text: str) -> str:
        """Return the text with stand-ins, and without what no XML may hold.

        Raises: ValueError for an unknown field.
        """
        return _FIELD.sub(self._keep, _NO_XML.sub("", text))

    def _keep(self, found: re.Match[str]) -> str:
        self._fields.append(read_field(found[1]))
        return f"lsmf{len(self._fields) - 1}x"

    def back_in_html(self, html: str) -> str:
        """Return compiled HTML: inside an address, values are to be encoded for one."""
        linked = _LINKS.sub(lambda found: self._put(found[0], "u"), html)
        return self._put(linked, "h")

    def back_in_text(self, text: str) -> str:
        """Return compiled plain text, likewise."""
        linked = _WRITTEN_LINKS.sub(lambda found: self._put(found[0], "u"), text)
        return self._put(linked, "t")

    def _put(self, text: str, mode: str) -> str:
        def written(found: re.Match[str]) -> str:
            number = int(found[1])
            if number >= len(self._fields):
                return found[0]
            field = self._fields[number]
            # An address that is a field is one already: only what stands in its midst is encoded.
            kind = ("h" if mode == "u" else mode) if field.is_address else mode
            return f"{{{{{kind}:{field.name}|{field.fallback}}}}}"

        return _STAND_IN.sub(written, text)


@lru_cache(maxsize=512)
def _split(template: str) -> tuple[str, ...]:
    """Return literal, mode, name, fallback, literal, …, as `re.split` does, once per template."""
    return tuple(_COMPILED.split(template))


def fill(template: str, values: Mapping[str, str | None]) -> str:
    """Return compiled HTML or text with the reader's values; empty ones give the fallback."""
    parts = _split(template)
    if len(parts) == 1:
        return template
    out = [parts[0]]
    for at in range(1, len(parts), 4):
        mode, name, fallback, literal = parts[at : at + 4]
        value = values.get(name) or fallback
        if mode == "h":
            value = escape(value)
        elif mode == "u":
            value = quote(value, safe="")
        out += (value, literal)
    return "".join(out)


def as_gaps(template: str, *, sender_name: str) -> str:
    """Return compiled HTML or text with its fields written as `{{name|fallback}}` again."""
    parts = _split(template)
    out = [parts[0]]
    for at in range(1, len(parts), 4):
        mode, name, fallback, literal = parts[at : at + 4]
        if name == "sender_name":
            value = sender_name or fallback
            out.append(escape(value) if mode == "h" else value)
        else:
            out.append("{{" + name + (f"|{fallback}" if fallback else "") + "}}")
        out.append(literal)
    return "".join(out)


def fill_line(template: str, values: Mapping[str, str | None]) -> str:
    """Return a compiled subject with the reader's values, on one line whatever they hold."""
    return _SUBJECT_SPACE.sub(" ", fill(template, values)).strip()
