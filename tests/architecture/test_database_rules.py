"""The rules of `database_rules` against the migrated database, and against what breaks them."""

import asyncpg
import pytest

from tests.architecture.database_rules import RULES, Rule


async def _offenders(connection: asyncpg.Connection, rule: Rule) -> list[str]:
    return sorted(row[0] for row in await connection.fetch(rule.query))


@pytest.mark.parametrize("rule", RULES, ids=str)
class TestEachRule:
    async def test_holds(self, connection: asyncpg.Connection, rule: Rule) -> None:
        assert await _offenders(connection, rule) == []

    async def test_names_what_breaks_it(self, connection: asyncpg.Connection, rule: Rule) -> None:
        await connection.execute(rule.broken)
        assert rule.offender in await _offenders(connection, rule)

    async def test_lets_the_sound_way_pass(
        self, connection: asyncpg.Connection, rule: Rule
    ) -> None:
        before = await _offenders(connection, rule)
        await connection.execute(rule.sound)
        assert await _offenders(connection, rule) == before
