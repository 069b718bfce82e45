"""One run of a broadcast: from its recipients to its end, or to the moment when it must wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from lodestone.domains.email.broadcasts import queries, rendering, service
from lodestone.domains.email.broadcasts.models import Broadcast
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.sending import service as sending
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import report_progress

LEASE = timedelta(seconds=30)
_SIGN_SECONDS = 5.0


async def run(broadcast_id: UUID) -> datetime | None:
    """Send what is due of a broadcast; return when to go on, None when it is over or stands still.

    A run that another one holds goes on where that one leaves off.
    """
    run_id = uuid4()
    async with runtime.acting_as(Root()) as tx:
        row = await queries.begin_run(tx, broadcast_id=broadcast_id, run_id=run_id, lease=LEASE)
        if row is None:
            is_held = await queries.is_held(tx, broadcast_id=broadcast_id, lease=LEASE)
            return datetime.now(UTC) + LEASE if is_held else None
    broadcast = Broadcast.model_validate(dict(row))
    async with _showing_life(broadcast_id, run_id):
        again_at = await _send(broadcast, run_id)
    async with runtime.acting_as(Root()) as tx:
        await queries.end_run(tx, broadcast_id=broadcast_id, run_id=run_id)
        tally = await service.settle(tx, broadcast_id=broadcast_id)
        due = await queries.find_next_due(tx, broadcast_id=broadcast_id)
    if tally.is_over:
        return None
    if again_at is not None:
        return again_at
    return due


async def _send(broadcast: Broadcast, run_id: UUID) -> datetime | None:
    account = await sending.find_account(team_id=broadcast.team_id, tenant_id=broadcast.tenant_id)
    if account.paused_reason is not None or not account.is_on:
        return datetime.now(UTC) + sending.PAUSE
    async with runtime.acting_as(Root(), readonly=True) as tx:
        dress = await designs.find_dress(
            tx, team_id=broadcast.team_id, design_id=broadcast.design_id
        )
    forms = {
        variant: rendering.form_of(broadcast, account, variant=variant, dress=dress)
        for variant in ("a", "b")
    }
    total = broadcast.recipient_count or 0
    plan = sending.Run(
        broadcast_id=broadcast.id,
        run_id=run_id,
        account=account,
        forms=forms,
        fill=rendering.fill,
    )

    async def report(done: int) -> None:
        await report_progress(done=done, total=total, message=broadcast.subject[:100])

    course = await sending.send_waiting(plan, on_progress=report)
    return course.again_at


@asynccontextmanager
async def _showing_life(broadcast_id: UUID, run_id: UUID) -> AsyncIterator[None]:
    """Keep others from taking over while this run lives."""

    async def show() -> None:
        while True:
            await asyncio.sleep(_SIGN_SECONDS)
            async with runtime.acting_as(Root()) as tx:
                await queries.show_life(tx, broadcast_id=broadcast_id, run_id=run_id)

    signs = asyncio.create_task(show())
    try:
        yield
    finally:
        signs.cancel()
