"""How Stripe's words are read, and which of them count. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lodestone.domains.identity.billing.models import (
    Mirror,
    Period,
    Plan,
    Price,
    Subscription,
    SubscriptionStatus,
)

PAID_PLANS = (Plan.PRO, Plan.UNLIMITED)
SUBSCRIPTION_EVENTS = frozenset(
    {
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
    }
)
SUBSCRIPTION_ENDED = "customer.subscription.deleted"
PAYMENT_FAILED = "invoice.payment_failed"

# What is not listed is no status of ours: it must never pass for a paid one.
# Source: https://docs.stripe.com/api/subscriptions/object#subscription_object-status
_STATUSES = {
    "active": SubscriptionStatus.ACTIVE,
    "trialing": SubscriptionStatus.TRIALING,
    "past_due": SubscriptionStatus.PAST_DUE,
    "canceled": SubscriptionStatus.CANCELED,
    "incomplete": SubscriptionStatus.INCOMPLETE,
    "incomplete_expired": SubscriptionStatus.CANCELED,
    "unpaid": SubscriptionStatus.UNPAID,
    "paused": SubscriptionStatus.UNPAID,
}
_RANKS = {
    SubscriptionStatus.ACTIVE: 5,
    SubscriptionStatus.TRIALING: 4,
    SubscriptionStatus.PAST_DUE: 3,
    SubscriptionStatus.UNPAID: 2,
    SubscriptionStatus.INCOMPLETE: 1,
    SubscriptionStatus.CANCELED: 0,
}


class Unreadable(ValueError):
    """Stripe said something that we have no word for; a person has to look."""


def read_status(status: str) -> SubscriptionStatus:
    """Return our word for Stripe's. Raises: Unreadable for one that is new to us."""
    if status not in _STATUSES:
        raise Unreadable(f"Stripe's status {status!r} is new to us.")
    return _STATUSES[status]


def read_subscription(given: Mapping[str, Any], *, prices: Mapping[str, str]) -> Mirror:
    """Read Stripe's subscription; `prices` are its price ids by plan.

    The period stands on the first item, and on the subscription in versions of the API before
    2025-03-31; a price was called a plan before 2018-05-21.
    Raises: Unreadable.
    """
    try:
        items = given["items"]["data"]
        item = items[0] if items else {}
        price = item.get("price") or item.get("plan") or {}
        return Mirror(
            subscription_id=str(given["id"]),
            customer_id=read_reference(given["customer"]) or "",
            item_id=item.get("id"),
            plan=plan_of_price(price.get("id"), prices=prices)
            or _plan_at_checkout(given.get("metadata")),
            status=read_status(given["status"]),
            period_start=_time(_of_period("current_period_start", item, given)),
            period_end=_time(_of_period("current_period_end", item, given)),
            is_ending=bool(given.get("cancel_at_period_end") or given.get("cancel_at")),
            created=datetime.fromtimestamp(int(given["created"]), UTC),
        )
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable(f"This subscription is not whole: {error!r}.") from error


def plan_of_price(price_id: str | None, *, prices: Mapping[str, str]) -> Plan | None:
    """Return the plan that a price sells, None for one that is not ours."""
    return next((Plan(plan) for plan, sold in prices.items() if sold == price_id), None)


def _plan_at_checkout(metadata: object) -> Plan | None:
    """Return the plan that we wrote on a subscription: it outlives the price it was sold at."""
    plan = metadata.get("plan") if isinstance(metadata, Mapping) else None
    return next((each for each in PAID_PLANS if each == plan), None)


def read_reference(given: object) -> str | None:
    """Return the id of what is named, or given whole when it was expanded."""
    if isinstance(given, Mapping):
        given = given.get("id")
    return given if isinstance(given, str) else None


def read_customer(given: Mapping[str, Any]) -> str | None:
    """Return whose event it is: a customer's own events have it as their object."""
    if given.get("object") == "customer":
        return read_reference(given.get("id"))
    return read_reference(given.get("customer"))


def read_invoice_subscription(given: Mapping[str, Any]) -> str | None:
    """Return the subscription that an invoice is for, in old and new versions of the API."""
    parent = given.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, Mapping) else None
    if isinstance(details, Mapping):
        return read_reference(details.get("subscription"))
    return read_reference(given.get("subscription"))


def read_price(given: Mapping[str, Any]) -> Price:
    """Read what a price costs."""
    recurring = given.get("recurring") or {}
    return Price(
        amount=given.get("unit_amount"),
        currency=str(given.get("currency", "")),
        interval=str(recurring.get("interval", "month")),
    )


def is_older(held: Subscription, *, created: datetime) -> bool:
    """Tell whether something later than an event has been applied already."""
    return held.stripe_event_at is not None and created < held.stripe_event_at


def is_beside(held: Subscription, told: Mirror) -> bool:
    """Tell whether what is told gives nothing and leaves the plan that one has as it is.

    That is the case beside another subscription that runs, and beside a plan that was given.
    """
    if told.is_live or told.subscription_id == held.stripe_subscription_id:
        return False
    return held.is_live or held.plan_in_force != Plan.FREE


def choose(found: Sequence[Mirror], *, held_id: str | None = None) -> Mirror | None:
    """Return the subscription that counts: one that runs, else the held one, else the newest."""
    return max(
        found,
        key=lambda each: (
            _RANKS[each.status] if each.is_live else 0,
            each.subscription_id == held_id,
            _RANKS[each.status],
            each.created,
        ),
        default=None,
    )


def _of_period(name: str, item: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    return item.get(name) or given.get(name)


def _time(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def read_limit(given: str | None, *, period: Period, most: int) -> int | None:
    """Read a field of the limits' form: empty is without a limit; a feature is there or not.

    Raises: ValueError for what is no whole number from 0 to `most`.
    """
    text = (given or "").strip()
    if period == Period.FEATURE:
        return None if text else 0
    if not text:
        return None
    if not text.isdecimal() or int(text) > most:
        raise ValueError(text)
    return int(text)


_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
# Stripe's currencies without a smaller unit: https://docs.stripe.com/currencies#zero-decimal
_WHOLE = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905
)


def say_price(price: Price) -> str:
    """Write an amount as people read it: $49, €49.50, CHF 49."""
    if price.amount is None:
        return "on request"
    value = price.amount if price.currency in _WHOLE else price.amount / 100
    number = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    sign = _SIGNS.get(price.currency)
    return f"{sign}{number}" if sign else f"{price.currency.upper()} {number}"
