"""The SQL of access tokens."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_IS_GOOD = """
select
    not exists (
        select from public.users as u
        where u.id = $1 and (u.deleted_at is not null or u.banned_until > now())
    )
    and ($2::uuid is null or exists (
        select from public.user_sessions as s
        where s.id = $2 and s.user_id = $1 and s.expires_at > now()
            and (s.aal <> $3 or $4 or not exists (
                select from public.user_mfa_factors as f
                where f.user_id = $1 and f.status = $5))
    ))
"""


async def find_account(tx: Tx, *, user_id: UUID, session_id: UUID | None) -> Record | None:
    """Find the account of a token whose session lasts; a token of an issuer elsewhere names none.

    `needs_factor` says that the account has a second factor, which this session has not given.
    """
    return await tx.fetchrow(
        """
        select u.id as user_id, u.email, u.name, u.username, u.is_super_admin,
            coalesce(s.aal, 'aal1') = 'aal1' and exists (
                select from public.user_mfa_factors as f
                where f.user_id = u.id and f.status = 'verified') as needs_factor
        from public.users as u
        left join public.user_sessions as s
            on s.id = $2 and s.user_id = u.id and s.expires_at > now()
        where u.id = $1 and ($2::uuid is null or s.id is not null)
            and u.deleted_at is null and (u.banned_until is null or u.banned_until < now())
        """,
        user_id,
        session_id,
    )


async def is_good(tx: Tx, *, user_id: UUID, session_id: UUID | None, may_lack_factor: bool) -> bool:
    """Say whether the session of a token lasts, and its account is neither suspended nor closed.

    A token of an issuer elsewhere names no session, and maybe an account that is not here.
    """
    found: bool = await tx.fetchval(
        _IS_GOOD, user_id, session_id, "aal1", may_lack_factor, "verified"
    )
    return found
