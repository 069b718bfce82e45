"""A broadcast on its way: lots are claimed, carried and noted, several at a time.

A claim is committed before its lot is carried, so a killed worker leaves lots behind that are
neither waiting nor sent. Whoever takes over reads what became of them: a provider that knows a lot
gets it again; for a mail server the journal tells, and what it does not tell is `uncertain`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID, uuid4

from asyncpg import Record

from lodestone.domains.email.models import MessageStatus
from lodestone.domains.email.sending import pacing, rules
from lodestone.domains.email.sending.carriers import (
    Carrier,
    CarrierBusy,
    CarrierSilent,
    KeyRefused,
    Ready,
    ResendCarrier,
    open_carrier,
    rate_key,
)
from lodestone.domains.email.sending.events import MailboxGone
from lodestone.domains.email.sending.journal import LotJournal, forget_journal, read_journal
from lodestone.domains.email.sending.models import Account
from lodestone.domains.email.sending.queries import accounts
from lodestone.domains.email.sending.queries import lots as queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.events import publish
from lodestone.platform.mailmerge import MailForm
from lodestone.platform.smtp import Fate, Outcome

LONGEST_RUN = timedelta(minutes=10)
"""After how long a run ends and another goes on: no job is endless."""

KEPT_BY_PROVIDER = timedelta(hours=23)
"""How long a provider knows a lot again; Resend keeps its keys for a day."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a broadcast: its wordings by variant, and what fills their gaps."""

    broadcast_id: UUID
    run_id: UUID
    account: Account
    forms: Mapping[str, MailForm]
    fill: Callable[[Record], dict[str, str]]


@dataclass(slots=True)
class Course:
    """How a run goes: how many messages were settled, and until when it can't go on."""

    settled: int = 0
    again_at: datetime | None = None

    def wait(self, moment: datetime) -> None:
        """Stop taking lots until a moment."""
        self.again_at = max(self.again_at or moment, moment)


async def send_waiting(run: Run, *, on_progress: Callable[[int], Awaitable[None]]) -> Course:
    """Send what is due of a broadcast; return how it went and when to go on, if it must wait."""
    course = Course()
    async with open_carrier(run.account, run.forms) as carrier:
        await _settle_interrupted(run, carrier, course)
        is_smtp = not run.account.key
        lanes = runtime.current().sending.smtp_connections if is_smtp else 1
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(_work(run, carrier, course, on_progress))
    return course


async def _work(
    run: Run, carrier: Carrier, course: Course, on_progress: Callable[[int], Awaitable[None]]
) -> None:
    end_at = datetime.now(UTC) + LONGEST_RUN
    while course.again_at is None:
        if datetime.now(UTC) > end_at:
            course.wait(datetime.now(UTC))
            return
        room = await _take_room(run.account, wanted=carrier.size)
        if not room.count:
            course.wait(room.again_at or datetime.now(UTC))
            return
        claim_id = uuid4()
        async with runtime.acting_as(Root()) as tx:
            rows = await queries.claim_lot(
                tx,
                broadcast_id=run.broadcast_id,
                run_id=run.run_id,
                claim_id=claim_id,
                way=rate_key(run.account),
                limit=room.count,
            )
        kept = [row for row in rows if row["status"] == MessageStatus.SENDING]
        await pacing.give_day(run.account, count=room.count - len(kept))
        if not rows:
            return
        if kept:
            await _carry(run, carrier, course, rows=kept, claim_id=claim_id)
        course.settled += len(rows)
        await on_progress(course.settled)


async def _take_room(account: Account, *, wanted: int) -> pacing.Room:
    """Take what a lot needs: a request of Resend for all of it, a mail of the server for each."""
    if account.key:
        room = await pacing.take_requests(account, wanted=1)
        if room.count:
            room = pacing.Room(wanted)
    else:
        room = await pacing.take_requests(account, wanted=wanted)
    if not room.count or not account.is_capped:
        return room
    return await pacing.take_day(account, wanted=room.count)


def _ready(run: Run, rows: Sequence[Record]) -> list[Ready]:
    """Return a claim as its carrier takes it: the same again has to be the same in its order."""
    return [
        Ready(row["id"], row["dedupe_key"], row["recipient"], row["variant"], run.fill(row))
        for row in sorted(rows, key=lambda row: row["id"].bytes)
    ]


async def _carry(
    run: Run,
    carrier: Carrier,
    course: Course,
    *,
    rows: Sequence[Record],
    claim_id: UUID,
    is_again: bool = False,
) -> None:
    """Hand a lot over; one that may have left before stays a lot until somebody takes it."""
    lot = _ready(run, rows)
    journal = None if carrier.is_idempotent else LotJournal(claim_id)
    attempts = {row["id"]: row["attempts"] for row in rows}
    try:
        outcomes = await carrier.carry(lot, claim_id=claim_id, journal=journal)
    except CarrierSilent as silence:
        course.wait(datetime.now(UTC) + timedelta(seconds=silence.wait_seconds))
    except CarrierBusy as busy:
        await pacing.leave_alone(run.account, seconds=busy.wait_seconds)
        await _give_back(lot, is_again=is_again)
        course.wait(datetime.now(UTC) + timedelta(seconds=busy.wait_seconds))
    except KeyRefused as refusal:
        async with runtime.acting_as(Root()) as tx:
            await accounts.pause_sending(tx, tenant_id=run.account.tenant_id, reason=str(refusal))
        await _give_back(lot, is_again=is_again)
        course.wait(datetime.now(UTC) + pacing.PAUSE)
    else:
        async with runtime.acting_as(Root()) as tx:
            await _note(tx, lot, outcomes, attempts, provider=carrier.name)
        if isinstance(carrier, ResendCarrier) and carrier.wait_seconds:
            await pacing.leave_alone(run.account, seconds=carrier.wait_seconds)
    if journal is not None:
        journal.close()


async def _give_back(lot: Sequence[Ready], *, is_again: bool) -> None:
    if not is_again:
        async with runtime.acting_as(Root()) as tx:
            await queries.give_back(tx, message_ids=[ready.id for ready in lot])


async def _note(
    tx: Tx,
    lot: Sequence[Ready],
    outcomes: Sequence[Outcome],
    attempts: Mapping[UUID, int],
    *,
    provider: str,
) -> None:
    """Write down what became of a lot."""
    pairs = list(zip(lot, outcomes, strict=True))
    sent = [(ready.id, outcome.message_id) for ready, outcome in pairs if _is(outcome, Fate.SENT)]
    if sent:
        ids, message_ids = zip(*sent, strict=True)
        await queries.note_sent(
            tx, message_ids=ids, provider=provider, provider_message_ids=message_ids
        )
    untried = [ready.id for ready, outcome in pairs if _is(outcome, Fate.UNTRIED)]
    if untried:
        await queries.give_back(tx, message_ids=untried)
    later: list[tuple[UUID, str | None, float]] = []
    unsent: dict[str, list[tuple[UUID, str | None, float]]] = {
        MessageStatus.QUEUED: later,
        MessageStatus.FAILED: [],
        MessageStatus.UNCERTAIN: [],
    }
    for ready, outcome in pairs:
        if _is(outcome, Fate.UNCERTAIN):
            unsent[MessageStatus.UNCERTAIN].append((ready.id, outcome.error, 0.0))
        elif _is(outcome, Fate.REFUSED):
            delay = None if outcome.is_final else rules.retry_delay(attempts.get(ready.id, 1))
            if delay is None:
                unsent[MessageStatus.FAILED].append((ready.id, outcome.error, 0.0))
            else:
                later.append((ready.id, outcome.error, delay.total_seconds()))
        if outcome.is_dead and outcome.is_final:
            await publish(tx, MailboxGone(message_id=ready.id, error=outcome.error or ""))
    for status, found in unsent.items():
        if found:
            ids, errors, waits = zip(*found, strict=True)
            await queries.note_unsent(
                tx, message_ids=ids, status=status, errors=errors, wait_seconds=waits
            )


def _is(outcome: Outcome, fate: Fate) -> bool:
    return outcome.fate is fate


async def _settle_interrupted(run: Run, carrier: Carrier, course: Course) -> None:
    """Find out what became of lots that an earlier run left behind."""
    async with runtime.acting_as(Root()) as tx:
        rows = await queries.list_interrupted_lots(tx, broadcast_id=run.broadcast_id)
    for claim_id, found in groupby(rows, key=lambda row: row["claim_id"]):
        left = list(found)
        if carrier.is_idempotent and _is_known_still(left, way=rate_key(run.account)):
            await _carry(run, carrier, course, rows=left, claim_id=claim_id, is_again=True)
        else:
            await _settle_by_journal(left, claim_id, provider=carrier.name)


def _is_known_still(rows: Sequence[Record], *, way: str) -> bool:
    """Say whether whoever carries mail now knows a lot; another account never heard of it."""
    if any(row["way"] not in {None, way} for row in rows):
        return False
    oldest: datetime = min(row["claimed_at"] for row in rows)
    return datetime.now(UTC) - oldest < KEPT_BY_PROVIDER


async def _settle_by_journal(
    rows: Sequence[Record], claim_id: UUID | None, *, provider: str
) -> None:
    told = None if claim_id is None else read_journal(claim_id)
    ids = {row["id"] for row in rows}
    begun, done = told if told is not None else (ids, set[UUID]())
    lost = [each for each in ids if each in begun and each not in done]
    async with runtime.acting_as(Root()) as tx:
        sent = [each for each in ids if each in done]
        await queries.note_sent(
            tx, message_ids=sent, provider=provider, provider_message_ids=[None] * len(sent)
        )
        await queries.give_back(tx, message_ids=[each for each in ids if each not in begun | done])
        await queries.note_unsent(
            tx,
            message_ids=lost,
            status=MessageStatus.UNCERTAIN,
            errors=["The sending was interrupted, so the message may have left."] * len(lost),
            wait_seconds=[0.0] * len(lost),
        )
    if claim_id is not None and told is not None:
        forget_journal(claim_id)
