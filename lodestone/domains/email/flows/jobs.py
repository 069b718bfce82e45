"""What flows do in the background: people move on when they are due, or when something happens."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from lodestone.domains.email.flows import engine, heeding
from lodestone.domains.email.flows.engine import FollowUps
from lodestone.domains.email.flows.models import RunningFlow
from lodestone.domains.email.sending.jobs import SendMessage, send_message
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import LodestoneError
from lodestone.platform.events import Event, publish
from lodestone.platform.jobs import job, schedule

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunFlow:
    """A flow whose people may be due."""

    flow_id: UUID


@dataclass(frozen=True, slots=True)
class HeedSignal:
    """Something that somebody did."""

    signal_id: UUID


@dataclass(frozen=True, slots=True)
class StepHeld(Event, name="email:step_held"):
    """Somebody is due for a mail that is rewritten for them and waits for a review."""

    contact_id: UUID
    step_id: UUID
    flow_id: UUID


async def enqueue_follow_ups(tx: Tx, running: RunningFlow, follow_ups: FollowUps) -> None:
    """Enqueue what follows of moves, on the transaction of the moves."""
    for message_id in follow_ups.messages:
        await send_message.enqueue(tx, SendMessage(message_id, running.owner_id))
    for due in follow_ups.due:
        # One job for all who are due at the same moment.
        await run_flow.enqueue(
            tx,
            RunFlow(running.flow.id),
            run_at=due,
            dedupe_key=f"{running.flow.id}:{due.isoformat()}",
        )
    for contact_id, step_id in follow_ups.to_write:
        await publish(tx, StepHeld(contact_id=contact_id, step_id=step_id, flow_id=running.flow.id))


@job("email:run_flow", attempts=8)
async def run_flow(args: RunFlow) -> None:
    """Move the people of a flow who are due, a batch in a transaction, until nobody is."""
    running = await engine.find_running(args.flow_id)
    if running is None:
        return
    while await _move_batch(running):
        pass


async def _move_batch(running: RunningFlow) -> bool:
    """Move some who are due; return whether there were any."""
    actor = engine.actor_of(running)
    try:
        async with runtime.acting_as(actor) as tx:
            follow_ups = await engine.run_due(tx, running)
            await enqueue_follow_ups(tx, running, follow_ups)
    except (LodestoneError, ValueError) as error:
        # One person whose step can't be taken must not hold up the others of the batch.
        _log.warning("flow_batch_refused", flow_id=str(running.flow.id), why=type(error).__name__)
        return await _move_one(running)
    return follow_ups.moved > 0


async def _move_one(running: RunningFlow) -> bool:
    """Move whoever is due longest; somebody whose step is refused waits as failed, visibly."""
    actor = engine.actor_of(running)
    async with runtime.acting_as(actor, readonly=True) as tx:
        contact_id = await heeding.find_due_contact(tx, flow_id=running.flow.id)
    if contact_id is None:
        return False
    try:
        async with runtime.acting_as(actor) as tx:
            follow_ups = await engine.run_due(tx, running, contact_id=contact_id)
            await enqueue_follow_ups(tx, running, follow_ups)
    except (LodestoneError, ValueError) as error:
        async with runtime.acting_as(actor) as tx:
            await heeding.fail_contact(tx, contact_id=contact_id, error=str(error))
    return True


@job("email:heed_signal", attempts=8)
async def heed_signal(args: HeedSignal) -> None:
    """Let somebody enter, go on or leave flows by what they did."""
    signal = await heeding.read_signal(args.signal_id)
    if signal is None:
        return
    for concern in signal.concerns:
        running = await engine.find_running(concern.flow_id, only_active=False)
        if running is not None:
            async with runtime.acting_as(engine.actor_of(running)) as tx:
                follow_ups = await heeding.heed(tx, concern, event=signal.event)
                await enqueue_follow_ups(tx, running, follow_ups)
    for flow_id in signal.begins:
        running = await engine.find_running(flow_id)
        if running is not None:
            async with runtime.acting_as(engine.actor_of(running)) as tx:
                follow_ups = await heeding.let_in(
                    tx, running, email_address=signal.email, happened_at=signal.happened_at
                )
                await enqueue_follow_ups(tx, running, follow_ups)


@schedule("email:find_due_flows", cron="* * * * *")
async def find_due_flows() -> None:
    """Run flows with people who have been due for a minute: a net below the jobs of each moment."""
    async with runtime.acting_as(Root()) as tx:
        for flow_id in await heeding.list_due_flows(tx):
            await run_flow.enqueue(tx, RunFlow(flow_id), dedupe_key=f"{flow_id}:overdue")
