"""For every table, everybody who might come, every command: what is declared is what happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest

from tests import servers
from tests.architecture.matrix.attempts import ATTEMPT, Trial
from tests.architecture.matrix.exceptions import BESIDE, PERSONS
from tests.architecture.matrix.expectations import Command, Declaration, read_declarations
from tests.architecture.matrix.tables import read_tables
from tests.architecture.matrix.world import build_world

DOMAINS = (
    "affiliates",
    "blueprint",
    "content",
    "dfy",
    "dm",
    "email",
    "enrichment",
    "finance",
    "funnels",
    "identity",
    "infra",
    "lead_magnets",
    "lms",
    "operations",
    "prompts",
    "tam",
)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The declarations, by table, and the trial of them."""

    declarations: dict[str, Declaration]
    domains: dict[str, str]
    trial: Trial
    connection: asyncpg.Connection

    @asynccontextmanager
    async def opened(self, statement: str) -> AsyncIterator[None]:
        """Change the rules, and change them back."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            await self.connection.execute(statement)
            yield
        finally:
            await transaction.rollback()


@pytest.fixture(scope="module")
async def matrix(server_url: str, template_database: str) -> AsyncIterator[Matrix]:
    """A database of its own with two businesses in it; every trial is rolled back."""
    async with servers.clone(server_url, template=template_database) as url:
        connection = await asyncpg.connect(url)
        tables = await read_tables(connection)
        declarations = await read_declarations(connection, tables)
        domains = {
            row["table_name"]: row["domain"]
            for row in await connection.fetch("select table_name, domain from access.ownership")
        }
        async with connection.transaction():
            await connection.execute("set local role service_role")
            world = await build_world(connection, tables)
        await connection.execute(ATTEMPT)
        trial = Trial(connection, tables, declarations, world)
        yield Matrix(declarations, domains, trial, connection)
        await connection.close()


@pytest.mark.parametrize("domain", DOMAINS)
async def test_everybody_may_do_what_is_declared_and_nothing_else(
    matrix: Matrix, domain: str
) -> None:
    surprises = []
    for table in sorted(name for name, of in matrix.domains.items() if of == domain):
        declaration = matrix.declarations[table]
        for seen in await matrix.trial.run(table):
            expected = declaration.expect(seen.case, seen.identity, seen.command)
            if seen.outcome not in expected:
                surprises.append(
                    f"{table} ({seen.case.name}): {seen.identity.name} {seen.command}:"
                    f" expected {' or '.join(expected)}, seen {seen.outcome}"
                )
    assert surprises == []


async def test_every_domain_is_tried(matrix: Matrix) -> None:
    assert set(matrix.domains.values()) == set(DOMAINS)
    assert set(matrix.domains) == set(matrix.declarations)


async def test_every_rule_beside_a_scope_is_known(matrix: Matrix) -> None:
    declared = {
        (table, grant.pattern)
        for table, declaration in matrix.declarations.items()
        for grant in declaration.grants
    }
    assert set(BESIDE) <= declared
    assert {key for key in declared if key[1] not in PERSONS} <= set(BESIDE)


async def test_an_opening_that_nobody_declared_is_noticed(matrix: Matrix) -> None:
    declaration = matrix.declarations["brand_kits"]
    async with matrix.opened("alter policy authenticated_delete on public.brand_kits using (true)"):
        surprises = {
            (seen.identity.name, seen.command)
            for seen in await matrix.trial.run("brand_kits")
            if seen.outcome not in declaration.expect(seen.case, seen.identity, seen.command)
        }
    assert ("stranger", Command.DELETE_SHOWN) in surprises
