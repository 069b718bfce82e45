"""The schema has every table, column, enum and foreign key of the database that it replaces.

`reference_schema.json` holds those facts: of each table its columns with their types (as
`pg_type.typname`) and the tables that they name; of each enum its values in order. More is welcome,
less or other is not.
"""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

_REFERENCE: dict[str, Any] = json.loads(
    Path(__file__).with_name("reference_schema.json").read_text()
)
_TABLES: dict[str, Any] = _REFERENCE["tables"]

_COLUMNS = """
select c.relname as table_name, a.attname as name, t.typname as type
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type as t on t.oid = a.atttypid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
"""

_REFERENCES = """
select c.relname as table_name, a.attname as name, f.relname as parent
from pg_constraint as k
join pg_class as c on c.oid = k.conrelid
join pg_class as f on f.oid = k.confrelid
join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (k.conkey)
where k.contype = 'f' and c.relnamespace = 'public'::regnamespace
"""


async def test_every_table_and_column_is_there(connection: asyncpg.Connection) -> None:
    built = {
        (row["table_name"], row["name"]): row["type"] for row in await connection.fetch(_COLUMNS)
    }
    wrong = {
        f"{table}.{column}": f"{built.get((table, column))}, not {type_}"
        for table, facts in _TABLES.items()
        for column, type_ in facts["columns"].items()
        if built.get((table, column)) != type_
    }
    assert wrong == {}


async def test_every_foreign_key_is_there(connection: asyncpg.Connection) -> None:
    built = {tuple(row) for row in await connection.fetch(_REFERENCES)}
    missing = [
        f"{table}.{column} → {parent}"
        for table, facts in _TABLES.items()
        for column, parent in facts.get("references", {}).items()
        if (table, column, parent) not in built
    ]
    assert missing == []


@pytest.mark.parametrize(("name", "values"), _REFERENCE["enums"].items())
async def test_every_enum_has_the_same_values(
    connection: asyncpg.Connection, name: str, values: list[str]
) -> None:
    built = await connection.fetchval(
        "select array_agg(enumlabel::text order by enumsortorder) from pg_enum"
        " where enumtypid = to_regtype('public.' || $1)",
        name,
    )
    assert built == values


def test_the_reference_is_whole() -> None:
    assert len(_TABLES) == 183
    assert len(_REFERENCE["enums"]) == 26
