"""How fast and how much: rates of accounts, and days with a limited number of mails."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from lodestone.domains.email.models import MARKETING, MessageKind
from lodestone.domains.email.sending import rules
from lodestone.domains.email.sending.carriers import rate_key
from lodestone.domains.email.sending.models import Account
from lodestone.domains.email.sending.queries import accounts as queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root

PAUSE = timedelta(minutes=30)
"""After how long a message of a team whose sending stands still is looked at again."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may leave now, and with none when to ask again."""

    count: int
    again_at: datetime | None = None


async def wait_for(account: Account, *, kind: MessageKind) -> datetime | None:
    """Take what one message needs; return when to ask again if there is no room for it."""
    if account.paused_reason is not None:
        return datetime.now(UTC) + PAUSE
    if kind in MARKETING and not account.is_on:
        return datetime.now(UTC) + PAUSE
    if account.key:
        room = await take_requests(account, wanted=1)
        if not room.count:
            return room.again_at
    if kind in MARKETING and account.is_capped:
        return (await take_day(account, wanted=1)).again_at
    return None


async def take_requests(account: Account, *, wanted: int) -> Room:
    """Take requests of a Resend account, or mails of the mail server, as their rates allow."""
    options = runtime.current().sending
    rate = options.resend_requests_per_second if account.key else options.smtp_mails_per_second
    if not rate:
        return Room(wanted)
    async with runtime.acting_as(Root()) as tx:
        count, wait_seconds = await queries.take_sends(
            tx,
            rate_key=rate_key(account),
            wanted=wanted,
            per_second=rate,
            most=max(rate, 1.0),
        )
    if count:
        return Room(count)
    return Room(0, datetime.now(UTC) + timedelta(seconds=wait_seconds))


async def leave_alone(account: Account, *, seconds: float) -> None:
    """Have every worker leave an account alone, as its provider asked."""
    async with runtime.acting_as(Root()) as tx:
        await queries.block_sends(tx, rate_key=rate_key(account), seconds=seconds)


async def take_day(account: Account, *, wanted: int) -> Room:
    """Take of what the account's domain may send today; tomorrow there is room again."""
    now = datetime.now(UTC)
    most = rules.day_cap(account, today=now.date())
    if most is None:
        return Room(wanted)
    async with runtime.acting_as(Root()) as tx:
        count = await queries.take_day_room(
            tx,
            tenant_id=account.tenant_id,
            domain=_domain(account),
            day=now.date(),
            wanted=wanted,
            most=most,
        )
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(0, 1), tzinfo=UTC)
    return Room(count) if count else Room(0, tomorrow)


async def give_day(account: Account, *, count: int) -> None:
    """Give back what was taken of today and not used."""
    if not count or not account.is_capped:
        return
    async with runtime.acting_as(Root()) as tx:
        await queries.give_day_room(
            tx,
            tenant_id=account.tenant_id,
            domain=_domain(account),
            day=datetime.now(UTC).date(),
            count=count,
        )


def _domain(account: Account) -> str:
    sender = rules.choose_sender(account, platform_from=runtime.current().mail_from)
    return sender.domain
