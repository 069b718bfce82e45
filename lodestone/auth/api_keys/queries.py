"""The SQL of API keys."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one

_KEY = """
    k.id, k.name, k.key_prefix as last_four, k.scopes, k.bound_team_id as team_id,
    t.name as team_name, k.created_at, k.last_used_at, k.expires_at, k.revoked_at,
    k.is_active and (k.expires_at is null or k.expires_at > now()) as is_live
"""


async def identify(tx: Tx, *, key_hash: str, limit_key: bytes) -> Record | None:
    """Find whose live key it is, and count the request against the key's limit.

    `wait_seconds` is more than 0 when the limit is reached; `is_stale` asks for `touch`.
    """
    return await tx.fetchrow(
        """
        select
            k.id, k.user_id, k.scopes, k.bound_team_id, u.email, u.name, u.username,
            u.is_super_admin, platform.take($2, k.requests_per_minute, 60) as wait_seconds,
            k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as is_stale
        from public.api_keys as k
        join public.users as u on u.id = k.user_id
        where k.key_hash = $1 and k.is_active and (k.expires_at is null or k.expires_at > now())
            and u.deleted_at is null and (u.banned_until is null or u.banned_until < now())
            and (k.bound_team_id is null or exists (
                select from public.team_access as a
                where a.team_id = k.bound_team_id and a.user_id = k.user_id
                    and a.role in ('owner', 'member')))
        """,
        key_hash,
        limit_key,
    )


async def touch(tx: Tx, *, key_id: UUID) -> None:
    await tx.execute(
        """
        update public.api_keys set last_used_at = now()
        where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
        """,
        key_id,
    )


async def insert_key(
    tx: Tx,
    *,
    user_id: UUID,
    key_hash: str,
    last_four: str,
    name: str,
    scopes: list[str],
    days: int | None,
    team_id: UUID | None,
) -> UUID:
    found: UUID = await tx.fetchval(
        """
        insert into public.api_keys
            (user_id, key_hash, key_prefix, name, scopes, expires_at, bound_team_id)
        values ($1, $2, $3, $4, $5, now() + make_interval(days => $6), $7)
        returning id
        """,
        user_id,
        key_hash,
        last_four,
        name,
        scopes,
        days,
        team_id,
    )
    return found


async def lock_account(tx: Tx, *, user_id: UUID) -> None:
    """Make keys of an account one after the other, so that they are counted right."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('api keys ' || $1::text, 0))", str(user_id)
    )


async def count_live(tx: Tx, *, user_id: UUID) -> int:
    found: int = await tx.fetchval(
        """
        select count(*) from public.api_keys
        where user_id = $1 and is_active and (expires_at is null or expires_at > now())
        """,
        user_id,
    )
    return found


async def works_in(tx: Tx, *, user_id: UUID, team_id: UUID) -> bool:
    found: bool = await tx.fetchval(
        """
        select exists (
            select from public.team_access
            where user_id = $1 and team_id = $2 and role in ('owner', 'member'))
        """,
        user_id,
        team_id,
    )
    return found


async def list_teams(tx: Tx, *, user_id: UUID) -> list[Record]:
    """Return the teams in which the person works, without their personal one."""
    return await tx.fetch(
        """
        select distinct t.id, t.name
        from public.team_access as a
        join public.teams as t on t.id = a.team_id
        where a.user_id = $1 and a.role in ('owner', 'member') and not t.is_personal
        order by t.name, t.id
        """,
        user_id,
    )


async def get_key(tx: Tx, *, key_id: UUID) -> Record:
    return await fetch_one(
        tx,
        f"""
        select {_KEY}
        from public.api_keys as k
        left join public.teams as t on t.id = k.bound_team_id
        where k.id = $1
        """,
        key_id,
    )


async def list_keys(tx: Tx, *, user_id: UUID) -> list[Record]:
    """Return the keys of an account, those that work first, then the newest."""
    return await tx.fetch(
        f"""
        select {_KEY}
        from public.api_keys as k
        left join public.teams as t on t.id = k.bound_team_id
        where k.user_id = $1
        order by is_live desc, k.created_at desc, k.id
        """,
        user_id,
    )


async def revoke(tx: Tx, *, user_id: UUID, key_id: UUID) -> str | None:
    """End a key and return its name, None when there is no such live key of the account."""
    found: str | None = await tx.fetchval(
        """
        update public.api_keys set is_active = false, revoked_at = now()
        where id = $2 and user_id = $1 and is_active
        returning name
        """,
        user_id,
        key_id,
    )
    return found
