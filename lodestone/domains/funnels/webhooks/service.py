"""The use cases of webhooks."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import httpx

from lodestone.domains.funnels.deliveries import service as outbox
from lodestone.domains.funnels.webhooks import queries, rules
from lodestone.domains.funnels.webhooks.models import (
    DueDelivery,
    Outcome,
    Webhook,
    WebhookCreate,
    WebhookDelivery,
)
from lodestone.domains.identity.service import Scope
from lodestone.platform import httpclient, pages, runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, LodestoneError
from lodestone.platform.mail import Mail

EXCERPT = 500

Reschedule = Callable[[Tx, datetime], Awaitable[None]]
TellDisabled = Callable[[Tx, UUID], Awaitable[None]]

_SECRET = "webhook_configs.signing_secret"  # noqa: S105 - names the column that the value is for


async def add_webhook(*, scope: Scope, given: WebhookCreate) -> str:
    """Keep an address to tell and return its signing secret, which is never shown again.

    Raises InvalidInput when the address leads where our servers must not go.
    """
    current = runtime.current()
    url = httpclient.check_url(given.url, allow_private=current.allow_private_urls)
    secret = rules.write_secret(os.urandom(rules.SECRET_BYTES))
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=scope.user_id)) as tx:
        await queries.insert_webhook(
            tx,
            user_id=scope.user_id,
            team_id=scope.team_id,
            name=given.name,
            url=url,
            events=given.events,
            signing_secret=current.secrets.encrypt(secret, context=_SECRET),
        )
    return secret


async def rotate_secret(*, user_id: UUID, webhook_id: UUID) -> str:
    """Sign with a new secret from now on, and return it, never to be shown again.

    For a day deliveries are signed with the one before too, so that receivers can change over.
    Raises NotFound when the address is invisible.
    """
    secret = rules.write_secret(os.urandom(rules.SECRET_BYTES))
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        await queries.rotate_secret(
            tx,
            webhook_id=webhook_id,
            signing_secret=runtime.current().secrets.encrypt(secret, context=_SECRET),
            previous_until=datetime.now(UTC) + rules.SECRET_OVERLAP,
        )
    return secret


async def list_webhooks(tx: Tx, *, scope: Scope) -> list[Webhook]:
    """Return a workspace's addresses, newest first."""
    rows = await queries.list_webhooks(tx, team_id=scope.home_team_id, author_id=scope.author_id)
    return [Webhook.model_validate(dict(row)) for row in rows]


async def switch_webhook(tx: Tx, *, webhook_id: UUID, is_active: bool) -> None:
    """Switch an address on or off; on, what it failed before is forgotten.

    Raises NotFound when it is invisible.
    """
    await queries.set_webhook_active(tx, webhook_id=webhook_id, is_active=is_active)


async def remove_webhook(tx: Tx, *, webhook_id: UUID) -> None:
    """Delete an address; its log stays. Raises NotFound when it is invisible."""
    await queries.delete_webhook(tx, webhook_id=webhook_id)


async def announce_lead(
    tx: Tx, *, lead_id: UUID, user_id: UUID, team_id: UUID | None, event: str
) -> list[UUID]:
    """Write a delivery for each address of the page's people; return the new ones.

    Of a lead that has been deleted meanwhile nobody is told.
    """
    lead = await outbox.find_lead(tx, lead_id=lead_id)
    if lead is None:
        return []
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
    """Make a delivery due again. Raises Conflict when it is on its way already."""
    if not await queries.requeue_delivery(tx, delivery_id=delivery_id):
        raise Conflict("This delivery is on its way already.")


async def requeue_deliveries(tx: Tx, *, delivery_ids: Sequence[UUID]) -> list[UUID]:
    """Make deliveries due again; those that are invisible, or wait already, are left out."""
    return await queries.requeue_deliveries(tx, delivery_ids=delivery_ids)


async def deliver(
    actor: Service, *, delivery_id: UUID, reschedule: Reschedule, tell_disabled: TellDisabled
) -> None:
    """Try a delivery and note how it went; the next try is enqueued together with the note.

    The attempt is counted before the request; the request is made outside any transaction. An
    address that says it is gone, or that took nothing for days, is switched off.
    """
    async with runtime.acting_as(actor) as tx:
        row = await queries.take_delivery(tx, delivery_id=delivery_id)
    if row is None:
        return
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
        if again_at is not None:
            await reschedule(tx, again_at)
        if due.webhook_config_id is not None:
            await _note_health(tx, due.webhook_config_id, outcome, tell_disabled)


async def _note_health(
    tx: Tx, webhook_id: UUID, outcome: Outcome, tell_disabled: TellDisabled
) -> None:
    """Remember whether an address takes anything, and switch off one that does not for long."""
    if outcome.is_delivered:
        await queries.note_taken(tx, webhook_id=webhook_id)
        return
    failing = await queries.note_failing(tx, webhook_id=webhook_id)
    reason = None
    if outcome.response_status == rules.GONE:
        reason = "It answered that it is gone (410)."
    elif failing and rules.is_failing_long(failing["failing_since"], now=datetime.now(UTC)):
        reason = f"It took nothing for {rules.FAILING_ALLOWED.days} days."
    if reason and await queries.disable_webhook(tx, webhook_id=webhook_id, reason=reason):
        await tell_disabled(tx, webhook_id)


async def mail_disabled(*, webhook_id: UUID) -> None:
    """Mail the owner of an address that it was switched off, while it still is."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found = await queries.find_disabled(tx, webhook_id=webhook_id)
    if found is None:
        return
    parts = runtime.current()
    context = {
        "name": found["name"],
        "url": found["url"],
        "reason": found["disabled_reason"],
        "link": f"{parts.base_url}/app/webhooks",
    }
    await parts.mailer.send(
        Mail(
            to=found["email"],
            subject="A webhook of yours was switched off",
            html=pages.render_text("funnels/webhooks/disabled.html", context),
            text=pages.render_text("funnels/webhooks/disabled.txt", context),
            from_=parts.mail_from,
            dedupe_key=f"webhook-disabled:{webhook_id}:{found['disabled_at'].timestamp():.0f}",
            headers={"Auto-Submitted": "auto-generated"},
        )
    )


async def _attempt(due: DueDelivery) -> Outcome:
    current = runtime.current()
    secrets = [
        current.secrets.decrypt(sealed, context=_SECRET)
        for sealed in (due.signing_secret, due.previous_signing_secret)
        if sealed
    ]
    body = rules.encode(due.payload)
    headers = rules.headers(
        delivery_id=due.id,
        event=due.event,
        attempt=due.attempts,
        timestamp=int(time.time()),
        body=body,
        secrets=secrets,
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
    scope: Scope,
    search: str | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[WebhookDelivery], int]:
    """Return a page of a workspace's log, newest first, and how many deliveries there are."""
    team_id, author_id = scope.home_team_id, scope.author_id
    rows = await queries.list_deliveries(
        tx,
        team_id=team_id,
        author_id=author_id,
        search=search,
        status=status,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_deliveries(
        tx, team_id=team_id, author_id=author_id, search=search, status=status
    )
    return [WebhookDelivery.model_validate(dict(row)) for row in rows], total
