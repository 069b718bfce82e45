"""Answers writes to a table: POST, PATCH, PUT and DELETE."""

from dataclasses import dataclass, replace
from urllib.parse import quote as percent

import asyncpg

from lodestone.rest.answers import Answer, Media, RawHeaders, answer, applied, raw, with_said
from lodestone.rest.asking import Ask, Undone, explain, run
from lodestone.rest.catalog import Table
from lodestone.rest.errors import RestError, not_singular
from lodestone.rest.grammar.address import parse_address
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.grammar.tree import Query
from lodestone.rest.payload import Payload, parse_rows, read_body
from lodestone.rest.reading import row_builder
from lodestone.rest.replacing import check_put
from lodestone.rest.sql.binding import Statement
from lodestone.rest.sql.conditions import Source
from lodestone.rest.sql.reads import csv_head
from lodestone.rest.sql.rows import RowBuilder
from lodestone.rest.sql.writes import (
    delete_sql,
    insert_sql,
    update_sql,
    write_statement,
)
from lodestone.rest.surroundings import Said

_FOLLOWED = (
    "resolution",
    "missing",
    "return",
    "count",
    "tx",
    "handling",
    "timezone",
    "max-affected",
)


@dataclass(frozen=True, slots=True)
class _Inserting:
    """What a request came to, but for its rows."""

    table: Table
    statement: Statement
    media: Media
    preferences: Preferences
    returning: str
    headers: RawHeaders


async def insert(ask: Ask) -> Answer:
    """Insert rows, or bring them up to date where the caller says what to do about duplicates."""
    address = ("columns", ask.query_string)
    named: tuple[tuple[str, ...] | None] | None = ask.kept.find(address)
    if named is None:
        named = (parse_address(ask.parameters).columns,)
        ask.kept.keep(address, named)
    payload = await _payload(ask, named[0])
    key = ask.key("insert", payload.columns)
    kept: _Inserting | None = None if payload.is_empty else ask.kept.find(key)
    if kept is None:
        query = parse_address(ask.parameters)
        query.level(()).filters.clear()
        if payload.is_empty:
            return _nothing_inserted(ask, 201)
        kept = _prepare(ask, query, payload, ask.preferences)
        ask.kept.keep(key, kept)
    return await _insert(ask, kept, payload, empty_status=201)


async def replace_row(ask: Ask) -> Answer:
    """Insert or overwrite the one row that the address names."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query.columns)
    check_put(ask.table, query, payload)
    query.level(()).filters.clear()
    if payload.is_empty:
        return _nothing_inserted(ask, 204)
    key = ask.key("replace", payload.columns)
    kept: _Inserting | None = ask.kept.find(key)
    if kept is None:
        kept = _prepare(
            ask, query, payload, replace(ask.preferences, resolution="merge-duplicates")
        )
        ask.kept.keep(key, kept)
    return await _insert(ask, kept, payload, empty_status=204)


def _nothing_inserted(ask: Ask, status: int) -> Answer:
    # A table that is not there is refused all the same.
    _ = ask.table
    return _nothing_written(ask, ask.media, ask.preferences.returning or "minimal", status)


def _prepare(ask: Ask, query: Query, payload: Payload, preferences: Preferences) -> _Inserting:
    table, media = ask.table, ask.media
    returning = ask.preferences.returning or "minimal"
    builder = row_builder(ask, query, most_rows=None)
    target = builder.source(table)
    change = insert_sql(builder, target, payload, preferences, query.on_conflict)
    statement = write_statement(builder, target, change, query, media, returning=returning)
    headers = applied(ask.followed, *_FOLLOWED)
    return _Inserting(table, statement, media, ask.preferences, returning, raw(headers))


async def _insert(ask: Ask, kept: _Inserting, payload: Payload, *, empty_status: int) -> Answer:
    table, media, preferences = kept.table, kept.media, kept.preferences
    statement = kept.statement
    if payload.columns:
        statement = statement.with_payload(payload.text)
    if media.plan is not None:
        return await explain(ask, media.plan, statement, ask.session.writing)
    row, said = await _perform(ask, statement, media, preferences, kept.returning)
    changed, updated, place = row["changed"], row["updated"], row["location"]
    status = 201
    if updated and updated == changed:
        # Nothing is new: every row was there, and is up to date now.
        status = 204 if empty_status == 204 and kept.returning != "representation" else 200
    total = b"%d" % changed if preferences.count else b"*"
    headers: RawHeaders = ((b"content-range", b"*/" + total), *kept.headers)
    if place:
        pairs = zip(table.primary_key, place, strict=True)
        named = "&".join(f"{percent(name)}=eq.{percent(value)}" for name, value in pairs)
        headers += ((b"location", f"/{percent(table.name)}?{named}".encode("latin-1")),)
    return with_said(_with_body(status, headers, statement, row, media), said)


async def update(ask: Ask) -> Answer:
    """Update the rows that the filters choose."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query.columns)
    media, returning = ask.media, ask.preferences.returning or "minimal"
    if not payload.columns:
        return _nothing_written(ask, media, returning, 204)
    builder = row_builder(ask, query, most_rows=None)
    target = builder.source(ask.table)
    change = update_sql(builder, target, payload, query)
    return await _change(ask, query, builder, target, change)


async def delete(ask: Ask) -> Answer:
    """Delete the rows that the filters choose."""
    query = parse_address(ask.parameters)
    builder = row_builder(ask, query, most_rows=None)
    target = builder.source(ask.table)
    return await _change(ask, query, builder, target, delete_sql(builder, target, query))


async def _change(
    ask: Ask, query: Query, builder: RowBuilder, target: Source, change: str
) -> Answer:
    media, returning = ask.media, ask.preferences.returning or "minimal"
    statement = write_statement(builder, target, change, query, media, returning=returning)
    if media.plan is not None:
        return await explain(ask, media.plan, statement, ask.session.writing)
    row, said = await _perform(ask, statement, media, ask.preferences, returning)
    changed = row["changed"]
    total = changed if ask.preferences.count else "*"
    headers = {"content-range": f"0-{changed - 1}/{total}" if changed else f"*/{total}"}
    headers |= applied(ask.followed, *_FOLLOWED)
    status = 200 if returning == "representation" else 204
    return with_said(_with_body(status, raw(headers), statement, row, media), said)


async def _payload(ask: Ask, columns: tuple[str, ...] | None) -> Payload:
    body = await read_body(ask.receive, most_bytes=ask.limits.most_body_bytes)
    return parse_rows(body, ask.header(b"content-type"), columns)


async def _perform(
    ask: Ask, statement: Statement, media: Media, preferences: Preferences, returning: str
) -> tuple[asyncpg.Record, Said]:
    """Write, and undo it again when the caller said so or got more than was said."""
    undone: list[tuple[asyncpg.Record, Said]] = []
    try:
        async with ask.lane.transaction(ask.session.writing) as tx:
            if ask.needs_settling:
                await ask.settle(tx)
            row = await run(tx, statement)
            said = await ask.hear(tx)
            check_extent(preferences, row["changed"])
            if media.kind == "object" and returning == "representation" and row["rows"] != 1:
                raise not_singular(row["rows"])
            if preferences.tx == "rollback" and ask.limits.allow_rollback:
                undone.append((row, said))
                raise Undone
    except Undone:
        return undone[0]
    return row, said


def check_extent(preferences: Preferences, changed: int) -> None:
    """Raise RestError PGRST124 when more rows changed than the caller allows."""
    if preferences.is_bounded and changed > (preferences.max_affected or 0):
        raise RestError(
            "Query result exceeds max-affected preference constraint",
            code="PGRST124",
            details=f"The query affects {changed} rows",
        )


def _nothing_written(ask: Ask, media: Media, returning: str, status: int) -> Answer:
    if returning != "representation":
        return answer(status, {"content-range": "*/*"})
    if media.kind == "object":
        raise not_singular(0)
    headers = {"content-range": "*/*", "content-type": media.content_type}
    return answer(200 if status == 204 else status, headers, b"[]")


def _with_body(
    status: int, headers: RawHeaders, statement: Statement, row: asyncpg.Record, media: Media
) -> Answer:
    body = row["body"]
    if body is None:
        return Answer(status, headers)
    if media.kind == "csv":
        body = csv_head(statement.names) + body
    return Answer(status, (*headers, (b"content-type", media.content_type.encode())), body)
