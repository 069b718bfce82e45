"""The use cases of plans: what they hold, what was used, and how they are bought."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import structlog

from lodestone.connectors import stripe
from lodestone.domains.identity.billing import queries, rules
from lodestone.domains.identity.billing.models import (
    BillingSummary,
    Mirror,
    Plan,
    PlanLimit,
    Price,
    Resource,
    Subscription,
    SubscriptionStatus,
    Usage,
)
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import (
    BEYOND_PLAN,
    Conflict,
    InvalidInput,
    UpgradeNeeded,
    UsageLimitExceeded,
    from_postgres,
)

if TYPE_CHECKING:
    from lodestone.connectors.stripe_client import Stripe

__all__ = [
    "BillingSummary",
    "Plan",
    "PlanLimit",
    "Resource",
    "UpgradeNeeded",
    "UsageLimitExceeded",
    "change_plan",
    "check_and_count",
    "end_plan",
    "find_prices",
    "find_reached_limit",
    "get_summary",
    "is_beta",
    "is_selling",
    "keep_plan",
    "limits_told",
    "list_customer_accounts",
    "list_plan_limits",
    "list_usage",
    "lock",
    "mirror",
    "open_portal",
    "prices",
    "refresh",
    "require_feature",
    "save_plan_limits",
    "sells",
    "start_checkout",
    "write",
]

PATH = "/app/billing"
MOST_OF_A_LIMIT = 1_000_000
PRICE_SECONDS = 3600
CALLS_AN_HOUR = 30
_CUSTOMER_GONE = "resource_missing"

_log = structlog.get_logger(__name__)
_told_prices: dict[str, tuple[float, Price]] = {}


async def check_and_count(tx: Tx, *, billing_user_id: UUID, what: Resource, count: int = 1) -> None:
    """Count what is made on the plan of whoever pays, in the caller's transaction.

    Lead magnets, funnels and sequences count by themselves, in a trigger of their tables: services
    that insert them do so inside `limits_told`. This is for what has no row of its own.
    Raises: UsageLimitExceeded; UpgradeNeeded.
    """
    with limits_told():
        await queries.take_of_plan(tx, user_id=billing_user_id, resource=what, count=count)


async def require_feature(tx: Tx, *, billing_user_id: UUID, feature: Resource) -> None:
    """Refuse what is not part of the plan of whoever pays. Raises: UpgradeNeeded."""
    await check_and_count(tx, billing_user_id=billing_user_id, what=feature)


@contextmanager
def limits_told() -> Iterator[None]:
    """Turn the database's refusal into UsageLimitExceeded or UpgradeNeeded; the rest stays."""
    try:
        yield
    except asyncpg.PostgresError as error:
        if error.sqlstate != BEYOND_PLAN:
            raise
        raise from_postgres(error) from error


def is_selling() -> bool:
    """Tell whether plans can be bought here."""
    return stripe.find_account() is not None


def sells(plan: Plan) -> bool:
    """Tell whether a plan can be bought here."""
    return plan in prices()


def prices() -> dict[str, str]:
    """Return Stripe's price ids by plan; none where nothing is sold."""
    account = stripe.find_account()
    return dict(account.prices) if account else {}


async def find_prices() -> dict[str, Price]:
    """Return what each plan costs, as Stripe said within the hour; without it, no prices."""
    found = prices()
    if any(_known_price(price_id) is None for price_id in found.values()):
        try:
            async with stripe.open_stripe() as api:
                for price_id in found.values():
                    told = rules.read_price(await api.get_price(price_id))
                    _told_prices[price_id] = (time.monotonic(), told)
        except (stripe.StripeUnavailable, stripe.StripeRefused) as error:
            # The page is of use without them; checkout shows what it costs anyway.
            _log.warning("prices_unknown", reason=error.message)
    return {
        plan: price
        for plan, price_id in found.items()
        if (price := _known_price(price_id)) is not None
    }


def _known_price(price_id: str) -> Price | None:
    told_at, price = _told_prices.get(price_id, (0.0, None))
    is_fresh = price is not None and time.monotonic() - told_at < PRICE_SECONDS
    return price if is_fresh else None


async def is_beta(tx: Tx) -> bool:
    """Tell whether nobody is limited yet."""
    return await queries.is_beta(tx)


async def get_summary(tx: Tx, *, user_id: UUID) -> BillingSummary:
    """Return what an account has bought and used."""
    return BillingSummary(
        subscription=_read(await queries.find_subscription(tx, user_id=user_id), user_id=user_id),
        usage=await list_usage(tx, billing_user_id=user_id),
        is_beta=await queries.is_beta(tx),
        is_selling=is_selling(),
    )


async def list_usage(tx: Tx, *, billing_user_id: UUID) -> list[Usage]:
    """Return what was used of a plan, for its owner and for those who work in the teams."""
    rows = await queries.list_usage(tx, user_id=billing_user_id)
    return [Usage.model_validate(dict(row)) for row in rows]


async def find_reached_limit(tx: Tx, *, billing_user_id: UUID, what: Resource) -> Usage | None:
    """Return what the plan holds of something when nothing is left of it, for a notice."""
    if await queries.is_beta(tx):
        return None
    usage = await list_usage(tx, billing_user_id=billing_user_id)
    return next((each for each in usage if each.resource == what and each.is_reached), None)


async def list_plan_limits(tx: Tx) -> list[PlanLimit]:
    """Return how much each plan holds; as a service, for people don't read the table."""
    return [PlanLimit.model_validate(dict(row)) for row in await queries.list_plan_limits(tx)]


async def save_plan_limits(tx: Tx, *, given: dict[str, str]) -> dict[str, Any]:
    """Say how much each plan holds: fields `<resource>.<plan>`, an empty one for no limit.

    A feature's field is there for plans that include it. Returns what has changed, by resource.
    Raises: InvalidInput naming the fields.
    """
    wrong: dict[str, str] = {}
    changed: dict[str, Any] = {}
    for limit in await list_plan_limits(tx):
        values: dict[str, int | None] = {}
        for plan in Plan:
            field = f"{limit.resource}.{plan}"
            try:
                values[plan.value] = rules.read_limit(
                    given.get(field), period=limit.period, most=MOST_OF_A_LIMIT
                )
            except ValueError:
                wrong[field] = (
                    f"{limit.name.capitalize()} in {plan.title()}: a whole number up to"
                    f" {MOST_OF_A_LIMIT:,}, or nothing."
                )
        if not wrong and values != {plan.value: limit.of(plan) for plan in Plan}:
            await queries.update_plan_limit(tx, resource=limit.resource, **values)
            changed[limit.resource.value] = values
    if wrong:
        raise InvalidInput("Some limits can't be taken as they are.", fields=wrong)
    return changed


async def start_checkout(*, user_id: UUID, email: str, name: str | None, plan: Plan) -> str:
    """Return where an account buys a plan; who it is at Stripe is kept before it goes there.

    Raises: InvalidInput for a plan that is not sold; Conflict when one is running; RateLimited;
    StripeUnavailable, StripeRefused.
    """
    price_id = _price_of(plan)
    await ratelimit.take_at_once(f"stripe:{user_id}", CALLS_AN_HOUR, 3600)
    held = await _find(user_id)
    if held.is_live:
        raise Conflict("You have a plan already: change it instead.", code="plan_running")
    base = runtime.current().base_url
    async with stripe.open_stripe() as api:

        async def check_out(customer_id: str) -> str:
            return await api.create_checkout(
                customer_id=customer_id,
                price_id=price_id,
                metadata={"userId": str(user_id), "plan": plan.value},
                success_url=f"{base}{PATH}?upgrade=success",
                cancel_url=f"{base}{PATH}?upgrade=canceled",
            )

        async def be_customer(instead_of: str | None) -> str:
            made = await api.create_customer(user_id=str(user_id), email=email, name=name)
            return await _keep_customer(user_id, made, instead_of=instead_of)

        customer_id = held.stripe_customer_id or await be_customer(None)
        try:
            return await check_out(customer_id)
        except stripe.StripeRefused as refusal:
            # The stored customer is gone: deleted over there, or of another Stripe account.
            if refusal.reason != _CUSTOMER_GONE or held.stripe_customer_id is None:
                raise
            return await check_out(await be_customer(held.stripe_customer_id))


async def open_portal(*, user_id: UUID) -> str:
    """Return where an account sees its invoices and changes its card.

    Raises: Conflict before anything was bought; RateLimited; StripeUnavailable, StripeRefused.
    """
    await ratelimit.take_at_once(f"stripe:{user_id}", CALLS_AN_HOUR, 3600)
    held = await _find(user_id)
    if held.stripe_customer_id is None:
        raise Conflict("There are no invoices yet: nothing was bought.", code="nothing_bought")
    async with stripe.open_stripe() as api:
        return await api.create_portal(
            customer_id=held.stripe_customer_id, return_url=f"{runtime.current().base_url}{PATH}"
        )


async def end_plan(*, user_id: UUID) -> Subscription:
    """End the plan with the period that is paid for. Raises: Conflict when there is none."""
    return await _schedule_end(user_id, is_ending=True)


async def keep_plan(*, user_id: UUID) -> Subscription:
    """Go on with a plan that was about to end. Raises: Conflict when there is none."""
    return await _schedule_end(user_id, is_ending=False)


async def change_plan(*, user_id: UUID, plan: Plan) -> Subscription:
    """Move to another plan now and bill the difference at once.

    Raises: InvalidInput for a plan that is not sold; Conflict when none is running or it is this
    one; StripeUnavailable; StripeRefused when the difference can't be paid, and nothing changed.
    """
    price_id = _price_of(plan)
    held = await _find(user_id)
    if not held.is_live or held.stripe_customer_id is None:
        raise Conflict("You have no plan to change: choose one first.", code="no_plan")
    if held.plan == plan and not held.cancel_at_period_end:
        raise Conflict("This is your plan already.", code="same_plan")
    async with stripe.open_stripe() as api:
        running = rules.choose(await _list_mirrors(api, held.stripe_customer_id))
        if running is None or running.item_id is None or not running.is_live:
            raise Conflict("This plan has ended at Stripe: choose one again.", code="no_plan")
        changed = await api.change_price(
            subscription_id=running.subscription_id, item_id=running.item_id, price_id=price_id
        )
        if running.is_ending:
            changed = await api.schedule_end(
                subscription_id=running.subscription_id, is_ending=False
            )
    return await mirror(user_id=user_id, given=changed)


async def mirror(*, user_id: UUID, given: dict[str, Any]) -> Subscription:
    """Write a subscription that Stripe has just answered with."""
    told = rules.read_subscription(given, prices=prices())
    async with runtime.acting_as(_service_of(user_id)) as tx:
        held = await lock(tx, user_id=user_id)
        await write(tx, held=held, told=told, event_at=None)
        return _read(await queries.find_subscription(tx, user_id=user_id), user_id=user_id)


async def refresh(*, user_id: UUID) -> Subscription:
    """Ask Stripe how it stands with an account and write that.

    Leaves it be when an event came meanwhile, which knows better. An account that Stripe doesn't
    know is left alone. Raises: StripeUnavailable, StripeRefused, rules.Unreadable.
    """
    held = await _find(user_id)
    if held.stripe_customer_id is None or not is_selling():
        return held
    async with stripe.open_stripe() as api:
        told = rules.choose(
            await _list_mirrors(api, held.stripe_customer_id), held_id=held.stripe_subscription_id
        )
    async with runtime.acting_as(_service_of(user_id)) as tx:
        now = await lock(tx, user_id=user_id)
        if now.stripe_event_at == held.stripe_event_at:
            if told is None and now.stripe_subscription_id is not None:
                await _write_free(tx, user_id=user_id)
            elif told is not None and not rules.is_beside(now, told):
                await write(tx, held=now, told=told, event_at=None)
        return _read(await queries.find_subscription(tx, user_id=user_id), user_id=user_id)


async def list_customer_accounts(tx: Tx) -> list[UUID]:
    """Return the accounts that Stripe knows; as `Root`."""
    return await queries.list_customer_accounts(tx)


async def lock(tx: Tx, *, user_id: UUID) -> Subscription:
    """Return what an account has bought, locked; every account has the free plan at least."""
    await queries.insert_subscription(tx, user_id=user_id)
    return _read(await queries.lock_subscription(tx, user_id=user_id), user_id=user_id)


async def write(tx: Tx, *, held: Subscription, told: Mirror, event_at: datetime | None) -> None:
    """Write what Stripe told of an account. Raises: rules.Unreadable for a price not ours."""
    has_ended = told.status == SubscriptionStatus.CANCELED
    plan = Plan.FREE if has_ended else told.plan
    if plan is None and held.stripe_subscription_id == told.subscription_id:
        plan = held.plan
    if plan is None:
        raise rules.Unreadable("This price belongs to none of our plans.")
    await queries.update_subscription(
        tx,
        user_id=held.user_id,
        plan=plan,
        status=told.status,
        subscription_id=None if has_ended else told.subscription_id,
        period_start=told.period_start,
        period_end=told.period_end,
        is_ending=told.is_ending and not has_ended,
        past_due_at=event_at or datetime.now(UTC),
        event_at=event_at,
    )


async def _write_free(tx: Tx, *, user_id: UUID) -> None:
    await queries.update_subscription(
        tx,
        user_id=user_id,
        plan=Plan.FREE,
        status=SubscriptionStatus.CANCELED,
        subscription_id=None,
        period_start=None,
        period_end=None,
        is_ending=False,
        past_due_at=datetime.now(UTC),
        event_at=None,
    )


async def _schedule_end(user_id: UUID, *, is_ending: bool) -> Subscription:
    held = await _find(user_id)
    if not held.is_live or held.stripe_subscription_id is None:
        raise Conflict("You have no plan that renews.", code="no_plan")
    async with stripe.open_stripe() as api:
        changed = await api.schedule_end(
            subscription_id=held.stripe_subscription_id, is_ending=is_ending
        )
    return await mirror(user_id=user_id, given=changed)


async def _keep_customer(user_id: UUID, customer_id: str, *, instead_of: str | None) -> str:
    async with runtime.acting_as(_service_of(user_id)) as tx:
        await lock(tx, user_id=user_id)
        kept = await queries.set_customer(
            tx, user_id=user_id, customer_id=customer_id, instead_of=instead_of
        )
    return kept or customer_id


async def _find(user_id: UUID) -> Subscription:
    async with runtime.acting_as(_service_of(user_id), readonly=True) as tx:
        return _read(await queries.find_subscription(tx, user_id=user_id), user_id=user_id)


async def _list_mirrors(api: "Stripe", customer_id: str) -> list[Mirror]:
    found = await api.list_subscriptions(customer_id=customer_id)
    return [rules.read_subscription(each, prices=prices()) for each in found]


def _read(row: asyncpg.Record | None, *, user_id: UUID) -> Subscription:
    if row is None:
        return Subscription(
            user_id=user_id,
            plan=Plan.FREE,
            plan_in_force=Plan.FREE,
            status=SubscriptionStatus.ACTIVE,
        )
    return Subscription.model_validate(dict(row))


def _price_of(plan: Plan) -> str:
    found = prices().get(plan)
    if found is None:
        raise InvalidInput("This plan is not sold here.", fields={"plan": "Not sold here."})
    return found


def _service_of(user_id: UUID) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user_id)
