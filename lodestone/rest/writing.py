"""Answers writes to a table: POST, PATCH, PUT and DELETE."""

from dataclasses import replace
from urllib.parse import quote as percent

import asyncpg

from lodestone.rest.answers import Answer, Media, answer, applied, with_said
from lodestone.rest.asking import Ask, Undone, explain, run
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


async def insert(ask: Ask) -> Answer:
    """Insert rows, or bring them up to date where the caller says what to do about duplicates."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
    return await _insert(ask, query, payload, ask.preferences, empty_status=201)


async def replace_row(ask: Ask) -> Answer:
    """Insert or overwrite the one row that the address names."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
    check_put(ask.table, query, payload)
    query.level(()).filters.clear()
    preferences = replace(ask.preferences, resolution="merge-duplicates")
    return await _insert(ask, query, payload, preferences, empty_status=204)


async def _insert(
    ask: Ask, query: Query, payload: Payload, preferences: Preferences, *, empty_status: int
) -> Answer:
    table, media = ask.table, ask.media
    query.level(()).filters.clear()
    returning = ask.preferences.returning or "minimal"
    if payload.is_empty:
        return _nothing_written(ask, media, returning, empty_status)
    asked = ask.key(ask.method, payload.columns)
    kept: Statement | None = ask.kept.find(asked)
    if kept is None:
        builder = row_builder(ask, query, most_rows=None)
        target = builder.source(table)
        change = insert_sql(builder, target, payload, preferences, query.on_conflict)
        kept = write_statement(builder, target, change, query, media, returning=returning)
        ask.kept.keep(asked, kept)
    statement = kept.with_payload(payload.text) if payload.columns else kept
    if media.plan is not None:
        return await explain(ask, media.plan, statement, ask.session.writing)
    row, said = await _perform(ask, statement, media, returning)
    status = 201
    if row["updated"] and row["updated"] == row["changed"]:
        # Nothing is new: every row was there, and is up to date now.
        status = 204 if empty_status == 204 and returning != "representation" else 200
    headers = {"content-range": f"*/{row['changed'] if ask.preferences.count else '*'}"}
    if row["location"]:
        pairs = zip(table.primary_key, row["location"], strict=True)
        key = "&".join(f"{percent(name)}=eq.{percent(value)}" for name, value in pairs)
        headers["location"] = f"/{percent(table.name)}?{key}"
    return with_said(_answer(ask, media, statement, row, status=status, headers=headers), said)


async def update(ask: Ask) -> Answer:
    """Update the rows that the filters choose."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
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
    row, said = await _perform(ask, statement, media, returning)
    changed = row["changed"]
    total = changed if ask.preferences.count else "*"
    headers = {"content-range": f"0-{changed - 1}/{total}" if changed else f"*/{total}"}
    status = 200 if returning == "representation" else 204
    return with_said(_answer(ask, media, statement, row, status=status, headers=headers), said)


async def _payload(ask: Ask, query: Query) -> Payload:
    body = await read_body(ask.receive, most_bytes=ask.limits.most_body_bytes)
    return parse_rows(body, ask.header(b"content-type"), query.columns)


async def _perform(
    ask: Ask, statement: Statement, media: Media, returning: str
) -> tuple[asyncpg.Record, Said]:
    """Write, and undo it again when the caller said so or got more than was said."""
    undone: list[tuple[asyncpg.Record, Said]] = []
    try:
        async with ask.lane.transaction(ask.session.writing) as tx:
            if ask.needs_settling:
                await ask.settle(tx)
            row = await run(tx, statement)
            said = await ask.hear(tx)
            check_extent(ask.preferences, row["changed"])
            if media.kind == "object" and returning == "representation" and row["rows"] != 1:
                raise not_singular(row["rows"])
            if ask.preferences.tx == "rollback" and ask.limits.allow_rollback:
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


def _answer(
    ask: Ask,
    media: Media,
    statement: Statement,
    row: asyncpg.Record,
    *,
    status: int,
    headers: dict[str, str],
) -> Answer:
    everything = {**headers, **applied(ask.followed, *_FOLLOWED)}
    body = row["body"]
    if body is None:
        return answer(status, everything)
    if media.kind == "csv":
        body = csv_head(statement.names) + body
    everything["content-type"] = media.content_type
    return answer(status, everything, body)
