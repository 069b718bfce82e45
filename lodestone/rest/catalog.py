"""What schema `public` holds: the only source of names in our statements.

Read once for each database and again when it says that its structure changed (`notify pgrst`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from lodestone.platform.actors import Root
from lodestone.platform.database import Database, Tx
from lodestone.rest import catalog_queries as queries
from lodestone.rest import views
from lodestone.rest.keys import ROLES


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `type` is SQL without length, `readers` the roles that may select it."""

    name: str
    type: str
    number: int = 0
    is_array: bool = False
    is_required: bool = False
    is_generated: bool = False
    default_sql: str | None = None
    comment: str | None = None
    labels: tuple[str, ...] = ()
    readers: frozenset[str] = frozenset()

    @property
    def is_json(self) -> bool:
        """Whether arrows reach into it as it is."""
        return self.type in ("json", "jsonb")


@dataclass(frozen=True, slots=True)
class Computed:
    """A function of one row: a column that is not stored, or, of a set, a relation."""

    name: str
    type: str
    row: str
    table: str | None = None
    is_single: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. `anonymous` ones are the rows of a function, and have no name in SQL."""

    name: str
    columns: Mapping[str, Column]
    primary_key: tuple[str, ...] = ()
    is_view: bool = False
    comment: str | None = None
    computed: Mapping[str, Computed] = field(default_factory=dict)
    writers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    anonymous: bool = False

    def readable(self, role: str) -> list[str]:
        """Return the columns that a role may read, in their order."""
        return [
            name
            for name, column in self.columns.items()
            if self.anonymous or role in column.readers
        ]


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way from one table to another: pairs of (own column, its column).

    Many-to-many goes through `junction`: `pairs` lead into it, `onward` out of it.
    """

    name: str
    origin: str
    target: str
    kind: str
    pairs: tuple[tuple[str, str], ...]
    junction: str | None = None
    onward: tuple[tuple[str, str], ...] = ()
    onward_name: str | None = None
    function: str | None = None

    @property
    def is_single(self) -> bool:
        """Whether at most one row is at its end."""
        return self.kind in ("many-to-one", "one-to-one")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function."""

    name: str
    type: str
    is_required: bool
    is_variadic: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function; `rows` describes what a row-returning one answers, None for a plain value."""

    name: str
    arguments: tuple[Argument, ...]
    is_volatile: bool
    returns_set: bool
    returns_nothing: bool
    returned_type: str
    rows: Table | None
    table: str | None
    comment: str | None
    callers: frozenset[str]
    timeout: str | None = None


@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything exposed; `types` maps what a cast may name to how SQL writes it.

    `reads_requests` and `sets_responses` say whether anything mentions those settings.
    """

    tables: Mapping[str, Table]
    relationships: Mapping[str, Sequence[Relationship]]
    functions: Mapping[str, Sequence[Function]]
    types: Mapping[str, str]
    timezones: frozenset[str] = frozenset()
    reads_requests: bool = False
    sets_responses: bool = False


async def read_catalog(database: Database) -> Catalog:
    """Return what the database holds now."""
    async with database.acting_as(Root(), readonly=True) as tx:
        await queries.name_everything_in_full(tx)
        return await _read(tx)


async def _read(tx: Tx) -> Catalog:
    roles = await tx.fetchval(
        "select array_agg(rolname::text) from pg_catalog.pg_roles where rolname = any($1::text[])",
        list(ROLES),
    )
    columns: dict[int, dict[str, Column]] = defaultdict(dict)
    for row in await queries.list_columns(tx, roles=roles):
        columns[row["table_oid"]][row["name"]] = _column(row)
    names: dict[int, str] = {}
    records = await queries.list_tables(tx, roles=roles)
    for row in records:
        names[row["oid"]] = row["name"]
    functions = await queries.list_functions(tx, roles=roles)
    computed = _computed(functions, names)
    tables = {row["name"]: _table(row, columns[row["oid"]], computed) for row in records}
    composites: dict[int, dict[str, Column]] = defaultdict(dict)
    for row in await queries.list_row_columns(tx):
        composites[row["table_oid"]][row["name"]] = Column(row["name"], row["type"])
    keys = [_foreign_key(row, names) for row in await queries.list_foreign_keys(tx)]
    origins = views.find_origins(await queries.list_view_rules(tx), names, tables)
    found = _relationships(keys + views.keys_of_views(keys, origins), tables)
    for table in tables.values():
        found[table.name] += [
            Relationship(
                one.name,
                table.name,
                one.table,
                "many-to-one" if one.is_single else "one-to-many",
                (),
                function=one.name,
            )
            for one in table.computed.values()
            if one.table is not None
        ]
    grouped: dict[str, list[Function]] = defaultdict(list)
    for row in functions:
        grouped[row["name"]].append(_function(row, names, tables, composites))
    types = await queries.list_types(tx)
    reads_requests, sets_responses = await queries.find_mentions(tx)
    return Catalog(
        tables,
        dict(found),
        dict(grouped),
        {**types, **_spoken_types(types)},
        await queries.list_timezones(tx),
        reads_requests,
        sets_responses,
    )


def _spoken_types(types: Mapping[str, str]) -> dict[str, str]:
    """Return the names that people write and the catalog does not list."""
    stored = {
        "int": "int4",
        "integer": "int4",
        "bigint": "int8",
        "smallint": "int2",
        "boolean": "bool",
        "real": "float4",
        "float": "float8",
        "double precision": "float8",
        "decimal": "numeric",
        "character varying": "varchar",
        "timestamp with time zone": "timestamptz",
        "timestamp without time zone": "timestamp",
    }
    spoken = {name: types[known] for name, known in stored.items()}
    arrays = {f"{name}[]": types[f"_{name}"] for name in types if f"_{name}" in types}
    arrays |= {f"{name}[]": types[f"_{known}"] for name, known in stored.items()}
    return spoken | arrays


def _column(row: asyncpg.Record) -> Column:
    return Column(
        name=row["name"],
        type=row["type"],
        number=row["number"],
        is_array=row["is_array"],
        is_required=row["is_required"],
        is_generated=row["is_generated"],
        default_sql=row["default_sql"],
        comment=row["comment"],
        labels=tuple(row["labels"]),
        readers=frozenset(row["readers"]),
    )


def _table(
    row: asyncpg.Record,
    columns: Mapping[str, Column],
    computed: Mapping[str, Mapping[str, Computed]],
) -> Table:
    return Table(
        name=row["name"],
        columns=columns,
        primary_key=tuple(row["primary_key"]),
        is_view=row["is_view"],
        comment=row["comment"],
        computed=computed.get(row["name"], {}),
        writers={
            "insert": frozenset(row["inserters"]),
            "update": frozenset(row["updaters"]),
            "delete": frozenset(row["deleters"]),
        },
    )


def _computed(
    functions: Sequence[asyncpg.Record], names: Mapping[int, str]
) -> dict[str, dict[str, Computed]]:
    """Return, by table, the functions that take exactly one row of it."""
    found: dict[str, dict[str, Computed]] = defaultdict(dict)
    for row in functions:
        if len(row["row_oids"]) != 1 or row["row_oids"][0] not in names:
            continue
        table = names[row["row_oids"][0]]
        target = names.get(row["returned_oid"])
        if target is None and row["returns_set"]:
            continue
        found[table][row["name"]] = Computed(
            row["name"], row["returned_type"], table, target, not row["returns_set"]
        )
    return found


def _function(
    row: asyncpg.Record,
    names: Mapping[int, str],
    tables: Mapping[str, Table],
    composites: Mapping[int, Mapping[str, Column]],
) -> Function:
    modes = row["modes"] or ["i"] * len(row["types"])
    labels = list(row["names"]) + [""] * (len(modes) - len(row["names"]))
    every = list(zip(labels, row["types"], modes, strict=True))
    inputs = [(name, kind, mode) for name, kind, mode in every if mode in ("i", "b", "v")]
    outputs = {name: Column(name, kind) for name, kind, mode in every if mode in ("o", "b", "t")}
    first_default = len(inputs) - row["defaults"]
    arguments = tuple(
        Argument(name, kind, place < first_default and mode != "v", mode == "v")
        for place, (name, kind, mode) in enumerate(inputs)
    )
    table = names.get(row["returned_oid"])
    return Function(
        name=row["name"],
        arguments=arguments,
        is_volatile=row["is_volatile"],
        returns_set=row["returns_set"],
        returns_nothing=row["returns_nothing"],
        returned_type=row["returned_type"],
        rows=_rows(row, table, tables, outputs, composites),
        table=table,
        comment=row["comment"],
        callers=frozenset(row["callers"]),
        timeout=row["timeout"],
    )


def _rows(
    row: asyncpg.Record,
    table: str | None,
    tables: Mapping[str, Table],
    outputs: Mapping[str, Column],
    composites: Mapping[int, Mapping[str, Column]],
) -> Table | None:
    if table is not None:
        return tables[table]
    if row["returns_row"] and (outputs or row["returned_oid"] in composites):
        columns = outputs or composites[row["returned_oid"]]
        return Table(f"{row['name']}()", columns, anonymous=True)
    return None


def _foreign_key(row: asyncpg.Record, names: Mapping[int, str]) -> views.ForeignKey:
    return views.ForeignKey(
        name=row["name"],
        origin=names[row["table_oid"]],
        target=names[row["target_oid"]],
        pairs=tuple(zip(row["columns"], row["target_columns"], strict=True)),
        is_unique=row["is_unique"],
    )


def _relationships(
    keys: Sequence[views.ForeignKey], tables: Mapping[str, Table]
) -> dict[str, list[Relationship]]:
    found: dict[str, list[Relationship]] = defaultdict(list)
    for key in keys:
        back = tuple((theirs, ours) for ours, theirs in key.pairs)
        there_kind, back_kind = (
            ("one-to-one", "one-to-one") if key.is_unique else ("many-to-one", "one-to-many")
        )
        found[key.origin].append(
            Relationship(key.name, key.origin, key.target, there_kind, key.pairs)
        )
        found[key.target].append(Relationship(key.name, key.target, key.origin, back_kind, back))
    by_origin: dict[str, list[views.ForeignKey]] = defaultdict(list)
    for key in keys:
        by_origin[key.origin].append(key)
    for junction, outgoing in by_origin.items():
        primary_key = set(tables[junction].primary_key)
        for first in outgoing:
            for second in outgoing:
                used = {ours for key in (first, second) for ours, _ in key.pairs}
                if first is second or not used <= primary_key:
                    continue
                found[first.target].append(
                    Relationship(
                        first.name,
                        first.target,
                        second.target,
                        "many-to-many",
                        tuple((theirs, ours) for ours, theirs in first.pairs),
                        junction,
                        second.pairs,
                        second.name,
                    )
                )
    return found
