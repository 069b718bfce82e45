"""The SQL of connections and mappings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def upsert_connection(
    tx: Tx, *, user_id: UUID, service: str, api_key: str, metadata: Mapping[str, Any]
) -> None:
    """Keep tried credentials, in place of earlier ones."""
    await tx.execute(
        """
        insert into user_integrations (
            user_id, service, api_key, metadata, is_active, last_verified_at
        )
        values ($1, $2, $3, $4, true, now())
        on conflict (user_id, service) do update set
            api_key = excluded.api_key, metadata = excluded.metadata, is_active = true,
            last_verified_at = now()
        """,
        user_id,
        service,
        api_key,
        dict(metadata),
    )


async def set_verified(tx: Tx, *, user_id: UUID, service: str) -> None:
    """Note that the credentials were good just now."""
    await tx.execute(
        "update user_integrations set last_verified_at = now() where user_id = $1 and service = $2",
        user_id,
        service,
    )


async def update_metadata(
    tx: Tx, *, user_id: UUID, service: str, metadata: Mapping[str, Any]
) -> None:
    """Replace what is kept beside the key."""
    await tx.execute(
        "update user_integrations set metadata = $3 where user_id = $1 and service = $2",
        user_id,
        service,
        dict(metadata),
    )


async def list_connections(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List what a person has connected, with in how many funnels it is used."""
    return await tx.fetch(
        """
        select
            i.service, coalesce(i.is_active, false) as is_active, i.last_verified_at,
            coalesce(i.metadata, '{}') as metadata,
            (
                select count(*)
                from funnel_integrations as m
                where m.user_id = i.user_id and m.provider = i.service and m.is_active
            ) as funnels
        from user_integrations as i
        where i.user_id = $1
        order by i.service
        """,
        user_id,
    )


async def find_credentials(tx: Tx, *, user_id: UUID, service: str) -> Record | None:
    """Find the encrypted key of an active connection."""
    return await tx.fetchrow(
        """
        select i.api_key, coalesce(i.metadata, '{}') as metadata
        from user_integrations as i
        where i.user_id = $1 and i.service = $2 and i.is_active and i.api_key is not null
        """,
        user_id,
        service,
    )


async def delete_connection(tx: Tx, *, user_id: UUID, service: str) -> bool:
    """Delete credentials and switch off the mappings that use them; False when there were none."""
    found = await tx.fetchval(
        """
        with gone as (
            delete from user_integrations where user_id = $1 and service = $2 returning id
        ), switched as (
            update funnel_integrations
            set is_active = false
            where user_id = $1 and provider = $2 and is_active
        )
        select exists (select from gone)
        """,
        user_id,
        service,
    )
    return bool(found)


async def upsert_mapping(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    user_id: UUID,
    provider: str,
    list_id: str,
    list_name: str | None,
    tag_id: str | None,
    tag_name: str | None,
    settings: Mapping[str, Any],
) -> bool:
    """Keep where a funnel's leads go; False when somebody else has chosen for this provider."""
    found = await tx.fetchval(
        """
        insert into funnel_integrations as m (
            funnel_page_id, user_id, provider, list_id, list_name, tag_id, tag_name, settings
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (funnel_page_id, provider) do update set
            list_id = excluded.list_id, list_name = excluded.list_name, tag_id = excluded.tag_id,
            tag_name = excluded.tag_name, settings = excluded.settings, is_active = true
        where m.user_id = excluded.user_id
        returning id
        """,
        funnel_page_id,
        user_id,
        provider,
        list_id,
        list_name,
        tag_id,
        tag_name,
        dict(settings),
    )
    return found is not None


async def delete_mapping(tx: Tx, *, funnel_page_id: UUID, provider: str) -> bool:
    """Delete a mapping; False when there is none to be seen."""
    found = await tx.fetchval(
        """
        delete from funnel_integrations where funnel_page_id = $1 and provider = $2 returning id
        """,
        funnel_page_id,
        provider,
    )
    return found is not None


async def list_mappings(tx: Tx, *, funnel_page_id: UUID) -> list[Record]:
    """List where a funnel's leads go."""
    return await tx.fetch(
        """
        select
            m.id, m.provider, m.user_id, u.name as author, m.list_id, m.list_name, m.tag_id,
            m.tag_name, m.is_active, m.settings
        from funnel_integrations as m
        left join users as u on u.id = m.user_id
        where m.funnel_page_id = $1
        order by m.provider
        """,
        funnel_page_id,
    )


async def find_mapping(
    tx: Tx, *, funnel_page_id: UUID, provider: str, user_id: UUID
) -> Record | None:
    """Find an active mapping of a person; None too where they don't see the funnel any more."""
    return await tx.fetchrow(
        """
        select m.list_id, m.list_name, m.tag_id, m.tag_name, m.settings
        from funnel_integrations as m
        join funnel_pages as f on f.id = m.funnel_page_id
        where m.funnel_page_id = $1 and m.provider = $2 and m.user_id = $3 and m.is_active
        """,
        funnel_page_id,
        provider,
        user_id,
    )
