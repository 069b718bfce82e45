"""The SQL of views, and of how views and leads add up by day."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def insert_page_view(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    visitor_hash: str,
    page_type: str,
    view_date: date,
    variant_id: UUID | None = None,
    came_by: tuple[str | None, str | None, str | None] = (None, None, None),
) -> None:
    """Count a visitor once per page, day and page type, with the arm that they first saw then.

    Also with source, medium and campaign by which they came first.
    """
    await tx.execute(
        """
        insert into page_views (
            funnel_page_id, visitor_hash, page_type, view_date, variant_id, utm_source,
            utm_medium, utm_campaign
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing
        """,
        funnel_page_id,
        visitor_hash,
        page_type,
        view_date,
        variant_id,
        *came_by,
    )


async def list_days(
    tx: Tx,
    *,
    days: int,
    funnel_page_id: UUID | None,
    team_id: UUID | None = None,
    author_id: UUID | None = None,
) -> list[Record]:
    """Return views and leads of each of the last days (UTC), oldest first, quiet days included.

    Of one page, or of a team's and of an author's without a team; of all when none is named.
    """
    return await tx.fetch(
        """
        with first as (
            select (now() at time zone 'utc')::date - ($1::integer - 1) as day
        ), counted as (
            select
                c.day,
                sum(c.amount) filter (where c.metric = 'optin') as views,
                sum(c.amount) filter (where c.metric = 'lead') as leads
            from funnel_page_counts as c
            where c.metric in ('optin', 'lead') and c.day >= (select day from first)
                and ($2::uuid is null or c.funnel_page_id = $2)
                and (
                    ($3::uuid is null and $4::uuid is null)
                    or c.funnel_page_id in (
                        select f.id from funnel_pages as f
                        where f.team_id = $3 or (f.team_id is null and f.user_id = $4)
                    )
                )
            group by c.day
        )
        select
            d.day::date as day, coalesce(c.views, 0) as views, coalesce(c.leads, 0) as leads
        from first
        cross join lateral generate_series(
            first.day, first.day + ($1::integer - 1), interval '1 day'
        ) as d (day)
        left join counted as c on c.day = d.day::date
        order by d.day
        """,
        days,
        funnel_page_id,
        team_id,
        author_id,
    )


async def lock_days(tx: Tx) -> None:
    """Let nobody else add up, and nobody change what has been, until the transaction ends."""
    await tx.execute("select from platform.rollups where name = 'funnel_page_days' for update")


async def add_up_days(tx: Tx, *, until: datetime) -> None:
    """Add to the days what was created since the last time and before `until`.

    The lock has to be held by an earlier statement: this one must see what it waited for.
    """
    await tx.execute(
        """
        with gap as (
            select r.until as since from platform.rollups as r
            where r.name = 'funnel_page_days' and r.until < $1
        ), counted as (
            select v.funnel_page_id, v.page_type as metric, v.view_date as day, count(*) as amount
            from gap join page_views as v on v.created_at >= gap.since and v.created_at < $1
            group by 1, 2, 3
            union all
            select l.funnel_page_id, 'lead', (l.created_at at time zone 'utc')::date, count(*)
            from gap join funnel_leads as l on l.created_at >= gap.since and l.created_at < $1
            group by 1, 2, 3
        ), added as (
            insert into funnel_page_days as d (funnel_page_id, metric, day, amount)
            select funnel_page_id, metric, day, amount from counted
            on conflict (funnel_page_id, metric, day) do update set
                amount = d.amount + excluded.amount
        )
        update platform.rollups as r set until = $1
        from gap where r.name = 'funnel_page_days'
        """,
        until,
    )


async def recount_days(tx: Tx, *, since: date) -> None:
    """Write the days from `since` on anew, as far as they have been added up."""
    await tx.execute(
        """
        with added as (
            select r.until from platform.rollups as r where r.name = 'funnel_page_days'
        ), counted as (
            select v.funnel_page_id, v.page_type as metric, v.view_date as day, count(*) as amount
            from added join page_views as v on v.created_at < added.until
            where v.view_date >= $1
            group by 1, 2, 3
            union all
            select l.funnel_page_id, 'lead', (l.created_at at time zone 'utc')::date, count(*)
            from added join funnel_leads as l on l.created_at < added.until
            where l.created_at >= $1::date::timestamp at time zone 'utc'
            group by 1, 2, 3
        ), gone as (
            update funnel_page_days as d set amount = 0
            where d.day >= $1 and not exists (
                select from counted as c
                where c.funnel_page_id = d.funnel_page_id
                    and c.metric = d.metric and c.day = d.day
            )
        )
        insert into funnel_page_days as d (funnel_page_id, metric, day, amount)
        select funnel_page_id, metric, day, amount from counted
        on conflict (funnel_page_id, metric, day) do update set amount = excluded.amount
        where d.amount <> excluded.amount
        """,
        since,
    )
