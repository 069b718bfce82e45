"""The SQL of deliveries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from lodestone.domains.funnels.deliveries.models import Planned
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def find_lead(tx: Tx, *, lead_id: UUID) -> Record | None:
    """Find a lead with all that may be told of it; None when it is gone or invisible."""
    return await tx.fetchrow(
        """
        select
            l.id, l.funnel_page_id, l.user_id, l.team_id, l.email, l.name, l.is_qualified,
            l.qualification_answers, l.qualification_questions, l.utm_source, l.utm_medium,
            l.utm_campaign, l.created_at, l.answered_at, l.ip_address, l.user_agent,
            l.linkedin_url, l.fbc, l.fbp, l.has_ad_consent, f.slug, u.username,
            coalesce(m.title, f.optin_headline) as title
        from funnel_leads as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join users as u on u.id = f.user_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        where l.id = $1
        """,
        lead_id,
    )


async def list_candidates(tx: Tx, *, funnel_page_id: UUID, acting_user_id: UUID) -> list[Record]:
    """List the destinations of a page's leads: its mappings, and its people's own services."""
    return await tx.fetch(
        """
        select i.provider as destination, i.user_id, i.settings as metadata
        from funnel_integrations as i
        where i.funnel_page_id = $1 and i.is_active
        union all
        select i.service, i.user_id, coalesce(i.metadata, '{}')
        from user_integrations as i
        where i.user_id = $2 and i.is_active
            and i.service in ('conductor', 'meta_pixel', 'linkedin_insight')
        """,
        funnel_page_id,
        acting_user_id,
    )


async def insert_deliveries(
    tx: Tx, *, lead_id: UUID, event: str, event_id: str, planned: Sequence[Planned]
) -> list[UUID]:
    """Insert deliveries of an event, save those that are there; return those to send."""
    rows = await tx.fetch(
        """
        insert into lead_deliveries (
            user_id, team_id, funnel_lead_id, destination, event, event_id, status, error,
            next_attempt_at
        )
        select
            p.user_id, l.team_id, l.id, p.destination, $2, $3,
            case when p.reason is null then 'pending' else 'skipped' end, p.reason,
            case when p.reason is null then now() end
        from unnest($4::uuid[], $5::text[], $6::text[]) as p (user_id, destination, reason)
        join funnel_leads as l on l.id = $1
        on conflict (funnel_lead_id, destination, event) do nothing
        returning id, status
        """,
        lead_id,
        event,
        event_id,
        [one.user_id for one in planned],
        [str(one.destination) for one in planned],
        [one.skipped_because for one in planned],
    )
    return [row["id"] for row in rows if row["status"] == "pending"]


async def insert_test(tx: Tx, *, user_id: UUID, destination: str, event_id: str) -> UUID:
    """Insert a test of a destination; return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into lead_deliveries (user_id, destination, event, event_id, next_attempt_at)
        values ($1, $2, 'test', $3, now())
        returning id
        """,
        user_id,
        destination,
        event_id,
    )
    return identifier


async def take_delivery(tx: Tx, *, delivery_id: UUID) -> Record | None:
    """Count an attempt of a due delivery; None when it is done, or not due yet."""
    return await tx.fetchrow(
        """
        update lead_deliveries
        set attempts = attempts + 1, last_attempt_at = now()
        where id = $1 and status = 'pending' and next_attempt_at <= now()
        returning id, user_id, funnel_lead_id, destination, event, event_id, attempts, created_at
        """,
        delivery_id,
    )


async def update_outcome(
    tx: Tx,
    *,
    delivery_id: UUID,
    status: str,
    is_try: bool,
    next_attempt_at: datetime | None,
    response_status: int | None,
    response_excerpt: str | None,
    duration_ms: int,
    error: str | None,
) -> None:
    """Note how an attempt went; what was none is not counted."""
    await tx.execute(
        """
        update lead_deliveries
        set status = $2, attempts = attempts - case when $3 then 0 else 1 end,
            next_attempt_at = $4, response_status = $5, response_excerpt = $6, duration_ms = $7,
            error = $8, delivered_at = case when $2 = 'delivered' then now() end
        where id = $1 and status = 'pending'
        """,
        delivery_id,
        status,
        is_try,
        next_attempt_at,
        response_status,
        response_excerpt,
        duration_ms,
        error,
    )


async def requeue_delivery(tx: Tx, *, delivery_id: UUID) -> bool:
    """Make a delivery that is not waiting due again; False when it waits already.

    Raises NotFound when it is invisible.
    """
    found = await tx.fetchrow(
        """
        with seen as (
            select id from lead_deliveries where id = $1
        ), changed as (
            update lead_deliveries
            set status = 'pending', attempts = 0, next_attempt_at = now(), error = null,
                delivered_at = null
            where id = $1 and status <> 'pending'
            returning id
        )
        select
            exists (select from seen) as is_there, exists (select from changed) as is_changed
        """,
        delivery_id,
    )
    if found is None or not found["is_there"]:
        raise NotFound("There is no such delivery.")
    return bool(found["is_changed"])


async def requeue_deliveries(tx: Tx, *, delivery_ids: Sequence[UUID]) -> list[UUID]:
    """Make deliveries that don't wait due again; return which."""
    rows = await tx.fetch(
        """
        update lead_deliveries
        set status = 'pending', attempts = 0, next_attempt_at = now(), error = null,
            delivered_at = null
        where id = any ($1) and status <> 'pending'
        returning id
        """,
        list(delivery_ids),
    )
    return [row["id"] for row in rows]


_LOG = """
    with log as (
        select
            d.id, d.destination, d.event, d.status, d.attempts, d.funnel_lead_id, d.user_id,
            d.team_id, d.response_status, d.response_excerpt, d.error, d.next_attempt_at,
            d.created_at, false as is_webhook
        from lead_deliveries as d
        union all
        select
            d.id, coalesce(w.name, d.url), d.event, d.status, d.attempts, d.funnel_lead_id,
            d.user_id, d.team_id, d.response_status, d.response_excerpt, d.error,
            d.next_attempt_at, d.created_at, true
        from webhook_deliveries as d
        left join webhook_configs as w on w.id = d.webhook_config_id
    ), found as (
        select
            d.id, d.destination, d.event, d.status, d.attempts, d.funnel_lead_id as lead_id,
            l.email, f.slug, d.response_status, d.response_excerpt, d.error, d.next_attempt_at,
            d.created_at, d.is_webhook
        from log as d
        left join funnel_leads as l on l.id = d.funnel_lead_id
        left join funnel_pages as f on f.id = l.funnel_page_id
        where (d.team_id = $1 or (d.team_id is null and d.user_id = $2))
            and ($3::text is null or l.email ilike '%' || $3 || '%')
            and ($4::text is null or d.status = $4)
            and (
                $5::text is null or case
                    when $5 = 'webhook' then d.is_webhook
                    else not d.is_webhook and d.destination = $5
                end
            )
            and ($6::uuid is null or d.funnel_lead_id = $6)
    )
"""


async def list_log(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
    destination: str | None,
    lead_id: UUID | None,
    limit: int,
    offset: int,
) -> list[Record]:
    """List what a workspace's destinations and webhooks were told, newest first."""
    return await tx.fetch(
        f"{_LOG} select * from found order by created_at desc, id limit $7 offset $8",
        team_id,
        author_id,
        search,
        status,
        destination,
        lead_id,
        limit,
        offset,
    )


async def count_log(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
    destination: str | None,
    lead_id: UUID | None,
) -> int:
    """Count what `list_log` would list without its limit."""
    count: int = await tx.fetchval(
        f"{_LOG} select count(*) from found",
        team_id,
        author_id,
        search,
        status,
        destination,
        lead_id,
    )
    return count
