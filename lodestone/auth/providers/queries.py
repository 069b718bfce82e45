"""The SQL of accounts elsewhere."""

from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx


async def find_user_of_identity(tx: Tx, *, provider: str, provider_id: str) -> UUID | None:
    found: UUID | None = await tx.fetchval(
        """
        select user_id from public.user_identities where provider = $1 and provider_id = $2
        """,
        provider,
        provider_id,
    )
    return found


async def upsert_identity(
    tx: Tx,
    *,
    user_id: UUID,
    provider: str,
    provider_id: str,
    email: str,
    identity_data: dict[str, Any],
) -> None:
    """Keep what the provider says of the person, and that they came just now."""
    await tx.execute(
        """
        insert into public.user_identities
            (user_id, provider, provider_id, email, identity_data, last_sign_in_at)
        values ($1, $2, $3, $4, $5, now())
        on conflict (provider, provider_id) do update set
            email = excluded.email, identity_data = excluded.identity_data,
            last_sign_in_at = excluded.last_sign_in_at
        """,
        user_id,
        provider,
        provider_id,
        email,
        identity_data,
    )


async def delete_identity(tx: Tx, *, user_id: UUID, identity_id: UUID) -> bool:
    found = await tx.fetchval(
        "delete from public.user_identities where id = $1 and user_id = $2 returning id",
        identity_id,
        user_id,
    )
    return found is not None


async def fill_in_profile(
    tx: Tx, *, user_id: UUID, name: str | None, avatar_url: str | None
) -> None:
    """Write name and picture where the account has none."""
    await tx.execute(
        """
        update public.users
        set name = coalesce(name, $2), avatar_url = coalesce(avatar_url, $3) where id = $1
        """,
        user_id,
        name,
        avatar_url,
    )


async def update_providers(tx: Tx, *, user_id: UUID) -> None:
    """Write into app_metadata with what the account is opened."""
    await tx.execute(
        """
        update public.users as u
        set app_metadata = u.app_metadata || jsonb_build_object(
            'provider', coalesce(u.app_metadata ->> 'provider', found.providers ->> 0),
            'providers', found.providers)
        from (
            select jsonb_agg(p.name order by p.rank, p.name) as providers
            from (
                select 'email' as name, 0 as rank from public.users
                where id = $1 and (
                    password_hash is not null or app_metadata -> 'providers' ? 'email')
                union
                select provider, 1 from public.user_identities where user_id = $1
            ) as p
        ) as found
        where u.id = $1 and found.providers is not null
        """,
        user_id,
    )
