"""What plans do in the background."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.identity.billing import events, rules, service
from lodestone.domains.identity.billing.models import EventStatus
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.jobs import GiveUp, job, schedule


@dataclass(frozen=True, slots=True)
class ApplyEvent:
    """An event that was kept."""

    event_id: str


@dataclass(frozen=True, slots=True)
class RefreshSubscription:
    """An account that Stripe knows."""

    user_id: UUID


# One at a time in all workers, so that what is read is not written after something later.
@job("identity:apply_stripe_event", attempts=8, concurrency=1)
async def apply_stripe_event(args: ApplyEvent) -> None:
    """Apply an event of Stripe; what no account answers to rests as failed, to be replayed."""
    try:
        outcome = await events.apply_event(event_id=args.event_id, ask_again=_ask_again)
    except rules.Unreadable as error:
        raise GiveUp(str(error)) from error
    if outcome.status == EventStatus.UNMATCHED:
        raise GiveUp(outcome.note or "Nobody here is this customer.")


@job("identity:refresh_subscription", attempts=5, concurrency=2)
async def refresh_subscription(args: RefreshSubscription) -> None:
    """Ask Stripe how it stands with an account, and write that."""
    try:
        await service.refresh(user_id=args.user_id)
    except rules.Unreadable as error:
        raise GiveUp(str(error)) from error


@schedule("identity:reconcile_subscriptions", cron="23 3 * * *")
async def reconcile_subscriptions() -> None:
    """Ask Stripe about every account that it knows; apply events that belonged to nobody."""
    if not service.is_selling():
        return
    async with runtime.acting_as(Root(), readonly=True) as tx:
        user_ids = await service.list_customer_accounts(tx)
        event_ids = await events.list_unmatched_events(tx)
    await enqueue_refresh(user_ids)
    async with runtime.acting_as(Root()) as tx:
        await apply_stripe_event.enqueue_many(tx, [ApplyEvent(one) for one in event_ids])


async def _ask_again(tx: Tx, user_id: UUID) -> None:
    """Have Stripe asked about an account once what is being applied is committed."""
    if service.is_selling():
        await refresh_subscription.enqueue(
            tx, RefreshSubscription(user_id), dedupe_key=str(user_id)
        )


async def enqueue_refresh(user_ids: list[UUID]) -> None:
    """Have Stripe asked about accounts; once while one asking waits."""
    async with runtime.acting_as(Root()) as tx:
        await refresh_subscription.enqueue_many(
            tx,
            [RefreshSubscription(one) for one in user_ids],
            dedupe_key=lambda args: str(args.user_id),
        )
