"""The SQL of clients' sessions and refresh tokens."""

from typing import Any
from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx


async def insert_session(
    tx: Tx,
    *,
    user_id: UUID,
    user_agent: str | None,
    aal: str,
    amr: list[dict[str, Any]],
    lifetime_seconds: int,
) -> UUID:
    """Open a session that no cookie opens."""
    found: UUID = await tx.fetchval(
        """
        insert into public.user_sessions (user_id, user_agent, aal, amr, expires_at)
        values ($1, $2, $3, $4, now() + make_interval(secs => $5))
        returning id
        """,
        user_id,
        user_agent,
        aal,
        amr,
        lifetime_seconds,
    )
    return found


async def find_live_session(
    tx: Tx, *, session_id: UUID, idle_seconds: int
) -> asyncpg.Record | None:
    return await tx.fetchrow(
        """
        select id, user_id, aal, amr, created_at, expires_at from public.user_sessions
        where id = $1 and expires_at > now()
            and last_seen_at > now() - make_interval(secs => $2)
        """,
        session_id,
        idle_seconds,
    )


async def insert_refresh_token(
    tx: Tx, *, session_id: UUID, token_hash: str, parent_id: UUID | None
) -> None:
    await tx.execute(
        """
        insert into public.user_refresh_tokens (session_id, token_hash, parent_id)
        values ($1, $2, $3)
        """,
        session_id,
        token_hash,
        parent_id,
    )


async def lock_refresh_token(
    tx: Tx, *, token_hash: str, idle_seconds: int, reuse_seconds: int
) -> asyncpg.Record | None:
    """Return a refresh token and its session, which is held until the transaction ends."""
    return await tx.fetchrow(
        """
        select r.id, r.session_id, s.user_id,
            s.expires_at > now() and s.last_seen_at > now() - make_interval(secs => $2)
                as is_session_live,
            r.replaced_at is not null as was_used,
            coalesce(clock_timestamp() > r.replaced_at + make_interval(secs => $3), false)
                as is_replay
        from public.user_refresh_tokens as r
        join public.user_sessions as s on s.id = r.session_id
        where r.token_hash = $1
        for update of s, r
        """,
        token_hash,
        idle_seconds,
        reuse_seconds,
    )


async def replace_refresh_token(tx: Tx, *, token_id: UUID) -> None:
    """Note the first use of a refresh token, and that its session is alive."""
    await tx.execute(
        """
        with used as (
            update public.user_refresh_tokens
            set replaced_at = coalesce(replaced_at, clock_timestamp())
            where id = $1 returning session_id
        )
        update public.user_sessions as s set last_seen_at = now()
        from used where s.id = used.session_id
        """,
        token_id,
    )


async def end_refresh_tokens(tx: Tx, *, session_id: UUID) -> None:
    """End every refresh token of a session, for the ones that follow a step up."""
    await tx.execute("delete from public.user_refresh_tokens where session_id = $1", session_id)


async def delete_session(tx: Tx, *, session_id: UUID) -> None:
    await tx.execute("delete from public.user_sessions where id = $1", session_id)


async def insert_flow(
    tx: Tx,
    *,
    user_id: UUID | None,
    session_id: UUID | None,
    purpose: str,
    method: str,
    provider: str | None,
    state_hash: str | None,
    auth_code_hash: str | None,
    code_challenge: str | None,
    code_challenge_method: str | None,
    provider_secrets: str | None,
    redirect_to: str,
    lifetime_seconds: int,
) -> UUID:
    """Keep what the second request of a sign-in needs."""
    found: UUID = await tx.fetchval(
        """
        insert into public.user_auth_flows (
            user_id, session_id, purpose, method, provider, state_hash, auth_code_hash,
            code_challenge, code_challenge_method, provider_secrets, redirect_to, expires_at
        )
        values (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12)
        )
        returning id
        """,
        user_id,
        session_id,
        purpose,
        method,
        provider,
        state_hash,
        auth_code_hash,
        code_challenge,
        code_challenge_method,
        provider_secrets,
        redirect_to,
        lifetime_seconds,
    )
    return found


async def use_state(tx: Tx, *, state_hash: str) -> asyncpg.Record | None:
    """Use the state that a provider handed back, if it is still good."""
    return await tx.fetchrow(
        """
        update public.user_auth_flows set used_at = now()
        where state_hash = $1 and used_at is null and expires_at > now()
        returning id, user_id, session_id, purpose, method, provider, code_challenge,
            code_challenge_method, provider_secrets, redirect_to
        """,
        state_hash,
    )


async def use_auth_code(tx: Tx, *, auth_code_hash: str) -> asyncpg.Record | None:
    """Use the code of a client, whatever it answers: a code has one try."""
    return await tx.fetchrow(
        """
        update public.user_auth_flows set used_at = now()
        where auth_code_hash = $1 and used_at is null
        returning id, user_id, method, code_challenge, code_challenge_method, provider_secrets,
            expires_at <= now() as is_expired
        """,
        auth_code_hash,
    )
