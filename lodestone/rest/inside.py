"""The data API for code of this process: the same grammar, rights and errors, without HTTP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import asyncpg
from starlette.types import Message

from lodestone.platform import runtime as runtimes
from lodestone.platform.actors import Actor
from lodestone.platform.database import Database, begin_statement
from lodestone.platform.lanes import Lane
from lodestone.rest import reading, writing
from lodestone.rest.answers import Answer
from lodestone.rest.asking import Ask
from lodestone.rest.catalog import Catalog
from lodestone.rest.catalogs import get_catalog
from lodestone.rest.errors import from_database
from lodestone.rest.kept import Kept
from lodestone.rest.keys import Bearer, Session

Parameters = Sequence[tuple[str, str]]
"""Of an address: filters, `select`, `order`, `limit`, `offset`."""

_HANDLERS = {
    "GET": reading.read_table,
    "POST": writing.insert,
    "PATCH": writing.update,
    "DELETE": writing.delete,
}
_lanes: WeakKeyDictionary[Database, Lane] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as JSON gives them, and how many there are in all where that was asked."""

    rows: list[dict[str, Any]]
    total: int | None


async def catalog() -> Catalog:
    """Return what there is."""
    return await get_catalog(runtimes.current().database)


async def read(
    actor: Actor, table: str, parameters: Parameters, *, count: str | None = None
) -> Rows:
    """Return rows of a table; `count` is exact, planned or estimated. Raises: RestError."""
    return _rows(
        await _ask(actor, "GET", table, parameters, prefer=f"count={count}" if count else "")
    )


async def insert(
    actor: Actor, table: str, row: Mapping[str, Any], *, is_trial: bool = False
) -> Rows:
    """Insert a row and return it; a trial is undone again. Raises: RestError."""
    return _rows(await _ask(actor, "POST", table, (), prefer=_writing(is_trial), row=row))


async def update(
    actor: Actor,
    table: str,
    parameters: Parameters,
    row: Mapping[str, Any],
    *,
    is_trial: bool = False,
) -> Rows:
    """Change the rows that filters choose, and return them. Raises: RestError."""
    return _rows(await _ask(actor, "PATCH", table, parameters, prefer=_writing(is_trial), row=row))


async def delete(actor: Actor, table: str, parameters: Parameters) -> Rows:
    """Delete the rows that filters choose, and return them. Raises: RestError."""
    return _rows(await _ask(actor, "DELETE", table, parameters, prefer=_writing(is_trial=False)))


def _writing(is_trial: bool) -> str:
    return "return=representation" + (", tx=rollback" if is_trial else "")


async def _ask(
    actor: Actor,
    method: str,
    table: str,
    parameters: Parameters,
    *,
    prefer: str,
    row: Mapping[str, Any] | None = None,
) -> Answer:
    runtime = runtimes.current()
    headers = {b"content-type": b"application/json"}
    if prefer:
        headers[b"prefer"] = prefer.encode()
    ask = Ask(
        method=method,
        path=f"/rest/v1/{table}",
        name=table,
        headers=headers,
        query_string=urlencode(parameters).encode(),
        receive=_Body(row),
        session=Session(
            Bearer(actor.role, actor.claims()),
            reading=begin_statement(actor, readonly=True),
            writing=begin_statement(actor),
        ),
        kept=Kept(await get_catalog(runtime.database)),
        limits=replace(runtime.api_limits, allow_rollback=True),
        lane=_lane(runtime.database),
    )
    try:
        return await _HANDLERS[method](ask)
    except asyncpg.PostgresError as error:
        raise from_database(error, is_anonymous=False) from error


class _Body:
    """ASGI's `receive` of one body."""

    def __init__(self, row: Mapping[str, Any] | None) -> None:
        self._body = b"" if row is None else json.dumps(row).encode()

    async def __call__(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}


def _lane(database: Database) -> Lane:
    if database not in _lanes:
        _lanes[database] = Lane(database.pool)
    return _lanes[database]


def _rows(answer: Answer) -> Rows:
    span = dict(answer.headers).get(b"content-range", b"").decode()
    total = span.rpartition("/")[2]
    found = json.loads(answer.body) if answer.body else []
    return Rows(found, int(total) if total.isdigit() else None)
