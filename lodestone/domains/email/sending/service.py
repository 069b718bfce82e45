"""The use cases of the outbox: every message is queued, claimed, sent and noted."""

from datetime import UTC, datetime
from email.utils import parseaddr
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email.models import (
    MARKETING,
    Message,
    MessageKind,
    MessageRow,
    MessageStatus,
    NewMessage,
)
from lodestone.domains.email.sending import pacing, rules, tracking
from lodestone.domains.email.sending.bulk import KEPT_BY_PROVIDER, Run, send_waiting
from lodestone.domains.email.sending.carriers import (
    CarrierBusy,
    KeyRefused,
    carrier_name,
    carry_one,
    is_idempotent,
    rate_key,
)
from lodestone.domains.email.sending.events import MailboxGone, MessageRequeued
from lodestone.domains.email.sending.models import Account, Sender
from lodestone.domains.email.sending.pacing import PAUSE
from lodestone.domains.email.sending.queries import accounts
from lodestone.domains.email.sending.queries import messages as queries
from lodestone.domains.email.sending.tracking import MAIL_GAP, read_link, read_mail, sign_mail
from lodestone.domains.email.sending.tracking import prepare as prepare_tracking
from lodestone.platform import runtime
from lodestone.platform.actors import Actor, Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.mail import Mail
from lodestone.platform.smtp import Fate, Outcome

__all__ = [
    "MAIL_GAP",
    "PAUSE",
    "Account",
    "MailboxGone",
    "MessageRequeued",
    "Run",
    "Sender",
    "choose_sender",
    "find_account",
    "list_messages",
    "list_messages_to",
    "pause_sending",
    "prepare_tracking",
    "queue_message",
    "read_link",
    "read_mail",
    "read_message",
    "requeue_message",
    "send_message",
    "send_waiting",
    "sign_mail",
]

KEY_CONTEXT = "email_settings.resend_api_key"


async def queue_message(tx: Tx, *, message: NewMessage) -> UUID:
    """Queue a message on the caller's transaction; the same dedupe key again changes nothing."""
    return await queries.enqueue_message(
        tx, message=message.model_dump(mode="json", exclude_none=True)
    )


def choose_sender(
    account: Account,
    *,
    wanted_address: str | None = None,
    wanted_name: str | None = None,
    wanted_reply_to: str | None = None,
) -> Sender:
    """Return in whose name mail of a team goes out; see `rules.choose_sender`."""
    return rules.choose_sender(
        account,
        platform_from=runtime.current().mail_from,
        wanted_address=wanted_address,
        wanted_name=wanted_name,
        wanted_reply_to=wanted_reply_to,
    )


async def find_account(*, team_id: UUID | None, tenant_id: UUID) -> Account:
    """Return how a team sends. Raises UnreadableSecret when its key can't be read any more."""
    key = runtime.current().sending.resend_api_key
    row = None
    if team_id is not None:
        async with runtime.acting_as(Root(), readonly=True) as tx:
            row = await accounts.find_account(tx, team_id=team_id)
    if row is None:
        return Account(team_id=team_id, tenant_id=tenant_id, name="", key=key)
    sealed = row["resend_api_key"]
    own = None if sealed is None else runtime.current().secrets.decrypt(sealed, context=KEY_CONTEXT)
    name = row["from_name"] or row["custom_email_sender_name"] or row["sender_name"]
    return Account(
        team_id=team_id,
        tenant_id=row["tenant_id"],
        name=name or row["team_name"] or row["owner_name"],
        key=own or key,
        is_own=own is not None,
        own_address=row["from_email"],
        team_address=row["custom_from_email"],
        verified_domain=row["domain"],
        reply_to=row["reply_to_email"] or row["owner_email"],
        postscript=row["ps_template"],
        has_flow_postscript=row["append_ps_to_flows"] is not False,
        postal_address=row["postal_address"],
        is_on=not row["has_settings"] or bool(row["is_active"]),
        paused_reason=None if row["sending_paused_at"] is None else row["sending_paused_reason"],
        tracks_opens=row["tracks_opens"] is not False,
        tracks_clicks=row["tracks_clicks"] is not False,
        warmup_started_on=row["warmup_started_on"],
        daily_cap=row["daily_cap"],
    )


async def pause_sending(*, tenant_id: UUID, reason: str) -> None:
    """Stop a tenant's sending until somebody connects a key that works."""
    async with runtime.acting_as(Root()) as tx:
        await accounts.pause_sending(tx, tenant_id=tenant_id, reason=reason)


async def send_message(actor: Actor, *, message_id: UUID) -> datetime | None:
    """Send a queued message and note the outcome; return when to try again, if to.

    The claim is committed before anybody is called. The next attempt finds one that died in
    between: a provider that knows a message by its key gets it again, which changes nothing if it
    has it; with any other the message may have left, so it waits as `uncertain` for a person.
    """
    async with runtime.acting_as(actor) as tx:
        place = await queries.find_message_place(tx, message_id=message_id)
    if place is None:
        return None
    account = await find_account(team_id=place["team_id"], tenant_id=place["tenant_id"])
    again_at = await pacing.wait_for(account, kind=MessageKind(place["kind"]))
    if again_at is not None:
        return again_at
    message, again_at = await _claim(actor, message_id=message_id, account=account)
    if message is None:
        return again_at
    try:
        outcome = await carry_one(account, _mail(message, account))
    except InvalidInput as refusal:
        outcome = Outcome(Fate.REFUSED, str(refusal.fields), is_final=True)
    except KeyRefused as refusal:
        await pause_sending(tenant_id=account.tenant_id, reason=str(refusal))
        outcome = Outcome(Fate.REFUSED, str(refusal))
    except CarrierBusy as busy:
        if account.key:
            await pacing.leave_alone(account, seconds=busy.wait_seconds)
        outcome = Outcome(Fate.REFUSED, str(busy))
    return await _note(actor, message, outcome, provider=carrier_name(account))


async def _claim(
    actor: Actor, *, message_id: UUID, account: Account
) -> tuple[Message | None, datetime | None]:
    """Return the claimed message; without one, when it is due, if it waits."""
    async with runtime.acting_as(actor) as tx:
        row = await queries.claim_message(tx, message_id=message_id, way=rate_key(account))
        if row is not None and row["status"] == MessageStatus.QUEUED:
            return None, row["not_before"]
        if row is None:
            row = await _resume(tx, message_id=message_id, account=account)
        if row is None or row["status"] != MessageStatus.SENDING:
            return None, None
        return Message.model_validate(dict(row)), None


async def _resume(tx: Tx, *, message_id: UUID, account: Account) -> Record | None:
    row = await queries.find_interrupted_message(tx, message_id=message_id)
    if row is None:
        return None
    is_known = not account.key or datetime.now(UTC) - row["claimed_at"] < KEPT_BY_PROVIDER
    if row["way"] in {None, rate_key(account)} and is_idempotent(account) and is_known:
        return row
    await queries.set_message_failed(
        tx,
        message_id=message_id,
        status=MessageStatus.UNCERTAIN,
        error="The sending was interrupted, so the message may have left.",
    )
    return None


async def _note(
    actor: Actor, message: Message, outcome: Outcome, *, provider: str
) -> datetime | None:
    if outcome.fate is Fate.SENT:
        async with runtime.acting_as(actor) as tx:
            await queries.set_message_sent(
                tx,
                message_id=message.id,
                provider=provider,
                provider_message_id=outcome.message_id,
            )
        return None
    error = outcome.error or "The mail was not taken."
    delay = None if outcome.is_final else rules.retry_delay(message.attempts)
    async with runtime.acting_as(actor) as tx:
        if delay is None or outcome.fate is Fate.UNCERTAIN:
            is_lost = outcome.fate is Fate.UNCERTAIN
            status = MessageStatus.UNCERTAIN if is_lost else MessageStatus.FAILED
            await queries.set_message_failed(tx, message_id=message.id, status=status, error=error)
            return None
        again_at = datetime.now(UTC) + delay
        await queries.requeue_message(
            tx,
            message_id=message.id,
            statuses=[MessageStatus.SENDING],
            not_before=again_at,
            error=error,
        )
        return again_at


def sender_of(account: Account, message: Message) -> Sender:
    """Return in whose name a message goes out."""
    current = runtime.current()
    if account.team_id is None and not message.from_email:
        name, address = parseaddr(current.mail_from)
        return Sender(address=address, name=name, reply_to=message.reply_to_email)
    return rules.choose_sender(
        account,
        platform_from=current.mail_from,
        wanted_address=message.from_email,
        wanted_name=message.from_name,
        wanted_reply_to=message.reply_to_email,
    )


def _mail(message: Message, account: Account) -> Mail:
    sender = sender_of(account, message)
    html = message.html
    if message.kind in MARKETING:
        html = tracking.track(html, account, message_id=message.id)
    return Mail(
        to=message.recipient,
        subject=message.subject,
        text=message.text,
        html=html,
        from_=sender.from_,
        reply_to=sender.reply_to,
        headers=message.headers,
        dedupe_key=message.dedupe_key,
    )


async def requeue_message(tx: Tx, *, message_id: UUID) -> UUID | None:
    """Queue a failed or uncertain message again; the caller enqueues its job.

    Returns the broadcast that has to send it, if it is of one.

    Raises Conflict when it has been sent, is waiting, being sent or was cancelled.
    """
    row = await queries.requeue_message(
        tx,
        message_id=message_id,
        statuses=[MessageStatus.FAILED, MessageStatus.UNCERTAIN],
        not_before=datetime.now(UTC),
        error=None,
    )
    if row is None:
        raise Conflict("Only a failed or uncertain message can be sent again.")
    broadcast_id: UUID | None = row["broadcast_id"]
    return broadcast_id


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
