"""Stripe's events: kept before they are answered, applied once and in their order."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from lodestone.domains.identity.billing import queries, rules, service
from lodestone.domains.identity.billing.models import (
    EventStatus,
    StoredEvent,
    StripeEvent,
    Subscription,
    SubscriptionStatus,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound
from lodestone.platform.forms import parse

MOST_SHOWN = 20

_log = structlog.get_logger(__name__)
_STRIPE = Service(Writer.MAGNETLAB)
_FAILING = frozenset(
    {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING, SubscriptionStatus.PAST_DUE}
)


AskAgain = Callable[[Tx, UUID], Awaitable[None]]
"""Enqueues asking Stripe how it stands with an account."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event.

    `ask_again_for` is an account of which another event of the same second was applied: the order
    of the two is not known, so Stripe has to be asked how it stands.
    """

    status: EventStatus
    note: str | None = None
    ask_again_for: UUID | None = None


async def keep_event(tx: Tx, *, event: Mapping[str, Any]) -> str | None:
    """Keep a verified event; return its id, None when it is here already.

    Raises: InvalidInput for what is no event.
    """
    read = parse(StripeEvent, event)
    subject = read.data.get("object")
    is_new = await queries.insert_event(
        tx,
        event_id=read.id,
        event_type=read.type,
        created=datetime.fromtimestamp(read.created, UTC),
        customer_id=rules.read_customer(subject) if isinstance(subject, dict) else None,
        payload=event,
    )
    return read.id if is_new else None


async def apply_event(*, event_id: str, ask_again: AskAgain | None = None) -> Outcome:
    """Apply a kept event to whoever is that customer; once, however often it is asked.

    `ask_again` enqueues the question to Stripe that an event may need, in the same transaction.
    Raises: rules.Unreadable when a person has to look; the event stays as it is.
    """
    async with runtime.acting_as(Root(), readonly=True) as tx:
        # Whose it is says the customer alone; nobody is known before.
        user_id = await queries.find_event_account(tx, event_id=event_id)
    actor = Service(Writer.MAGNETLAB, user_id=user_id) if user_id else _STRIPE
    async with runtime.acting_as(actor) as tx:
        row = await queries.lock_event(tx, event_id=event_id)
        if row is None or row["status"] in (EventStatus.APPLIED, EventStatus.IGNORED):
            return Outcome(EventStatus.IGNORED, "It was handled before.")
        event = StoredEvent.model_validate(dict(row))
        outcome = await _handle(tx, event, row["payload"]["data"]["object"], user_id=user_id)
        await queries.set_event_status(
            tx, event_id=event_id, status=outcome.status, note=outcome.note
        )
        if outcome.ask_again_for is not None and ask_again is not None:
            await ask_again(tx, outcome.ask_again_for)
    if outcome.status == EventStatus.UNMATCHED:
        _log.error("stripe_customer_unknown", event_id=event_id, customer_id=event.customer_id)
    return outcome


async def list_events(tx: Tx) -> list[StoredEvent]:
    """Return the newest events, those first that belong to nobody."""
    rows = await queries.list_events(tx, limit=MOST_SHOWN)
    return [StoredEvent.model_validate(dict(row)) for row in rows]


async def list_unmatched_events(tx: Tx) -> list[str]:
    """Return the ids of events that belonged to nobody and now do."""
    return await queries.list_unmatched_events(tx)


async def refuse_unknown(tx: Tx, *, event_id: str) -> None:
    """Raises: NotFound when there is no such event."""
    if await queries.lock_event(tx, event_id=event_id) is None:
        raise NotFound("There is no such event.")


async def _handle(
    tx: Tx, event: StoredEvent, subject: Mapping[str, Any], *, user_id: UUID | None
) -> Outcome:
    is_subscription = event.type in rules.SUBSCRIPTION_EVENTS
    if not is_subscription and event.type != rules.PAYMENT_FAILED:
        return Outcome(EventStatus.IGNORED, "It changes no plan.")
    if user_id is None:
        return Outcome(EventStatus.UNMATCHED, "Nobody here is this customer.")
    held = await service.lock(tx, user_id=user_id)
    if rules.is_older(held, created=event.created):
        return Outcome(EventStatus.IGNORED, "Something later was applied before.")
    ask = user_id if held.stripe_event_at == event.created else None
    if is_subscription:
        return await _mirror(tx, event, subject, held=held, ask=ask)
    return await _note_failure(tx, event, subject, held=held, ask=ask)


async def _mirror(
    tx: Tx,
    event: StoredEvent,
    subject: Mapping[str, Any],
    *,
    held: Subscription,
    ask: UUID | None,
) -> Outcome:
    told = rules.read_subscription(subject, prices=service.prices())
    if rules.is_beside(held, told):
        return Outcome(EventStatus.IGNORED, "It is about another subscription.")
    await service.write(tx, held=held, told=told, event_at=event.created)
    return Outcome(EventStatus.APPLIED, ask_again_for=ask)


async def _note_failure(
    tx: Tx,
    event: StoredEvent,
    subject: Mapping[str, Any],
    *,
    held: Subscription,
    ask: UUID | None,
) -> Outcome:
    subscription_id = rules.read_invoice_subscription(subject)
    if subscription_id is None or subscription_id != held.stripe_subscription_id:
        return Outcome(EventStatus.IGNORED, "It is about another subscription.")
    if held.status not in _FAILING:
        return Outcome(EventStatus.IGNORED, "The plan is not in force anyway.")
    await queries.mark_past_due(tx, user_id=held.user_id, event_at=event.created)
    return Outcome(EventStatus.APPLIED, ask_again_for=ask)
