"""What sequences do in the background: each mail is looked at when it is due."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.email.sending.jobs import SendMessage, send_message
from lodestone.domains.email.sequences import service
from lodestone.domains.email.sequences.models import Sequence
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class WelcomeStep:
    """A mail of an enrolment, by its place from 0."""

    enrolment_id: UUID
    index: int


async def begin(tx: Tx, *, sequence: Sequence, enrolment_id: UUID) -> None:
    """Enqueue a look at each mail, on the transaction that enrols; each finds when it is due."""
    steps = [WelcomeStep(enrolment_id, index) for index in range(len(sequence.emails))]
    await send_welcome_mail.enqueue_many(tx, steps)


@job("email:send_welcome_mail", attempts=8)
async def send_welcome_mail(args: WelcomeStep) -> None:
    """Queue a welcome mail when it is due and still wanted."""
    prepared = await service.prepare_mail(enrolment_id=args.enrolment_id, index=args.index)
    if prepared is None:
        return
    async with runtime.acting_as(prepared.actor) as tx:
        move = await service.take_mail(tx, prepared)
        if move.message_id is not None and move.owner_id is not None:
            await send_message.enqueue(tx, SendMessage(move.message_id, move.owner_id))
        elif move.again_at is not None:
            await send_welcome_mail.enqueue(tx, args, run_at=move.again_at)


@job("email:resume_welcome", attempts=8)
async def resume_welcome(args: WelcomeStep) -> None:
    """Queue the welcome mails that were due before somebody confirmed the address."""
    prepared = await service.prepare_mail(enrolment_id=args.enrolment_id, index=args.index)
    if prepared is None:
        return
    async with runtime.acting_as(prepared.actor) as tx:
        for index in service.list_overdue(prepared):
            await send_welcome_mail.enqueue(tx, WelcomeStep(args.enrolment_id, index))
