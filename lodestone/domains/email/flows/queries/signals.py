"""The SQL of signals: what somebody did, and which flows it concerns."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_signal(tx: Tx, *, signal_id: UUID) -> Record | None:
    """Find a signal."""
    return await tx.fetchrow(
        """
        select id, tenant_id, email, event_type, happened_at from email_flow_signals where id = $1
        """,
        signal_id,
    )


async def say_signal(tx: Tx, *, tenant_id: UUID, email: str, event: str, source: str) -> None:
    """Tell the flows of a tenant what somebody did; the same source again says nothing."""
    await tx.execute(
        "select platform.signal_flows($1, $2, $3, $4)", tenant_id, email, event, source
    )


async def list_triggered_flows(tx: Tx, *, tenant_id: UUID, event: str) -> list[UUID]:
    """List the active flows that begin with something."""
    rows = await tx.fetch(
        """
        select id from email_flows
        where tenant_id = $1 and status = 'active' and trigger_type = 'event'
            and trigger_event_type = $2
        """,
        tenant_id,
        event,
    )
    return [row["id"] for row in rows]


async def list_concerned(tx: Tx, *, tenant_id: UUID, email: str, event: str) -> list[Record]:
    """List where somebody is on the way, and what the event means there, if anything."""
    return await tx.fetch(
        """
        select c.id, c.flow_id,
            case
                when f.goal_event = $3 then 'goal'
                when $3 = any (f.exit_events) then 'left'
                else 'waited for'
            end as meaning
        from email_flow_contacts as c
        join email_flows as f on f.id = c.flow_id
        where c.tenant_id = $1 and c.email = $2 and c.status in ('active', 'paused')
            and (f.goal_event = $3 or $3 = any (f.exit_events) or c.waiting_for = $3)
        """,
        tenant_id,
        email,
        event,
    )


async def wake_contact(tx: Tx, *, contact_id: UUID, event: str) -> bool:
    """Let somebody go on whose next step waited for this."""
    found = await tx.fetchval(
        """
        update email_flow_contacts set next_run_at = now(), waiting_for = null
        where id = $1 and status = 'active' and waiting_for = $2
        returning true
        """,
        contact_id,
        event,
    )
    return bool(found)
