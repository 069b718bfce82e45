"""The form of an answer: media types, ranges, and headers. Knows no SQL."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lodestone.rest.errors import RestError
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.grammar.tree import Level
from lodestone.rest.surroundings import NOTHING_SAID, Said

CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Encoding, Content-Location, Content-Range,"
    " Content-Type, Date, Location, Preference-Applied, Range-Unit",
}
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD",
    "access-control-max-age": "86400",
}
_QUALITY = re.compile(r"[01](?:\.\d{0,3})?")
_RANGE = re.compile(r"(\d{1,18})-(\d{0,18})")
RawHeaders = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)
class Answer:
    """An answer on its way out; the router adds what every answer has."""

    status: int
    headers: RawHeaders = ()
    body: bytes = b""


def answer(status: int, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """Return an answer with these headers."""
    return Answer(status, raw(headers), body)


def raw(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as they are sent."""
    return tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """How to explain a statement instead of answering it."""

    form: Literal["text", "json"]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """What the caller takes: `kind` is array, object or csv."""

    kind: str = "array"
    strips_nulls: bool = False
    plan: Plan | None = None

    @property
    def content_type(self) -> str:
        """Return the header of an answer in this form."""
        if self.plan is not None:
            named = replace(self, plan=None).content_type.removesuffix("; charset=utf-8")
            options = f"; options={'|'.join(self.plan.options)}" if self.plan.options else ""
            plan = f"application/vnd.pgrst.plan+{self.plan.form}"
            return f'{plan}; for="{named}"{options}; charset=utf-8'
        stripped = ";nulls=stripped" if self.strips_nulls else ""
        return {
            "csv": "text/csv; charset=utf-8",
            "object": f"application/vnd.pgrst.object+json{stripped}; charset=utf-8",
        }.get(self.kind, "application/json; charset=utf-8")


_KINDS = {
    "application/json": "array",
    "application/vnd.pgrst.array+json": "array",
    "application/vnd.pgrst.array": "array",
    "application/*": "array",
    "*/*": "array",
    "application/openapi+json": "array",
    "application/vnd.pgrst.object+json": "object",
    "application/vnd.pgrst.object": "object",
    "text/csv": "csv",
}


_PLANS: dict[str, Literal["text", "json"]] = {
    "application/vnd.pgrst.plan": "text",
    "application/vnd.pgrst.plan+text": "text",
    "application/vnd.pgrst.plan+json": "json",
}
_PLAN_OPTIONS = ("analyze", "verbose", "settings", "buffers", "wal")


def negotiate(accept: str | None, *, plans: bool = False) -> Media:
    """Return the form to answer in. Raises RestError PGRST107 when there is none."""
    if not accept:
        return Media()
    for media_type, parameters in _by_preference(accept):
        kind = _KINDS.get(media_type)
        if kind is not None:
            return Media(kind, parameters.get("nulls") == "stripped")
        if plans and media_type in _PLANS:
            return _planned(_PLANS[media_type], parameters)
    raise RestError(
        f"None of these media types are available: {accept}", code="PGRST107", status=406
    )


def _by_preference(accept: str) -> Iterable[tuple[str, Mapping[str, str]]]:
    """Return the media types of a header with their parameters, the best liked first."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for one in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in one.split(";"))
        pairs = (part.partition("=") for part in parameters)
        found.append((media_type, {name: value.strip('"') for name, _, value in pairs}))
    return sorted(found, key=lambda one: -_quality(one[1]))


def _quality(parameters: Mapping[str, str]) -> float:
    found = _QUALITY.fullmatch(parameters.get("q", "1"))
    return float(found[0]) if found else 0.0


def _planned(form: Literal["text", "json"], parameters: Mapping[str, str]) -> Media:
    wanted = parameters.get("options", "").split("|")
    options = tuple(name for name in _PLAN_OPTIONS if name in wanted)
    inner = negotiate(parameters.get("for"))
    return replace(inner, plan=Plan(form, options))


def apply_range(level: Level, header: str | None) -> None:
    """Narrow a level by the `Range` header. Raises RestError PGRST103 for an impossible one."""
    found = _RANGE.fullmatch((header or "").removeprefix("items="))
    if found is None:
        return
    first = int(found[1])
    if found[2]:
        last = int(found[2])
        if last < first:
            raise unsatisfiable("The lower boundary must be lower than or equal to the upper one.")
        length = last - first + 1
        level.limit = length if level.limit is None else min(level.limit, length)
    level.offset = max(level.offset, first)


def unsatisfiable(details: str) -> RestError:
    """Say that a range of rows can't be given."""
    return RestError(
        "Requested range not satisfiable", code="PGRST103", status=416, details=details
    )


def content_range(offset: int, rows: int, total: int | None) -> tuple[str, int]:
    """Return the header and the status of a list. Raises RestError PGRST103 beyond its end."""
    whole = "*" if total is None else str(total)
    if total is not None and offset > total:
        raise unsatisfiable(
            f"An offset of {offset} was requested, but there are only {total} rows."
        )
    header = f"{offset}-{offset + rows - 1}/{whole}" if rows else f"*/{whole}"
    return header, 206 if total is not None and rows < total else 200


def refusal(error: RestError) -> Answer:
    """Return the answer to a request that is refused."""
    headers = {"content-type": "application/json; charset=utf-8"}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    found = answer(error.status, headers, json.dumps(error.to_json()).encode())
    return with_said(found, Said(None, error.headers))


def with_said(found: Answer, said: Said) -> Answer:
    """Return an answer as a function wants it: its status, and its headers before ours."""
    if said is NOTHING_SAID:
        return found
    names = {name for name, _ in said.headers}
    kept = tuple(pair for pair in found.headers if pair[0] not in names)
    return Answer(said.status or found.status, kept + said.headers, found.body)


def applied(preferences: Preferences, *names: str) -> dict[str, str]:
    """Return the header that says which preferences were followed, when any were."""
    text = preferences.applied(*names)
    return {"preference-applied": text} if text else {}
