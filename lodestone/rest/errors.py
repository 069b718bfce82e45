"""What the data API refuses, with PostgREST's codes, and what it makes of PostgreSQL's refusals.

Source: https://docs.postgrest.org/en/v14/references/errors.html
"""

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import asyncpg

from lodestone.platform.errors import LodestoneError

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROLS = frozenset("\r\n\0")
_OURS = frozenset({"content-length", "transfer-encoding", "connection"})


class RestError(LodestoneError):
    """A refusal of the data API; `code` is PostgREST's or PostgreSQL's own."""

    code = "PGRST100"
    status = 400
    headers: tuple[tuple[bytes, bytes], ...] = ()


def parse_error(what: str, text: str, *, at: int, expected: str) -> RestError:
    """Say where a part of the address stops making sense."""
    found = f'"{text[at]}"' if at < len(text) else "the end"
    return RestError(
        f'"failed to parse {what} ({text})" (line 1, column {at + 1})',
        code="PGRST100",
        details=f"unexpected {found}, expecting {expected}",
    )


def unknown_table(name: str, known: Sequence[str]) -> RestError:
    """Say that there is no such table or view; the hint is one of those that the caller knows."""
    close = get_close_matches(name, known, n=1)
    hint = f"Perhaps you meant the table 'public.{close[0]}'" if close else None
    return RestError(
        f"Could not find the table 'public.{name}' in the schema cache",
        code="PGRST205",
        status=404,
        hint=hint,
    )


def unknown_column(table: str, name: str) -> RestError:
    """Say, as PostgreSQL would, that a table has no such column."""
    return RestError(f"column {table}.{name} does not exist", code="42703")


def unknown_payload_column(table: str, name: str) -> RestError:
    """Say that what should be written names a column that is not there."""
    return RestError(
        f"Could not find the '{name}' column of '{table}' in the schema cache", code="PGRST204"
    )


def not_singular(rows: int) -> RestError:
    """Say that one object was asked for and there are none or many."""
    return RestError(
        "Cannot coerce the result to a single JSON object",
        code="PGRST116",
        status=406,
        details=f"The result contains {rows} rows",
    )


_STATUS_BY_SQLSTATE = {
    "21000": 500,
    "23001": 409,  # restrict_violation: what PostgreSQL 18 says of "on delete restrict"
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42883": 404,
    "53400": 500,
    "57P01": 503,
    "42P01": 404,
    "42P17": 500,
    "55000": 409,  # object_not_in_prerequisite_state: a view that takes no rows
    "P0001": 400,
    "LS402": 403,  # the plan of whoever pays doesn't hold it
    "LS403": 403,  # refused by a rule of ours about who may
    "LS409": 409,  # refused by a state machine or an invariant of ours
    "LS429": 429,  # more often than a limit of ours allows
}
_STATUS_BY_CLASS = {
    "08": 503,
    "0L": 403,
    "0P": 403,
    "28": 403,
    "53": 503,
    **dict.fromkeys(
        ("09", "25", "2D", "38", "39", "3B", "40", "54", "55", "57", "58", "F0", "HV", "P0", "XX"),
        500,
    ),
}
_INTERNAL = "XX"


def from_database(error: asyncpg.PostgresError, *, is_anonymous: bool) -> RestError:
    """Translate PostgreSQL's refusal; what only its developers understand stays in the log."""
    state = error.sqlstate or "XX000"
    if state == "PGRST":
        return _as_raised(error)
    message = str(error.args[0] if error.args else "")
    if state == "22023" and message.startswith("role ") and message.endswith(" does not exist"):
        return RestError(message, code=state, status=401)
    status = _status(state, is_anonymous=is_anonymous)
    if state.startswith(_INTERNAL):
        return RestError("The database refused the request.", code=state, status=status)
    return RestError(
        message or "The database refused the request.",
        code=state,
        status=status,
        details=error.detail,
        hint=error.hint,
    )


def _as_raised(error: asyncpg.PostgresError) -> RestError:
    """Return what a function wants to be answered: JSON in its message, more in its detail.

    Source: https://docs.postgrest.org/en/v14/references/errors.html
    """
    try:
        body: dict[str, Any] = json.loads(str(error.args[0]))
        more: dict[str, Any] = json.loads(error.detail or "")
        found = RestError(
            str(body["message"]),
            code=str(body["code"]),
            status=int(more["status"]),
            details=body.get("details"),
            hint=body.get("hint"),
        )
        found.headers = to_raw(dict(more["headers"]).items())
        if not 200 <= found.status <= 599:
            raise ValueError("this is no status")
    except (ValueError, KeyError, TypeError):
        return RestError(
            "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
            code="PGRST121",
            status=500,
            hint="MESSAGE has to be a JSON object with 'code' and 'message', DETAIL one with"
            " 'status' and 'headers'.",
        )
    return found


def _status(state: str, *, is_anonymous: bool) -> int:
    if state == "42501":
        return 401 if is_anonymous else 403
    if state.startswith("PT") and state[2:].isdigit():
        given = int(state[2:])
        return given if 200 <= given <= 599 else 500
    return _STATUS_BY_SQLSTATE.get(state) or _STATUS_BY_CLASS.get(state[:2]) or 400


def to_raw(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[bytes, bytes], ...]:
    """Return headers as they are sent. Raises ValueError for what is no header."""
    found: list[tuple[bytes, bytes]] = []
    for name, value in pairs:
        if not _NAME.fullmatch(name) or set(value) & _CONTROLS:
            raise ValueError("this is not a header")
        if name.lower() not in _OURS:
            found.append((name.lower().encode(), value.encode("latin-1")))
    return tuple(found)
