"""The SQL of plans, usage and Stripe's events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_SUBSCRIPTION = """
    s.user_id, s.plan, access.plan_of(s.user_id) as plan_in_force, s.status, s.stripe_customer_id,
    s.stripe_subscription_id, s.current_period_start, s.current_period_end,
    coalesce(s.cancel_at_period_end, false) as cancel_at_period_end, s.past_due_since,
    access.grace_end(s.past_due_since) as grace_end, s.stripe_event_at
"""
_EVENT = "id, type, created, customer_id, status, note, received_at, handled_at"


async def take_of_plan(tx: Tx, *, user_id: UUID, resource: str, count: int) -> None:
    """Count something on an account's plan; the database refuses what it doesn't hold."""
    await tx.execute("select access.take_of_plan($1, $2, $3)", user_id, resource, count)


async def list_usage(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List what an account has used of each thing, features too."""
    return await tx.fetch(
        "select resource, name, period, used, most from access.plan_usage($1)", user_id
    )


async def is_beta(tx: Tx) -> bool:
    """Tell whether nobody is limited yet."""
    beta: bool = await tx.fetchval("select access.is_beta()")
    return beta


async def list_plan_limits(tx: Tx) -> list[Record]:
    """List how much each plan holds of each thing."""
    return await tx.fetch(
        "select resource, name, period, free, pro, unlimited from plan_limits order by sort_order"
    )


async def update_plan_limit(
    tx: Tx, *, resource: str, free: int | None, pro: int | None, unlimited: int | None
) -> None:
    """Say how much each plan holds of one thing."""
    await tx.execute(
        "update plan_limits set free = $2, pro = $3, unlimited = $4 where resource = $1",
        resource,
        free,
        pro,
        unlimited,
    )


async def find_subscription(tx: Tx, *, user_id: UUID) -> Record | None:
    """Find what an account has bought."""
    return await tx.fetchrow(
        f"select {_SUBSCRIPTION} from subscriptions as s where s.user_id = $1", user_id
    )


async def lock_subscription(tx: Tx, *, user_id: UUID) -> Record | None:
    """Find what an account has bought, and keep others from changing it."""
    return await tx.fetchrow(
        f"select {_SUBSCRIPTION} from subscriptions as s where s.user_id = $1 for update", user_id
    )


async def insert_subscription(tx: Tx, *, user_id: UUID) -> None:
    """Give an account the free plan, unless it has one."""
    await tx.execute(
        "insert into subscriptions (user_id) values ($1) on conflict (user_id) do nothing", user_id
    )


async def find_event_account(tx: Tx, *, event_id: str) -> UUID | None:
    """Find whose customer an event is about."""
    identifier: UUID | None = await tx.fetchval(
        """
        select s.user_id
        from stripe_events as e
        join subscriptions as s on s.stripe_customer_id = e.customer_id
        where e.id = $1
        """,
        event_id,
    )
    return identifier


async def list_customer_accounts(tx: Tx) -> list[UUID]:
    """List the accounts that Stripe knows."""
    rows = await tx.fetch(
        "select user_id from subscriptions where stripe_customer_id is not null order by user_id"
    )
    return [row["user_id"] for row in rows]


async def set_customer(
    tx: Tx, *, user_id: UUID, customer_id: str, instead_of: str | None
) -> str | None:
    """Keep who an account is at Stripe, unless another was faster; return who it is."""
    kept: str | None = await tx.fetchval(
        """
        update subscriptions
        set stripe_customer_id = case
                when stripe_customer_id is not distinct from $3 then $2 else stripe_customer_id
            end
        where user_id = $1
        returning stripe_customer_id
        """,
        user_id,
        customer_id,
        instead_of,
    )
    return kept


async def update_subscription(
    tx: Tx,
    *,
    user_id: UUID,
    plan: str,
    status: str,
    subscription_id: str | None,
    period_start: datetime | None,
    period_end: datetime | None,
    is_ending: bool,
    past_due_at: datetime,
    event_at: datetime | None,
) -> None:
    """Write what Stripe told. The first of failed payments keeps its time."""
    await tx.execute(
        """
        update subscriptions
        set plan = $2, status = $3, stripe_subscription_id = $4, current_period_start = $5,
            current_period_end = $6, cancel_at_period_end = $7,
            past_due_since = case when $3 = 'past_due' then coalesce(past_due_since, $8) end,
            stripe_event_at = greatest(stripe_event_at, $9)
        where user_id = $1
        """,
        user_id,
        plan,
        status,
        subscription_id,
        period_start,
        period_end,
        is_ending,
        past_due_at,
        event_at,
    )


async def mark_past_due(tx: Tx, *, user_id: UUID, event_at: datetime) -> None:
    """Note that a payment failed. The first of several keeps its time."""
    await tx.execute(
        """
        update subscriptions
        set status = 'past_due', past_due_since = coalesce(past_due_since, $2),
            stripe_event_at = greatest(stripe_event_at, $2)
        where user_id = $1
        """,
        user_id,
        event_at,
    )


async def insert_event(
    tx: Tx,
    *,
    event_id: str,
    event_type: str,
    created: datetime,
    customer_id: str | None,
    payload: Mapping[str, Any],
) -> bool:
    """Keep an event; False when it is here already."""
    found = await tx.fetchval(
        """
        insert into stripe_events (id, type, created, customer_id, payload)
        values ($1, $2, $3, $4, $5)
        on conflict (id) do nothing
        returning true
        """,
        event_id,
        event_type,
        created,
        customer_id,
        dict(payload),
    )
    return found is not None


async def lock_event(tx: Tx, *, event_id: str) -> Record | None:
    """Find an event with its payload, and keep others from handling it."""
    return await tx.fetchrow(
        f"select {_EVENT}, payload from stripe_events where id = $1 for update", event_id
    )


async def set_event_status(tx: Tx, *, event_id: str, status: str, note: str | None) -> None:
    """Note what became of an event."""
    await tx.execute(
        "update stripe_events set status = $2, note = $3, handled_at = now() where id = $1",
        event_id,
        status,
        note,
    )


async def list_events(tx: Tx, *, limit: int) -> list[Record]:
    """List the newest events, those first that belong to nobody."""
    return await tx.fetch(
        f"""
        select {_EVENT} from stripe_events
        order by status = 'unmatched' desc, received_at desc, id limit $1
        """,
        limit,
    )


async def list_unmatched_events(tx: Tx) -> list[str]:
    """List the events that belonged to nobody, and whose customer is known by now."""
    rows = await tx.fetch(
        """
        select e.id
        from stripe_events as e
        join subscriptions as s on s.stripe_customer_id = e.customer_id
        where e.status = 'unmatched'
        order by e.created, e.id
        """
    )
    return [row["id"] for row in rows]
