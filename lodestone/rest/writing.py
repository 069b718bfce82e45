"""Answers writes to a table: POST, PATCH, PUT and DELETE."""

from dataclasses import replace
from urllib.parse import quote as percent

import asyncpg
from starlette.responses import Response

from lodestone.rest.answers import CORS, Media, applied, negotiate
from lodestone.rest.asking import Ask, Undone, run
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


async def insert(ask: Ask) -> Response:
    """Insert rows, or bring them up to date where the caller says what to do about duplicates."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
    return await _insert(ask, query, payload, ask.preferences, empty_status=201)


async def replace_row(ask: Ask) -> Response:
    """Insert or overwrite the one row that the address names."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
    check_put(ask.table, query, payload)
    query.level(()).filters.clear()
    preferences = replace(ask.preferences, resolution="merge-duplicates")
    return await _insert(ask, query, payload, preferences, empty_status=204)


async def _insert(
    ask: Ask, query: Query, payload: Payload, preferences: Preferences, *, empty_status: int
) -> Response:
    table, media = ask.table, negotiate(ask.accept)
    query.level(()).filters.clear()
    builder = row_builder(ask, query, most_rows=None)
    returning = ask.preferences.returning or "minimal"
    if payload.is_empty:
        return _nothing_written(ask, media, returning, empty_status)
    target = builder.source(table)
    change = insert_sql(builder, target, payload, preferences, query.on_conflict)
    statement = write_statement(builder, target, change, query, media, returning=returning)
    row = await _perform(ask, statement, media, returning)
    status = 200 if empty_status == 204 and returning == "representation" else empty_status
    headers = {"content-range": f"*/{row['changed'] if ask.preferences.count else '*'}"}
    if row["location"]:
        pairs = zip(table.primary_key, row["location"], strict=True)
        key = "&".join(f"{percent(name)}=eq.{percent(value)}" for name, value in pairs)
        headers["location"] = f"/{percent(table.name)}?{key}"
    return _answer(ask, media, statement, row, status=status, headers=headers)


async def update(ask: Ask) -> Response:
    """Update the rows that the filters choose."""
    query = parse_address(ask.parameters)
    payload = await _payload(ask, query)
    media, returning = negotiate(ask.accept), ask.preferences.returning or "minimal"
    if not payload.columns:
        return _nothing_written(ask, media, returning, 204)
    builder = row_builder(ask, query, most_rows=None)
    target = builder.source(ask.table)
    change = update_sql(builder, target, payload, query)
    return await _change(ask, query, builder, target, change)


async def delete(ask: Ask) -> Response:
    """Delete the rows that the filters choose."""
    query = parse_address(ask.parameters)
    builder = row_builder(ask, query, most_rows=None)
    target = builder.source(ask.table)
    return await _change(ask, query, builder, target, delete_sql(builder, target, query))


async def _change(
    ask: Ask, query: Query, builder: RowBuilder, target: Source, change: str
) -> Response:
    media, returning = negotiate(ask.accept), ask.preferences.returning or "minimal"
    statement = write_statement(builder, target, change, query, media, returning=returning)
    row = await _perform(ask, statement, media, returning)
    changed = row["changed"]
    total = changed if ask.preferences.count else "*"
    headers = {"content-range": f"0-{changed - 1}/{total}" if changed else f"*/{total}"}
    status = 200 if returning == "representation" else 204
    return _answer(ask, media, statement, row, status=status, headers=headers)


async def _payload(ask: Ask, query: Query) -> Payload:
    body = await read_body(ask.request, most_bytes=ask.limits.most_body_bytes)
    return parse_rows(body, ask.request.headers.get("content-type"), query.columns)


async def _perform(ask: Ask, statement: Statement, media: Media, returning: str) -> asyncpg.Record:
    """Write, and undo it again when the caller said so or got more than was said."""
    undone: list[asyncpg.Record] = []
    try:
        async with ask.database.acting_as(ask.bearer, readonly=ask.bearer.is_readonly) as tx:
            row = await run(tx, statement, ask.limits)
            check_extent(ask.preferences, row["changed"])
            if media.kind == "object" and returning == "representation" and row["rows"] != 1:
                raise not_singular(row["rows"])
            if ask.preferences.tx == "rollback" and ask.limits.allow_rollback:
                undone.append(row)
                raise Undone
    except Undone:
        return undone[0]
    return row


def check_extent(preferences: Preferences, changed: int) -> None:
    """Raise RestError PGRST124 when more rows changed than the caller allows."""
    most = preferences.max_affected
    if most is not None and preferences.handling == "strict" and changed > most:
        raise RestError(
            "Query result exceeds max-affected preference constraint",
            code="PGRST124",
            details=f"The query affects {changed} rows",
        )


def _nothing_written(ask: Ask, media: Media, returning: str, status: int) -> Response:
    if returning != "representation":
        return Response(status_code=status, headers={**CORS, "content-range": "*/*"})
    if media.kind == "object":
        raise not_singular(0)
    headers = {**CORS, "content-range": "*/*", "content-type": media.content_type}
    return Response(b"[]", status_code=200 if status == 204 else status, headers=headers)


def _answer(
    ask: Ask,
    media: Media,
    statement: Statement,
    row: asyncpg.Record,
    *,
    status: int,
    headers: dict[str, str],
) -> Response:
    preferences = ask.preferences
    if not ask.limits.allow_rollback:
        preferences = replace(preferences, tx=None)
    names = ("resolution", "missing", "return", "count", "tx", "handling", "max-affected")
    everything = {**CORS, **headers, **applied(preferences, *names)}
    body = row["body"]
    if body is None:
        return Response(status_code=status, headers=everything)
    if media.kind == "csv":
        body = csv_head(statement.names) + body
    everything["content-type"] = media.content_type
    return Response(body, status_code=status, headers=everything)
