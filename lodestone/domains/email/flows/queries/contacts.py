"""The SQL of people in flows: their list, and the engine's claims."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_running_flow(tx: Tx, *, flow_id: UUID) -> Record | None:
    """Find a flow with what its mails need: for whom it acts, and how its tenant sends."""
    return await tx.fetchrow(
        """
        select f.*, t.owner_id, s.timezone as settings_timezone, s.send_time as settings_send_time,
            (s.id is null or coalesce(s.is_active, false)) and s.sending_paused_at is null as is_on,
            coalesce(s.append_ps_to_flows, true) as has_postscript
        from email_flows as f
        join teams as t on t.id = f.team_id
        left join email_settings as s on s.tenant_id = f.tenant_id
        where f.id = $1
        """,
        flow_id,
    )


async def list_due_flows(tx: Tx) -> list[UUID]:
    """List the flows with people who have been due for a minute."""
    rows = await tx.fetch(
        """
        select distinct c.flow_id
        from email_flow_contacts as c join email_flows as f on f.id = c.flow_id
        where c.status = 'active' and c.next_run_at < now() - interval '1 minute'
            and f.status = 'active'
        """
    )
    return [row["flow_id"] for row in rows]


_TRAVELLER = """
    select c.id, c.flow_id, c.email, c.status, c.current_step, c.run_number, c.waiting_for,
        c.entered_at, c.last_sent_at, c.funnel_lead_id, c.subscriber_id,
        s.status as subscriber_status, coalesce(s.first_name, c.first_name) as first_name,
        s.last_name, s.company, s.source, s.timezone, s.metadata
    from email_flow_contacts as c
    left join email_subscribers as s on s.id = c.subscriber_id
"""


async def lock_due(tx: Tx, *, flow_id: UUID, contact_id: UUID | None, most: int) -> list[Record]:
    """Lock people of a flow who are due, the longest first; others' claims are left alone."""
    return await tx.fetch(
        f"""
        {_TRAVELLER}
        where c.flow_id = $1 and c.status = 'active' and c.next_run_at <= now()
            and ($3::uuid is null or c.id = $3)
        order by c.next_run_at, c.id
        limit $2
        for update of c skip locked
        """,
        flow_id,
        most,
        contact_id,
    )


async def find_due(tx: Tx, *, flow_id: UUID) -> UUID | None:
    """Find whoever has been due longest."""
    identifier: UUID | None = await tx.fetchval(
        """
        select id from email_flow_contacts
        where flow_id = $1 and status = 'active' and next_run_at <= now()
        order by next_run_at, id
        limit 1
        """,
        flow_id,
    )
    return identifier


async def lock_contact(tx: Tx, *, contact_id: UUID) -> Record | None:
    """Lock one person in a flow."""
    return await tx.fetchrow(f"{_TRAVELLER} where c.id = $1 for update of c", contact_id)


async def find_contact(tx: Tx, *, flow_id: UUID, email: str) -> Record | None:
    """Lock somebody in a flow by address."""
    return await tx.fetchrow(
        """
        select id, status, entered_at, run_number from email_flow_contacts
        where flow_id = $1 and email = $2
        for update
        """,
        flow_id,
        email,
    )


async def insert_contact(
    tx: Tx,
    *,
    flow_id: UUID,
    tenant_id: UUID,
    subscriber_id: UUID,
    email: str,
    first_name: str | None,
    funnel_lead_id: UUID | None,
    waiting_for: str | None,
) -> UUID | None:
    """Insert somebody who enters; None when a second opt-in was quicker."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into email_flow_contacts (
            flow_id, tenant_id, subscriber_id, email, first_name, funnel_lead_id, waiting_for
        ) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing
        returning id
        """,
        flow_id,
        tenant_id,
        subscriber_id,
        email,
        first_name,
        funnel_lead_id,
        waiting_for,
    )
    return identifier


async def begin_again(
    tx: Tx,
    *,
    contact_id: UUID,
    subscriber_id: UUID,
    funnel_lead_id: UUID | None,
    waiting_for: str | None,
) -> None:
    """Let somebody go through a flow once more, from its first step."""
    await tx.execute(
        """
        update email_flow_contacts
        set status = 'active', current_step = 0, run_number = run_number + 1, entered_at = now(),
            last_sent_at = null, ended_at = null, outcome = null, error_message = null,
            next_run_at = null, subscriber_id = $2, funnel_lead_id = coalesce($3, funnel_lead_id),
            waiting_for = $4
        where id = $1
        """,
        contact_id,
        subscriber_id,
        funnel_lead_id,
        waiting_for,
    )


async def set_due(
    tx: Tx, *, contact_id: UUID, next_run_at: datetime | None, waiting_for: str | None
) -> None:
    """Note when somebody's next step is due, or until when it waits."""
    await tx.execute(
        """
        update email_flow_contacts
        set status = 'active', next_run_at = $2, waiting_for = $3, error_message = null
        where id = $1
        """,
        contact_id,
        next_run_at,
        waiting_for,
    )


async def advance_contact(tx: Tx, *, contact_id: UUID, has_sent: bool) -> None:
    """Move somebody one step on."""
    await tx.execute(
        """
        update email_flow_contacts
        set current_step = current_step + 1,
            last_sent_at = case when $2 then now() else last_sent_at end
        where id = $1
        """,
        contact_id,
        has_sent,
    )


async def end_contact(
    tx: Tx, *, contact_id: UUID, status: str, outcome: str | None, error: str | None = None
) -> None:
    """End somebody's way."""
    await tx.execute(
        """
        update email_flow_contacts
        set status = $2, outcome = $3, error_message = $4, ended_at = now(), next_run_at = null,
            waiting_for = null
        where id = $1
        """,
        contact_id,
        status,
        outcome,
        error,
    )


async def hold_contact(tx: Tx, *, contact_id: UUID) -> None:
    """Let somebody wait for a review."""
    await tx.execute(
        """
        update email_flow_contacts set status = 'paused', next_run_at = null, waiting_for = null
        where id = $1
        """,
        contact_id,
    )


async def drop_reviews(tx: Tx, *, contact_id: UUID) -> None:
    """Reject what waits for a review of somebody who left."""
    await tx.execute(
        """
        update email_review_queue
        set status = 'rejected', rejected_with = 'skip', reviewed_at = now()
        where contact_id = $1 and status = 'pending_review'
        """,
        contact_id,
    )


async def insert_passage(
    tx: Tx, *, traveller_id: UUID, flow_id: UUID, step_id: UUID, run_number: int, outcome: str
) -> bool:
    """Note what becomes of a step for somebody; False when it was noted in this run before."""
    found = await tx.fetchval(
        """
        insert into email_flow_passages (contact_id, flow_id, step_id, run_number, outcome)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        returning true
        """,
        traveller_id,
        flow_id,
        step_id,
        run_number,
        outcome,
    )
    return bool(found)


async def set_passage(
    tx: Tx,
    *,
    contact_id: UUID,
    step_id: UUID,
    run_number: int,
    outcome: str,
    message_id: UUID | None,
) -> None:
    """Note what has become of a step, and its message."""
    await tx.execute(
        """
        update email_flow_passages set outcome = $4, message_id = $5, passed_at = now()
        where contact_id = $1 and step_id = $2 and run_number = $3
        """,
        contact_id,
        step_id,
        run_number,
        outcome,
        message_id,
    )


async def list_happened(tx: Tx, *, tenant_id: UUID, email: str, since: datetime) -> list[str]:
    """List what somebody did since a moment."""
    rows = await tx.fetch(
        """
        select distinct event_type from email_flow_signals
        where tenant_id = $1 and email = $2 and happened_at >= $3
        """,
        tenant_id,
        email,
        since,
    )
    return [row["event_type"] for row in rows]


async def find_last_reading(tx: Tx, *, contact_id: UUID) -> Record | None:
    """Find whether somebody opened and clicked the last mail of their flow."""
    return await tx.fetchrow(
        """
        select opened_at is not null as has_opened, clicked_at is not null as has_clicked
        from email_outbox where flow_contact_id = $1
        order by created_at desc limit 1
        """,
        contact_id,
    )


async def find_subscriber(tx: Tx, *, team_id: UUID, email: str) -> Record | None:
    """Find somebody on a team's list by address."""
    return await tx.fetchrow(
        """
        select id, email, status, first_name, last_name, company from email_subscribers
        where team_id = $1 and email = $2
        """,
        team_id,
        email,
    )


async def find_active_flow(tx: Tx, *, lead_magnet_id: UUID) -> UUID | None:
    """Find the active flow of a lead magnet; there is one at most."""
    identifier: UUID | None = await tx.fetchval(
        """
        select id from email_flows
        where trigger_lead_magnet_id = $1 and status = 'active' and trigger_type = 'lead_magnet'
        """,
        lead_magnet_id,
    )
    return identifier


async def list_contacts(
    tx: Tx, *, flow_id: UUID, search: str | None, status: str | None, limit: int, offset: int
) -> list[Record]:
    """List the people of a flow, those who entered last first."""
    return await tx.fetch(
        """
        select c.id, c.subscriber_id, c.email, c.status, c.outcome, c.current_step, c.run_number,
            c.waiting_for, c.entered_at, c.last_sent_at, c.next_run_at, c.error_message,
            nullif(concat_ws(' ', coalesce(s.first_name, c.first_name), s.last_name), '') as name
        from email_flow_contacts as c
        left join email_subscribers as s on s.id = c.subscriber_id
        where c.flow_id = $1 and ($2::text is null or c.email ilike '%' || $2 || '%')
            and ($3::text is null or c.status = $3)
        order by c.entered_at desc, c.id
        limit $4 offset $5
        """,
        flow_id,
        search,
        status,
        limit,
        offset,
    )


async def count_contacts(
    tx: Tx, *, flow_id: UUID, search: str | None = None, status: str | None = None
) -> int:
    """Count what `list_contacts` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from email_flow_contacts as c
        where c.flow_id = $1 and ($2::text is null or c.email ilike '%' || $2 || '%')
            and ($3::text is null or c.status = $3)
        """,
        flow_id,
        search,
        status,
    )
    return count


async def count_outcomes(tx: Tx, *, flow_id: UUID) -> dict[str, Any]:
    """Count a flow's people by where they stand."""
    row = await tx.fetchrow(
        """
        select count(*)::int as entered,
            count(*) filter (where status in ('active', 'paused'))::int as active,
            count(*) filter (where status = 'completed')::int as completed,
            count(*) filter (where outcome = 'goal')::int as reached,
            count(*) filter (where status = 'unsubscribed')::int as unsubscribed,
            count(*) filter (where status = 'failed')::int as failed
        from email_flow_contacts where flow_id = $1
        """,
        flow_id,
    )
    return dict(row) if row else {}
