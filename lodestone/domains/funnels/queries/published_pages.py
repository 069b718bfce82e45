"""The SQL of published pages, as strangers may read them."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_PUBLIC_PAGE = """
    select
        p.funnel_page_id as id, p.user_id, p.acting_user_id, p.team_id,
        (p.page).lead_magnet_id, (p.page).library_id, (p.page).external_resource_id,
        p.username, p.slug, (p.page).optin_headline,
        (p.page).optin_subline, (p.page).optin_button_text, (p.page).optin_social_proof,
        (p.page).thankyou_headline, (p.page).thankyou_subline, (p.page).theme,
        (p.page).primary_color, (p.page).background_color, (p.page).background_style,
        (p.page).logo_url, (p.page).font_family, (p.page).font_url, (p.page).vsl_url,
        (p.page).calendly_url, (p.page).qualification_pass_message,
        (p.page).qualification_fail_message, (p.page).redirect_trigger, (p.page).redirect_url,
        (p.page).redirect_fail_url,
        coalesce((p.page).homepage_url, find_website_of(p.funnel_page_id)) as homepage_url,
        (p.page).homepage_label, p.author_name, p.site_name, p.favicon_url, p.hide_branding,
        (p.lead_magnet).title as lead_magnet_title,
        (p.lead_magnet).polished_content, (p.lead_magnet).external_url,
        (p.lead_magnet).archetype, (p.lead_magnet).interactive_config,
        (p.page).send_resource_email, (p.page).is_content_open, (p.page).updated_at, p.sections,
        find_running_experiment(p.funnel_page_id) as experiment,
        find_page_pixels(p.funnel_page_id) as pixels, find_page_domain(p.funnel_page_id) as domain
"""


async def find_public_page(tx: Tx, *, username: str, slug: str) -> Record | None:
    """Find a published page by its public address, with its sections and what it gives away."""
    return await tx.fetchrow(
        f"{_PUBLIC_PAGE} from find_published_funnel_of_user($1, $2) as p", username, slug
    )


async def find_public_page_by_id(tx: Tx, *, funnel_page_id: UUID) -> Record | None:
    """Find a published page by its id, with its sections and what it gives away."""
    return await tx.fetchrow(f"{_PUBLIC_PAGE} from find_published_funnel($1) as p", funnel_page_id)


async def find_public_page_of_host(tx: Tx, *, host: str, slug: str) -> Record | None:
    """Find a published page by its address on an own domain."""
    return await tx.fetchrow(
        f"{_PUBLIC_PAGE} from find_published_funnel_of_host($1, $2) as p", host, slug
    )
