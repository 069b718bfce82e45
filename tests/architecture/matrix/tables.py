"""The shape of every public table, read from the catalog."""

import re
from dataclasses import dataclass, field

import asyncpg

_COLUMNS = """
select
    c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull and not a.atthasdef and a.attidentity = '' as is_required,
    not a.attnotnull as is_nullable,
    a.attgenerated <> '' or a.attidentity = 'a' as is_computed,
    coalesce(a.attnum = any (k.conkey), false) as is_key,
    (
        select enumlabel from pg_enum as e where e.enumtypid = a.atttypid
        order by enumsortorder limit 1
    ) as first_label,
    array(
        select pg_get_constraintdef(t.oid) from pg_constraint as t
        where t.conrelid = c.oid and t.contype = 'c' and t.conkey = array[a.attnum]
    ) as checks,
    (
        select t.confrelid::regclass::text from pg_constraint as t
        where t.conrelid = c.oid and t.contype = 'f' and t.conkey[1] = a.attnum
        order by cardinality(t.conkey) limit 1
    ) as parent
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_constraint as k on k.conrelid = c.oid and k.contype = 'p'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by c.relname, a.attnum
"""

_LITERAL = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Column:
    """`parent` is the table of its foreign key; `choices` are the values of its check."""

    name: str
    type: str
    is_required: bool
    is_nullable: bool
    is_computed: bool
    is_key: bool
    parent: str | None
    choices: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns by name, in their order."""

    name: str
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def key(self) -> list[str]:
        """Return the columns of the primary key."""
        return [column.name for column in self.columns.values() if column.is_key]


async def read_tables(connection: asyncpg.Connection) -> dict[str, Table]:
    """Return every table of the schema public."""
    tables: dict[str, Table] = {}
    for row in await connection.fetch(_COLUMNS):
        table = tables.setdefault(row["table_name"], Table(row["table_name"]))
        table.columns[row["name"]] = Column(
            name=row["name"],
            type=row["type"],
            is_required=row["is_required"],
            is_nullable=row["is_nullable"],
            is_computed=row["is_computed"],
            is_key=row["is_key"],
            parent=row["parent"],
            choices=_choices(row["first_label"], row["checks"]),
            is_list=any("= 'array'" in check for check in row["checks"]),
        )
    return tables


def _choices(first_label: str | None, checks: list[str]) -> tuple[str, ...]:
    if first_label is not None:
        return (first_label,)
    for check in checks:
        if "= ANY (" in check:
            return tuple(_LITERAL.findall(check))
    return ()
