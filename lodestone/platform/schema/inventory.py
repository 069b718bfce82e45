"""What the schema reference tells: tables, columns, keys and access, read from a live database."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

COUNTED_EXACTLY = 100_000  # rows; above, the planner's estimate is told


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `target` is the table that it refers to, `enum` its enum type."""

    name: str
    type: str
    is_key: bool
    target: str | None
    enum: str | None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference from one table to another, and what a deletion there does here."""

    table: str
    columns: tuple[str, ...]
    target: str
    on_delete: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of schema public with its declarations; `rows` is exact unless `is_estimate`."""

    name: str
    purpose: str
    domain: str
    writer: str
    readers: tuple[str, ...]
    pattern: str
    detail: str
    commands: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: int
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role may do beside the scope of a table."""

    table: str
    role: str
    commands: tuple[str, ...]
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything the reference is written from, in a fixed order."""

    tables: tuple[Table, ...]
    foreign_keys: tuple[ForeignKey, ...]
    enums: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[Rule, ...]
    withheld: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    transitions: dict[tuple[str, str], dict[str, list[str]]]
    internals: tuple[tuple[str, str], ...]
    policy_count: int
    functions: tuple[tuple[str, str], ...]


_TABLES = """
select
    c.relname as name,
    coalesce(obj_description(c.oid, 'pg_class'), '') as purpose,
    coalesce(o.domain, '') as domain,
    coalesce(o.writer, '') as writer,
    coalesce(o.readers, '{}') as readers,
    coalesce(s.pattern, '') as pattern,
    coalesce(s.detail, '') as detail,
    coalesce(s.commands, '{}') as commands,
    c.reltuples::bigint as estimate
from pg_class as c
left join access.ownership as o on o.table_name = c.relname
left join access.scopes as s on s.table_name = c.relname
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname
"""

_COLUMNS = """
select
    c.relname as table_name,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    coalesce(a.attnum = any (i.indkey), false) as is_key,
    (
        select k.confrelid::regclass::text from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum]
        order by k.conname limit 1
    ) as target,
    case when t.typtype = 'e' then t.typname end as enum
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type as t on t.oid = a.atttypid
left join pg_index as i on i.indrelid = c.oid and i.indisprimary
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname, a.attnum
"""

_FOREIGN_KEYS = """
select
    c.relname as table_name,
    array(
        select a.attname::text from unnest(k.conkey) with ordinality as part (attnum, place)
        join pg_attribute as a on a.attrelid = c.oid and a.attnum = part.attnum order by part.place
    ) as columns,
    k.confrelid::regclass::text as target,
    case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
        when 'r' then 'restrict' else 'no action' end as on_delete
from pg_constraint as k
join pg_class as c on c.oid = k.conrelid
where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and k.conparentid = 0
order by k.confrelid::regclass::text, c.relname, columns
"""

_ENUMS = """
select t.typname as name, array_agg(e.enumlabel::text order by e.enumsortorder) as labels
from pg_type as t join pg_enum as e on e.enumtypid = t.oid
where t.typnamespace = 'public'::regnamespace
group by t.typname order by t.typname
"""

_RULES = """
select table_name, role_name, pattern, reason, array_agg(command order by command) as commands
from access.rules group by table_name, role_name, pattern, reason
order by table_name, role_name, pattern, reason
"""

_WITHHELD = """
select table_name,
    coalesce(array_agg(column_name order by column_name) filter (where is_secret), '{}') as secret,
    coalesce(array_agg(column_name order by column_name) filter (where not is_secret), '{}')
        as guarded
from (
    select table_name, column_name, true as is_secret from access.secret_columns
    union all
    select table_name, column_name, false from access.guarded_columns
) as columns
group by table_name order by table_name
"""

_TRANSITIONS = """
select table_name, column_name, from_state, to_state from access.transitions
order by table_name, column_name, from_state, to_state
"""

_INTERNALS = """
select format('%s.%s', c.relnamespace::regnamespace, c.relname) as name,
    coalesce(obj_description(c.oid, 'pg_class'), '') as purpose
from pg_class as c
where c.relnamespace in ('access'::regnamespace, 'platform'::regnamespace)
    and c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""

_POLICY_COUNT = """
select count(*) from pg_policy as p join pg_class as c on c.oid = p.polrelid
where c.relnamespace = 'public'::regnamespace
"""

_FUNCTIONS = """
select format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as name,
    coalesce(obj_description(p.oid, 'pg_proc'), '') as purpose
from pg_proc as p
where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
    and not exists (
        select from pg_depend as d
        where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
    )
order by 1
"""


async def take_inventory(connection: asyncpg.Connection) -> Inventory:
    """Read everything in one snapshot."""
    async with connection.transaction(readonly=True, isolation="repeatable_read"):
        await connection.execute("set local search_path = public")
        withheld = await connection.fetch(_WITHHELD)
        return Inventory(
            tables=await _tables(connection),
            foreign_keys=tuple(
                ForeignKey(
                    row["table_name"], tuple(row["columns"]), row["target"], row["on_delete"]
                )
                for row in await connection.fetch(_FOREIGN_KEYS)
            ),
            enums=tuple(
                (row["name"], tuple(row["labels"])) for row in await connection.fetch(_ENUMS)
            ),
            rules=tuple(
                Rule(
                    row["table_name"],
                    row["role_name"],
                    tuple(row["commands"]),
                    row["pattern"],
                    row["reason"],
                )
                for row in await connection.fetch(_RULES)
            ),
            withheld={
                row["table_name"]: (tuple(row["secret"]), tuple(row["guarded"])) for row in withheld
            },
            transitions=await _transitions(connection),
            internals=await _pairs(connection, _INTERNALS),
            policy_count=await connection.fetchval(_POLICY_COUNT),
            functions=await _pairs(connection, _FUNCTIONS),
        )


async def _tables(connection: asyncpg.Connection) -> tuple[Table, ...]:
    columns: dict[str, list[Column]] = {}
    for row in await connection.fetch(_COLUMNS):
        column = Column(row["name"], row["type"], row["is_key"], row["target"], row["enum"])
        columns.setdefault(row["table_name"], []).append(column)
    found = await connection.fetch(_TABLES)
    small = [row["name"] for row in found if row["estimate"] <= COUNTED_EXACTLY]
    counts = await _count(connection, small)
    return tuple(
        Table(
            name=row["name"],
            purpose=row["purpose"],
            domain=row["domain"],
            writer=row["writer"],
            readers=tuple(row["readers"]),
            pattern=row["pattern"],
            detail=row["detail"],
            commands=tuple(row["commands"]),
            columns=tuple(columns.get(row["name"], ())),
            rows=counts.get(row["name"], row["estimate"]),
            is_estimate=row["name"] not in counts,
        )
        for row in found
    )


async def _count(connection: asyncpg.Connection, tables: Sequence[str]) -> dict[str, int]:
    if not tables:
        return {}
    # The names come from the catalog and are quoted by it.
    query = await connection.fetchval(
        "select string_agg(format('select %L as name, count(*) as n from public.%I', name, name),"
        " ' union all ') from unnest($1::text[]) as name",
        list(tables),
    )
    return {row["name"]: row["n"] for row in await connection.fetch(query)}


async def _transitions(
    connection: asyncpg.Connection,
) -> dict[tuple[str, str], dict[str, list[str]]]:
    machines: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in await connection.fetch(_TRANSITIONS):
        machine = machines.setdefault((row["table_name"], row["column_name"]), {})
        machine.setdefault(row["from_state"], []).append(row["to_state"])
    return machines


async def _pairs(connection: asyncpg.Connection, query: str) -> tuple[tuple[str, str], ...]:
    return tuple((row[0], row[1]) for row in await connection.fetch(query))
