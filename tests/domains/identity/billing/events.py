"""Stripe's events as it sends them, signed, and what they leave."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import stripe

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.identity.billing.stripe_account import PRO, WEBHOOK_SECRET

MONTH = 30 * 24 * 3600
Json = dict[str, Any]


def now() -> int:
    """Return the second, as Stripe writes times."""
    return int(time.time())


def subscription(customer_id: str, status: str = "active", **more: Any) -> Json:
    """Return a subscription in today's shape: the period stands on its first item."""
    price = more.pop("price", PRO)
    start = more.pop("start", now())
    item = {"id": "si_1", "object": "subscription_item", "price": {"id": price, "object": "price"}}
    period = {"current_period_start": start, "current_period_end": start + MONTH}
    return {
        "id": f"sub_{customer_id}",
        "object": "subscription",
        "customer": customer_id,
        "status": status,
        "created": start,
        "cancel_at_period_end": False,
        "metadata": {},
        "items": {"object": "list", "data": [{**item, **period}]},
        **more,
    }


def invoice(customer_id: str, *, subscription_id: str | None = None) -> Json:
    """Return an invoice in today's shape: the subscription stands under its parent."""
    named = {"subscription": subscription_id or f"sub_{customer_id}"}
    parent = {"type": "subscription_details", "subscription_details": named}
    return {"id": "in_1", "object": "invoice", "customer": customer_id, "parent": parent}


def event(kind: str, subject: Json, *, created: int | None = None) -> Json:
    """Return an event."""
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "created": now() if created is None else created,
        "livemode": False,
        "data": {"object": subject},
    }


def sign(body: bytes, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> str:
    """Return the header that goes with a body, as Stripe's own library makes it."""
    signature: str = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, timestamp=at
    )
    return signature


async def post(client: httpx.AsyncClient, told: Json, **signing: Any) -> httpx.Response:
    """Send an event to the hook, signed."""
    body = json.dumps(told).encode()
    headers = {"stripe-signature": sign(body, **signing), "content-type": "application/json"}
    return await client.post("/hooks/stripe", content=body, headers=headers)


async def read_subscription(database: Database, user_id: UUID) -> asyncpg.Record:
    """Return what an account has bought, and its plan in force."""
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow(
            "select *, access.plan_of(user_id) as in_force from subscriptions where user_id = $1",
            user_id,
        )
    assert row is not None
    return row


async def become_customer(database: Database, user_id: UUID) -> str:
    """Have Stripe know an account; return its customer id."""
    customer_id = f"cus_{uuid4().hex[:14]}"
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update subscriptions set stripe_customer_id = $2 where user_id = $1",
            user_id,
            customer_id,
        )
    return customer_id


def moment(seconds: int) -> datetime:
    """Return one of Stripe's times as ours."""
    return datetime.fromtimestamp(seconds, UTC)
