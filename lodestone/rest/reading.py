"""Answers a list: GET and HEAD on a table or view."""

from dataclasses import dataclass

from lodestone.platform.database import Tx
from lodestone.rest.answers import (
    Answer,
    Media,
    RawHeaders,
    applied,
    apply_range,
    content_range,
    raw,
    with_said,
)
from lodestone.rest.asking import Ask, explain, run
from lodestone.rest.errors import not_singular
from lodestone.rest.grammar.address import parse_address
from lodestone.rest.grammar.tree import Query
from lodestone.rest.sql.binding import Statement
from lodestone.rest.sql.reads import csv_head, plan_statement, read_statement
from lodestone.rest.sql.rows import RowBuilder


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a request came to: the same request comes to the same while the catalog stands."""

    statement: Statement
    query: Query
    media: Media
    offset: int
    count: str | None
    headers: RawHeaders


def row_builder(ask: Ask, query: Query, *, most_rows: int | None) -> RowBuilder:
    """Return the builder of a request's SELECTs."""
    return RowBuilder(
        ask.catalog,
        query,
        role=ask.role,
        most_rows=most_rows,
        deepest=ask.limits.deepest_embedding,
    )


async def read_table(ask: Ask) -> Answer:
    """Answer the rows. Raises RestError, or PostgreSQL's error, for what is refused."""
    reading = _prepared(ask)
    if reading.media.plan is not None:
        return await explain(ask, reading.media.plan, reading.statement, ask.session.reading)
    async with ask.lane.transaction(ask.session.reading) as tx:
        if ask.needs_settling:
            await ask.settle(tx)
        row = await run(tx, reading.statement)
        total = row["total"]
        if reading.count == "planned":
            total = await _planned(tx, ask, reading.query)
        elif reading.count == "estimated" and total > ask.limits.most_rows:
            total = max(total, await _planned(tx, ask, reading.query))
        said = await ask.hear(tx)
    rows: int = row["rows"]
    if reading.media.kind == "object" and rows != 1:
        raise not_singular(rows)
    span, status = content_range(reading.offset, rows, total)
    body: bytes = row["body"]
    if reading.media.kind == "csv":
        body = csv_head(reading.statement.names) + body
    headers = (*reading.headers, (b"content-range", span.encode()))
    return with_said(Answer(status, headers, body), said)


def _prepared(ask: Ask) -> _Reading:
    key = ask.key("read", ask.headers.get(b"range"))
    found: _Reading | None = ask.kept.find(key)
    if found is None:
        found = _prepare(ask)
        ask.kept.keep(key, found)
    return found


def _prepare(ask: Ask) -> _Reading:
    table, media, preferences = ask.table, ask.media, ask.preferences
    query = parse_address(ask.parameters)
    level = query.level(())
    apply_range(level, ask.header(b"range"))
    most, count = ask.limits.most_rows, preferences.count
    builder = row_builder(ask, query, most_rows=most)
    statement = read_statement(builder, table, query, media, count=count, most=most)
    headers = {"content-type": media.content_type}
    headers |= applied(preferences, "handling", "timezone", "count")
    return _Reading(statement, query, media, level.offset, count, raw(headers))


async def _planned(tx: Tx, ask: Ask, query: Query) -> int:
    builder = row_builder(ask, query, most_rows=None)
    statement = plan_statement(builder, ask.table, query)
    row = await run(tx, statement)
    return int(row[0][0]["Plan"]["Plan Rows"])
