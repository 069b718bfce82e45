"""The SQL of what becomes of mails."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one

_SUMS = """coalesce(sum(d.sent), 0)::int as sent, coalesce(sum(d.delivered), 0)::int as delivered,
    coalesce(sum(d.opened), 0)::int as opened, coalesce(sum(d.clicked), 0)::int as clicked,
    coalesce(sum(d.bounced), 0)::int as bounced,
    coalesce(sum(d.complained), 0)::int as complained,
    coalesce(sum(d.unsubscribed), 0)::int as unsubscribed"""
_RANGE = "d.team_id = $1 and d.day > (now() at time zone 'utc')::date - $2::int"


async def insert_report(
    tx: Tx, *, provider: str, event_key: str, tenant_id: UUID | None, payload: str
) -> UUID | None:
    """Keep a report as it came; None when it is kept already."""
    report_id: UUID | None = await tx.fetchval(
        """
        insert into email_provider_events (provider, event_key, tenant_id, payload)
        values ($1, $2, $3, $4)
        on conflict (provider, event_key) do nothing
        returning id
        """,
        provider,
        event_key,
        tenant_id,
        payload,
    )
    return report_id


async def lock_report(tx: Tx, *, report_id: UUID) -> Record | None:
    """Lock a report that was not applied yet."""
    return await tx.fetchrow(
        """
        select id, event_key, tenant_id, payload from email_provider_events
        where id = $1 and applied_at is null
        for update
        """,
        report_id,
    )


async def set_applied(tx: Tx, *, report_id: UUID, outcome: str) -> None:
    """Note what we made of a report."""
    await tx.execute(
        "update email_provider_events set applied_at = now(), outcome = $2 where id = $1",
        report_id,
        outcome,
    )


async def purge_reports(tx: Tx, *, days: int) -> None:
    """Forget reports that were applied long ago; their events stay."""
    await tx.execute(
        """
        delete from email_provider_events
        where applied_at is not null and received_at < now() - make_interval(days => $1)
        """,
        days,
    )


async def find_message(
    tx: Tx, *, email_id: str | None, message_id: UUID | None, tenant_id: UUID | None
) -> Record | None:
    """Find a message by the provider's id or ours; of one tenant alone, if one is named."""
    return await tx.fetchrow(
        """
        select id, team_id, tenant_id, user_id, subscriber_id, funnel_lead_id, lead_magnet_id,
            recipient, subject, provider_message_id, flow_id, step_number, flow_contact_id,
            broadcast_id
        from email_outbox
        where case when $2::uuid is null then provider_message_id = $1 else id = $2 end
            and ($3::uuid is null or tenant_id = $3)
        """,
        email_id,
        message_id,
        tenant_id,
    )


async def insert_event(tx: Tx, *, values: dict[str, Any]) -> bool:
    """Write an event down; False when its key is known."""
    row = await tx.fetchrow(
        """
        insert into email_events (
            email_id, lead_id, lead_magnet_id, user_id, event_type, recipient_email, subject,
            link_url, bounce_type, metadata, created_at, team_id, tenant_id, subscriber_id,
            outbox_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict ((metadata ->> 'svix_id')) where metadata ->> 'svix_id' is not null do nothing
        returning id
        """,
        values["email_id"],
        values["lead_id"],
        values["lead_magnet_id"],
        values["user_id"],
        values["event_type"],
        values["recipient_email"],
        values["subject"],
        values["link_url"],
        values["bounce_type"],
        values["metadata"],
        values["created_at"],
        values["team_id"],
        values["tenant_id"],
        values["subscriber_id"],
        values["outbox_id"],
    )
    return row is not None


async def mark_message(tx: Tx, *, message_id: UUID, event_type: str, at: datetime) -> bool:
    """Note that something happened to a message for the first time; False when it did before.

    What was opened, clicked or complained about had been delivered; what was clicked was opened.
    """
    row = await tx.fetchrow(
        """
        update email_outbox as o
        set delivered_at = case
                when $2 in ('delivered', 'opened', 'clicked', 'complained')
                    then coalesce(o.delivered_at, $3) else o.delivered_at end,
            opened_at = case
                when $2 in ('opened', 'clicked') then coalesce(o.opened_at, $3)
                else o.opened_at end,
            clicked_at = case
                when $2 = 'clicked' then coalesce(o.clicked_at, $3) else o.clicked_at end,
            bounced_at = case
                when $2 = 'bounced' then coalesce(o.bounced_at, $3) else o.bounced_at end,
            complained_at = case
                when $2 = 'complained' then coalesce(o.complained_at, $3)
                else o.complained_at end,
            left_at = case
                when $2 = 'unsubscribed' then coalesce(o.left_at, $3) else o.left_at end
        where o.id = $1
            and case $2
                when 'delivered' then o.delivered_at when 'opened' then o.opened_at
                when 'clicked' then o.clicked_at when 'bounced' then o.bounced_at
                when 'complained' then o.complained_at when 'unsubscribed' then o.left_at
                else now() end is null
        returning o.id
        """,
        message_id,
        event_type,
        at,
    )
    return row is not None


async def touch_subscriber(tx: Tx, *, subscriber_id: UUID, event_type: str, at: datetime) -> None:
    """Note that somebody opened or clicked, to the hour."""
    await tx.execute(
        """
        update email_subscribers
        set last_opened_at = greatest(last_opened_at, $3::timestamptz),
            last_clicked_at = case when $2 = 'clicked' then greatest(last_clicked_at, $3)
                else last_clicked_at end
        where id = $1
            and (
                coalesce(last_opened_at, '-infinity') < $3::timestamptz - interval '1 hour'
                or ($2 = 'clicked' and coalesce(last_clicked_at, '-infinity')
                    < $3::timestamptz - interval '1 hour'))
        """,
        subscriber_id,
        event_type,
        at,
    )


async def count_transient(tx: Tx, *, subscriber_id: UUID, days: int) -> int:
    """Count the mails to somebody that bounced for a while only, lately."""
    count: int = await tx.fetchval(
        """
        select count(distinct coalesce(outbox_id::text, email_id)) from email_events
        where subscriber_id = $1 and event_type = 'bounced'
            and lower(coalesce(bounce_type, '')) <> 'permanent'
            and created_at > now() - make_interval(days => $2)
        """,
        subscriber_id,
        days,
    )
    return count


async def set_bounced(tx: Tx, *, subscriber_id: UUID) -> None:
    """Write to nobody whose mailbox does not take mail."""
    await tx.execute(
        """
        update email_subscribers set status = 'bounced'
        where id = $1 and status in ('pending', 'active', 'unsubscribed')
        """,
        subscriber_id,
    )


async def set_complained(tx: Tx, *, tenant_id: UUID, email: str) -> None:
    """Write to nobody who called it spam, in any team of the tenant."""
    await tx.execute(
        """
        update email_subscribers set status = 'complained'
        where tenant_id = $1 and email = $2 and status <> 'complained'
        """,
        tenant_id,
        email,
    )


async def suppress(tx: Tx, *, tenant_id: UUID, email: str, reason: str) -> None:
    """Keep an address on the tenant's suppression list, also one that is on no list."""
    await tx.execute(
        """
        insert into suppressions (tenant_id, team_id, channel, identity_hash, reason)
        values ($1, null, 'email', platform.identity_hash($2), $3)
        on conflict (tenant_id, channel, identity_hash, team_id) do update
        set reason = excluded.reason
        where suppressions.reason not in ('complained', excluded.reason)
        """,
        tenant_id,
        email,
        reason,
    )


async def end_flows(tx: Tx, *, subscriber_id: UUID) -> None:
    """Stop the series that somebody is in who can't get mail any more."""
    await tx.execute(
        """
        update email_flow_contacts set status = 'unsubscribed', next_run_at = null
        where subscriber_id = $1 and status in ('active', 'paused')
        """,
        subscriber_id,
    )


async def find_webhook_secret(tx: Tx, *, tenant_id: UUID) -> str | None:
    """Find the encrypted secret that signs the reports of a tenant's own account."""
    sealed: str | None = await tx.fetchval(
        "select resend_webhook_secret from email_settings where tenant_id = $1", tenant_id
    )
    return sealed


async def get_sums(tx: Tx, *, team_id: UUID, days: int, back: int) -> Record:
    """Add up a stretch of days that ended `back` days ago."""
    return await fetch_one(
        tx,
        f"""
        select {_SUMS} from email_daily_stats as d
        where d.team_id = $1
            and d.day > (now() at time zone 'utc')::date - ($2::int + $3::int)
            and d.day <= (now() at time zone 'utc')::date - $3::int
        """,
        team_id,
        days,
        back,
    )


async def list_by_day(tx: Tx, *, team_id: UUID, days: int) -> list[Record]:
    """List each day of a stretch with its sums, also those without mail."""
    return await tx.fetch(
        f"""
        select g.day::date as day, {_SUMS}
        from generate_series(
            (now() at time zone 'utc')::date - ($2::int - 1), (now() at time zone 'utc')::date,
            interval '1 day') as g (day)
        left join email_daily_stats as d on d.team_id = $1 and d.day = g.day::date
        group by g.day
        order by g.day
        """,
        team_id,
        days,
    )


async def list_by_broadcast(tx: Tx, *, team_id: UUID, days: int) -> list[Record]:
    """List the broadcasts of a stretch with their sums, the largest first."""
    return await tx.fetch(
        f"""
        select b.id, coalesce(nullif(b.subject, ''), 'Untitled') as title, null::text as detail,
            {_SUMS}
        from email_daily_stats as d
        join email_broadcasts as b on b.id = d.broadcast_id
        where {_RANGE}
        group by b.id
        order by sum(d.sent) desc, b.id
        limit 20
        """,
        team_id,
        days,
    )


async def list_by_flow_step(tx: Tx, *, team_id: UUID, days: int) -> list[Record]:
    """List the flows' steps of a stretch with their sums, in their order."""
    return await tx.fetch(
        f"""
        select f.id, f.name as title, 'Step ' || (d.step_number + 1) as detail, {_SUMS}
        from email_daily_stats as d
        join email_flows as f on f.id = d.flow_id
        where {_RANGE} and d.step_number is not null
        group by f.id, d.step_number
        order by f.name, f.id, d.step_number
        limit 60
        """,
        team_id,
        days,
    )


async def list_by_lead_magnet(tx: Tx, *, team_id: UUID, days: int) -> list[Record]:
    """List the lead magnets whose mails went out in a stretch, with their sums."""
    return await tx.fetch(
        f"""
        select m.id, m.title, null::text as detail, {_SUMS}
        from email_daily_stats as d
        join lead_magnets as m on m.id = d.lead_magnet_id
        where {_RANGE}
        group by m.id
        order by sum(d.sent) desc, m.id
        limit 20
        """,
        team_id,
        days,
    )
