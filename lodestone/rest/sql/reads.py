"""The statements that read: a list, and how many rows it would have."""

from lodestone.rest.answers import Media
from lodestone.rest.catalog import Table
from lodestone.rest.grammar.tree import Query
from lodestone.rest.sql.binding import Statement, in_public
from lodestone.rest.sql.conditions import Source
from lodestone.rest.sql.rows import RowBuilder


def finished(sql: str, media: Media, *more: str) -> str:
    """Return the statement of `body`, `rows` and whatever else over a SELECT."""
    if media.kind == "csv":
        text = "string_agg(substring(r::text from 2 for length(r::text) - 2), e'\\n')"
        text = f"coalesce({text}, '')"
    else:
        text = "coalesce(json_agg(r), '[]')"
        if media.kind == "object":
            text = "coalesce(json_agg(r) -> 0, 'null')"
        if media.strips_nulls:
            text = f"json_strip_nulls({text})"
        text = f"{text}::text"
    columns = ", ".join((f"convert_to({text}, 'UTF8') as body", "count(*) as rows", *more))
    return f"select {columns} from ({sql}) as r"


def csv_head(names: tuple[str, ...]) -> bytes:
    """Return the first line of a CSV."""
    quoted = [
        f'"{n.replace(chr(34), chr(34) * 2)}"' if set(n) & set(',"\n\r') else n for n in names
    ]
    return (",".join(quoted) + "\n").encode()


def read_statement(
    builder: RowBuilder, table: Table, query: Query, media: Media, *, count: str | None, most: int
) -> Statement:
    """Return the statement of a list, with its exact total when that is wanted."""
    source = builder.source(table)
    rows = f"{in_public(table.name)} as {source.alias}"
    sql, output = builder.select(source, rows, query.items, (), [])
    total = "null::bigint"
    if count == "exact":
        total = f"(select count(*) from {rows}{_where(builder, source, query)})"
    elif count == "estimated":
        some = f"select from {rows}{_where(builder, source, query)} limit {most + 1}"
        total = f"(select count(*) from ({some}) as c)"
    text = finished(sql, media, f"{total} as total")
    return Statement(text, tuple(builder.binder.values), tuple(output.names))


def plan_statement(builder: RowBuilder, table: Table, query: Query) -> Statement:
    """Return the statement whose plan says how many rows there may be."""
    source = builder.source(table)
    where = _where(builder, source, query)
    text = f"explain (format json) select from {in_public(table.name)} as {source.alias}{where}"
    return Statement(text, tuple(builder.binder.values))


def _where(builder: RowBuilder, source: Source, query: Query) -> str:
    conditions = builder.conditions(source, query.items, ())
    return f" where {' and '.join(conditions)}" if conditions else ""
