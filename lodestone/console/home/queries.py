"""The SQL of the home page. Counts stop at a limit: no page gets slower as tables grow."""

from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx


async def get_open_work(
    tx: Tx, *, most: int, team_id: UUID | None, author_id: UUID | None
) -> asyncpg.Record:
    """Return, for each kind of work, how much of it waits, at most `most`.

    Magnets and pages are a team's, or an author's without a team.
    """
    row = await tx.fetchrow(
        """
        select
            (
                select count(*) from (
                    select from public.lead_magnets as m
                    where m.status = 'draft'
                        and (m.team_id = $2 or (m.team_id is null and m.user_id = $3))
                        and not exists (
                        select from public.funnel_pages as f where f.lead_magnet_id = m.id
                    )
                    limit $1
                ) as found
            ) as magnets_without_page,
            (
                select count(*) from (
                    select from public.funnel_pages
                    where not is_published and not is_variant
                        and (team_id = $2 or (team_id is null and user_id = $3))
                    limit $1
                ) as found
            ) as unpublished_pages,
            (
                select count(*) from (
                    select from public.funnel_pages
                    where is_published and not is_variant
                        and (team_id = $2 or (team_id is null and user_id = $3))
                    limit 10 * $1
                ) as found
            ) as live_pages,
            (
                select count(*) from (
                    select from public.email_outbox where status in ('failed', 'uncertain') limit $1
                ) as found
            ) as failed_mails,
            (
                select count(*) from public.email_settings where sending_paused_at is not null
            ) as paused_accounts,
            (
                select count(*) from (
                    select from public.webhook_deliveries where status = 'failed' limit $1
                ) as found
            ) as failed_webhooks,
            (
                select count(*) from (
                    select from public.lead_deliveries where status = 'failed' limit $1
                ) as found
            ) as failed_deliveries,
            (
                select count(*) from (
                    select from public.email_review_queue where status = 'pending_review' limit $1
                ) as found
            ) as mails_to_review,
            (
                select count(*) from (
                    select from public.leads where status = 'error' limit $1
                ) as found
            ) as failed_leads,
            (
                select count(*) from (
                    select from public.leads where created_at > now() - interval '1 day' limit $1
                ) as found
            ) as new_leads
        """,
        most,
        team_id,
        author_id,
    )
    if row is None:
        raise RuntimeError("a select without a table answers one row")
    return row


async def list_latest_leads(tx: Tx, *, limit: int) -> list[asyncpg.Record]:
    """Return the newest leads with what they last asked for."""
    return await tx.fetch(
        """
        select id, email, full_name, status, created_at,
            opt_in_data -> 'touches' -> -1 ->> 'lead_magnet_title' as asked_for,
            opt_in_data ->> 'source' as source
        from public.leads
        order by created_at desc
        limit $1
        """,
        limit,
    )


async def list_best_pages(
    tx: Tx, *, days: int, limit: int, team_id: UUID | None, author_id: UUID | None
) -> list[asyncpg.Record]:
    """Return the published pages with the most leads of the last days, and their views."""
    return await tx.fetch(
        """
        with counted as (
            select
                n.funnel_page_id,
                sum(n.amount) filter (where n.metric = 'lead') as leads,
                sum(n.amount) filter (where n.metric = 'optin') as views
            from public.funnel_page_counts as n
            where n.metric in ('optin', 'lead')
                and n.day > (now() at time zone 'utc')::date - $1::integer
            group by n.funnel_page_id
        )
        select f.id, f.optin_headline as headline, f.slug, coalesce(c.leads, 0) as leads,
            coalesce(c.views, 0) as views
        from public.funnel_pages as f
        left join counted as c on c.funnel_page_id = f.id
        where f.is_published and not f.is_variant
            and (f.team_id = $3 or (f.team_id is null and f.user_id = $4))
        order by coalesce(c.leads, 0) desc, f.published_at desc
        limit $2
        """,
        days,
        limit,
        team_id,
        author_id,
    )


async def get_first_steps(tx: Tx, *, user_id: UUID) -> asyncpg.Record:
    """Return which of the first steps a person has taken."""
    row = await tx.fetchrow(
        """
        select
            exists (select from public.users where id = $1 and username is not null) as has_name,
            exists (select from public.lead_magnets) as has_magnet,
            exists (select from public.funnel_pages where is_published) as has_page,
            exists (select from public.funnel_leads) as has_lead
        """,
        user_id,
    )
    if row is None:
        raise RuntimeError("a select without a table answers one row")
    return row
