"""Every SQL statement of the code base fits the schema: PostgreSQL prepares each."""

import asyncpg

from tests.architecture.statements import Statement, find_statements

# Functions that put a statement together as they run, and what stands for the check here.
BUILT_AS_THEY_RUN = {
    "lodestone.demo.queries.freshen_statistics": "names quoted by the database",
    "lodestone.demo.queries.insert_rows": "columns of the demo's own rows, which its tests insert",
    "lodestone.demo.scale.grow": "files of demo/bulk, which the demo's tests run",
    "lodestone.domains.email.broadcasts.queries.insert_recipients": "filters, which its tests run",
    "lodestone.domains.email.segments.queries.count_audience": "filters, which their tests run",
    "lodestone.domains.email.segments.queries.list_audience": "filters, which their tests run",
    "lodestone.domains.identity.data.queries.exports.read_rows": "names from the catalog",
    "lodestone.platform.database._transaction": "begin and commit, with role and claims",
    "lodestone.platform.database.acting_as": "begin and commit, with role and claims",
    "lodestone.platform.database.reading_as": "begin and commit, with role and claims",
    "lodestone.platform.lanes.__aenter__": "begin, with role and claims",
    "lodestone.platform.lanes.commit": "commit, and the begin of whoever is next",
    "lodestone.platform.migrations._run": "the migrations themselves",
    "lodestone.platform.schema.drift._scratch_database": "a database of a random name",
    "lodestone.platform.schema.inventory._count": "names quoted by the database",
    "lodestone.platform.schema.queries._read_declarations": "names from the catalog",
    "lodestone.platform.schema.queries.read_structure": "each kind of object, which its tests read",
    "lodestone.rest.asking.explain": "plans of what the data API was asked for",
    "lodestone.rest.surroundings.write": "one set_config for each setting, names and values bound",
    "lodestone.rest.asking.run": "what the data API was asked for, which its tests ask",
}


async def _refusal(connection: asyncpg.Connection, statement: Statement) -> str | None:
    """Return what PostgreSQL finds wrong with a statement."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        if statement.is_script and ";" in statement.sql:
            await connection.execute(statement.sql)
        else:
            await connection.prepare(statement.sql)
    except asyncpg.PostgresError as error:
        return f"{statement}: {error}"
    finally:
        await savepoint.rollback()
    return None


async def test_every_statement_fits_the_schema(connection: asyncpg.Connection) -> None:
    statements, _ = find_statements()
    refusals = [await _refusal(connection, statement) for statement in statements]
    assert [refusal for refusal in refusals if refusal] == []


async def test_a_statement_that_does_not_fit_is_named(connection: asyncpg.Connection) -> None:
    known = find_statements()[0][0]
    wrong = Statement(known.module, known.line, "select gone from public.users", is_script=False)
    assert await _refusal(connection, wrong) == f'{known}: column "gone" does not exist'


def test_every_other_statement_is_known() -> None:
    assert find_statements()[1] == set(BUILT_AS_THEY_RUN)


def test_every_order_of_a_list_is_tried() -> None:
    texts = [
        statement.sql
        for statement in find_statements()[0]
        if statement.module.name == "lodestone.domains.lead_magnets.queries"
    ]
    for order in ("lower(m.title) asc", "lower(m.title) desc", "m.updated_at asc", "views desc"):
        assert any(f"order by {order}, m.id" in text for text in texts)
