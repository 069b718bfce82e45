"""The SQL around the bulk: sessions, statistics, and the account that owns most of it."""

import asyncpg


async def find_free_run(connection: asyncpg.Connection, *, name: str) -> str:
    """Return the first of name, name2, name3 … that no account has as its username."""
    found: str = await connection.fetchval(
        """
        select w.run
        from generate_series(1, 10000) as number
        cross join lateral (
            select case number when 1 then $1::text else $1 || number end as run
        ) as w
        where not exists (
            select from users as u where lower(u.username) = w.run or u.email = w.run || '@example.com'
        )
        order by number
        limit 1
        """,
        name,
    )
    return found


async def prepare_session(connection: asyncpg.Connection) -> None:
    """Make the same random numbers every time; let commits not wait for the disk."""
    await connection.execute(
        "select setseed(0.42);"
        " set synchronous_commit = off; set jit = off; set search_path = public, extensions"
    )


async def update_password_hash(
    connection: asyncpg.Connection, *, email: str, password_hash: str
) -> None:
    """Let an account of the bulk sign in."""
    await connection.execute(
        "update users set password_hash = $2 where email = $1", email, password_hash
    )


async def freshen_statistics(connection: asyncpg.Connection, *, tables: list[str]) -> None:
    """Tell the planner what the tables hold now, and which pages all can see."""
    names = await connection.fetchval(
        "select string_agg(format('public.%I', t.name), ', ') from unnest($1::text[]) as t (name)",
        tables,
    )
    await connection.execute(f"vacuum (analyze) {names}")
