"""The SQL of the leads that pages capture."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_LEAD_ORDERS = {
    "email": "l.email",
    "name": "lower(l.name)",
    "created_at": "l.created_at",
}


_FOUND_LEADS = """
    select
        l.id, l.email, l.name, l.is_qualified, l.utm_source, l.utm_medium, l.utm_campaign,
        l.created_at, l.funnel_page_id, l.lead_magnet_id
    from funnel_leads as l
    where ($1::text is null or l.email ilike '%' || $1 || '%' or l.name ilike '%' || $1 || '%')
        and ($2::uuid is null or l.funnel_page_id = $2)
"""


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
    linkedin_url: str | None = None,
    fbc: str | None = None,
    fbp: str | None = None,
    has_ad_consent: bool | None = None,
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
                utm_source, utm_medium, utm_campaign, ip_address, user_agent,
                linkedin_url, fbc, fbp, has_ad_consent
            )
            select
                f.id, f.lead_magnet_id, f.user_id, f.team_id, $2, $3, $4, $5, $6, $7, $8,
                $11, $12, $13, $14
            from taken
            join funnel_pages as f on taken.wait_seconds = 0
            where f.id = $1 and f.is_published and not f.is_variant
            on conflict (funnel_page_id, email) do update set
                name = coalesce(l.name, excluded.name),
                utm_source = coalesce(l.utm_source, excluded.utm_source),
                utm_medium = coalesce(l.utm_medium, excluded.utm_medium),
                utm_campaign = coalesce(l.utm_campaign, excluded.utm_campaign),
                linkedin_url = coalesce(l.linkedin_url, excluded.linkedin_url),
                fbc = coalesce(l.fbc, excluded.fbc), fbp = coalesce(l.fbp, excluded.fbp),
                has_ad_consent = coalesce(excluded.has_ad_consent, l.has_ad_consent),
                archived_at = null
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
        linkedin_url,
        fbc,
        fbp,
        has_ad_consent,
    )


async def has_lead(tx: Tx, *, funnel_page_id: UUID, lead_id: UUID) -> bool:
    """Tell whether a lead is one of a page."""
    found: bool = await tx.fetchval(
        "select exists (select from funnel_leads where id = $1 and funnel_page_id = $2)",
        lead_id,
        funnel_page_id,
    )
    return found


async def list_funnel_leads(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    funnel_page_id: UUID | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a team's leads, and an author's without a team, sorted by a key of `_LEAD_ORDERS`.

    Either are found by themselves, in the order of an index: together, as the
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
                {_FOUND_LEADS} and l.user_id = $6 and l.team_id is null
                order by {order} limit $3::bigint + $4::bigint
            )
            union all
            (
                {_FOUND_LEADS} and l.team_id = $5
                order by {order} limit $3::bigint + $4::bigint
            )
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
        team_id,
        author_id,
    )


async def count_funnel_leads(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    funnel_page_id: UUID | None,
) -> int:
    """Count what `list_funnel_leads` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from funnel_leads as l
        where (l.team_id = $3 or (l.team_id is null and l.user_id = $4))
            and (
                $1::text is null
                or l.email ilike '%' || $1 || '%' or l.name ilike '%' || $1 || '%'
            )
            and ($2::uuid is null or l.funnel_page_id = $2)
        """,
        search,
        funnel_page_id,
        team_id,
        author_id,
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
