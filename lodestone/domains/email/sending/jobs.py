"""What the outbox does in the background: it sends, and tries again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from lodestone.domains.email.sending import service
from lodestone.domains.email.sending.events import MessageRequeued
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.events import publish
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class SendMessage:
    """A queued message, and for whom the service sends it."""

    message_id: UUID
    acting_user_id: UUID


@job("email:send_message", attempts=5)
async def send_message(args: SendMessage) -> None:
    """Send a message of the outbox; what the provider refused for now is tried again later."""
    actor = Service(Writer.GTM_SYSTEM, user_id=args.acting_user_id)
    again_at = await service.send_message(actor, message_id=args.message_id)
    if again_at is not None:
        async with runtime.acting_as(actor) as tx:
            await send_message.enqueue(tx, args, run_at=again_at)


async def resend(*, acting_user_id: UUID, message_id: UUID) -> None:
    """Queue a failed or uncertain message again at somebody's wish."""
    async with runtime.acting_as(Service(Writer.GTM_SYSTEM, user_id=acting_user_id)) as tx:
        broadcast_id = await service.requeue_message(tx, message_id=message_id)
        if broadcast_id is not None:
            await publish(tx, MessageRequeued(broadcast_id=broadcast_id))
            return
        await send_message.enqueue(
            tx, SendMessage(message_id, acting_user_id), run_at=datetime.now(UTC)
        )
