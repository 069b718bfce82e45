"""Bulk for load tests: every table of the reference, other people's rows beside one's own."""

import json
from pathlib import Path

import pytest

from lodestone import demo
from lodestone.auth import service as auth
from lodestone.demo.scale import fills
from lodestone.platform import runtime as runtimes
from lodestone.platform.actors import Root, User
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime

REFERENCE = Path(__file__).parents[1] / "architecture" / "reference_schema.json"
TENTH_OF_A_PERCENT, PERCENT = 0.001, 0.01


def reference_tables() -> set[str]:
    """Return the tables of the old database that this one holds."""
    return set(json.loads(REFERENCE.read_text())["tables"])


async def count(database: Database, table: str) -> int:
    async with database.acting_as(Root()) as tx:
        found: int = await tx.fetchval(f"select count(*) from public.{table}")
        return found


class TestFills:
    def test_name_each_table_of_the_reference_once(self) -> None:
        named = [fill.table for fill in fills()]
        assert len(named) == len(set(named))
        assert set(named) == reference_tables()

    def test_make_what_the_reference_counted_at_scale_one(self) -> None:
        total = sum(fill.count(1) for fill in fills())
        assert 650_000 < total < 670_000

    def test_grow_tenfold_where_people_bring_rows_and_not_elsewhere(self) -> None:
        by_table = {fill.table: fill for fill in fills()}
        assert by_table["leads"].count(10) == 10 * by_table["leads"].count(1)
        assert by_table["infra_tiers"].count(10) == by_table["infra_tiers"].count(1)


class TestGrowing:
    @pytest.mark.parametrize("scale", [TENTH_OF_A_PERCENT, PERCENT])
    async def test_fills_every_table_of_the_reference(
        self, fresh_database_url: str, fresh_database: Database, scale: float
    ) -> None:
        # A few tables hold what an installation begins with.
        before = {table: await count(fresh_database, table) for table in reference_tables()}
        made = await demo.grow(fresh_database_url, scale=scale)
        assert set(made) == reference_tables()
        for table, rows in made.items():
            assert rows > 0, table
            assert await count(fresh_database, table) == before[table] + rows, table

    async def test_reports_how_far_it_has_come(self, fresh_database_url: str) -> None:
        seen: list[tuple[str, int, int]] = []
        await demo.grow(
            fresh_database_url, scale=TENTH_OF_A_PERCENT, progress=lambda *one: seen.append(one)
        )
        done = [rows for _, rows, _ in seen]
        assert done == sorted(done)
        assert seen[-1][1] == seen[-1][2]
        assert {table for table, _, _ in seen[:-1]} == reference_tables()

    async def test_adds_to_what_is_there_and_again(
        self, empty: Runtime, fresh_database_url: str
    ) -> None:
        owner = User((await demo.seed()).user_id)
        before = await count(empty.database, "leads")
        first = await demo.grow(fresh_database_url, scale=TENTH_OF_A_PERCENT)
        second = await demo.grow(fresh_database_url, scale=PERCENT)
        added = first["leads"] + second["leads"]
        assert await count(empty.database, "leads") == before + added
        async with runtimes.reading_as(owner) as tx:
            assert await tx.fetchval("select count(*) from leads") == before

    async def test_its_first_account_signs_in_and_owns_about_half(
        self, empty: Runtime, fresh_database_url: str
    ) -> None:
        made = await demo.grow(fresh_database_url, scale=0.1)
        user_id = await auth.check_password(
            email="scale@example.com", password=demo.PASSWORD, address="::1"
        )
        async with runtimes.reading_as(User(user_id)) as tx:
            for table in ("leads", "dm_messages", "funnel_leads", "events"):
                own = await tx.fetchval(f"select count(*) from {table}")
                assert 0.3 * made[table] < own < 0.75 * made[table], table
