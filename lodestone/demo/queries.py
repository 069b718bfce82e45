"""The SQL of the demo business, and the SQL around the bulk."""

import re
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from lodestone.demo.scene import Row
from lodestone.platform.database import Tx

Bulk = tuple[str, int, int, str]
"""The run's name, the first and the last row, and the rows of every table as JSON."""

_PARAMETER = re.compile(r"\$([1-4])\b")


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
            select from users as u
            where lower(u.username) = w.run or u.email = w.run || '@example.com'
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
        """
        select setseed(0.42), set_config('synchronous_commit', 'off', false),
            set_config('jit', 'off', false), set_config('search_path', 'public, extensions', false)
        """
    )


async def insert_bulk(connection: asyncpg.Connection, *, statement: str, values: Bulk) -> int:
    """Run a fill of `bulk/` with as many of the values as it names; return the rows it made."""
    named = max(int(number) for number in _PARAMETER.findall(statement))
    status: str = await connection.execute(statement, *values[:named])
    return int(status.rpartition(" ")[2])


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


async def find_account(tx: Tx, *, email: str) -> asyncpg.Record | None:
    """Return user_id and tenant_id of an account; a second seeding at the same time waits here."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('demo business', 0))")
    return await tx.fetchrow(
        """
        select u.id as user_id, p.tenant_id
        from users as u
        join profiles as p on p.id = u.id
        where u.email = $1
        """,
        email,
    )


async def insert_tenant(tx: Tx, *, name: str, email: str, slug: str) -> UUID:
    """Make the demo's tenant; its slug gets a number when another tenant has it."""
    found: UUID = await tx.fetchval(
        """
        insert into tenants (name, email, business_name, company_name, slug, status, monthly_plan)
        select $1, $2, $1, $1,
            case when exists (select from tenants where slug = $3)
                then $3 || '-' || left(gen_random_uuid()::text, 8) else $3 end,
            'active', 'growth'
        returning id
        """,
        name,
        email,
        slug,
    )
    return found


async def promote_owner(tx: Tx, *, user_id: UUID, tenant_id: UUID) -> None:
    """Make an account the owner of its tenant, with a plan that is used."""
    await tx.execute(
        """
        with promoted as (
            update profiles set role = 'owner' where id = $1
        ), plan as (
            update subscriptions set plan = 'pro' where user_id = $1
        ), used as (
            insert into usage_tracking (
                user_id, month_year, lead_magnets_created, posts_scheduled
            )
            values ($1, to_char(now() at time zone 'UTC', 'YYYY-MM'), 4, 9)
        ), owned as (
            update tenants set auth_user_id = $1 where id = $2
        )
        update users
        set default_theme = 'light', default_primary_color = '#0f766e',
            email_verified_at = now()
        where id = $1
        """,
        user_id,
        tenant_id,
    )


async def get_personal_team(tx: Tx, *, user_id: UUID) -> UUID:
    """Return the personal team that every account has."""
    found: UUID = await tx.fetchval(
        "select id from teams where owner_id = $1 and is_personal", user_id
    )
    return found


async def date_page(tx: Tx, *, funnel_page_id: UUID, lead_magnet_id: UUID, days: int) -> None:
    """Let a draft have been written, and its page be about to go public, so many days ago."""
    await tx.execute(
        """
        with written as (
            update lead_magnets set created_at = now() - make_interval(days => $3 + 2) where id = $2
        )
        update funnel_pages
        set created_at = now() - make_interval(days => $3 + 1),
            published_at = now() - make_interval(days => $3)
        where id = $1
        """,
        funnel_page_id,
        lead_magnet_id,
        days,
    )


async def insert_rows(tx: Tx, *, table: str, rows: Sequence[Row]) -> None:
    """Insert rows as one statement; columns that are not named take their defaults."""
    columns = ", ".join(f'"{name}"' for name in rows[0])
    await tx.execute(
        f"""
        insert into public.{table} ({columns})
        select {columns} from jsonb_populate_recordset(null::public.{table}, $1)
        """,
        list(rows),
    )
