"""Answers calls of functions: GET, HEAD and POST on /rpc/{function}."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from lodestone.rest.answers import (
    Answer,
    Media,
    RawHeaders,
    answer,
    applied,
    apply_range,
    content_range,
    raw,
    with_said,
)
from lodestone.rest.asking import Ask, Undone, explain, run
from lodestone.rest.catalog import Function
from lodestone.rest.errors import RestError, not_singular
from lodestone.rest.grammar.address import parse_address
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.grammar.tree import Query
from lodestone.rest.payload import parse_arguments, parse_object, read_body
from lodestone.rest.reading import row_builder
from lodestone.rest.sql.binding import Statement
from lodestone.rest.sql.calls import (
    call_statement,
    choose_function,
    from_body,
    from_json,
    from_texts,
    takes_body,
    void_statement,
)
from lodestone.rest.sql.reads import csv_head
from lodestone.rest.sql.rows import RowBuilder
from lodestone.rest.surroundings import Said
from lodestone.rest.writing import check_extent


@dataclass(frozen=True, slots=True)
class _Calling:
    """What a request came to, but for the arguments of its body."""

    function: Function
    statement: Statement
    media: Media
    preferences: Preferences
    headers: RawHeaders
    offset: int = 0


async def call_by_address(ask: Ask) -> Answer:
    """Call with the arguments of the address; never a function that may change something."""
    candidates = _candidates(ask)
    names = {argument.name for one in candidates for argument in one.arguments}
    given: dict[str, list[str]] = defaultdict(list)
    others: list[tuple[str, str]] = []
    for key, value in ask.parameters:
        if key in names:
            given[key].append(value)
        else:
            others.append((key, value))
    function = choose_function(ask.name, candidates, frozenset(given), ask.callable_names)
    if function.is_volatile:
        raise RestError(
            f"Cannot use the {ask.method} method on RPC",
            code="PGRST101",
            status=405,
            hint="Functions that are volatile are called by POST.",
        )
    query = parse_address(others)
    apply_range(query.level(()), ask.header(b"range"))
    builder = row_builder(ask, query, most_rows=ask.limits.most_rows)
    call = from_texts(builder, function, given)
    return await _perform(ask, _prepare(ask, function, query, builder, call=call))


async def call_by_body(ask: Ask) -> Answer:
    """Call with the arguments of the body; filters and `select` are in the address."""
    candidates = _candidates(ask)
    body = await read_body(ask.receive, most_bytes=ask.limits.most_body_bytes)
    content_type = ask.header(b"content-type") or "application/json"
    media_type = content_type.partition(";")[0].strip().lower()
    if any(takes_body(one) for one in candidates) and (
        media_type != "application/json" or not _names_all(candidates, body)
    ):
        function = next(one for one in candidates if takes_body(one))
        query = parse_address(ask.parameters)
        builder = row_builder(ask, query, most_rows=ask.limits.most_rows)
        call = from_body(builder, function, body)
        return await _perform(ask, _prepare(ask, function, query, builder, call=call))
    text, names = parse_arguments(body, media_type)
    key = ask.key("call", names)
    calling: _Calling | None = ask.kept.find(key)
    if calling is None:
        calling = _prepare_named(ask, candidates, names)
        ask.kept.keep(key, calling)
    return await _perform(ask, calling, text if names else None)


def _prepare_named(ask: Ask, candidates: Sequence[Function], names: tuple[str, ...]) -> _Calling:
    """Return the call with named arguments of a JSON body, which is still to be filled in."""
    query = parse_address(ask.parameters)
    builder = row_builder(ask, query, most_rows=ask.limits.most_rows)
    function = choose_function(ask.name, candidates, frozenset(names), ask.callable_names)
    call, arguments = from_json(builder, function, names)
    return _prepare(ask, function, query, builder, call=call, arguments=arguments)


def _names_all(candidates: Sequence[Function], body: bytes) -> bool:
    """Say whether the body is an object whose keys are an overload's arguments."""
    try:
        _, given = parse_object(body)
    except RestError:
        return False
    named = [{argument.name for argument in one.arguments} for one in candidates]
    return any(set(given) <= names and "" not in names for names in named)


def _candidates(ask: Ask) -> Sequence[Function]:
    return ask.catalog.functions.get(ask.name, ())


def _prepare(
    ask: Ask,
    function: Function,
    query: Query,
    builder: RowBuilder,
    *,
    call: str,
    arguments: str | None = None,
) -> _Calling:
    media, preferences = ask.media, ask.preferences
    if function.returns_nothing:
        statement = void_statement(builder, call, arguments)
        return _Calling(function, statement, media, preferences, ())
    count = preferences.count is not None and not function.is_volatile
    statement = call_statement(
        builder, function, query, media, call=call, arguments=arguments, count=count
    )
    headers = {"content-type": media.content_type}
    headers |= applied(ask.followed, "count", "tx", "handling", "timezone", "max-affected")
    offset = query.level(()).offset
    return _Calling(function, statement, media, preferences, raw(headers), offset)


async def _perform(ask: Ask, calling: _Calling, arguments: str | None = None) -> Answer:
    media, function, statement = calling.media, calling.function, calling.statement
    if arguments is not None:
        statement = statement.with_payload(arguments)
    if media.plan is not None:
        return await explain(ask, media.plan, statement, _begin(ask, function))
    row, said = await _run(ask, calling, statement)
    if function.returns_nothing:
        return with_said(answer(204, {}), said)
    span, status = content_range(calling.offset, row["rows"], row["total"])
    body: bytes = row["body"]
    if media.kind == "csv":
        body = csv_head(statement.names) + body
    headers = ((b"content-range", span.encode()), *calling.headers)
    return with_said(Answer(status, headers, body), said)


def _begin(ask: Ask, function: Function) -> str:
    return ask.session.writing if function.is_volatile else ask.session.reading


async def _run(ask: Ask, calling: _Calling, statement: Statement) -> tuple[asyncpg.Record, Said]:
    function, preferences = calling.function, calling.preferences
    if preferences.is_bounded and not function.returns_set:
        raise RestError(
            "Function must return SETOF or TABLE when max-affected preference is used with"
            " handling=strict",
            code="PGRST128",
        )
    undone: list[tuple[asyncpg.Record, Said]] = []
    try:
        async with ask.lane.transaction(_begin(ask, function)) as tx:
            if ask.needs_settling or function.timeout is not None:
                await ask.settle(tx, function)
            row = await run(tx, statement)
            said = await ask.hear(tx)
            if function.returns_set:
                check_extent(preferences, row["rows"])
                if calling.media.kind == "object" and row["rows"] != 1:
                    raise not_singular(row["rows"])
            if preferences.tx == "rollback" and ask.limits.allow_rollback:
                undone.append((row, said))
                raise Undone
    except Undone:
        return undone[0]
    return row, said
