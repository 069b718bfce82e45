"""The SQL of accounts as sign-in sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx

_ACCOUNT = """
    select u.id, u.email, u.name, u.password_hash, u.user_metadata, u.app_metadata,
        u.must_confirm_email, u.email_verified_at, u.invited_at, u.last_sign_in_at,
        u.banned_until, u.deleted_at, coalesce(u.created_at, 'epoch') as created_at,
        coalesce(u.updated_at, u.created_at, 'epoch') as updated_at,
        t.confirmation_sent_at, t.recovery_sent_at, t.reauthentication_sent_at,
        t.email_change_sent_at, t.new_email,
        coalesce(i.identities, '[]'::jsonb) as identities,
        coalesce(f.factors, '[]'::jsonb) as factors
    from public.users as u
    cross join lateral (
        select
            max(o.created_at) filter (where o.kind in ('signup', 'invite'))
                as confirmation_sent_at,
            max(o.created_at) filter (where o.kind in ('recovery', 'magiclink'))
                as recovery_sent_at,
            max(o.created_at) filter (where o.kind = 'reauthentication')
                as reauthentication_sent_at,
            max(o.created_at) filter (where o.kind = 'email_change') as email_change_sent_at,
            (array_agg(o.email order by o.created_at desc) filter (
                where o.kind = 'email_change' and o.used_at is null and o.expires_at > now()
            ))[1] as new_email
        from public.user_one_time_tokens as o where o.user_id = u.id
    ) as t
    cross join lateral (
        select jsonb_agg(jsonb_build_object(
            'identity_id', e.id, 'id', e.provider_id, 'user_id', e.user_id,
            'identity_data', e.identity_data, 'provider', e.provider, 'email', e.email,
            'last_sign_in_at', e.last_sign_in_at, 'created_at', e.created_at,
            'updated_at', e.updated_at
        ) order by e.created_at, e.id) as identities
        from public.user_identities as e where e.user_id = u.id
    ) as i
    cross join lateral (
        select jsonb_agg(jsonb_build_object(
            'id', m.id, 'friendly_name', m.friendly_name, 'factor_type', m.factor_type,
            'status', m.status, 'created_at', m.created_at, 'updated_at', m.updated_at
        ) order by m.created_at, m.id) as factors
        from public.user_mfa_factors as m where m.user_id = u.id
    ) as f
"""


async def find_account(tx: Tx, *, user_id: UUID) -> asyncpg.Record | None:
    return await tx.fetchrow(f"{_ACCOUNT} where u.id = $1", user_id)


async def find_account_by_email(tx: Tx, *, email: str) -> asyncpg.Record | None:
    return await tx.fetchrow(f"{_ACCOUNT} where u.email = $1", email)


async def list_accounts(
    tx: Tx, *, filter_text: str | None, limit: int, offset: int
) -> list[asyncpg.Record]:
    """Return a page of accounts, the newest first, whose address or name holds the text."""
    return await tx.fetch(
        f"""{_ACCOUNT}
        where u.deleted_at is null and (
            $1::text is null or strpos(u.email, lower($1)) > 0
            or strpos(lower(coalesce(u.name, '')), lower($1)) > 0
        )
        order by u.created_at desc, u.id limit $2 offset $3
        """,
        filter_text,
        limit,
        offset,
    )


async def count_accounts(tx: Tx, *, filter_text: str | None) -> int:
    found: int = await tx.fetchval(
        """
        select count(*) from public.users as u
        where u.deleted_at is null and (
            $1::text is null or strpos(u.email, lower($1)) > 0
            or strpos(lower(coalesce(u.name, '')), lower($1)) > 0
        )
        """,
        filter_text,
    )
    return found


async def lock_email(tx: Tx, *, email: str) -> None:
    """Let those who make an account of the same address pass one by one."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('account ' || $1::text, 0))", email
    )


async def lock_user(tx: Tx, *, user_id: UUID) -> bool:
    """Hold the account until the transaction ends; say whether there is one."""
    found = await tx.fetchval("select id from public.users where id = $1 for update", user_id)
    return found is not None


async def has_invitation(tx: Tx, *, email: str) -> bool:
    """Say whether a team asked somebody of this address in."""
    found: bool = await tx.fetchval(
        """
        select exists (
            select from public.team_profiles
            where email = $1 and status = 'pending' and user_id is null
            union all
            select from public.team_members
            where email = $1 and status = 'pending' and member_id is null
        )
        """,
        email,
    )
    return found


async def update_after_sign_up(
    tx: Tx, *, user_id: UUID, user_metadata: dict[str, Any], must_confirm_email: bool
) -> None:
    await tx.execute(
        "update public.users set user_metadata = $2, must_confirm_email = $3 where id = $1",
        user_id,
        user_metadata,
        must_confirm_email,
    )


async def confirm_email(tx: Tx, *, user_id: UUID) -> None:
    """Note that somebody proved to read the account's mail, the first time alone."""
    await tx.execute(
        """
        update public.users
        set email_verified_at = coalesce(email_verified_at, now()), must_confirm_email = false
        where id = $1
        """,
        user_id,
    )


async def update_email(tx: Tx, *, user_id: UUID, email: str) -> None:
    """Give the account another address, which somebody proved to read."""
    await tx.execute(
        """
        update public.users
        set email = $2, email_verified_at = now(), must_confirm_email = false
        where id = $1
        """,
        user_id,
        email,
    )


async def assign_email(tx: Tx, *, user_id: UUID, email: str) -> None:
    """Give the account another address, which nobody has proved to read."""
    await tx.execute(
        "update public.users set email = $2, email_verified_at = null where id = $1",
        user_id,
        email,
    )


async def update_password(tx: Tx, *, user_id: UUID, password_hash: str | None) -> None:
    await tx.execute(
        "update public.users set password_hash = $2 where id = $1", user_id, password_hash
    )


async def merge_user_metadata(tx: Tx, *, user_id: UUID, values: dict[str, Any]) -> None:
    """Write what is given, drop what is given as null, and leave the rest."""
    await tx.execute(
        """
        update public.users
        set user_metadata = jsonb_strip_nulls(user_metadata || $2::jsonb) where id = $1
        """,
        user_id,
        values,
    )


async def merge_app_metadata(tx: Tx, *, user_id: UUID, values: dict[str, Any]) -> None:
    """Write what is given, drop what is given as null, and leave the rest."""
    await tx.execute(
        """
        update public.users
        set app_metadata = jsonb_strip_nulls(app_metadata || $2::jsonb) where id = $1
        """,
        user_id,
        values,
    )


async def update_banned_until(tx: Tx, *, user_id: UUID, banned_until: datetime | None) -> None:
    await tx.execute(
        "update public.users set banned_until = $2 where id = $1", user_id, banned_until
    )


async def update_invited_at(tx: Tx, *, user_id: UUID) -> None:
    await tx.execute("update public.users set invited_at = now() where id = $1", user_id)


async def touch_sign_in(tx: Tx, *, user_id: UUID) -> None:
    await tx.execute("update public.users set last_sign_in_at = now() where id = $1", user_id)


async def delete_sessions(tx: Tx, *, user_id: UUID, keep: UUID | None = None) -> None:
    """End every session of an account, save one that is to stay."""
    await tx.execute(
        """
        delete from public.user_sessions
        where user_id = $1 and ($2::uuid is null or id <> $2)
        """,
        user_id,
        keep,
    )


async def delete_factors(tx: Tx, *, user_id: UUID) -> None:
    """Remove every second factor of an account."""
    await tx.execute("delete from public.user_mfa_factors where user_id = $1", user_id)


async def close_account(tx: Tx, *, user_id: UUID) -> None:
    """Empty an account, and keep its row for what it wrote."""
    await tx.execute(
        """
        update public.users
        set email = 'deleted-' || id || '@deleted.invalid', password_hash = null, name = null,
            username = null, avatar_url = null, user_metadata = '{}', app_metadata = '{}',
            email_verified_at = null, must_confirm_email = false, deleted_at = now()
        where id = $1 and deleted_at is null
        """,
        user_id,
    )
    await tx.execute("delete from public.user_identities where user_id = $1", user_id)
    await tx.execute("delete from public.user_mfa_factors where user_id = $1", user_id)


async def list_audit(
    tx: Tx, *, field: str | None, text: str, limit: int, offset: int
) -> tuple[list[asyncpg.Record], int]:
    """Return a page of what was done to accounts, the newest first, and how much there is.

    `field` is author, action or type: then only entries in which it holds the text.
    """
    rows = await tx.fetch(
        """
        select l.id, l.action, l.details, l.created_at, l.actor_id, l.subject_id,
            coalesce(a.email, l.service_id) as actor, a.name as actor_name,
            count(*) over () as total
        from public.admin_audit_log as l
        left join public.users as a on a.id = l.actor_id
        where case $1::text
            when 'author' then
                strpos(lower(concat_ws(' ', a.email, a.name, l.service_id)), lower($2)) > 0
            when 'action' then strpos(l.action, lower($2)) > 0
            when 'type' then split_part(l.action, '.', 1) = lower($2)
            else true
        end
        order by l.created_at desc, l.id
        limit $3 offset $4
        """,
        field,
        text,
        limit,
        offset,
    )
    return rows, rows[0]["total"] if rows else 0
