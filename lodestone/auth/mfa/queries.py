"""The SQL of second factors."""

from datetime import datetime
from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx


async def insert_factor(tx: Tx, *, user_id: UUID, friendly_name: str, secret: str) -> UUID:
    found: UUID = await tx.fetchval(
        """
        insert into public.user_mfa_factors (user_id, friendly_name, secret)
        values ($1, $2, $3) returning id
        """,
        user_id,
        friendly_name,
        secret,
    )
    return found


async def delete_unfinished(tx: Tx, *, user_id: UUID) -> None:
    """Forget factors whose first code never came."""
    await tx.execute(
        """
        delete from public.user_mfa_factors
        where user_id = $1 and status = 'unverified' and created_at < now() - interval '1 hour'
        """,
        user_id,
    )


async def lock_factor(tx: Tx, *, user_id: UUID, factor_id: UUID) -> asyncpg.Record | None:
    """Return a factor of the person, held until the transaction ends."""
    return await tx.fetchrow(
        """
        select id, friendly_name, factor_type, status, secret, last_step
        from public.user_mfa_factors where id = $1 and user_id = $2 for update
        """,
        factor_id,
        user_id,
    )


async def lock_verified(tx: Tx, *, user_id: UUID) -> list[asyncpg.Record]:
    """Return the factors of the person that count, held until the transaction ends."""
    return await tx.fetch(
        """
        select id, secret, last_step from public.user_mfa_factors
        where user_id = $1 and status = 'verified'
        order by id
        for update
        """,
        user_id,
    )


async def update_used(tx: Tx, *, factor_id: UUID, last_step: int) -> None:
    """Note the half minute of a good code; the first one makes the factor count."""
    await tx.execute(
        """
        update public.user_mfa_factors set last_step = $2, status = 'verified' where id = $1
        """,
        factor_id,
        last_step,
    )


async def delete_factor(tx: Tx, *, factor_id: UUID) -> None:
    await tx.execute("delete from public.user_mfa_factors where id = $1", factor_id)


async def has_verified_factor(tx: Tx, *, user_id: UUID) -> bool:
    found: bool = await tx.fetchval(
        """
        select exists (
            select from public.user_mfa_factors where user_id = $1 and status = 'verified'
        )
        """,
        user_id,
    )
    return found


async def insert_challenge(
    tx: Tx, *, factor_id: UUID, lifetime_seconds: int
) -> tuple[UUID, datetime]:
    """Return a question's id and when it ends."""
    rows = await tx.fetch(
        """
        insert into public.user_mfa_challenges (factor_id, expires_at)
        values ($1, now() + make_interval(secs => $2)) returning id, expires_at
        """,
        factor_id,
        lifetime_seconds,
    )
    return rows[0]["id"], rows[0]["expires_at"]


async def use_challenge(tx: Tx, *, factor_id: UUID, challenge_id: UUID) -> bool:
    """Use a question, if it is still open."""
    found = await tx.fetchval(
        """
        update public.user_mfa_challenges set verified_at = now()
        where id = $1 and factor_id = $2 and verified_at is null and expires_at > now()
        returning id
        """,
        challenge_id,
        factor_id,
    )
    return found is not None


async def raise_session(tx: Tx, *, session_id: UUID, method: str) -> None:
    """Note that a second factor was given in a session."""
    await tx.execute(
        """
        update public.user_sessions
        set aal = 'aal2', last_seen_at = now(), amr = jsonb_build_array(jsonb_build_object(
            'method', $2::text, 'timestamp', extract(epoch from now())::bigint)) || amr
        where id = $1
        """,
        session_id,
        method,
    )


async def lower_sessions(tx: Tx, *, user_id: UUID) -> None:
    """Take back what a factor that is gone had proved."""
    await tx.execute(
        "update public.user_sessions set aal = 'aal1' where user_id = $1 and aal = 'aal2'",
        user_id,
    )


async def delete_lower_sessions(tx: Tx, *, user_id: UUID, keep: UUID) -> None:
    """End the sessions that only a password opened, save one."""
    await tx.execute(
        "delete from public.user_sessions where user_id = $1 and aal = 'aal1' and id <> $2",
        user_id,
        keep,
    )
