"""The SQL of analytics: sums by day, and how they are kept."""

from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

# $1 and $2 are the scope, $3 one page of it or all, $4 the first day, $5 the last, $6 a source.
_COUNTED = """
    with pages as (
        select f.id, f.optin_headline from funnel_pages as f
        where (f.team_id = $1 or (f.team_id is null and f.user_id = $2))
            and ($3::uuid is null or f.id = $3) and not f.is_variant
    ), counted as (
        select c.funnel_page_id, c.day, c.metric, c.utm_source, c.utm_medium, c.utm_campaign,
            c.amount
        from funnel_page_source_counts as c
        where c.funnel_page_id in (select p.id from pages as p) and c.day between $4 and $5
            and ($6::text is null or c.utm_source = $6)
        union all
        select c.funnel_page_id, c.day, c.metric, '', '', '', c.amount
        from funnel_page_counts as c
        where c.funnel_page_id in (select p.id from pages as p) and c.day between $4 and $5
            and c.metric = 'thankyou' and $6::text is null
    )
"""

_SUMS = """
    coalesce(sum(c.amount) filter (where c.metric = 'optin'), 0) as views,
    coalesce(sum(c.amount) filter (where c.metric = 'thankyou'), 0) as thankyou_views,
    coalesce(sum(c.amount) filter (where c.metric = 'lead'), 0) as leads,
    coalesce(sum(c.amount) filter (where c.metric = 'answered'), 0) as answered,
    coalesce(sum(c.amount) filter (where c.metric = 'qualified'), 0) as qualified,
    coalesce(sum(c.amount) filter (where c.metric = 'booked'), 0) as booked
"""

_NAMES = {
    "source": "c.utm_source",
    "medium": "c.utm_medium",
    "campaign": "c.utm_campaign",
}


async def list_days(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    funnel_page_id: UUID | None,
    since: date,
    until: date,
    source: str | None,
) -> list[Record]:
    """Return what each day (UTC) had, days without anything too, oldest first."""
    return await tx.fetch(
        f"""
        {_COUNTED}
        select d.day::date as day, {_SUMS}
        from generate_series($4::date, $5::date, interval '1 day') as d (day)
        left join counted as c on c.day = d.day::date
        group by d.day
        order by d.day
        """,
        team_id,
        author_id,
        funnel_page_id,
        since,
        until,
        source,
    )


async def list_sources(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    funnel_page_id: UUID | None,
    since: date,
    until: date,
    source: str | None,
    grouping: str,
    limit: int,
) -> list[Record]:
    """Return where people came from, most leads first; empty for who came directly."""
    return await tx.fetch(
        f"""
        {_COUNTED}
        select c.name, {_SUMS}
        from (
            select {_NAMES[grouping]} as name, c.metric, c.amount
            from counted as c where c.metric <> 'thankyou'
        ) as c
        group by c.name
        order by leads desc, views desc, c.name
        limit $7
        """,
        team_id,
        author_id,
        funnel_page_id,
        since,
        until,
        source,
        limit,
    )


async def list_funnels(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    funnel_page_id: UUID | None,
    since: date,
    until: date,
    source: str | None,
    limit: int,
) -> list[Record]:
    """Return what each page had, most leads first."""
    return await tx.fetch(
        f"""
        {_COUNTED}
        select p.id as funnel_page_id, p.optin_headline as headline, {_SUMS}
        from pages as p
        join counted as c on c.funnel_page_id = p.id
        group by p.id, p.optin_headline
        order by leads desc, views desc, p.id
        limit $7
        """,
        team_id,
        author_id,
        funnel_page_id,
        since,
        until,
        source,
        limit,
    )


async def lock_sums(tx: Tx) -> None:
    """Let nobody else add up, and nobody change what has been, until the transaction ends."""
    await tx.execute(
        "select from platform.rollups where name = 'funnel_page_source_days' for update"
    )


_ROWS = """
    select v.funnel_page_id, 'optin' as metric, v.view_date as day,
        coalesce(v.utm_source, '') as utm_source, coalesce(v.utm_medium, '') as utm_medium,
        coalesce(v.utm_campaign, '') as utm_campaign, v.created_at
    from page_views as v where v.page_type = 'optin'
    union all
    select l.funnel_page_id, m.metric, (l.created_at at time zone 'utc')::date,
        coalesce(l.utm_source, ''), coalesce(l.utm_medium, ''), coalesce(l.utm_campaign, ''),
        l.created_at
    from funnel_leads as l
    cross join lateral unnest(
        platform.lead_metrics(l.answered_at, l.is_qualified, l.booked_at)) as m (metric)
"""


async def add_up(tx: Tx, *, until: datetime) -> None:
    """Add to the sums what was created since the last time and before `until`.

    The lock has to be held by an earlier statement: this one must see what it waited for.
    """
    await tx.execute(
        f"""
        with gap as (
            select r.until as since from platform.rollups as r
            where r.name = 'funnel_page_source_days' and r.until < $1
        ), added as (
            insert into funnel_page_source_days as d (
                funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign, amount
            )
            select c.funnel_page_id, c.metric, c.day, c.utm_source, c.utm_medium, c.utm_campaign,
                count(*)
            from gap join ({_ROWS}) as c on c.created_at >= gap.since and c.created_at < $1
            group by 1, 2, 3, 4, 5, 6
            on conflict (funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign)
            do update set amount = d.amount + excluded.amount
        )
        update platform.rollups as r set until = $1
        from gap where r.name = 'funnel_page_source_days'
        """,
        until,
    )


async def recount(tx: Tx, *, since: date) -> None:
    """Write the sums from a day on anew, as far as they have been added up."""
    await tx.execute(
        f"""
        with added as (
            select r.until from platform.rollups as r where r.name = 'funnel_page_source_days'
        ), counted as (
            select c.funnel_page_id, c.metric, c.day, c.utm_source, c.utm_medium, c.utm_campaign,
                count(*) as amount
            from added join ({_ROWS}) as c
                on c.created_at < added.until
                and c.created_at >= $1::date::timestamp at time zone 'utc'
            where c.day >= $1
            group by 1, 2, 3, 4, 5, 6
        ), gone as (
            update funnel_page_source_days as d set amount = 0
            where d.day >= $1 and d.amount <> 0 and not exists (
                select from counted as c
                where c.funnel_page_id = d.funnel_page_id and c.metric = d.metric
                    and c.day = d.day and c.utm_source = d.utm_source
                    and c.utm_medium = d.utm_medium and c.utm_campaign = d.utm_campaign
            )
        )
        insert into funnel_page_source_days as d (
            funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign, amount
        )
        select * from counted
        on conflict (funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign)
        do update set amount = excluded.amount
        where d.amount <> excluded.amount
        """,
        since,
    )
