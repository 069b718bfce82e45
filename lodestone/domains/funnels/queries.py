"""The SQL of funnel pages, leads and views."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_PAGE = """
    f.id, f.user_id, f.team_id, f.lead_magnet_id, f.slug, f.optin_headline, f.optin_subline,
    f.optin_button_text, f.optin_social_proof, f.thankyou_headline, f.thankyou_subline, f.theme,
    f.primary_color, f.background_style, f.logo_url,
    coalesce(f.is_published, false) as is_published, f.published_at, f.send_resource_email,
    f.updated_at
"""


_PUBLIC_PAGE = """
    select
        p.funnel_page_id as id, p.user_id, p.acting_user_id, p.team_id,
        (p.page).lead_magnet_id, p.username, p.slug, (p.page).optin_headline,
        (p.page).optin_subline, (p.page).optin_button_text, (p.page).optin_social_proof,
        (p.page).thankyou_headline, (p.page).thankyou_subline, (p.page).theme,
        (p.page).primary_color, (p.page).background_style, (p.page).logo_url, p.author_name,
        p.site_name, p.hide_branding, (p.lead_magnet).title as lead_magnet_title,
        (p.lead_magnet).polished_content, (p.lead_magnet).external_url,
        (p.page).send_resource_email, (p.page).is_content_open, (p.page).updated_at, p.sections
"""


async def find_public_page(tx: Tx, *, username: str, slug: str) -> Record | None:
    """Find a published page by its public address, with its sections and what it gives away."""
    return await tx.fetchrow(
        f"{_PUBLIC_PAGE} from find_published_funnel_of_user($1, $2) as p", username, slug
    )


async def find_public_page_by_id(tx: Tx, *, funnel_page_id: UUID) -> Record | None:
    """Find a published page by its id, with its sections and what it gives away."""
    return await tx.fetchrow(f"{_PUBLIC_PAGE} from find_published_funnel($1) as p", funnel_page_id)


async def insert_funnel_lead(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    email: str,
    name: str | None,
    utm_source: str | None,
    utm_medium: str | None,
    utm_campaign: str | None,
    ip_address: str | None,
    user_agent: str | None,
    limit_key: bytes,
    limit_per_minute: int,
) -> Record:
    """Insert a lead of a published page, or fill the blanks of the one that is there.

    Counts on the limit in the same round trip: with `wait_seconds` above 0 nothing is inserted.
    Answers wait_seconds, id and is_new; id is null too when the page is not published.
    """
    return await fetch_one(
        tx,
        """
        with taken as materialized (
            select platform.take($9, $10, 60) as wait_seconds
        ), kept as (
            insert into funnel_leads as l (
                funnel_page_id, lead_magnet_id, user_id, team_id, email, name,
                utm_source, utm_medium, utm_campaign, ip_address, user_agent
            )
            select f.id, f.lead_magnet_id, f.user_id, f.team_id, $2, $3, $4, $5, $6, $7, $8
            from taken
            join funnel_pages as f on taken.wait_seconds = 0
            where f.id = $1 and f.is_published and not f.is_variant
            on conflict (funnel_page_id, email) do update set
                name = coalesce(l.name, excluded.name),
                utm_source = coalesce(l.utm_source, excluded.utm_source),
                utm_medium = coalesce(l.utm_medium, excluded.utm_medium),
                utm_campaign = coalesce(l.utm_campaign, excluded.utm_campaign)
            returning l.id, xmax = 0 as is_new
        )
        select taken.wait_seconds, kept.id, kept.is_new from taken left join kept on true
        """,
        funnel_page_id,
        email,
        name,
        utm_source,
        utm_medium,
        utm_campaign,
        ip_address,
        user_agent,
        limit_key,
        limit_per_minute,
    )


async def has_lead(tx: Tx, *, funnel_page_id: UUID, lead_id: UUID) -> bool:
    """Tell whether a lead is one of a page."""
    found: bool = await tx.fetchval(
        "select exists (select from funnel_leads where id = $1 and funnel_page_id = $2)",
        lead_id,
        funnel_page_id,
    )
    return found


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


async def insert_funnel_page(tx: Tx, *, values: Mapping[str, Any]) -> UUID | None:
    """Insert a draft page; None when the slug is taken."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into funnel_pages (
            user_id, team_id, lead_magnet_id, slug, optin_headline, optin_subline,
            optin_button_text, theme, primary_color, background_style, logo_url, font_family,
            font_url
        )
        select
            r.user_id, r.team_id, r.lead_magnet_id, r.slug, r.optin_headline, r.optin_subline,
            r.optin_button_text, coalesce(r.theme, 'dark'), coalesce(r.primary_color, '#8b5cf6'),
            coalesce(r.background_style, 'solid'), r.logo_url, r.font_family, r.font_url
        from jsonb_populate_record(null::funnel_pages, $1) as r
        on conflict do nothing
        returning id
        """,
        dict(values),
    )
    return identifier


async def insert_funnel_page_section(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    section_type: str,
    page_location: str,
    sort_order: int,
    is_visible: bool,
    config: Mapping[str, Any],
) -> None:
    """Insert a section of a page."""
    await tx.execute(
        """
        insert into funnel_page_sections (
            funnel_page_id, section_type, page_location, sort_order, is_visible, config
        )
        values ($1, $2, $3, $4, $5, $6)
        """,
        funnel_page_id,
        section_type,
        page_location,
        sort_order,
        is_visible,
        dict(config),
    )


async def get_funnel_page(tx: Tx, *, funnel_page_id: UUID) -> Record:
    """Return a page with its author's username. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        f"""
        select {_PAGE}, u.username, m.title as lead_magnet_title
        from funnel_pages as f
        left join users as u on u.id = f.user_id
        left join lead_magnets as m on m.id = f.lead_magnet_id
        where f.id = $1
        """,
        funnel_page_id,
    )
    if row is None:
        raise NotFound("There is no such funnel.")
    return row


async def get_preview(tx: Tx, *, funnel_page_id: UUID) -> Record:
    """Return what a visitor would see of a page. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        """
        select
            f.id, f.user_id, coalesce(t.owner_id, f.user_id) as acting_user_id, f.team_id,
            f.lead_magnet_id, coalesce(u.username, '') as username, f.slug, f.optin_headline,
            f.optin_subline, f.optin_button_text, f.optin_social_proof, f.thankyou_headline,
            f.thankyou_subline, f.theme, f.primary_color, f.background_style, f.logo_url,
            u.name as author_name, case when t.whitelabel_enabled then t.custom_site_name end
                as site_name,
            coalesce(t.whitelabel_enabled and t.hide_branding, false) as hide_branding,
            m.title as lead_magnet_title, m.polished_content, m.external_url,
            f.send_resource_email, f.is_content_open, f.updated_at
        from funnel_pages as f
        left join users as u on u.id = f.user_id
        left join teams as t on t.id = f.team_id
        left join lead_magnets as m on m.id = f.lead_magnet_id
        where f.id = $1
        """,
        funnel_page_id,
    )
    if row is None:
        raise NotFound("There is no such funnel.")
    return row


_PAGE_ORDERS = {
    "optin_headline": "lower(f.optin_headline)",
    "views": "views",
    "leads": "leads",
    "updated_at": "f.updated_at",
}
_LEAD_ORDERS = {
    "email": "l.email",
    "name": "lower(l.name)",
    "created_at": "l.created_at",
}


async def list_funnel_pages(
    tx: Tx,
    *,
    search: str | None,
    is_published: bool | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List pages with their views and leads, sorted by a key of `_PAGE_ORDERS`."""
    return await tx.fetch(
        f"""
        select {_PAGE}, u.username, m.title as lead_magnet_title,
            (
                select count(*) from page_views as v
                where v.funnel_page_id = f.id and v.page_type = 'optin'
            ) as views,
            (select count(*) from funnel_leads as l where l.funnel_page_id = f.id) as leads
        from funnel_pages as f
        left join users as u on u.id = f.user_id
        left join lead_magnets as m on m.id = f.lead_magnet_id
        where not f.is_variant
            and ($1::text is null or f.optin_headline || ' ' || f.slug ilike '%' || $1 || '%')
            and ($2::boolean is null or f.is_published = $2)
        order by {_PAGE_ORDERS[sort]} {"desc" if descending else "asc"} nulls last, f.id
        limit $3 offset $4
        """,
        search,
        is_published,
        limit,
        offset,
    )


async def count_funnel_pages(tx: Tx, *, search: str | None, is_published: bool | None) -> int:
    """Count what `list_funnel_pages` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from funnel_pages as f
        where not f.is_variant
            and ($1::text is null or f.optin_headline || ' ' || f.slug ilike '%' || $1 || '%')
            and ($2::boolean is null or f.is_published = $2)
        """,
        search,
        is_published,
    )
    return count


async def update_funnel_page(tx: Tx, *, funnel_page_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write the named columns, leaving all others. Raises NotFound when the page is invisible."""
    changed = await tx.fetchval(
        """
        with given as (
            select r.*
            from funnel_pages as f
            cross join lateral jsonb_populate_record(f, $2) as r
            where f.id = $1
        )
        update funnel_pages as f set
            slug = g.slug, optin_headline = g.optin_headline, optin_subline = g.optin_subline,
            optin_button_text = g.optin_button_text, optin_social_proof = g.optin_social_proof,
            thankyou_headline = g.thankyou_headline, thankyou_subline = g.thankyou_subline,
            theme = g.theme, primary_color = g.primary_color, background_style = g.background_style,
            send_resource_email = g.send_resource_email
        from given as g
        where f.id = g.id
        returning f.id
        """,
        funnel_page_id,
        dict(changes),
    )
    if changed is None:
        raise NotFound("There is no such funnel.")


async def set_published(tx: Tx, *, funnel_page_id: UUID, is_published: bool) -> None:
    """Show or hide a page; the first publication keeps its time."""
    changed = await tx.fetchval(
        """
        update funnel_pages
        set is_published = $2,
            published_at = case when $2 then coalesce(published_at, now()) else published_at end
        where id = $1
        returning id
        """,
        funnel_page_id,
        is_published,
    )
    if changed is None:
        raise NotFound("There is no such funnel.")


_FOUND_LEADS = """
    select
        l.id, l.email, l.name, l.is_qualified, l.utm_source, l.utm_medium, l.utm_campaign,
        l.created_at, l.funnel_page_id, l.lead_magnet_id
    from funnel_leads as l
    where ($1::text is null or l.email ilike '%' || $1 || '%' or l.name ilike '%' || $1 || '%')
        and ($2::uuid is null or l.funnel_page_id = $2)
"""


async def list_funnel_leads(
    tx: Tx,
    *,
    search: str | None,
    funnel_page_id: UUID | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List leads, sorted by a key of `_LEAD_ORDERS`.

    One's own and each team's are found by themselves, in the order of an index: together, as the
    policy has them, all would be read and sorted for the first fifty. The planner, which can't know
    how many are whose, would do so all the same where most people have few; so bitmap scans are off
    for what is left of the transaction.
    """
    await tx.execute("set local enable_bitmapscan = off")
    order = f"{_LEAD_ORDERS[sort]} {'desc' if descending else 'asc'}"
    if sort != "created_at":
        order += " nulls last"
    return await tx.fetch(
        f"""
        with found as (
            (
                {_FOUND_LEADS} and l.user_id = (select auth.uid()) and l.team_id is null
                order by {order} limit $3::bigint + $4::bigint
            )
            union all
            select theirs.*
            from unnest((select access.team_ids())) as t (id)
            cross join lateral (
                {_FOUND_LEADS} and l.team_id = t.id
                order by {order} limit $3::bigint + $4::bigint
            ) as theirs
        )
        select
            l.id, l.email, l.name, l.is_qualified, l.utm_source, l.utm_medium, l.utm_campaign,
            l.created_at, l.funnel_page_id, f.slug, m.title as lead_magnet_title
        from found as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        order by {order}, l.id
        limit $3 offset $4
        """,
        search,
        funnel_page_id,
        limit,
        offset,
    )


async def count_funnel_leads(tx: Tx, *, search: str | None, funnel_page_id: UUID | None) -> int:
    """Count what `list_funnel_leads` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from funnel_leads as l
        where ($1::text is null or l.email ilike '%' || $1 || '%' or l.name ilike '%' || $1 || '%')
            and ($2::uuid is null or l.funnel_page_id = $2)
        """,
        search,
        funnel_page_id,
    )
    return count


async def get_funnel_lead(tx: Tx, *, lead_id: UUID) -> Record:
    """Return a lead with its page. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        """
        select
            l.id, l.email, l.name, l.is_qualified, l.utm_source, l.utm_medium, l.utm_campaign,
            l.created_at, l.funnel_page_id, f.slug, m.title as lead_magnet_title
        from funnel_leads as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        where l.id = $1
        """,
        lead_id,
    )
    if row is None:
        raise NotFound("There is no such lead.")
    return row


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
