"""The use cases of the outbox: every message is queued, claimed, sent and noted."""

from datetime import UTC, datetime
from email.utils import formataddr
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email.models import Message, MessageRow, MessageStatus, NewMessage
from lodestone.domains.email.sending import queries, rules
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.mail import Mail, MailRefused


async def queue_message(tx: Tx, *, message: NewMessage) -> UUID:
    """Queue a message on the caller's transaction; the same dedupe key again changes nothing."""
    return await queries.enqueue_message(
        tx, message=message.model_dump(mode="json", exclude_none=True)
    )


async def send_message(actor: Actor, *, message_id: UUID) -> datetime | None:
    """Send a queued message and note the outcome; return when to try again, if to.

    The claim is committed before the mailer is called. The next attempt finds one that died in
    between: a mailer that knows a message by its key gets it again, which changes nothing if it has
    it; with any other the message may have left, so it waits as `uncertain` for a person.
    """
    message = await _claim(actor, message_id=message_id)
    if message is None:
        return None
    try:
        await runtime.current().mailer.send(_mail(message))
    except MailRefused as refusal:
        return await _note_refusal(actor, message, refusal)
    except InvalidInput as refusal:
        return await _note_refusal(actor, message, MailRefused(str(refusal.fields), permanent=True))
    async with runtime.acting_as(actor) as tx:
        await queries.set_message_sent(
            tx,
            message_id=message.id,
            provider=type(runtime.current().mailer).__name__,
            provider_message_id=None,
        )
    return None


async def _claim(actor: Actor, *, message_id: UUID) -> Message | None:
    async with runtime.acting_as(actor) as tx:
        row = await queries.claim_message(tx, message_id=message_id)
        if row is None:
            row = await _resume(tx, message_id=message_id)
        if row is None or row["status"] != MessageStatus.SENDING:
            return None
        return Message.model_validate(dict(row))


async def _resume(tx: Tx, *, message_id: UUID) -> Record | None:
    row = await queries.find_interrupted_message(tx, message_id=message_id)
    if row is None or runtime.current().mailer.is_idempotent:
        return row
    await queries.set_message_failed(
        tx,
        message_id=message_id,
        status=MessageStatus.UNCERTAIN,
        error="The sending was interrupted, so the message may have left.",
    )
    return None


async def _note_refusal(actor: Actor, message: Message, refusal: MailRefused) -> datetime | None:
    delay = None if refusal.permanent else rules.retry_delay(message.attempts)
    async with runtime.acting_as(actor) as tx:
        if delay is None:
            await queries.set_message_failed(
                tx, message_id=message.id, status=MessageStatus.FAILED, error=refusal.message
            )
            return None
        again_at = datetime.now(UTC) + delay
        await queries.requeue_message(
            tx,
            message_id=message.id,
            statuses=[MessageStatus.SENDING],
            not_before=again_at,
            error=refusal.message,
        )
        return again_at


def _mail(message: Message) -> Mail:
    sender = runtime.current().mail_from
    if message.from_email:
        sender = formataddr((message.from_name or "", message.from_email))
    return Mail(
        to=message.recipient,
        subject=message.subject,
        text=message.text,
        html=message.html,
        from_=sender,
        reply_to=message.reply_to_email,
        headers=message.headers,
        dedupe_key=message.dedupe_key,
    )


async def requeue_message(tx: Tx, *, message_id: UUID) -> None:
    """Queue a failed or uncertain message again; the caller enqueues its job.

    Raises Conflict when it has been sent, is waiting, being sent or was cancelled.
    """
    key = await queries.requeue_message(
        tx,
        message_id=message_id,
        statuses=[MessageStatus.FAILED, MessageStatus.UNCERTAIN],
        not_before=datetime.now(UTC),
        error=None,
    )
    if key is None:
        raise Conflict("Only a failed or uncertain message can be sent again.")


async def list_messages(
    tx: Tx,
    *,
    search: str | None = None,
    status: MessageStatus | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[MessageRow], int]:
    """Return a page of the outbox, newest first, and how many messages there are."""
    rows = await queries.list_messages(tx, search=search, status=status, limit=limit, offset=offset)
    total = await queries.count_messages(tx, search=search, status=status)
    return [MessageRow.model_validate(dict(row)) for row in rows], total


async def list_messages_to(tx: Tx, *, funnel_lead_ids: list[UUID]) -> list[MessageRow]:
    """Return what was written to some leads, newest first."""
    rows = await queries.list_messages_to(tx, funnel_lead_ids=funnel_lead_ids)
    return [MessageRow.model_validate(dict(row)) for row in rows]


async def read_message(tx: Tx, *, message_id: UUID) -> Record:
    """Return a message with what it says. Raises NotFound when it is invisible."""
    return await queries.get_message_body(tx, message_id=message_id)
