"""Stripe: customers, checkout, subscriptions and the portal; and the signature of its webhooks.

What Stripe says comes back as it said it; the domain reads it. Nothing here is called inside a
transaction.

Source: https://docs.stripe.com/api
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput, LodestoneError, Unavailable
from lodestone.platform.runtime import StripeAccount

if TYPE_CHECKING:
    from lodestone.connectors.stripe_client import Stripe

__all__ = [
    "BadSignature",
    "StripeRefused",
    "StripeUnavailable",
    "find_account",
    "open_stripe",
    "refuse_unset",
    "verify",
]

Json = dict[str, Any]


class StripeUnavailable(Unavailable):
    """Stripe does not answer, or nothing is sold here."""

    code = "stripe_unavailable"


class StripeRefused(LodestoneError):
    """Stripe understood, and refused; `reason` is its code, such as card_declined."""

    code = "EXTERNAL_SERVICE_ERROR"
    status = 502

    def __init__(self, message: str, *, reason: str | None) -> None:
        super().__init__(message, details={"reason": reason})
        self.reason = reason


class BadSignature(LodestoneError):
    """Not from Stripe, or not from now."""

    code = "bad_signature"
    status = 400


def find_account() -> StripeAccount | None:
    """Return the account that sells plans, None when nothing is sold here."""
    return runtime.current().stripe


def refuse_unset() -> None:
    """Raises: StripeUnavailable when nothing is sold here."""
    _account()


def verify(body: bytes, signature: str | None) -> Json:
    """Return the event of a webhook whose signature over the raw body is good, and fresh.

    Raises: StripeUnavailable when nothing is sold here; BadSignature; InvalidInput.
    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    account = _account()
    from lodestone.connectors import stripe_client  # noqa: PLC0415 -- as in open_stripe

    stripe_client.check_signature(body, signature, account.webhook_secret)
    try:
        event = json.loads(body)
    except ValueError as error:
        raise InvalidInput("The body is not JSON.", fields={"body": "Send JSON."}) from error
    if not isinstance(event, dict):
        raise InvalidInput("The body is not an event.", fields={"body": "Send an object."})
    return event


@asynccontextmanager
async def open_stripe() -> AsyncIterator["Stripe"]:
    """Open a client of the account. Raises: StripeUnavailable when nothing is sold here."""
    account = _account()
    # The library is large, and for those alone who sell something.
    from lodestone.connectors.stripe_client import Http, Stripe  # noqa: PLC0415

    http = Http(read_seconds=account.timeout_seconds)
    try:
        yield Stripe.of(account, http)
    finally:
        await http.close_async()


def _account() -> StripeAccount:
    account = find_account()
    if account is None:
        raise StripeUnavailable("Nothing is sold here: Stripe is not set up.")
    return account
