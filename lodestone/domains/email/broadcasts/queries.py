"""The SQL of broadcasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_COLUMNS = """b.id, b.team_id, b.tenant_id, b.user_id, b.status, b.subject, b.preheader, b.body,
    b.design_id,
    b.subject_b, b.body_b, b.segment_id, b.segment_filter, b.audience_filter, b.test_percent,
    b.winner_by, b.winner_after_hours, b.winner, b.winner_picked_at, b.holdout_percent,
    b.recipient_count, b.scheduled_at, b.started_at, b.expanded_at, b.sent_at, b.from_name,
    b.from_email, b.reply_to_email, b.created_at, b.updated_at"""


async def list_broadcasts(
    tx: Tx, *, team_id: UUID, search: str | None, status: str | None, limit: int, offset: int
) -> list[Record]:
    """List a team's broadcasts, newest first, each with its sums."""
    return await tx.fetch(
        """
        select b.id, b.subject, b.status, b.recipient_count, b.scheduled_at, b.sent_at,
            b.created_at, coalesce(d.sent, 0)::int as sent, coalesce(d.opened, 0)::int as opened,
            coalesce(d.clicked, 0)::int as clicked, coalesce(d.delivered, 0)::int as delivered
        from email_broadcasts as b
        left join lateral (
            select sum(s.sent) as sent, sum(s.opened) as opened, sum(s.clicked) as clicked,
                sum(s.delivered) as delivered
            from email_daily_stats as s
            where s.broadcast_id = b.id
        ) as d on true
        where b.team_id = $1 and ($2::text is null or b.subject ilike '%' || $2 || '%')
            and ($3::text is null or b.status = $3)
        order by b.created_at desc, b.id
        limit $4 offset $5
        """,
        team_id,
        search,
        status,
        limit,
        offset,
    )


async def count_broadcasts(tx: Tx, *, team_id: UUID, search: str | None, status: str | None) -> int:
    """Count what `list_broadcasts` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from email_broadcasts as b
        where b.team_id = $1 and ($2::text is null or b.subject ilike '%' || $2 || '%')
            and ($3::text is null or b.status = $3)
        """,
        team_id,
        search,
        status,
    )
    return count


async def get_broadcast(tx: Tx, *, broadcast_id: UUID) -> Record:
    """Return a broadcast. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from email_broadcasts as b where b.id = $1", broadcast_id
    )
    if row is None:
        raise NotFound("There is no such broadcast.")
    return row


async def insert_broadcast(
    tx: Tx, *, tenant_id: UUID, team_id: UUID, user_id: UUID, subject: str, body: str
) -> UUID:
    """Make a draft."""
    broadcast_id: UUID = await tx.fetchval(
        """
        insert into email_broadcasts (tenant_id, team_id, user_id, subject, body)
        values ($1, $2, $3, $4, $5)
        returning id
        """,
        tenant_id,
        team_id,
        user_id,
        subject,
        body,
    )
    return broadcast_id


async def update_draft(tx: Tx, *, broadcast_id: UUID, values: dict[str, Any]) -> bool:
    """Change a draft; False when it is none any more."""
    row = await tx.fetchrow(
        """
        update email_broadcasts
        set subject = $2, preheader = nullif($3, ''), body = $4, segment_id = $5,
            segment_filter = $6, subject_b = nullif($7, ''), body_b = nullif($8, ''),
            test_percent = $9, winner_by = $10, winner_after_hours = $11, holdout_percent = $12,
            audience_filter = null, design_id = $13
        where id = $1 and status = 'draft'
        returning id
        """,
        broadcast_id,
        values["subject"],
        values["preheader"],
        values["body"],
        values["segment_id"],
        values["filter"],
        values["subject_b"],
        values["body_b"],
        values["test_percent"],
        values["winner_by"],
        values["winner_after_hours"],
        values["holdout_percent"],
        values["design_id"],
    )
    return row is not None


async def delete_draft(tx: Tx, *, broadcast_id: UUID) -> bool:
    """Delete a draft; False when it is none any more."""
    row = await tx.fetchrow(
        "delete from email_broadcasts where id = $1 and status = 'draft' returning id", broadcast_id
    )
    return row is not None


async def begin_sending(
    tx: Tx, *, broadcast_id: UUID, statuses: Sequence[str], recipient_count: int | None
) -> bool:
    """Take a broadcast from one of the states to `sending`; False when it is in none of them."""
    row = await tx.fetchrow(
        """
        update email_broadcasts
        set status = 'sending', started_at = coalesce(started_at, now()),
            recipient_count = coalesce($3, recipient_count), scheduled_at = null
        where id = $1 and status = any ($2)
        returning id
        """,
        broadcast_id,
        list(statuses),
        recipient_count,
    )
    return row is not None


async def schedule(tx: Tx, *, broadcast_id: UUID, moment: datetime, recipient_count: int) -> bool:
    """Have a draft wait for a moment; False when it is none any more."""
    row = await tx.fetchrow(
        """
        update email_broadcasts set status = 'scheduled', scheduled_at = $2, recipient_count = $3
        where id = $1 and status = 'draft'
        returning id
        """,
        broadcast_id,
        moment,
        recipient_count,
    )
    return row is not None


async def set_status(tx: Tx, *, broadcast_id: UUID, statuses: Sequence[str], status: str) -> bool:
    """Move a broadcast from one of the states to another; False when it is in none of them."""
    row = await tx.fetchrow(
        """
        update email_broadcasts
        set status = $3, scheduled_at = case when $3 = 'draft' then null else scheduled_at end
        where id = $1 and status = any ($2)
        returning id
        """,
        broadcast_id,
        list(statuses),
        status,
    )
    return row is not None


async def begin_run(tx: Tx, *, broadcast_id: UUID, run_id: UUID, lease: timedelta) -> Record | None:
    """Make a run the one of a broadcast on its way; None when it is not, or another lives."""
    return await tx.fetchrow(
        f"""
        update email_broadcasts as b set run_id = $2, run_seen_at = now()
        where b.id = $1 and b.status = 'sending'
            and (b.run_id is null or b.run_seen_at < now() - $3::interval)
        returning {_COLUMNS}
        """,
        broadcast_id,
        run_id,
        lease,
    )


async def is_held(tx: Tx, *, broadcast_id: UUID, lease: timedelta) -> bool:
    """Say whether a run of a broadcast on its way lives."""
    held: bool = await tx.fetchval(
        """
        select exists (
            select from email_broadcasts
            where id = $1 and status = 'sending' and run_id is not null
                and run_seen_at >= now() - $2::interval)
        """,
        broadcast_id,
        lease,
    )
    return held


async def show_life(tx: Tx, *, broadcast_id: UUID, run_id: UUID) -> None:
    """Note that a run lives."""
    await tx.execute(
        "update email_broadcasts set run_seen_at = now() where id = $1 and run_id = $2",
        broadcast_id,
        run_id,
    )


async def end_run(tx: Tx, *, broadcast_id: UUID, run_id: UUID) -> None:
    """Note that a run is over."""
    await tx.execute(
        "update email_broadcasts set run_id = null where id = $1 and run_id = $2",
        broadcast_id,
        run_id,
    )


async def find_next_due(tx: Tx, *, broadcast_id: UUID) -> datetime | None:
    """Find when the next waiting message of a broadcast on its way is due."""
    moment: datetime | None = await tx.fetchval(
        """
        select min(o.not_before)
        from email_outbox as o
        join email_broadcasts as b on b.id = o.broadcast_id
        where o.broadcast_id = $1 and o.status = 'queued' and o.variant is not null
            and b.status = 'sending'
        """,
        broadcast_id,
    )
    return moment


async def lock_unexpanded(tx: Tx, *, broadcast_id: UUID) -> bool:
    """Lock a broadcast whose recipients are not written down yet; False when they are."""
    row = await tx.fetchrow(
        """
        select id from email_broadcasts
        where id = $1 and expanded_at is null and status = 'sending'
        for update
        """,
        broadcast_id,
    )
    return row is not None


async def set_expanded(tx: Tx, *, broadcast_id: UUID, recipient_count: int) -> None:
    """Note that the recipients are written down."""
    await tx.execute(
        "update email_broadcasts set expanded_at = now(), recipient_count = $2 where id = $1",
        broadcast_id,
        recipient_count,
    )


async def insert_recipients(
    tx: Tx,
    *,
    broadcast_id: UUID,
    shares: tuple[int, int, int],
    winner_at: datetime | None,
    condition: str,
    values: Sequence[Any],
) -> int:
    """Write everybody whom a condition means into the outbox, with what their mail will say.

    Where somebody falls depends on nothing but them and the broadcast. Values from `$6` on.
    """
    count: int = await tx.fetchval(
        f"""
        with audience as (
            select s.*, ('x' || substr(md5(a.id::text || s.id::text), 1, 7))::bit(28)::int % 10000
                as bucket
            from email_broadcasts as a
            join email_subscribers as s on s.team_id = a.team_id
            where a.id = $1 and s.status = 'active' and not ('broadcast' = any (s.muted_kinds))
                and {condition}
        ), written as (
            insert into email_outbox (
                dedupe_key, kind, status, not_before, recipient, recipient_name, subject, html,
                "text", headers, error_message, tenant_id, team_id, user_id, subscriber_id,
                broadcast_id, variant, merge_fields)
            select 'bc:' || b.id || ':' || s.id, 'broadcast',
                case when s.bucket < $2 then 'cancelled' else 'queued' end,
                case when s.bucket >= $4 then $5::timestamptz else now() end,
                s.email,
                nullif(translate(
                    concat_ws(' ', s.first_name, s.last_name), chr(13) || chr(10), '  '), ''),
                case when s.bucket >= $3 and s.bucket < $4 and b.subject_b is not null
                    then b.subject_b else b.subject end,
                '', '', '{{}}', case when s.bucket < $2 then 'held out' end,
                s.tenant_id, b.team_id, b.user_id, s.id, b.id,
                case when s.bucket < $2 then null when s.bucket < $3 then 'a'
                    when s.bucket < $4 then 'b' end,
                jsonb_strip_nulls(jsonb_build_object(
                    'first_name', s.first_name, 'last_name', s.last_name, 'company', s.company))
            from audience as s
            cross join email_broadcasts as b
            where b.id = $1
            on conflict (dedupe_key) do nothing
            returning status
        )
        select count(*) from written where status = 'queued'
        """,
        broadcast_id,
        *shares,
        winner_at,
        *values,
    )
    return count


async def get_tally(tx: Tx, *, broadcast_id: UUID) -> Record:
    """Count a broadcast's messages by what became of them."""
    return await fetch_one(
        tx,
        """
        select count(*) filter (where status = 'queued' and variant is not null) as queued,
            count(*) filter (where status = 'queued' and variant is null) as waiting_for_winner,
            count(*) filter (where status = 'sending') as sending,
            count(*) filter (where status = 'sent') as sent,
            count(*) filter (where status = 'failed') as failed,
            count(*) filter (where status = 'uncertain') as uncertain,
            count(*) filter (where status = 'cancelled' and error_message = 'held out') as held_out,
            count(*) filter (
                where status = 'cancelled' and error_message is distinct from 'held out')
                as withheld
        from email_outbox
        where broadcast_id = $1
        """,
        broadcast_id,
    )


async def settle(tx: Tx, *, broadcast_id: UUID, status: str, recipient_count: int) -> bool:
    """End a broadcast that is being sent; False when it is not."""
    row = await tx.fetchrow(
        """
        update email_broadcasts set status = $2, recipient_count = $3, sent_at = now()
        where id = $1 and status = 'sending'
        returning id
        """,
        broadcast_id,
        status,
        recipient_count,
    )
    return row is not None


async def cancel_waiting(tx: Tx, *, broadcast_id: UUID) -> int:
    """Cancel what has not left of a broadcast."""
    rows = await tx.fetch(
        """
        update email_outbox set status = 'cancelled', error_message = 'the broadcast was cancelled'
        where broadcast_id = $1 and status = 'queued'
        returning id
        """,
        broadcast_id,
    )
    return len(rows)


async def requeue_failed(tx: Tx, *, broadcast_id: UUID) -> int:
    """Queue again what failed of a broadcast."""
    rows = await tx.fetch(
        """
        update email_outbox
        set status = 'queued', not_before = now(), attempts = 0, claimed_at = null, claim_id = null
        where broadcast_id = $1 and status = 'failed'
        returning id
        """,
        broadcast_id,
    )
    return len(rows)


async def list_results(tx: Tx, *, broadcast_id: UUID) -> list[Record]:
    """List what became of each wording, from the sums of its days."""
    return await tx.fetch(
        """
        select coalesce(variant, 'a') as variant, sum(sent)::int as sent,
            sum(delivered)::int as delivered, sum(opened)::int as opened,
            sum(clicked)::int as clicked, sum(bounced)::int as bounced,
            sum(complained)::int as complained, sum(unsubscribed)::int as unsubscribed
        from email_daily_stats
        where broadcast_id = $1
        group by 1
        order by 1
        """,
        broadcast_id,
    )


async def set_winner(tx: Tx, *, broadcast_id: UUID, winner: str) -> bool:
    """Note the better wording; False when there is one already."""
    row = await tx.fetchrow(
        """
        update email_broadcasts set winner = $2, winner_picked_at = now()
        where id = $1 and winner is null and status in ('sending', 'paused')
        returning id
        """,
        broadcast_id,
        winner,
    )
    return row is not None


async def give_winner(tx: Tx, *, broadcast_id: UUID, winner: str) -> int:
    """Give the better wording to everybody who waits for it."""
    rows = await tx.fetch(
        """
        update email_outbox as o
        set variant = $2, not_before = now(),
            subject = case when $2 = 'b' then coalesce(b.subject_b, b.subject) else b.subject end
        from email_broadcasts as b
        where b.id = $1 and o.broadcast_id = $1 and o.status = 'queued' and o.variant is null
        returning o.id
        """,
        broadcast_id,
        winner,
    )
    return len(rows)


async def find_sample(tx: Tx, *, team_id: UUID) -> Record | None:
    """Find somebody on the list, for a preview."""
    return await tx.fetchrow(
        """
        select email, first_name, last_name, company from email_subscribers
        where team_id = $1 and status = 'active'
        order by (first_name is null), created_at desc
        limit 1
        """,
        team_id,
    )


async def list_failures(tx: Tx, *, broadcast_id: UUID, limit: int) -> list[Record]:
    """List messages that did not reach anybody, with the reason."""
    return await tx.fetch(
        """
        select id, recipient, status, error_message
        from email_outbox
        where broadcast_id = $1 and status in ('failed', 'uncertain')
        order by updated_at desc
        limit $2
        """,
        broadcast_id,
        limit,
    )
