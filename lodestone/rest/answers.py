"""The form of an answer: media types, ranges, and headers. Knows no SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from lodestone.platform.errors import LodestoneError
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.grammar.tree import Level

CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Encoding, Content-Location, Content-Range,"
    " Content-Type, Date, Location, Preference-Applied, Range-Unit",
}
PREFLIGHT = {
    **CORS,
    "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD",
    "access-control-max-age": "86400",
}
_RANGE = re.compile(r"(\d{1,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Media:
    """What the caller takes: `kind` is array, object or csv."""

    kind: str = "array"
    strips_nulls: bool = False

    @property
    def content_type(self) -> str:
        """Return the header of an answer in this form."""
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


def negotiate(accept: str | None) -> Media:
    """Return the form to answer in. Raises RestError PGRST107 when there is none."""
    if not accept:
        return Media()
    for one in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in one.split(";"))
        kind = _KINDS.get(media_type)
        if kind is not None:
            return Media(kind, "nulls=stripped" in parameters)
    raise RestError(
        f"None of these media types are available: {accept}", code="PGRST107", status=406
    )


def apply_range(level: Level, headers: Mapping[str, str]) -> None:
    """Narrow a level by the `Range` header. Raises RestError PGRST103 for an impossible one."""
    given = headers.get("range", "").removeprefix("items=")
    found = _RANGE.fullmatch(given)
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


def refusal(error: LodestoneError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a request that is refused."""
    extra = {**CORS, **(headers or {})}
    if error.status == 401:
        extra["www-authenticate"] = "Bearer"
    return JSONResponse(error.to_json(), status_code=error.status, headers=extra)


def applied(preferences: Preferences, *names: str) -> dict[str, str]:
    """Return the header that says which preferences were followed, when any were."""
    text = preferences.applied(*names)
    return {"preference-applied": text} if text else {}
