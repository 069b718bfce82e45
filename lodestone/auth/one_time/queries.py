"""The SQL of links and codes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx

_REDEEMED = "id, user_id, kind, email, password_hash, code_challenge, code_challenge_method"


async def insert_token(
    tx: Tx,
    *,
    user_id: UUID,
    kind: str,
    email: str,
    token_hash: str,
    code_hash: str,
    password_hash: str | None,
    code_challenge: str | None,
    code_challenge_method: str | None,
    lifetime_seconds: int,
    ends_others: bool,
) -> UUID:
    """Keep a new token; the earlier ones of its kind end with it.

    Without `ends_others` only those of the same password end: other sign-ups stay as they were.
    """
    found: UUID = await tx.fetchval(
        """
        with earlier as (
            delete from public.user_one_time_tokens
            where user_id = $1 and kind = $2 and used_at is null
                and ($10 or password_hash is not distinct from $6)
        )
        insert into public.user_one_time_tokens (
            user_id, kind, email, token_hash, code_hash, password_hash,
            code_challenge, code_challenge_method, expires_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))
        returning id
        """,
        user_id,
        kind,
        email,
        token_hash,
        code_hash,
        password_hash,
        code_challenge,
        code_challenge_method,
        lifetime_seconds,
        ends_others,
    )
    return found


async def find_live(tx: Tx, *, token_hash: str, kinds: Sequence[str]) -> asyncpg.Record | None:
    """Return what a link is for, without using it."""
    return await tx.fetchrow(
        """
        select kind, password_hash is not null as has_password
        from public.user_one_time_tokens
        where token_hash = $1 and kind = any($2::text[])
            and used_at is null and expires_at > now()
        """,
        token_hash,
        list(kinds),
    )


async def use_token(tx: Tx, *, token_hash: str, kinds: Sequence[str]) -> asyncpg.Record | None:
    """Use a link's token, if it is still good."""
    return await tx.fetchrow(
        f"""
        update public.user_one_time_tokens set used_at = now()
        where token_hash = $1 and kind = any($2::text[])
            and used_at is null and expires_at > now()
        returning {_REDEEMED}
        """,
        token_hash,
        list(kinds),
    )


async def use_token_by_id(tx: Tx, *, token_id: UUID) -> asyncpg.Record | None:
    """Use the token whose code was right, if nobody was faster."""
    return await tx.fetchrow(
        f"""
        update public.user_one_time_tokens set used_at = now()
        where id = $1 and used_at is null and expires_at > now()
        returning {_REDEEMED}
        """,
        token_id,
    )


async def count_code_tries(
    tx: Tx, *, email: str, kinds: Sequence[str], most: int, lifetime_seconds: int
) -> list[asyncpg.Record]:
    """Count a try of every live code that was mailed to the address, and return those codes."""
    return await tx.fetch(
        """
        update public.user_one_time_tokens set code_tries = code_tries + 1
        where email = $1 and kind = any($2::text[])
            and used_at is null and expires_at > now()
            and created_at > now() - make_interval(secs => $4) and code_tries < $3
        returning id, user_id, kind, code_hash
        """,
        email,
        list(kinds),
        most,
        lifetime_seconds,
    )


async def find_pending_email(tx: Tx, *, user_id: UUID) -> str | None:
    """Return the address that the person is changing to."""
    found: str | None = await tx.fetchval(
        """
        select email from public.user_one_time_tokens
        where user_id = $1 and kind = 'email_change' and used_at is null and expires_at > now()
        order by created_at desc limit 1
        """,
        user_id,
    )
    return found


async def find_user_changing_to(tx: Tx, *, email: str) -> UUID | None:
    """Return who is changing to the address."""
    found: UUID | None = await tx.fetchval(
        """
        select user_id from public.user_one_time_tokens
        where email = $1 and kind = 'email_change' and used_at is null and expires_at > now()
        order by created_at desc limit 1
        """,
        email,
    )
    return found


async def list_chosen_passwords(tx: Tx, *, user_id: UUID) -> list[str | None]:
    """Return what the sign-ups that wait for a confirmation chose as hashes, the latest first.

    None stands for one that chose no password.
    """
    rows = await tx.fetch(
        """
        select password_hash from public.user_one_time_tokens
        where user_id = $1 and kind = 'signup' and used_at is null and expires_at > now()
        order by created_at desc, id
        """,
        user_id,
    )
    return [row["password_hash"] for row in rows]


async def delete_tokens(tx: Tx, *, user_id: UUID) -> None:
    """End every link and code of an account; one that is being used meanwhile ends by its use."""
    await tx.execute(
        """
        delete from public.user_one_time_tokens where id in (
            select id from public.user_one_time_tokens
            where user_id = $1 and used_at is null
            for update skip locked
        )
        """,
        user_id,
    )
