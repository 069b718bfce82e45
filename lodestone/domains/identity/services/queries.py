"""The SQL of service keys, and of the accounts that services make."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_LIVE = "k.revoked_at is null and (k.expires_at is null or k.expires_at > now())"


async def list_live_keys(tx: Tx, *, service_id: str) -> list[Record]:
    """List the keys that a service may sign with now, the newest first."""
    return await tx.fetch(
        f"""
        select k.id, k.secret_sealed, k.allowed_actions
        from service_keys as k
        where k.service_id = $1 and {_LIVE}
        order by k.created_at desc, k.id
        """,
        service_id,
    )


async def find_bearer_key(tx: Tx, *, service_id: str, secret_hash: str) -> Record | None:
    """Find the live key of a service that may be sent as it is."""
    return await tx.fetchrow(
        f"""
        select k.id, k.allowed_actions
        from service_keys as k
        where k.secret_hash = $2 and k.service_id = $1 and k.allows_bearer and {_LIVE}
        """,
        service_id,
        secret_hash,
    )


async def use_signature(tx: Tx, *, key_id: UUID, signature_hash: str, kept_seconds: int) -> bool:
    """Note that a signature was used; False when it was before."""
    used: str | None = await tx.fetchval(
        """
        insert into service_nonces (signature_hash, service_key_id, expires_at)
        values ($1, $2, now() + make_interval(secs => $3))
        on conflict (signature_hash) do nothing
        returning signature_hash
        """,
        signature_hash,
        key_id,
        kept_seconds,
    )
    return used is not None


async def touch_key(tx: Tx, *, key_id: UUID) -> None:
    await tx.execute("update service_keys set last_used_at = now() where id = $1", key_id)


async def delete_old_signatures(tx: Tx) -> None:
    await tx.execute("delete from service_nonces where expires_at < now()")


async def insert_key(
    tx: Tx,
    *,
    service_id: str,
    secret_sealed: str,
    secret_hash: str,
    secret_end: str,
    allowed_actions: Sequence[str],
    allows_bearer: bool,
    created_by: UUID,
) -> UUID:
    identifier: UUID = await tx.fetchval(
        """
        insert into service_keys (
            service_id, secret_sealed, secret_hash, secret_end, allowed_actions, allows_bearer,
            created_by
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        returning id
        """,
        service_id,
        secret_sealed,
        secret_hash,
        secret_end,
        list(allowed_actions),
        allows_bearer,
        created_by,
    )
    return identifier


async def list_keys(tx: Tx) -> list[Record]:
    """List every key, the live ones first."""
    return await tx.fetch(
        f"""
        select k.id, k.service_id, k.secret_end, k.allowed_actions, k.allows_bearer, k.created_at,
            k.expires_at, k.revoked_at, k.last_used_at, {_LIVE} as is_live,
            coalesce(u.name, u.email) as created_by_name
        from service_keys as k
        left join users as u on u.id = k.created_by
        order by {_LIVE} desc, k.created_at desc, k.id
        limit 200
        """
    )


async def lock_live_key(tx: Tx, *, key_id: UUID) -> Record | None:
    """Lock a key that works and was not rotated yet."""
    return await tx.fetchrow(
        """
        select id, service_id, allowed_actions, allows_bearer, expires_at
        from service_keys
        where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())
        for update
        """,
        key_id,
    )


async def expire_key(tx: Tx, *, key_id: UUID, hours: int) -> None:
    """Let a key work for some hours more."""
    await tx.execute(
        "update service_keys set expires_at = now() + make_interval(hours => $2) where id = $1",
        key_id,
        hours,
    )


async def revoke_key(tx: Tx, *, key_id: UUID) -> None:
    await tx.execute("update service_keys set revoked_at = now() where id = $1", key_id)


async def lock_email(tx: Tx, *, email: str) -> None:
    """Let makers of the same account pass one by one."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('service account ' || $1, 0))", email
    )


async def find_account(tx: Tx, *, email: str) -> UUID | None:
    """Find the account with an address."""
    found: UUID | None = await tx.fetchval("select id from users where email = $1", email)
    return found


async def set_pro(tx: Tx, *, user_id: UUID) -> None:
    """Give a new account what was bought elsewhere."""
    await tx.execute(
        "update subscriptions set plan = 'pro', status = 'active' where user_id = $1", user_id
    )


async def describe_person(
    tx: Tx, *, user_id: UUID, linkedin_url: str | None, title: str | None
) -> None:
    """Write what is known of somebody into their place in their own workspace."""
    await tx.execute(
        """
        update team_profiles
        set linkedin_url = coalesce($2, linkedin_url), title = coalesce($3, title)
        where user_id = $1 and role = 'owner'
        """,
        user_id,
        linkedin_url,
        title,
    )
