"""The statements that call a function: arguments by name, the answer as rows or as a value."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from lodestone.rest.answers import Media
from lodestone.rest.catalog import Argument, Function
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.tree import Query
from lodestone.rest.sql.binding import Statement, in_public, quote
from lodestone.rest.sql.reads import finished
from lodestone.rest.sql.rows import RowBuilder

BODY_TYPES = ("json", "jsonb", "text", "bytea")


def choose_function(
    name: str, candidates: Sequence[Function], given: frozenset[str], known: Sequence[str]
) -> Function:
    """Return the one overload that the arguments fit; `known` is what a hint may name.

    Raises: RestError PGRST202 or PGRST203.
    """
    found = [one for one in candidates if _fits(one, given)]
    if not found:
        close = [] if candidates else get_close_matches(name, known, n=1)
        arguments = ", ".join(sorted(given))
        raise RestError(
            f"Could not find the function public.{name}({arguments}) in the schema cache",
            code="PGRST202",
            status=404,
            details=f"Searched for the function public.{name}"
            f" {f'with parameters {arguments}' if given else 'without parameters'},"
            " but no matches were found in the schema cache.",
            hint=f"Perhaps you meant to call the function public.{close[0]}" if close else None,
        )
    if len(found) > 1:
        choices = ", ".join(_signature(one) for one in found)
        raise RestError(
            f"Could not choose the best candidate function between: {choices}",
            code="PGRST203",
            status=300,
            hint="Try renaming the parameters or the function itself in the database so function"
            " overloading can be resolved",
        )
    return found[0]


def takes_body(function: Function) -> bool:
    """Say whether the function wants the body as it is: one argument without a name."""
    arguments = function.arguments
    return len(arguments) == 1 and not arguments[0].name and arguments[0].type in BODY_TYPES


def _fits(function: Function, given: frozenset[str]) -> bool:
    names = {argument.name for argument in function.arguments}
    required = {argument.name for argument in function.arguments if argument.is_required}
    return "" not in names and given <= names and required <= given


def _signature(function: Function) -> str:
    arguments = ", ".join(f"{one.name} => {one.type}" for one in function.arguments)
    return f"public.{function.name}({arguments})"


def from_texts(builder: RowBuilder, function: Function, given: Mapping[str, Sequence[str]]) -> str:
    """Return the call with arguments of an address: each is text that its type reads."""
    parts: list[str] = []
    for argument in _given(function, given):
        values = given[argument.name]
        if argument.is_variadic and not (len(values) == 1 and values[0].startswith("{")):
            element = argument.type.removesuffix("[]")
            parts.append(
                f"variadic {quote(argument.name)} => {builder.binder.many(tuple(values), element)}"
            )
        else:
            word = "variadic " if argument.is_variadic else ""
            bound = builder.binder.cast(values[-1], argument.type)
            parts.append(f"{word}{quote(argument.name)} => {bound}")
    return f"{in_public(function.name)}({', '.join(parts)})"


def from_json(
    builder: RowBuilder, function: Function, given: Collection[str]
) -> tuple[str, str | None]:
    """Return the call with arguments of a JSON body, and the rows that the call reads them from.

    The body is the first value, and empty yet: the same call serves every body of these names.
    """
    arguments = _given(function, given)
    if not arguments:
        return f"{in_public(function.name)}()", None
    shape = ", ".join(f"{quote(one.name)} {one.type}" for one in arguments)
    text = builder.binder.text("")
    parts = [
        f"{'variadic ' if one.is_variadic else ''}{quote(one.name)} => a.{quote(one.name)}"
        for one in arguments
    ]
    call = f"{in_public(function.name)}({', '.join(parts)})"
    return call, f"json_to_record(({text})::json) as a({shape})"


def from_body(builder: RowBuilder, function: Function, body: bytes) -> str:
    """Return the call of a function that takes the body as it is."""
    kind = function.arguments[0].type
    text = "\\x" + body.hex() if kind == "bytea" else body.decode(errors="replace")
    return f"{in_public(function.name)}({builder.binder.cast(text, kind)})"


def _given(function: Function, given: Collection[str]) -> list[Argument]:
    return [argument for argument in function.arguments if argument.name in given]


def call_statement(
    builder: RowBuilder,
    function: Function,
    query: Query,
    media: Media,
    *,
    call: str,
    arguments: str | None,
    count: bool,
) -> Statement:
    """Return the statement that calls and answers `body`, `rows` and `total`."""
    before = f"{arguments} cross join lateral " if arguments else ""
    if function.rows is None:
        sql = f"select v from {before}{call} as t(v)"
        text = finished(sql, media, "null::bigint as total")
        if media.kind != "csv":
            value = "coalesce(json_agg(r.v), '[]')"
            value = value if function.returns_set else "coalesce(json_agg(r.v) -> 0, 'null')"
            text = (
                f"select convert_to(({value})::text, 'UTF8') as body, count(*) as rows,"
                f" null::bigint as total from ({sql}{builder.window(query)}) as r"
            )
        return Statement(text, tuple(builder.binder.values), ("v",))
    source = builder.source(function.rows)
    rows = f"{before}{call} as {source.alias}"
    sql, output = builder.select(source, rows, query.items, (), [])
    total = "null::bigint"
    if count:
        where = " and ".join(builder.conditions(source, query.items, ())) or "true"
        total = f"(select count(*) from {rows} where {where})"
    form = media if function.returns_set else Media("object", media.strips_nulls)
    form = media if media.kind == "csv" else form
    text = finished(sql, form, f"{total} as total")
    return Statement(text, tuple(builder.binder.values), tuple(output.names))


def void_statement(builder: RowBuilder, call: str, arguments: str | None) -> Statement:
    """Return the statement that calls for the effect alone."""
    before = f"{arguments} cross join lateral " if arguments else ""
    text = (
        "select null::bytea as body, count(*) as rows, null::bigint as total"
        f" from (select v from {before}{call} as t(v)) as r"
    )
    return Statement(text, tuple(builder.binder.values))
