"""What funnels do in the background."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.funnels import service
from lodestone.domains.funnels.service import LeadCaptured
from lodestone.domains.funnels.webhooks import service as webhooks
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.events import subscriber
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """A written delivery, and for whom the service sends it."""

    delivery_id: UUID
    acting_user_id: UUID


@subscriber(LeadCaptured, "funnels:notify_webhooks", attempts=10)
async def notify_webhooks(event: LeadCaptured) -> None:
    """Tell the page's people's own systems of a new lead; who comes back is not told again."""
    if not event.is_new:
        return
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=event.acting_user_id)) as tx:
        page = await service.get_funnel(tx, funnel_page_id=event.funnel_page_id)
        deliveries = await webhooks.announce_lead(
            tx,
            lead_id=event.lead_id,
            user_id=page.user_id,
            team_id=page.team_id,
            event="lead.created",
        )
        await send_deliveries(tx, deliveries, acting_user_id=event.acting_user_id)


async def send_deliveries(tx: Tx, delivery_ids: list[UUID], *, acting_user_id: UUID) -> None:
    """Enqueue the sending of written deliveries on the caller's transaction."""
    await deliver_webhook.enqueue_many(
        tx, [DeliverWebhook(delivery_id, acting_user_id) for delivery_id in delivery_ids]
    )


@job("funnels:deliver_webhook", attempts=5)
async def deliver_webhook(args: DeliverWebhook) -> None:
    """Send a delivery; what was not taken for now is tried again later, up to six times."""
    actor = Service(Writer.MAGNETLAB, user_id=args.acting_user_id)
    again_at = await webhooks.deliver(actor, delivery_id=args.delivery_id)
    if again_at is not None:
        async with runtime.acting_as(actor) as tx:
            await deliver_webhook.enqueue(tx, args, run_at=again_at)


@schedule("funnels:add_up_days", cron="*/5 * * * *")
async def add_up_days() -> None:
    """Add up views and leads by day, so that charts need not count every one of them."""
    async with runtime.acting_as(Root()) as tx:
        await service.add_up_days(tx)


@schedule("funnels:recount_days", cron="40 3 * * *")
async def recount_days() -> None:
    """Count the last days anew, for what took long to be committed."""
    async with runtime.acting_as(Root()) as tx:
        await service.recount_days(tx)
