"""The use cases of webhooks."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.webhooks import queries, rules
from lodestone.domains.funnels.webhooks.models import (
    DueDelivery,
    Outcome,
    Webhook,
    WebhookCreate,
    WebhookDelivery,
)
from lodestone.platform import httpclient, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, LodestoneError

EXCERPT = 500
_SECRET = "webhook_configs.signing_secret"  # noqa: S105 - names the column that the value is for


async def add_webhook(*, user_id: UUID, given: WebhookCreate) -> str:
    """Keep an address to tell and return its signing secret, which is never shown again.

    Raises InvalidInput when the address leads where our servers must not go.
    """
    current = runtime.current()
    url = httpclient.check_url(given.url, allow_private=current.allow_private_urls)
    secret = rules.write_secret(os.urandom(rules.SECRET_BYTES))
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        await queries.insert_webhook(
            tx,
            user_id=user_id,
            name=given.name,
            url=url,
            signing_secret=current.secrets.encrypt(secret, context=_SECRET),
        )
    return secret


async def list_webhooks(tx: Tx) -> list[Webhook]:
    """Return the addresses that are told, newest first."""
    return [Webhook.model_validate(dict(row)) for row in await queries.list_webhooks(tx)]


async def switch_webhook(tx: Tx, *, webhook_id: UUID, is_active: bool) -> None:
    """Switch an address on or off. Raises NotFound when it is invisible."""
    await queries.set_webhook_active(tx, webhook_id=webhook_id, is_active=is_active)


async def remove_webhook(tx: Tx, *, webhook_id: UUID) -> None:
    """Delete an address; its log stays. Raises NotFound when it is invisible."""
    await queries.delete_webhook(tx, webhook_id=webhook_id)


async def announce_lead(
    tx: Tx, *, lead_id: UUID, user_id: UUID, team_id: UUID | None, event: str
) -> list[UUID]:
    """Write a delivery for each address of the page's people; return the new ones."""
    lead = await funnels.get_lead(tx, lead_id=lead_id)
    return await queries.insert_lead_deliveries(
        tx,
        lead_id=lead_id,
        user_id=user_id,
        team_id=team_id,
        event=event,
        payload=rules.lead_payload(lead, event=event, now=datetime.now(UTC)),
    )


async def write_test(tx: Tx, *, webhook_id: UUID) -> UUID:
    """Write a test delivery. Raises NotFound when the address is invisible."""
    payload = {"event": "test", "timestamp": datetime.now(UTC).isoformat(), "data": {}}
    return await queries.insert_test_delivery(tx, webhook_id=webhook_id, payload=payload)


async def requeue_delivery(tx: Tx, *, delivery_id: UUID) -> None:
    """Make a failed delivery due again. Raises Conflict when it has not failed."""
    if not await queries.requeue_delivery(tx, delivery_id=delivery_id):
        raise Conflict("Only a failed delivery can be sent again.")


async def deliver(actor: Service, *, delivery_id: UUID) -> datetime | None:
    """Try a delivery and note how it went; return when to try again, if to.

    The attempt is counted before the request; the request is made outside any transaction.
    """
    async with runtime.acting_as(actor) as tx:
        row = await queries.take_delivery(tx, delivery_id=delivery_id)
    if row is None:
        return None
    due = DueDelivery.model_validate(dict(row))
    outcome = await _attempt(due)
    delay = None if outcome.is_delivered or outcome.is_final else rules.pause(due.attempts)
    again_at = datetime.now(UTC) + delay if delay is not None else None
    status = "delivered" if outcome.is_delivered else "failed" if again_at is None else "pending"
    async with runtime.acting_as(actor) as tx:
        await queries.set_delivery_outcome(
            tx,
            delivery_id=delivery_id,
            status=status,
            next_attempt_at=again_at,
            response_status=outcome.response_status,
            response_excerpt=outcome.response_excerpt,
            duration_ms=outcome.duration_ms,
            error=outcome.error,
        )
    return again_at


async def _attempt(due: DueDelivery) -> Outcome:
    current = runtime.current()
    secret = due.signing_secret and current.secrets.decrypt(due.signing_secret, context=_SECRET)
    body = rules.encode(due.payload)
    headers = rules.headers(
        delivery_id=due.id,
        event=due.event,
        attempt=due.attempts,
        timestamp=int(time.time()),
        body=body,
        secret=secret or None,
    )
    started = time.monotonic()
    try:
        async with httpclient.open_fenced_client(
            allow_private=current.allow_private_urls
        ) as client:
            answer = await httpclient.send(
                client, "POST", due.url, content=body, headers=headers, total_seconds=10.0
            )
    except (httpx.HTTPError, LodestoneError) as error:
        return Outcome(
            error=str(error)[:EXCERPT] or type(error).__name__,
            duration_ms=_elapsed(started),
            is_delivered=False,
            is_final=isinstance(error, httpclient.ForbiddenAddress),
        )
    return Outcome(
        response_status=answer.status_code,
        response_excerpt=answer.text.replace("\x00", "")[:EXCERPT],
        error=None if rules.is_accepted(answer.status_code) else f"Answered {answer.status_code}.",
        duration_ms=_elapsed(started),
        is_delivered=rules.is_accepted(answer.status_code),
        is_final=rules.is_final(answer.status_code),
    )


def _elapsed(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


async def list_deliveries(
    tx: Tx,
    *,
    search: str | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[WebhookDelivery], int]:
    """Return a page of the log, newest first, and how many deliveries there are."""
    rows = await queries.list_deliveries(
        tx, search=search, status=status, limit=limit, offset=offset
    )
    total = await queries.count_deliveries(tx, search=search, status=status)
    return [WebhookDelivery.model_validate(dict(row)) for row in rows], total
