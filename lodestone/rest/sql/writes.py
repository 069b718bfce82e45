"""The statements that write: the change as a CTE, and the answer read from its rows."""

from collections.abc import Sequence

from lodestone.rest.answers import Media
from lodestone.rest.catalog import Column, Table
from lodestone.rest.errors import unknown_column, unknown_payload_column
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.grammar.tree import Query
from lodestone.rest.payload import Payload
from lodestone.rest.sql.binding import Binder, Statement, in_public, quote
from lodestone.rest.sql.conditions import Source
from lodestone.rest.sql.reads import finished
from lodestone.rest.sql.rows import RowBuilder

# Neither RETURNING nor the row says whether an upsert found it; its condition can count aloud.
_UPDATED = "coalesce(nullif(current_setting('rest.updated', true), '')::bigint, 0)"
_COUNT_ONE = f"set_config('rest.updated', ({_UPDATED} + 1)::text, true) is not null"


def insert_sql(
    builder: RowBuilder,
    source: Source,
    payload: Payload,
    preferences: Preferences,
    on_conflict: Sequence[str] | None,
) -> str:
    """Return the INSERT, without RETURNING. Raises RestError for columns that are not there."""
    table = source.table
    columns = [_payload_column(table, name) for name in payload.columns]
    target = f"{in_public(table.name)} as {source.alias}"
    if not columns:
        if payload.is_empty:
            raise LookupError("an empty list is answered without a statement")
        return f"insert into {target} default values{_on_conflict(table, [], preferences, None)}"
    names = ", ".join(quote(column.name) for column in columns)
    rows = _payload_rows(builder.binder, columns, payload, fill=preferences.missing == "default")
    conflict = _on_conflict(table, columns, preferences, on_conflict)
    return f"insert into {target} ({names}) select {names} from {rows}{conflict}"


def update_sql(builder: RowBuilder, source: Source, payload: Payload, query: Query) -> str:
    """Return the UPDATE of the rows that the filters choose, without RETURNING."""
    columns = [_payload_column(source.table, name) for name in payload.columns]
    pairs = ", ".join(f"{quote(column.name)} = p.{quote(column.name)}" for column in columns)
    rows = _payload_rows(builder.binder, columns, payload, fill=False)
    where = _where(builder, source, query)
    target = f"{in_public(source.table.name)} as {source.alias}"
    return f"update {target} set {pairs} from (select * from {rows} limit 1) as p{where}"


def delete_sql(builder: RowBuilder, source: Source, query: Query) -> str:
    """Return the DELETE of the rows that the filters choose, without RETURNING."""
    where = _where(builder, source, query)
    return f"delete from {in_public(source.table.name)} as {source.alias}{where}"


def write_statement(
    builder: RowBuilder, target: Source, change: str, query: Query, media: Media, *, returning: str
) -> Statement:
    """Return the statement that changes and answers `body`, `rows`, `changed`, `location`.

    `updated` is how many of the changed rows an upsert found there.
    """
    table = target.table
    updated = f"{_UPDATED if change.endswith(_COUNT_ONE) else 'null::bigint'} as updated"
    changed = f"(select count(*) from w) as changed, {updated}"
    if returning == "representation":
        source = builder.source(table, is_written=True)
        names = table.readable(builder.role)
        # With nothing to read PostgreSQL says so itself.
        returned = ", ".join(map(target.column, names)) or f"{target.alias}.*"
        sql, output = builder.select(source, f"w as {source.alias}", query.items, (), [])
        text = finished(sql, media, changed, "null::text[] as location")
        whole = f"with w as ({change} returning {returned}) {text}"
        return Statement(whole, tuple(builder.binder.values), tuple(output.names))
    location, returned = "null::text[]", "1"
    if returning == "headers-only" and table.primary_key:
        keys = ", ".join(f"w.{quote(name)}::text" for name in table.primary_key)
        location = f"(select array[{keys}] from w limit 1)"
        returned = ", ".join(map(target.column, table.primary_key))
    clause = f" returning {returned}"
    text = (
        f"with w as ({change}{clause}) select null::bytea as body, c.n as rows,"
        f" c.n as changed, {updated}, {location} as location"
        " from (select count(*) as n from w) as c"
    )
    return Statement(text, tuple(builder.binder.values))


def _payload_column(table: Table, name: str) -> Column:
    found = table.columns.get(name)
    if found is None:
        raise unknown_payload_column(table.name, name)
    return found


def _payload_rows(
    binder: Binder, columns: Sequence[Column], payload: Payload, *, fill: bool
) -> str:
    shape = ", ".join(f"{quote(column.name)} {column.type}" for column in columns)
    text = f"({binder.text(payload.text)})::json"
    filled = [column for column in columns if column.default_sql and not column.is_generated]
    if not fill or not filled:
        return f"json_to_recordset({text}) as p({shape})"
    defaults = ", ".join(f"{binder.text(c.name)}, {c.default_sql}" for c in filled)
    merged = f"(jsonb_build_object({defaults}) || e.value::jsonb)::json"
    return (
        f"(select r.* from json_array_elements({text}) as e"
        f" cross join lateral json_to_record({merged}) as r({shape})) as p"
    )


def _on_conflict(
    table: Table,
    columns: Sequence[Column],
    preferences: Preferences,
    named: Sequence[str] | None,
) -> str:
    target = list(named or table.primary_key)
    if preferences.resolution is None or not target:
        return ""
    for name in target:
        if name not in table.columns:
            raise unknown_column(table.name, name)
    keys = ", ".join(map(quote, target))
    if preferences.resolution == "ignore-duplicates" or not columns:
        return f" on conflict ({keys}) do nothing"
    pairs = ", ".join(f"{quote(c.name)} = excluded.{quote(c.name)}" for c in columns)
    return f" on conflict ({keys}) do update set {pairs} where {_COUNT_ONE}"


def _where(builder: RowBuilder, source: Source, query: Query) -> str:
    conditions = builder.filters(source, query)
    return f" where {' and '.join(conditions)}" if conditions else ""
