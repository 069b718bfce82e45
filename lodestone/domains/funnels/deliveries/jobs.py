"""Deliveries in the background: written with the event, sent one by one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lodestone.domains.funnels.connections import senders as connections
from lodestone.domains.funnels.deliveries import service
from lodestone.domains.funnels.deliveries.service import Destination, LeadEvent
from lodestone.domains.funnels.pixels import service as pixels
from lodestone.domains.funnels.service import LeadCaptured, LeadQualified
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.events import subscriber
from lodestone.platform.jobs import job

service.send_with(connections.send_to_list, *connections.LISTS)
service.send_with(connections.send_to_gohighlevel, Destination.GOHIGHLEVEL)
service.send_with(connections.send_to_conductor, Destination.CONDUCTOR)
service.send_with(pixels.send_to_meta, Destination.META_PIXEL)
service.send_with(pixels.send_to_linkedin, Destination.LINKEDIN_INSIGHT)


@dataclass(frozen=True, slots=True)
class DeliverLead:
    """A written delivery, and for whom the service sends it."""

    delivery_id: UUID
    acting_user_id: UUID


@subscriber(LeadCaptured, "funnels:plan_deliveries", attempts=10)
async def plan_deliveries(event: LeadCaptured) -> None:
    """Write what services are told of a new lead; who comes back is not told again."""
    if event.is_new:
        await _plan(event.lead_id, LeadEvent.CREATED, event.acting_user_id)


@subscriber(LeadQualified, "funnels:plan_qualified_deliveries", attempts=10)
async def plan_qualified_deliveries(event: LeadQualified) -> None:
    """Write what services are told of an answered survey."""
    await _plan(event.lead_id, LeadEvent.QUALIFIED, event.acting_user_id)


async def _plan(lead_id: UUID, event: LeadEvent, acting_user_id: UUID) -> None:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=acting_user_id)) as tx:
        found = await service.plan_deliveries(
            tx, lead_id=lead_id, event=event, acting_user_id=acting_user_id
        )
        await send_deliveries(tx, found, acting_user_id=acting_user_id)


async def send_deliveries(tx: Tx, delivery_ids: list[UUID], *, acting_user_id: UUID) -> None:
    """Enqueue the sending of written deliveries on the caller's transaction."""
    await deliver_lead.enqueue_many(
        tx, [DeliverLead(delivery_id, acting_user_id) for delivery_id in delivery_ids]
    )


@job("funnels:deliver_lead", attempts=5)
async def deliver_lead(args: DeliverLead) -> None:
    """Tell a service of a lead; what was not taken for now is tried again later."""

    async def reschedule(tx: Tx, run_at: datetime) -> None:
        await deliver_lead.enqueue(tx, args, run_at=run_at)

    actor = Service(Writer.MAGNETLAB, user_id=args.acting_user_id)
    await service.deliver(actor, delivery_id=args.delivery_id, reschedule=reschedule)
