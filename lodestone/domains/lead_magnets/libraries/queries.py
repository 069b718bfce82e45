"""The SQL of libraries and their items."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_LIBRARY = """
    select
        l.id, l.user_id, l.team_id, l.name, l.description, l.icon, l.slug,
        coalesce(l.auto_feature_days, 14) as auto_feature_days, l.created_at, l.updated_at,
        (select count(*) from library_items as i where i.library_id = l.id) as items,
        f.id as funnel_page_id, coalesce(f.is_published, false) as is_published
    from libraries as l
    left join funnel_pages as f on f.library_id = l.id and not f.is_variant
"""
_ORDERS = {"name": "lower(l.name)", "items": "items", "updated_at": "l.updated_at"}


async def insert_library(
    tx: Tx,
    *,
    user_id: UUID,
    team_id: UUID | None,
    name: str,
    description: str | None,
    icon: str,
    auto_feature_days: int,
    slug: str,
) -> UUID | None:
    """Insert a library; None when its author has another with that slug."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into libraries (user_id, team_id, name, description, icon, auto_feature_days, slug)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (user_id, slug) do nothing
        returning id
        """,
        user_id,
        team_id,
        name,
        description,
        icon,
        auto_feature_days,
        slug,
    )
    return identifier


async def get_library(tx: Tx, *, library_id: UUID) -> Record:
    """Return a library. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(f"{_LIBRARY} where l.id = $1", library_id)
    if row is None:
        raise NotFound("There is no such library.")
    return row


async def list_libraries(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a workspace's libraries, sorted by a key of `_ORDERS`."""
    return await tx.fetch(
        f"""
        {_LIBRARY}
        where (l.team_id = $1 or (l.team_id is null and l.user_id = $2))
            and ($3::text is null or strpos(lower(l.name), lower($3)) > 0)
        order by {_ORDERS[sort]} {"desc" if descending else "asc"}, l.id
        limit $4 offset $5
        """,
        team_id,
        author_id,
        search,
        limit,
        offset,
    )


async def count_libraries(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, search: str | None
) -> int:
    """Count what `list_libraries` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from libraries as l
        where (l.team_id = $1 or (l.team_id is null and l.user_id = $2))
            and ($3::text is null or strpos(lower(l.name), lower($3)) > 0)
        """,
        team_id,
        author_id,
        search,
    )
    return count


async def update_library(
    tx: Tx,
    *,
    library_id: UUID,
    name: str,
    description: str | None,
    icon: str,
    auto_feature_days: int,
    slug: str,
) -> bool:
    """Write a library anew; False when its author has another with that slug.

    Raises NotFound when it is invisible.
    """
    row = await tx.fetchrow(
        """
        with taken as (
            select exists (
                select from libraries as o
                join libraries as l on l.user_id = o.user_id and l.id = $1
                where o.slug = $6 and o.id <> $1
            ) as is_taken
        ), changed as (
            update libraries as l
            set name = $2, description = $3, icon = $4, auto_feature_days = $5, slug = $6
            from taken
            where l.id = $1 and not taken.is_taken
            returning l.id
        )
        select taken.is_taken, exists (select from changed) as is_changed from taken
        """,
        library_id,
        name,
        description,
        icon,
        auto_feature_days,
        slug,
    )
    if row is None or not (row["is_taken"] or row["is_changed"]):
        raise NotFound("There is no such library.")
    return not row["is_taken"]


async def delete_library(tx: Tx, *, library_id: UUID) -> None:
    """Delete a library; what was in it stays. Raises NotFound when it is invisible."""
    deleted = await tx.fetchval("delete from libraries where id = $1 returning id", library_id)
    if deleted is None:
        raise NotFound("There is no such library.")


async def list_items(tx: Tx, *, library_id: UUID) -> list[Record]:
    """Return a library's items in their order, with what stands behind each."""
    return await tx.fetch(
        """
        select
            i.id, i.asset_type, i.lead_magnet_id, i.external_resource_id,
            coalesce(m.title, r.title) as title, m.short_description as description,
            coalesce(nullif(i.icon_override, ''), r.icon) as icon,
            coalesce(i.is_featured, false) as is_featured,
            coalesce(i.added_at, l.created_at, now()) as added_at,
            u.username, f.slug, r.click_count
        from library_items as i
        join libraries as l on l.id = i.library_id
        left join lead_magnets as m on m.id = i.lead_magnet_id
        left join external_resources as r on r.id = i.external_resource_id
        left join funnel_pages as f
            on f.lead_magnet_id = m.id and f.is_published and not f.is_variant
        left join users as u on u.id = f.user_id
        where i.library_id = $1 and (m.id is not null or r.id is not null)
        order by i.sort_order, i.added_at, i.id
        """,
        library_id,
    )


async def list_candidates(tx: Tx, *, library_id: UUID, limit: int) -> list[Record]:
    """Return what the library's workspace could still put into it, newest first."""
    return await tx.fetch(
        """
        with library as (select id, user_id, team_id from libraries where id = $1)
        (
            select m.id, 'lead_magnet' as asset_type, m.title
            from lead_magnets as m
            join library as l on m.team_id = l.team_id
                or (l.team_id is null and m.team_id is null and m.user_id = l.user_id)
            where m.status <> 'archived' and not exists (
                select from library_items as i where i.library_id = l.id and i.lead_magnet_id = m.id
            )
            order by m.updated_at desc
            limit $2
        )
        union all
        (
            select r.id, 'external_resource', r.title
            from external_resources as r
            join library as l on r.team_id = l.team_id
                or (l.team_id is null and r.team_id is null and r.user_id = l.user_id)
            where not exists (
                select from library_items as i
                where i.library_id = l.id and i.external_resource_id = r.id
            )
            order by r.created_at desc
            limit $2
        )
        """,
        library_id,
        limit,
    )


async def insert_item(
    tx: Tx,
    *,
    library_id: UUID,
    asset_type: str,
    lead_magnet_id: UUID | None,
    external_resource_id: UUID | None,
) -> UUID | None:
    """Put something at the end of a library; None when it is in it already."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into library_items (
            library_id, asset_type, lead_magnet_id, external_resource_id, sort_order
        )
        select $1, $2, $3, $4, coalesce(max(i.sort_order) + 1, 0)
        from library_items as i
        where i.library_id = $1
        on conflict do nothing
        returning id
        """,
        library_id,
        asset_type,
        lead_magnet_id,
        external_resource_id,
    )
    return identifier


async def lock_items(tx: Tx, *, library_id: UUID) -> list[UUID]:
    """Hold a library's items until the end of the transaction; return their ids in order."""
    rows = await tx.fetch(
        """
        select id from library_items where library_id = $1
        order by sort_order, added_at, id for update
        """,
        library_id,
    )
    return [row["id"] for row in rows]


async def update_order(tx: Tx, *, library_id: UUID, item_ids: Sequence[UUID]) -> None:
    """Put a library's items in the order of the ids."""
    await tx.execute(
        """
        update library_items as i set sort_order = w.place - 1
        from unnest($2::uuid[]) with ordinality as w (id, place)
        where i.library_id = $1 and i.id = w.id
        """,
        library_id,
        list(item_ids),
    )


async def update_item(tx: Tx, *, library_id: UUID, item_id: UUID, is_featured: bool) -> None:
    """Feature an item or not. Raises NotFound when it is not in the library."""
    changed = await tx.fetchval(
        """
        update library_items set is_featured = $3 where id = $2 and library_id = $1 returning id
        """,
        library_id,
        item_id,
        is_featured,
    )
    if changed is None:
        raise NotFound("There is no such item.")


async def delete_item(tx: Tx, *, library_id: UUID, item_id: UUID) -> Record:
    """Take an item out and return what it was. Raises NotFound when it is not in the library."""
    row = await tx.fetchrow(
        """
        delete from library_items where id = $2 and library_id = $1
        returning asset_type, coalesce(lead_magnet_id, external_resource_id) as asset_id
        """,
        library_id,
        item_id,
    )
    if row is None:
        raise NotFound("There is no such item.")
    return row
