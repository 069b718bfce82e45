"""The SQL of access tokens."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


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
