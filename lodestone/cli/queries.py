"""What the commands ask the database before there is a runtime."""

from typing import Any

import asyncpg

OURS = ("public", "access", "platform", "supabase_migrations")
"""The schemas that a backup carries and a restore replaces."""


async def has_accounts(url: str, *, email: str | None = None) -> bool:
    """Say whether there is any account, or the one with this address."""
    query = "select exists (select from public.users where $1::text is null or email = $1)"
    return bool(await _fetch_value(url, query, email))


async def list_foreign_schemas(url: str) -> list[str]:
    """Return the schemas of a managed PostgreSQL that belong to the service, not to us."""
    query = """
    select coalesce(array_agg(n.nspname::text), '{}') from pg_namespace as n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all ($1)
        and not pg_has_role(n.nspowner, 'member')
    """
    return list(await _fetch_value(url, query, list(OURS)))


async def list_schemas(url: str) -> list[str]:
    """Return every schema of the database."""
    query = "select array_agg(nspname::text) from pg_namespace"
    return list(await _fetch_value(url, query))


async def count_tables(url: str) -> int:
    """Return how many tables our schemas have."""
    query = """
    select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any ($1) and c.relkind in ('r', 'p')
    """
    return int(await _fetch_value(url, query, list(OURS)))


async def list_missing_tables(url: str, *, names: list[str]) -> list[str]:
    """Return those of the quoted names that are no table, and freshen the planner's figures."""
    connection = await asyncpg.connect(url)
    try:
        missing = await connection.fetch(
            "select name from unnest($1::text[]) as name where to_regclass(name) is null", names
        )
        await connection.execute("analyze")
        return [row["name"] for row in missing]
    finally:
        await connection.close()


async def _fetch_value(url: str, query: str, *values: object) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()
