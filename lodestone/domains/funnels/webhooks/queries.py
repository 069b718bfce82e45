"""The SQL of webhooks and their deliveries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def insert_webhook(
    tx: Tx,
    *,
    user_id: UUID,
    team_id: UUID | None,
    name: str,
    url: str,
    events: Sequence[str],
    signing_secret: str,
) -> UUID:
    """Insert an address to tell; return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into webhook_configs (user_id, team_id, name, url, events, signing_secret)
        values ($1, $2, $3, $4, $5, $6)
        returning id
        """,
        user_id,
        team_id,
        name,
        url,
        list(events),
        signing_secret,
    )
    return identifier


async def list_webhooks(tx: Tx, *, team_id: UUID | None, author_id: UUID | None) -> list[Record]:
    """List a workspace's addresses with how their deliveries went, newest first."""
    return await tx.fetch(
        """
        select
            w.id, w.name, w.url, coalesce(w.is_active, false) as is_active, w.created_at,
            w.events, w.failing_since, w.disabled_at, w.disabled_reason,
            case when w.previous_secret_until > now() then w.previous_secret_until end
                as previous_secret_until,
            count(d.id) filter (where d.status = 'delivered') as delivered,
            count(d.id) filter (where d.status = 'failed') as failed
        from webhook_configs as w
        left join webhook_deliveries as d on d.webhook_config_id = w.id
        where w.team_id = $1 or (w.team_id is null and w.user_id = $2)
        group by w.id
        order by w.created_at desc, w.id
        """,
        team_id,
        author_id,
    )


async def set_webhook_active(tx: Tx, *, webhook_id: UUID, is_active: bool) -> None:
    """Switch an address on, as if it had never failed, or off.

    Raises NotFound when it is invisible.
    """
    found = await tx.fetchval(
        """
        update webhook_configs
        set is_active = $2, failing_since = null, disabled_at = null, disabled_reason = null
        where id = $1
        returning id
        """,
        webhook_id,
        is_active,
    )
    if found is None:
        raise NotFound("There is no such webhook.")


async def rotate_secret(
    tx: Tx, *, webhook_id: UUID, signing_secret: str, previous_until: datetime
) -> None:
    """Sign with another secret, and with the one before too until a moment.

    Raises NotFound when it is invisible.
    """
    found = await tx.fetchval(
        """
        update webhook_configs
        set previous_signing_secret = signing_secret, previous_secret_until = $3,
            signing_secret = $2
        where id = $1
        returning id
        """,
        webhook_id,
        signing_secret,
        previous_until,
    )
    if found is None:
        raise NotFound("There is no such webhook.")


async def note_taken(tx: Tx, *, webhook_id: UUID) -> None:
    """Note that an address took a delivery: it fails no longer."""
    await tx.execute(
        "update webhook_configs set failing_since = null"
        " where id = $1 and failing_since is not null",
        webhook_id,
    )


async def note_failing(tx: Tx, *, webhook_id: UUID) -> Record | None:
    """Note that an address did not take a delivery; return since when, while it is on."""
    return await tx.fetchrow(
        """
        update webhook_configs
        set failing_since = coalesce(failing_since, now())
        where id = $1 and is_active
        returning failing_since
        """,
        webhook_id,
    )


async def disable_webhook(tx: Tx, *, webhook_id: UUID, reason: str) -> bool:
    """Switch an address off for good reason; False when it is off already."""
    found = await tx.fetchval(
        """
        update webhook_configs
        set is_active = false, disabled_at = now(), disabled_reason = $2
        where id = $1 and is_active
        returning id
        """,
        webhook_id,
        reason,
    )
    return found is not None


async def find_disabled(tx: Tx, *, webhook_id: UUID) -> Record | None:
    """Find an address that was switched off, with whom to tell of it."""
    return await tx.fetchrow(
        """
        select w.name, w.url, w.disabled_at, w.disabled_reason, u.email
        from webhook_configs as w
        join users as u on u.id = w.user_id
        where w.id = $1 and w.disabled_at is not null
        """,
        webhook_id,
    )


async def delete_webhook(tx: Tx, *, webhook_id: UUID) -> None:
    """Delete an address; the log of its deliveries stays. Raises NotFound when it is invisible."""
    found = await tx.fetchval("delete from webhook_configs where id = $1 returning id", webhook_id)
    if found is None:
        raise NotFound("There is no such webhook.")


async def insert_lead_deliveries(
    tx: Tx,
    *,
    lead_id: UUID,
    user_id: UUID,
    team_id: UUID | None,
    event: str,
    payload: Mapping[str, Any],
) -> list[UUID]:
    """Insert a delivery for each active address of the page's people; return the new ones."""
    rows = await tx.fetch(
        """
        insert into webhook_deliveries (
            webhook_config_id, user_id, team_id, funnel_lead_id, event, url, payload
        )
        select w.id, w.user_id, w.team_id, $1, $4, w.url, $5
        from webhook_configs as w
        where w.is_active and $4 = any (w.events) and case
            when $3::uuid is null then w.user_id = $2 and w.team_id is null else w.team_id = $3
        end
        on conflict (funnel_lead_id, webhook_config_id, event) do nothing
        returning id
        """,
        lead_id,
        user_id,
        team_id,
        event,
        dict(payload),
    )
    return [row["id"] for row in rows]


async def insert_test_delivery(tx: Tx, *, webhook_id: UUID, payload: Mapping[str, Any]) -> UUID:
    """Insert a test delivery. Raises NotFound when the address is invisible."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into webhook_deliveries (webhook_config_id, user_id, team_id, event, url, payload)
        select w.id, w.user_id, w.team_id, 'test', w.url, $2
        from webhook_configs as w
        where w.id = $1
        returning id
        """,
        webhook_id,
        dict(payload),
    )
    if identifier is None:
        raise NotFound("There is no such webhook.")
    return identifier


async def take_delivery(tx: Tx, *, delivery_id: UUID) -> Record | None:
    """Count an attempt of a due delivery; None when it is done, or not due yet."""
    return await tx.fetchrow(
        """
        update webhook_deliveries as d
        set attempts = d.attempts + 1, last_attempt_at = now()
        where d.id = $1 and d.status = 'pending' and d.next_attempt_at <= now()
        returning d.id, d.url, d.payload, d.event, d.attempts, d.webhook_config_id,
            (select w.signing_secret from webhook_configs as w where w.id = d.webhook_config_id),
            (
                select w.previous_signing_secret
                from webhook_configs as w
                where w.id = d.webhook_config_id and w.previous_secret_until > now()
            )
        """,
        delivery_id,
    )


async def set_delivery_outcome(
    tx: Tx,
    *,
    delivery_id: UUID,
    status: str,
    next_attempt_at: datetime | None,
    response_status: int | None,
    response_excerpt: str | None,
    duration_ms: int,
    error: str | None,
) -> None:
    """Note how an attempt went."""
    await tx.execute(
        """
        update webhook_deliveries
        set status = $2, next_attempt_at = $3, response_status = $4, response_excerpt = $5,
            duration_ms = $6, error = $7,
            delivered_at = case when $2 = 'delivered' then now() end
        where id = $1 and status = 'pending'
        """,
        delivery_id,
        status,
        next_attempt_at,
        response_status,
        response_excerpt,
        duration_ms,
        error,
    )


async def requeue_delivery(tx: Tx, *, delivery_id: UUID) -> bool:
    """Make a delivery due again; False when it is invisible, or waits already."""
    found = await tx.fetchval(
        """
        update webhook_deliveries
        set status = 'pending', attempts = 0, next_attempt_at = now(), error = null,
            delivered_at = null
        where id = $1 and status <> 'pending'
        returning id
        """,
        delivery_id,
    )
    return found is not None


async def requeue_deliveries(tx: Tx, *, delivery_ids: Sequence[UUID]) -> list[UUID]:
    """Make deliveries that don't wait due again; return which."""
    rows = await tx.fetch(
        """
        update webhook_deliveries
        set status = 'pending', attempts = 0, next_attempt_at = now(), error = null,
            delivered_at = null
        where id = any ($1) and status <> 'pending'
        returning id
        """,
        list(delivery_ids),
    )
    return [row["id"] for row in rows]


async def list_deliveries(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a workspace's deliveries, newest first."""
    return await tx.fetch(
        """
        select
            d.id, w.name as webhook_name, d.event, d.url, d.status, d.attempts,
            d.response_status, d.response_excerpt, d.error, d.next_attempt_at, d.created_at
        from webhook_deliveries as d
        left join webhook_configs as w on w.id = d.webhook_config_id
        where ($1::text is null or d.url ilike '%' || $1 || '%')
            and ($2::text is null or d.status = $2)
            and (d.team_id = $5 or (d.team_id is null and d.user_id = $6))
        order by d.created_at desc, d.id
        limit $3 offset $4
        """,
        search,
        status,
        limit,
        offset,
        team_id,
        author_id,
    )


async def count_deliveries(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
) -> int:
    """Count what `list_deliveries` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from webhook_deliveries as d
        where ($1::text is null or d.url ilike '%' || $1 || '%')
            and ($2::text is null or d.status = $2)
            and (d.team_id = $3 or (d.team_id is null and d.user_id = $4))
        """,
        search,
        status,
        team_id,
        author_id,
    )
    return count
