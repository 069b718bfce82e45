"""Webhooks in the background: written with the event, sent one by one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.service import LeadCaptured, LeadQualified
from lodestone.domains.funnels.webhooks import service
from lodestone.domains.funnels.webhooks.models import WebhookEvent
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.events import subscriber
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """A written delivery, and for whom the service sends it."""

    delivery_id: UUID
    acting_user_id: UUID


@dataclass(frozen=True, slots=True)
class DisabledWebhook:
    """An address that was switched off."""

    webhook_id: UUID


@subscriber(LeadCaptured, "funnels:notify_webhooks", attempts=10)
async def notify_webhooks(event: LeadCaptured) -> None:
    """Tell the page's people's own systems of a new lead; who comes back is not told again."""
    if event.is_new:
        await _announce(event, WebhookEvent.CREATED)


@subscriber(LeadQualified, "funnels:notify_qualified_webhooks", attempts=10)
async def notify_qualified_webhooks(event: LeadQualified) -> None:
    """Tell the page's people's own systems of an answered survey."""
    await _announce(event, WebhookEvent.QUALIFIED)


async def _announce(event: LeadCaptured | LeadQualified, name: WebhookEvent) -> None:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=event.acting_user_id)) as tx:
        page = await funnels.get_funnel(tx, funnel_page_id=event.funnel_page_id)
        deliveries = await service.announce_lead(
            tx,
            lead_id=event.lead_id,
            user_id=page.user_id,
            team_id=page.team_id,
            event=name,
        )
        await send_deliveries(tx, deliveries, acting_user_id=event.acting_user_id)


async def send_deliveries(tx: Tx, delivery_ids: list[UUID], *, acting_user_id: UUID) -> None:
    """Enqueue the sending of written deliveries on the caller's transaction."""
    await deliver_webhook.enqueue_many(
        tx, [DeliverWebhook(delivery_id, acting_user_id) for delivery_id in delivery_ids]
    )


@job("funnels:deliver_webhook", attempts=5)
async def deliver_webhook(args: DeliverWebhook) -> None:
    """Send a delivery; what was not taken for now is tried again later, up to eight times."""

    async def reschedule(tx: Tx, run_at: datetime) -> None:
        await deliver_webhook.enqueue(tx, args, run_at=run_at)

    async def tell_disabled(tx: Tx, webhook_id: UUID) -> None:
        await mail_disabled_webhook.enqueue(tx, DisabledWebhook(webhook_id))

    actor = Service(Writer.MAGNETLAB, user_id=args.acting_user_id)
    await service.deliver(
        actor, delivery_id=args.delivery_id, reschedule=reschedule, tell_disabled=tell_disabled
    )


@job("funnels:mail_disabled_webhook", attempts=5)
async def mail_disabled_webhook(args: DisabledWebhook) -> None:
    """Mail the owner of an address that it was switched off."""
    await service.mail_disabled(webhook_id=args.webhook_id)
