"""The SQL of tracked links and their clicks."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_LINK = """
    select
        r.id, r.user_id, r.team_id, r.title, r.url, r.icon,
        coalesce(r.click_count, 0) as click_count, r.created_at, r.updated_at,
        f.id as funnel_page_id,
        coalesce(f.is_published, false) as is_published,
        (select count(*) from library_items as i where i.external_resource_id = r.id) as libraries
    from external_resources as r
    left join funnel_pages as f on f.external_resource_id = r.id and not f.is_variant
"""
_ORDERS = {
    "title": "lower(r.title)",
    "click_count": "coalesce(r.click_count, 0)",
    "created_at": "r.created_at",
}


async def insert_resource(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, title: str, url: str, icon: str
) -> UUID:
    """Insert a link and return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into external_resources (user_id, team_id, title, url, icon)
        values ($1, $2, $3, $4, $5)
        returning id
        """,
        user_id,
        team_id,
        title,
        url,
        icon,
    )
    return identifier


async def get_resource(tx: Tx, *, resource_id: UUID) -> Record:
    """Return a link. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(f"{_LINK} where r.id = $1", resource_id)
    if row is None:
        raise NotFound("There is no such link.")
    return row


async def list_resources(
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
    """List a workspace's links, sorted by a key of `_ORDERS`."""
    return await tx.fetch(
        f"""
        {_LINK}
        where (r.team_id = $1 or (r.team_id is null and r.user_id = $2))
            and ($3::text is null or strpos(lower(r.title || ' ' || r.url), lower($3)) > 0)
        order by {_ORDERS[sort]} {"desc" if descending else "asc"}, r.id
        limit $4 offset $5
        """,
        team_id,
        author_id,
        search,
        limit,
        offset,
    )


async def count_resources(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, search: str | None
) -> int:
    """Count what `list_resources` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from external_resources as r
        where (r.team_id = $1 or (r.team_id is null and r.user_id = $2))
            and ($3::text is null or strpos(lower(r.title || ' ' || r.url), lower($3)) > 0)
        """,
        team_id,
        author_id,
        search,
    )
    return count


async def update_resource(tx: Tx, *, resource_id: UUID, title: str, url: str, icon: str) -> None:
    """Write a link anew. Raises NotFound when it is invisible."""
    changed = await tx.fetchval(
        """
        update external_resources set title = $2, url = $3, icon = $4 where id = $1 returning id
        """,
        resource_id,
        title,
        url,
        icon,
    )
    if changed is None:
        raise NotFound("There is no such link.")


async def delete_resource(tx: Tx, *, resource_id: UUID) -> None:
    """Delete a link with its clicks, out of every library. Raises NotFound when it is invisible."""
    deleted = await tx.fetchval(
        "delete from external_resources where id = $1 returning id", resource_id
    )
    if deleted is None:
        raise NotFound("There is no such link.")


async def list_click_days(tx: Tx, *, resource_id: UUID, days: int) -> list[Record]:
    """Return the clicks of the last days (UTC), oldest first, those without any too."""
    return await tx.fetch(
        """
        select d::date as day, count(c.id) as clicks
        from generate_series(
            (now() at time zone 'utc')::date - ($2::int - 1), (now() at time zone 'utc')::date,
            interval '1 day'
        ) as d
        left join external_resource_clicks as c
            on c.external_resource_id = $1
            and c.clicked_at >= d at time zone 'utc'
            and c.clicked_at < (d + interval '1 day') at time zone 'utc'
        group by d
        order by d
        """,
        resource_id,
        days,
    )


async def find_published_link(
    tx: Tx, *, resource_id: UUID, library_id: UUID | None
) -> Record | None:
    """Find where a link leads that a published page gives away."""
    return await tx.fetchrow(
        "select url, acting_user_id, funnel_page_id, library_id from find_published_link($1, $2)",
        resource_id,
        library_id,
    )


async def insert_click(
    tx: Tx, *, resource_id: UUID, funnel_page_id: UUID, library_id: UUID | None
) -> None:
    """Insert a click; the database counts it on its link."""
    await tx.execute(
        """
        insert into external_resource_clicks (external_resource_id, funnel_page_id, library_id)
        values ($1, $2, $3)
        """,
        resource_id,
        funnel_page_id,
        library_id,
    )
