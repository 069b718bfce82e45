"""The body of a write: JSON as it came, or CSV and forms made into it."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import from_json
from starlette.types import Receive

from lodestone.rest.errors import RestError

_JSON = (
    "application/json",
    "application/vnd.pgrst.object+json",
    "application/vnd.pgrst.array+json",
)


@dataclass(frozen=True, slots=True)
class Payload:
    """Rows to write: `text` is a JSON array, `columns` the keys that every row has."""

    text: str
    columns: tuple[str, ...]
    is_empty: bool = False


class Gone(Exception):
    """The caller has left in the middle of what it had to say."""


async def read_body(receive: Receive, *, most_bytes: int) -> bytes:
    """Return the body. Raises Gone, or RestError request_too_large without reading the rest."""
    parts: list[bytes] = []
    length = 0
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part: bytes = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if length > most_bytes:
            raise RestError(
                f"The body is larger than the {most_bytes} bytes allowed.",
                code="request_too_large",
                status=413,
            )
        has_more = message.get("more_body", False)
    return b"".join(parts)


def parse_rows(body: bytes, content_type: str | None, columns: Sequence[str] | None) -> Payload:
    """Return the rows of a body. Raises RestError PGRST102 or PGRST107."""
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    text = _decode(body)
    if media_type == "text/csv":
        return _of_rows(_csv_rows(text), columns)
    if media_type == "application/x-www-form-urlencoded":
        return _of_rows([dict(parse_qsl(text, keep_blank_values=True))], columns)
    if media_type not in _JSON:
        raise unknown_content(media_type)
    return _of_json(text, columns)


def unknown_content(media_type: str) -> RestError:
    """Say that a body of this type can't be read."""
    return RestError(f"Content-Type not acceptable: {media_type}", code="PGRST107", status=415)


def parse_arguments(body: bytes, media_type: str) -> tuple[str, tuple[str, ...]]:
    """Return the arguments of a call as a JSON object, and their names.

    Raises: RestError PGRST102, or PGRST107 for a body of another type.
    """
    if media_type == "application/x-www-form-urlencoded":
        given = dict(parse_qsl(_decode(body), keep_blank_values=True))
        return json.dumps(given), tuple(given)
    if media_type not in ("application/json", "application/vnd.pgrst.object+json"):
        raise unknown_content(media_type)
    return parse_object(body)


def parse_object(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a JSON object and its keys, of which an empty body has none.

    Raises: RestError PGRST102 for anything else.
    """
    text = _decode(body) or "{}"
    found = _load(text)
    if not isinstance(found, dict):
        raise RestError("All object keys must match", code="PGRST102")
    return text, tuple(found)


def _decode(body: bytes) -> str:
    try:
        return body.decode().strip()
    except UnicodeDecodeError:
        raise RestError("Empty or invalid json", code="PGRST102") from None


def _of_json(text: str, columns: Sequence[str] | None) -> Payload:
    found = _load(text)
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise RestError("Empty or invalid json", code="PGRST102")
    array = text if isinstance(found, list) else f"[{text}]"
    return Payload(array, _keys(rows, columns), not rows)


def _of_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None) -> Payload:
    return Payload(json.dumps(rows), _keys(rows, columns), not rows)


def _load(text: str) -> Any:
    try:
        return from_json(text, cache_strings="keys")
    except ValueError:
        # Too deep for it, or half a surrogate: what Python reads PostgreSQL is to judge.
        return _load_anything(text)


def _load_anything(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RestError("Empty or invalid json", code="PGRST102") from None


def _keys(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is not None:
        return tuple(dict.fromkeys(columns))
    if not rows:
        return ()
    first = list(rows[0])
    # Most rows name their keys in the same order, which is quickly seen.
    if [list(row) for row in rows].count(first) < len(rows):
        names = rows[0].keys()
        if any(row.keys() != names for row in rows):
            raise RestError("All object keys must match", code="PGRST102")
    return tuple(first)


def _csv_rows(text: str) -> list[dict[str, str | None]]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        rows = list(reader)
    except csv.Error:
        raise RestError("The CSV can't be read.", code="PGRST102") from None
    if any(None in row or None in row.values() for row in rows):
        raise RestError("All lines must have same number of fields", code="PGRST102")
    return [{k: None if v == "NULL" else v for k, v in row.items()} for row in rows]
