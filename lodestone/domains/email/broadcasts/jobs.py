"""What broadcasts do in the background: they start, go out, and find their better wording."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from lodestone.domains.email.broadcasts import running, service
from lodestone.domains.email.sending.service import MessageRequeued
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.events import subscriber
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class OneBroadcast:
    """A broadcast."""

    broadcast_id: UUID


@job("email:start_broadcast", attempts=10)
async def start_broadcast(args: OneBroadcast) -> None:
    """Start a broadcast whose moment has come, unless it was taken back or put off."""
    async with runtime.acting_as(Root()) as tx:
        if await service.start_scheduled(tx, broadcast_id=args.broadcast_id):
            await enqueue_sending(tx, broadcast_id=args.broadcast_id)


@job("email:send_broadcast", attempts=50, timeout_seconds=3600)
async def send_broadcast(args: OneBroadcast) -> None:
    """Send what is due of a broadcast, and come back for the rest."""
    async with runtime.acting_as(Root()) as tx:
        winner_at = await service.expand(tx, broadcast_id=args.broadcast_id)
        if winner_at is not None:
            await pick_winner.enqueue(tx, args, run_at=winner_at)
    again_at = await running.run(args.broadcast_id)
    if again_at is not None:
        async with runtime.acting_as(Root()) as tx:
            await enqueue_sending(tx, broadcast_id=args.broadcast_id, run_at=again_at)


@job("email:pick_winner", attempts=10)
async def pick_winner(args: OneBroadcast) -> None:
    """Send the better of two wordings to those who waited for it."""
    async with runtime.acting_as(Root()) as tx:
        if await service.pick_winner(tx, broadcast_id=args.broadcast_id) is not None:
            await enqueue_sending(tx, broadcast_id=args.broadcast_id)


@subscriber(MessageRequeued, "email:resume_broadcast")
async def resume_broadcast(event: MessageRequeued) -> None:
    """Send a message again that somebody queued again."""
    async with runtime.acting_as(Root()) as tx:
        await service.reopen(tx, broadcast_id=event.broadcast_id)
        await enqueue_sending(tx, broadcast_id=event.broadcast_id)


async def enqueue_sending(tx: Tx, *, broadcast_id: UUID, run_at: datetime | None = None) -> None:
    """Have a broadcast sent, on the caller's transaction."""
    moment = run_at or datetime.now(UTC)
    await send_broadcast.enqueue(
        tx,
        OneBroadcast(broadcast_id),
        run_at=run_at,
        dedupe_key=f"{broadcast_id}:{moment.isoformat(timespec='seconds')}",
    )


async def enqueue_start(tx: Tx, *, broadcast_id: UUID, moment: datetime) -> None:
    """Have a broadcast started at its moment, on the caller's transaction."""
    await start_broadcast.enqueue(tx, OneBroadcast(broadcast_id), run_at=moment)
