"""The SQL of auth."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx


async def find_session(tx: Tx, *, token_hash: str, idle_seconds: int) -> asyncpg.Record | None:
    """Return the live session and its person; `is_stale` asks for `touch_session`.

    `needs_factor` says that the account has a second factor, which this session has not given.
    """
    return await tx.fetchrow(
        """
        select s.id as session_id, u.id as user_id, u.email, u.name, u.username, u.avatar_url,
            u.is_super_admin, s.last_seen_at < now() - interval '5 minutes' as is_stale,
            s.acting_until, s.acting_may_write, s.acting_until <= now() as is_view_over,
            a.id as admin_id, a.email as admin_email, a.name as admin_name,
            s.aal = 'aal1' and exists (
                select from public.user_mfa_factors as f
                where f.user_id = s.user_id and f.status = 'verified') as needs_factor,
            s.created_at > now() - interval '10 minutes' as is_new
        from public.user_sessions as s
        join public.users as a on a.id = s.user_id
        join public.users as u on u.id = coalesce(s.acting_as_user_id, s.user_id)
        where s.token_hash = $1 and s.expires_at > now()
            and s.last_seen_at > now() - make_interval(secs => $2)
        """,
        token_hash,
        idle_seconds,
    )


async def touch_session(tx: Tx, *, session_id: UUID) -> None:
    await tx.execute(
        "update public.user_sessions set last_seen_at = now() where id = $1", session_id
    )


async def insert_session(
    tx: Tx,
    *,
    user_id: UUID,
    token_hash: str,
    user_agent: str | None,
    lifetime_seconds: int,
    amr: list[dict[str, Any]],
) -> UUID:
    found: UUID = await tx.fetchval(
        """
        insert into public.user_sessions (user_id, token_hash, user_agent, expires_at, amr)
        values ($1, $2, $3, now() + make_interval(secs => $4), $5)
        returning id
        """,
        user_id,
        token_hash,
        user_agent,
        lifetime_seconds,
        amr,
    )
    return found


async def delete_session(tx: Tx, *, token_hash: str) -> None:
    await tx.execute("delete from public.user_sessions where token_hash = $1", token_hash)


async def delete_session_of(tx: Tx, *, user_id: UUID, session_id: UUID) -> bool:
    """Return whether there was one."""
    done = await tx.execute(
        "delete from public.user_sessions where user_id = $1 and id = $2", user_id, session_id
    )
    return done != "DELETE 0"


async def delete_other_sessions(tx: Tx, *, user_id: UUID, session_id: UUID) -> None:
    await tx.execute(
        "delete from public.user_sessions where user_id = $1 and id <> $2", user_id, session_id
    )


async def delete_ended_sessions(tx: Tx, *, idle_seconds: int) -> None:
    await tx.execute(
        """
        delete from public.user_sessions
        where expires_at < now() or last_seen_at < now() - make_interval(secs => $1)
        """,
        idle_seconds,
    )


async def list_sessions(
    tx: Tx, *, user_id: UUID, idle_seconds: int, limit: int
) -> list[asyncpg.Record]:
    return await tx.fetch(
        """
        select id, user_agent, created_at, last_seen_at, expires_at
        from public.user_sessions
        where user_id = $1 and expires_at > now()
            and last_seen_at > now() - make_interval(secs => $2)
        order by last_seen_at desc
        limit $3
        """,
        user_id,
        idle_seconds,
        limit,
    )


async def find_user_by_email(tx: Tx, *, email: str) -> asyncpg.Record | None:
    """Return the account; a sign-up that waits for its confirmation has its password there."""
    return await tx.fetchrow(
        """
        select u.id, u.email, coalesce(u.password_hash, pending.password_hash) as password_hash,
            u.must_confirm_email, coalesce(u.banned_until > now(), false)
                or u.deleted_at is not null as is_barred
        from public.users as u
        left join lateral (
            select t.password_hash from public.user_one_time_tokens as t
            where t.user_id = u.id and t.kind = 'signup' and t.used_at is null
                and t.expires_at > now()
            order by t.created_at desc limit 1
        ) as pending on u.must_confirm_email
        where u.email = $1
        """,
        email,
    )


async def get_password_hash(tx: Tx, *, user_id: UUID) -> str | None:
    found: str | None = await tx.fetchval(
        "select password_hash from public.users where id = $1", user_id
    )
    return found


async def replace_password_hash(tx: Tx, *, user_id: UUID, earlier: str, password_hash: str) -> None:
    """Write a hash in today's form, unless the password was changed meanwhile."""
    await tx.execute(
        """
        update public.users set password_hash = $3 where id = $1 and password_hash = $2
        """,
        user_id,
        earlier,
        password_hash,
    )


async def update_profile(tx: Tx, *, user_id: UUID, name: str, username: str | None) -> None:
    await tx.execute(
        "update public.users set name = $2, username = $3 where id = $1", user_id, name, username
    )


async def list_taken(tx: Tx, *, email: str, username: str | None) -> list[str]:
    """Return which of `email` and `username` another account has."""
    rows = await tx.fetch(
        """
        select 'email' as field from public.users where email = $1
        union all
        select 'username' from public.users where lower(username) = lower($2)
        """,
        email,
        username,
    )
    return [row["field"] for row in rows]


async def insert_user(
    tx: Tx,
    *,
    email: str,
    password_hash: str | None,
    name: str,
    username: str | None,
    user_id: UUID | None = None,
    may_run: bool = True,
) -> UUID:
    """Insert the account and its free plan; the first one of an installation may run it."""
    found: UUID = await tx.fetchval(
        """
        with person as (
            insert into public.users (id, email, password_hash, name, username, is_super_admin)
            select coalesce($5, gen_random_uuid()), $1, $2, $3, $4,
                $6 and not exists (select from public.users)
            returning id
        )
        insert into public.subscriptions (user_id) select id from person returning user_id
        """,
        email,
        password_hash,
        name,
        username,
        user_id,
        may_run,
    )
    return found


async def insert_personal_team(tx: Tx, *, user_id: UUID, email: str, name: str) -> None:
    await tx.execute(
        """
        with workspace as (
            insert into public.teams (owner_id, name, is_personal)
            values ($1, $3, true)
            returning id
        )
        insert into public.team_profiles
            (team_id, user_id, email, full_name, role, status, is_default, accepted_at)
        select id, $1, $2, $3, 'owner', 'active', true, now() from workspace
        """,
        user_id,
        email,
        name,
    )


async def find_only_tenant(tx: Tx) -> UUID | None:
    """Find the tenant of an installation that has one; None where there are several, or none."""
    tenant_id: UUID | None = await tx.fetchval("select access.default_tenant_id()")
    return tenant_id


async def insert_membership(
    tx: Tx, *, user_id: UUID, email: str, name: str, tenant_id: UUID | None
) -> None:
    """Put an account into a tenant: the given one, else a new one of its own."""
    await tx.execute(
        """
        with made as (
            insert into public.tenants (name, email, business_name, auth_user_id)
            select $3, $2, $3, $1 where $4::uuid is null
            returning id
        )
        insert into public.profiles (id, tenant_id, email, full_name, role)
        select $1, coalesce($4, made.id), $2, $3,
            case when $4 is null then 'owner' else 'member' end
        from (select 1) as always left join made on true
        """,
        user_id,
        email,
        name,
        tenant_id,
    )


async def lock_attempts(tx: Tx, *, identifiers: list[str]) -> None:
    """Let tries for the same account or address pass one by one, so that none is miscounted."""
    await tx.execute(
        """
        select pg_advisory_xact_lock(hashtextextended('login ' || i.name, 0))
        from (select unnest($1::text[]) as name order by 1) as i
        """,
        identifiers,
    )


async def count_attempts(
    tx: Tx, *, identifiers: list[str], window_seconds: int
) -> dict[str, tuple[int, datetime]]:
    """Return, for each that has any, how many tries failed in the window and when the first did."""
    rows = await tx.fetch(
        """
        select identifier, count(*) as tries, min(attempted_at) as first_at
        from public.login_attempts
        where identifier = any($1::text[]) and attempted_at > now() - make_interval(secs => $2)
        group by identifier
        """,
        identifiers,
        window_seconds,
    )
    return {row["identifier"]: (row["tries"], row["first_at"]) for row in rows}


async def insert_attempts(tx: Tx, *, identifiers: list[str]) -> list[UUID]:
    rows = await tx.fetch(
        "insert into public.login_attempts (identifier) select unnest($1::text[]) returning id",
        identifiers,
    )
    return [row["id"] for row in rows]


async def delete_attempts(tx: Tx, *, identifier: str, ids: list[UUID]) -> None:
    """Forget what a good sign-in clears: the account's failures and this try itself."""
    await tx.execute(
        "delete from public.login_attempts where identifier = $1 or id = any($2::uuid[])",
        identifier,
        ids,
    )


async def delete_old_attempts(tx: Tx, *, window_seconds: int) -> None:
    await tx.execute(
        """
        delete from public.login_attempts
        where attempted_at < now() - make_interval(secs => $1)
        """,
        window_seconds,
    )


async def delete_old_proofs(tx: Tx) -> None:
    """Forget links a month after their end, and what led to providers and back after a day."""
    await tx.execute(
        "delete from public.user_one_time_tokens where expires_at < now() - interval '30 days'"
    )
    await tx.execute(
        "delete from public.user_auth_flows where expires_at < now() - interval '1 day'"
    )
    await tx.execute(
        "delete from public.user_mfa_challenges where expires_at < now() - interval '1 day'"
    )
    await tx.execute(
        """
        delete from public.user_refresh_tokens
        where replaced_at < now() - interval '1 day'
            and created_at < now() - interval '30 days'
        """
    )


def constraint_of(error: asyncpg.PostgresError) -> str:
    """Return the name of the constraint that refused a row, empty when none did."""
    details: Any = getattr(error, "constraint_name", None)
    return details or ""
