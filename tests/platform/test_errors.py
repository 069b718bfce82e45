"""What the database refuses reaches the caller with a status and without the values of others."""

import asyncpg
import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import LodestoneError, from_postgres
from tests.people import People


async def _refusal(database: Database, statement: str, *values: object) -> LodestoneError:
    with pytest.raises(asyncpg.PostgresError) as raised:
        async with database.acting_as(Root()) as tx:
            await tx.execute(statement, *values)
    return from_postgres(raised.value)


class TestARefusalOfTheDatabase:
    async def test_a_row_that_others_name_is_a_conflict(
        self, database: Database, people: People
    ) -> None:
        owner = await people.user()
        await people.team(owner)
        error = await _refusal(database, "delete from public.users where id = $1", owner.id)
        assert (error.status, error.code) in {(409, "23001"), (409, "23503")}

    async def test_a_taken_name_is_a_conflict(self, database: Database, people: People) -> None:
        owner = await people.user()
        error = await _refusal(
            database, "insert into public.users (email) values ($1)", owner.email
        )
        assert error.status == 409
        assert error.details == {"table_name": "users", "constraint_name": "users_email_key"}

    async def test_a_value_out_of_bounds_is_bad_input(self, database: Database) -> None:
        error = await _refusal(database, "insert into public.users (email) values ('UPPER')")
        assert (error.status, error.code) == (422, "23514")

    async def test_an_unforeseen_refusal_says_nothing_of_the_statement(
        self, database: Database
    ) -> None:
        error = await _refusal(database, "select secret_thing from public.users")
        assert (error.status, error.message) == (500, "The database refused the request.")
