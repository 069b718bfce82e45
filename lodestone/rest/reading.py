"""Answers a list: GET and HEAD on a table or view."""

from collections import OrderedDict
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from starlette.responses import Response

from lodestone.platform.database import Tx
from lodestone.rest.answers import (
    CORS,
    Media,
    applied,
    apply_range,
    content_range,
    negotiate,
)
from lodestone.rest.asking import Ask, run
from lodestone.rest.catalog import Catalog
from lodestone.rest.errors import not_singular
from lodestone.rest.grammar.address import parse_address
from lodestone.rest.grammar.tree import Query
from lodestone.rest.sql.binding import Statement
from lodestone.rest.sql.reads import csv_head, plan_statement, read_statement
from lodestone.rest.sql.rows import RowBuilder

_KEPT = 2_000
_KEPT_LENGTH = 2_000

_Key = tuple[str, str, bytes, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a request came to: the same request comes to the same while the catalog stands."""

    statement: Statement
    query: Query
    media: Media
    offset: int


_readings: WeakKeyDictionary[Catalog, OrderedDict[_Key, _Reading]] = WeakKeyDictionary()


def row_builder(ask: Ask, query: Query, *, most_rows: int | None) -> RowBuilder:
    """Return the builder of a request's SELECTs."""
    return RowBuilder(
        ask.catalog,
        query,
        role=ask.bearer.role,
        most_rows=most_rows,
        deepest=ask.limits.deepest_embedding,
    )


async def read_table(ask: Ask) -> Response:
    """Answer the rows. Raises RestError, or PostgreSQL's error, for what is refused."""
    reading = _prepared(ask)
    statement = reading.statement
    async with ask.database.acting_as(ask.bearer, readonly=True) as tx:
        row = await run(tx, statement, ask.limits)
        total = row["total"]
        if ask.preferences.count == "planned":
            total = await _planned(tx, ask, reading.query)
        elif ask.preferences.count == "estimated" and total > ask.limits.most_rows:
            total = max(total, await _planned(tx, ask, reading.query))
    if reading.media.kind == "object" and row["rows"] != 1:
        raise not_singular(row["rows"])
    span, status = content_range(reading.offset, row["rows"], total)
    headers = {
        **CORS,
        "content-range": span,
        "content-type": reading.media.content_type,
        **applied(ask.preferences, "handling", "count"),
    }
    body: bytes = row["body"]
    if reading.media.kind == "csv":
        body = csv_head(statement.names) + body
    if ask.request.method == "HEAD":
        headers["content-length"] = str(len(body))
        body = b""
    return Response(body, status_code=status, headers=headers)


def _prepared(ask: Ask) -> _Reading:
    headers = ask.request.headers
    key = (
        ask.request.path_params["table"],
        ask.bearer.role,
        ask.query_string,
        ask.accept,
        ask.preferences.count,
        headers.get("range"),
    )
    kept = _readings.setdefault(ask.catalog, OrderedDict())
    found = kept.get(key)
    if found is None:
        found = _prepare(ask)
        if len(ask.query_string) <= _KEPT_LENGTH:
            kept[key] = found
        if len(kept) > _KEPT:
            kept.popitem(last=False)
    return found


def _prepare(ask: Ask) -> _Reading:
    table = ask.table
    media = negotiate(ask.accept)
    query = parse_address(ask.parameters)
    level = query.level(())
    apply_range(level, ask.request.headers)
    most = ask.limits.most_rows
    builder = row_builder(ask, query, most_rows=most)
    count = ask.preferences.count
    statement = read_statement(builder, table, query, media, count=count, most=most)
    return _Reading(statement, query, media, level.offset)


async def _planned(tx: Tx, ask: Ask, query: Query) -> int:
    builder = row_builder(ask, query, most_rows=None)
    statement = plan_statement(builder, ask.table, query)
    row = await run(tx, statement, ask.limits)
    return int(row[0][0]["Plan"]["Plan Rows"])
