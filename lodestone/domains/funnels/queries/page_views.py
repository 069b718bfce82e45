"""The SQL of views, and of how views and leads add up by day."""

from datetime import date
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one


async def insert_page_view(
    tx: Tx, *, funnel_page_id: UUID, visitor_hash: str, page_type: str, view_date: date
) -> None:
    """Count a visitor once per page, day and page type."""
    await tx.execute(
        """
        insert into page_views (funnel_page_id, visitor_hash, page_type, view_date)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        funnel_page_id,
        visitor_hash,
        page_type,
        view_date,
    )


async def list_days(tx: Tx, *, days: int, funnel_page_id: UUID | None) -> list[Record]:
    """Count views and leads of each of the last days (UTC), oldest first, quiet days included.

    Views are counted page by page, in the index that keeps visitors single.
    """
    return await tx.fetch(
        """
        with first as (
            select (now() at time zone 'utc')::date - ($1::integer - 1) as day
        ), seen as (
            select v.view_date as day, count(*) as views
            from funnel_pages as f
            join page_views as v on v.funnel_page_id = f.id
            where v.page_type = 'optin' and v.view_date >= (select day from first)
                and ($2::uuid is null or f.id = $2)
            group by v.view_date
        ), captured as (
            select (l.created_at at time zone 'utc')::date as day, count(*) as leads
            from funnel_leads as l
            where l.created_at >= (select day::timestamp at time zone 'utc' from first)
                and ($2::uuid is null or l.funnel_page_id = $2)
            group by 1
        )
        select
            d.day::date as day, coalesce(s.views, 0) as views, coalesce(c.leads, 0) as leads
        from first
        cross join lateral generate_series(
            first.day, first.day + ($1::integer - 1), interval '1 day'
        ) as d (day)
        left join seen as s on s.day = d.day::date
        left join captured as c on c.day = d.day::date
        order by d.day
        """,
        days,
        funnel_page_id,
    )


async def get_totals(tx: Tx, *, days: int) -> Record:
    """Return views and leads of the last days and of as many days before."""
    return await fetch_one(
        tx,
        """
        select
            (
                select count(*) from page_views
                where page_type = 'optin'
                    and view_date > (now() at time zone 'utc')::date - $1::integer
            ) as views,
            (
                select count(*) from page_views
                where page_type = 'optin'
                    and view_date <= (now() at time zone 'utc')::date - $1::integer
                    and view_date > (now() at time zone 'utc')::date - 2 * $1::integer
            ) as views_before,
            (
                select count(*) from funnel_leads
                where created_at > now() - make_interval(days => $1)
            ) as leads,
            (
                select count(*) from funnel_leads
                where created_at <= now() - make_interval(days => $1)
                    and created_at > now() - make_interval(days => 2 * $1)
            ) as leads_before
        """,
        days,
    )
