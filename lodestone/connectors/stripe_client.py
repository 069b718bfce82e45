"""The library's side of Stripe: its client over our own, and the check of its signatures.

Imported by `lodestone.connectors.stripe` where something is sold.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpx
import stripe
from stripe.params import SubscriptionUpdateParams
from stripe.params.checkout import SessionCreateParams

from lodestone.connectors.stripe import BadSignature, StripeRefused, StripeUnavailable
from lodestone.platform import httpclient
from lodestone.platform.runtime import StripeAccount

Json = dict[str, Any]

SIGNATURE_SECONDS = 300
RETRIES = 2
MOST_SUBSCRIPTIONS = 20


def check_signature(body: bytes, signature: str | None, secret: str) -> None:
    """Raise BadSignature unless the signature over the raw body is good, and fresh."""
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise BadSignature("This is not signed by Stripe.") from error


class Http(stripe.HTTPClient):
    """Carries the library's calls over our own client, with its limits of time and size."""

    name = "httpx"

    def __init__(self, *, read_seconds: float) -> None:
        super().__init__()
        self._client = httpclient.open_client(read_seconds=read_seconds)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await httpclient.send(
                self._client, method, url, headers=dict(headers), content=post_data
            )
        except httpx.TransportError as error:
            # The library tries again, as often as it was told.
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                type(error).__name__, should_retry=True
            ) from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._client.aclose()


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong in our own terms."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise StripeUnavailable("Stripe does not answer. Try again in a moment.") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise StripeUnavailable(
            "Stripe refuses our key. Whoever runs this installation has to set it right."
        ) from error
    except stripe.StripeError as error:
        raise StripeRefused(
            error.user_message or "Stripe refused the request.", reason=error.code
        ) from error


class Stripe:
    """The calls that plans need; each is tried again by itself where that is safe."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._api = client.v1

    @classmethod
    def of(cls, account: StripeAccount, http: stripe.HTTPClient) -> Self:
        """Return a client of the account that speaks over `http`."""
        return cls(
            stripe.StripeClient(
                account.secret_key,
                base_addresses={"api": account.api_url},
                http_client=http,
                max_network_retries=RETRIES,
            )
        )

    async def create_customer(self, *, user_id: str, email: str, name: str | None) -> str:
        """Return the id of a customer made for an account; asked again at once, of the same."""
        seen = hashlib.sha256(f"{email}\0{name}".encode()).hexdigest()[:16]
        with _told():
            made = await self._api.customers.create_async(
                {"email": email, "name": name or email, "metadata": {"userId": user_id}},
                {"idempotency_key": f"customer-{user_id}-{seen}"},
            )
        return made.id

    async def create_checkout(
        self,
        *,
        customer_id: str,
        price_id: str,
        metadata: Mapping[str, str],
        success_url: str,
        cancel_url: str,
    ) -> str:
        """Return the address at which a customer subscribes to a price."""
        asked: SessionCreateParams = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": metadata["userId"],
            "line_items": [{"price": price_id, "quantity": 1}],
            "allow_promotion_codes": True,
            "metadata": dict(metadata),
            "subscription_data": {"metadata": dict(metadata)},
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        with _told():
            session = await self._api.checkout.sessions.create_async(asked)
        return _address(session.url)

    async def create_portal(self, *, customer_id: str, return_url: str) -> str:
        """Return the address at which a customer sees invoices and changes cards."""
        with _told():
            session = await self._api.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": return_url}
            )
        return _address(session.url)

    async def list_subscriptions(self, *, customer_id: str) -> list[Json]:
        """Return the customer's subscriptions, those that ended too, the newest first."""
        with _told():
            found = await self._api.subscriptions.list_async(
                {"customer": customer_id, "status": "all", "limit": MOST_SUBSCRIPTIONS}
            )
        return [each.to_dict() for each in found.data]

    async def schedule_end(self, *, subscription_id: str, is_ending: bool) -> Json:
        """End a subscription with the period that is paid for, or not after all; return it."""
        return await self._update(subscription_id, {"cancel_at_period_end": is_ending})

    async def change_price(self, *, subscription_id: str, item_id: str, price_id: str) -> Json:
        """Move a subscription to another price and bill the difference now; return it.

        Raises: StripeRefused when the difference can't be paid; then nothing has changed.
        """
        return await self._update(
            subscription_id,
            {
                "items": [{"id": item_id, "price": price_id}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )

    async def get_price(self, price_id: str) -> Json:
        """Return a price."""
        with _told():
            return (await self._api.prices.retrieve_async(price_id)).to_dict()

    async def _update(self, subscription_id: str, params: SubscriptionUpdateParams) -> Json:
        with _told():
            changed = await self._api.subscriptions.update_async(subscription_id, params)
        return changed.to_dict()


def _address(url: str | None) -> str:
    if url is None:
        raise StripeUnavailable("Stripe gave no address to go to. Try again in a moment.")
    return url
