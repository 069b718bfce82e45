"""The SQL of funnel pages and their sections, as their people work on them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_PAGE = """
    f.id, f.user_id, f.team_id, f.target_type, f.lead_magnet_id, f.library_id,
    f.external_resource_id, f.qualification_form_id, f.slug, f.optin_headline, f.optin_subline,
    f.optin_button_text, f.optin_social_proof, f.thankyou_headline, f.thankyou_subline, f.vsl_url,
    f.calendly_url, f.qualification_pass_message, f.qualification_fail_message, f.redirect_trigger,
    f.redirect_url, f.redirect_fail_url, f.homepage_url, f.homepage_label, f.theme,
    f.primary_color, f.background_color, f.background_style, f.logo_url, f.font_family, f.font_url,
    coalesce(f.is_published, false) as is_published, f.published_at, f.send_resource_email,
    f.is_content_open, f.updated_at
"""


_PAGE_ORDERS = {
    "optin_headline": "lower(f.optin_headline)",
    "views": "views",
    "leads": "leads",
    "updated_at": "f.updated_at",
}


async def insert_funnel_page(tx: Tx, *, values: Mapping[str, Any]) -> UUID | None:
    """Insert a draft page; None when the slug is taken."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into funnel_pages (
            user_id, team_id, target_type, lead_magnet_id, library_id, external_resource_id, slug,
            optin_headline, optin_subline, optin_button_text, optin_social_proof, thankyou_subline,
            theme, primary_color, background_style, logo_url, vsl_url, font_family, font_url
        )
        select
            r.user_id, r.team_id, r.target_type, r.lead_magnet_id, r.library_id,
            r.external_resource_id, r.slug, r.optin_headline, r.optin_subline,
            r.optin_button_text, r.optin_social_proof, r.thankyou_subline,
            coalesce(r.theme, 'dark'), coalesce(r.primary_color, '#8b5cf6'),
            coalesce(r.background_style, 'solid'), r.logo_url, r.vsl_url, r.font_family,
            r.font_url
        from jsonb_populate_record(null::funnel_pages, $1) as r
        on conflict do nothing
        returning id
        """,
        dict(values),
    )
    return identifier


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
            f.lead_magnet_id, f.library_id, f.external_resource_id,
            coalesce(u.username, '') as username, f.slug, f.optin_headline,
            f.optin_subline, f.optin_button_text, f.optin_social_proof, f.thankyou_headline,
            f.thankyou_subline, f.vsl_url, f.calendly_url, f.qualification_pass_message,
            f.qualification_fail_message, f.redirect_trigger, f.redirect_url, f.redirect_fail_url,
            f.homepage_url, f.homepage_label, f.theme, f.primary_color, f.background_color,
            f.background_style, f.logo_url, f.font_family, f.font_url, u.name as author_name,
            case when t.whitelabel_enabled then t.custom_site_name end as site_name,
            case when t.whitelabel_enabled then t.custom_favicon_url end as favicon_url,
            coalesce(t.whitelabel_enabled and t.hide_branding, false) as hide_branding,
            m.title as lead_magnet_title, m.polished_content, m.external_url,
            m.archetype, m.interactive_config,
            f.send_resource_email, f.is_content_open, f.updated_at,
            (
                select coalesce(jsonb_agg(s order by s.sort_order, s.id), '[]')
                from funnel_page_sections as s
                where s.funnel_page_id = f.id and s.is_visible
            ) as sections
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


async def find_funnel_of(tx: Tx, *, target_id: UUID) -> UUID | None:
    """Find the page, variants aside, that gives away a magnet, a library or a link."""
    identifier: UUID | None = await tx.fetchval(
        """
        select id from funnel_pages
        where (lead_magnet_id = $1 or library_id = $1 or external_resource_id = $1)
            and not is_variant
        """,
        target_id,
    )
    return identifier


async def list_funnel_pages(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    is_published: bool | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a team's pages, or an author's without a team, with their views and leads.

    They are sorted by a key of `_PAGE_ORDERS`.
    """
    return await tx.fetch(
        f"""
        select {_PAGE}, u.username, m.title as lead_magnet_title,
            (
                select coalesce(sum(c.amount), 0) from funnel_page_counts as c
                where c.funnel_page_id = f.id and c.metric = 'optin'
            ) as views,
            (
                select coalesce(sum(c.amount), 0) from funnel_page_counts as c
                where c.funnel_page_id = f.id and c.metric = 'lead'
            ) as leads
        from funnel_pages as f
        left join users as u on u.id = f.user_id
        left join lead_magnets as m on m.id = f.lead_magnet_id
        where not f.is_variant
            and (f.team_id = $5 or (f.team_id is null and f.user_id = $6))
            and ($1::text is null or f.optin_headline || ' ' || f.slug ilike '%' || $1 || '%')
            and ($2::boolean is null or f.is_published = $2)
        order by {_PAGE_ORDERS[sort]} {"desc" if descending else "asc"} nulls last, f.id
        limit $3 offset $4
        """,
        search,
        is_published,
        limit,
        offset,
        team_id,
        author_id,
    )


async def count_funnel_pages(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    is_published: bool | None,
) -> int:
    """Count what `list_funnel_pages` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from funnel_pages as f
        where not f.is_variant
            and (f.team_id = $3 or (f.team_id is null and f.user_id = $4))
            and ($1::text is null or f.optin_headline || ' ' || f.slug ilike '%' || $1 || '%')
            and ($2::boolean is null or f.is_published = $2)
        """,
        search,
        is_published,
        team_id,
        author_id,
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
            vsl_url = g.vsl_url, calendly_url = g.calendly_url,
            qualification_pass_message = g.qualification_pass_message,
            qualification_fail_message = g.qualification_fail_message,
            redirect_trigger = g.redirect_trigger, redirect_url = g.redirect_url,
            redirect_fail_url = g.redirect_fail_url, homepage_url = g.homepage_url,
            homepage_label = g.homepage_label, theme = g.theme, primary_color = g.primary_color,
            background_color = g.background_color, background_style = g.background_style,
            logo_url = g.logo_url, font_family = g.font_family, font_url = g.font_url,
            send_resource_email = g.send_resource_email, is_content_open = g.is_content_open
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
