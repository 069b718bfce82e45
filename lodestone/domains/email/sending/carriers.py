"""Whoever carries a lot of mails: a mail server, Resend, or the mail directory."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from lodestone.connectors import resend
from lodestone.domains.email.sending.journal import LotJournal
from lodestone.domains.email.sending.models import Account
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.mail import Mail, Mailer, MailRefused, SmtpMailer
from lodestone.platform.mailmerge import CompiledMail, MailForm, fill_text
from lodestone.platform.smtp import Fate, Outcome, SmtpSession, WireMail, send_mail

_WAIT_SECONDS = 60.0


class KeyRefused(Exception):
    """The provider does not take the account's key: nothing can leave until somebody sees to it."""


class CarrierBusy(Exception):
    """Nothing of a lot has left, and nothing can for `wait_seconds`."""

    def __init__(self, message: str, *, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class CarrierSilent(Exception):
    """A lot may have left: the same has to be handed over again, after `wait_seconds`."""

    def __init__(self, message: str, *, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Ready:
    """A message of a broadcast, with what goes into the gaps of its wording."""

    id: UUID
    dedupe_key: str
    recipient: str
    variant: str
    values: Mapping[str, str]


class Carrier(Protocol):
    """Takes lots of at most `size`; `is_idempotent` when the same lot again is one lot."""

    is_idempotent: bool
    name: str
    size: int

    async def carry(
        self, lot: Sequence[Ready], *, claim_id: UUID, journal: LotJournal | None
    ) -> list[Outcome]:
        """Return what became of each message. Raises KeyRefused, CarrierBusy, CarrierSilent."""


def rate_key(account: Account) -> str:
    """Return by what the rate of an account is counted; no secret is kept."""
    if not account.key:
        return "mail server"
    return f"resend:{hashlib.sha256(account.key.encode()).hexdigest()}"


@asynccontextmanager
async def open_carrier(account: Account, forms: Mapping[str, MailForm]) -> AsyncIterator[Carrier]:
    """Open the way for a broadcast with these wordings."""
    if account.key:
        async with resend_client(account.key) as client:
            yield ResendCarrier(client, forms)
        return
    mailer = runtime.current().mailer
    if isinstance(mailer, SmtpMailer):
        carrier = SmtpCarrier(mailer, forms)
        try:
            yield carrier
        finally:
            await carrier.close()
        return
    yield OneByOneCarrier(mailer, forms)


def resend_client(key: str) -> resend.Resend:
    """Return a client of the account with a key; `async with` closes it."""
    options = runtime.current().sending
    return resend.Resend.of(
        key, base_url=options.resend_api_url, timeout_seconds=options.resend_timeout_seconds
    )


def carrier_name(account: Account) -> str:
    """Return what the outbox calls whoever carries an account's mail."""
    return ResendCarrier.name if account.key else type(runtime.current().mailer).__name__


def is_idempotent(account: Account) -> bool:
    """Say whether a mail that is handed over again is the same mail."""
    return bool(account.key) or runtime.current().mailer.is_idempotent


async def carry_one(account: Account, mail: Mail) -> Outcome:
    """Hand over one mail. Raises KeyRefused, CarrierBusy."""
    if account.key:
        return await _ask_resend(account, mail)
    mailer = runtime.current().mailer
    try:
        if isinstance(mailer, SmtpMailer):
            return await send_mail(mailer, mail)
        return Outcome(Fate.SENT, message_id=await mailer.send(mail))
    except MailRefused as refusal:
        return Outcome(Fate.REFUSED, refusal.message, is_final=refusal.permanent)


async def _ask_resend(account: Account, mail: Mail) -> Outcome:
    async with resend_client(account.key) as client:
        try:
            accepted = await client.send_mails([mail], idempotency_key=mail.dedupe_key)
        except resend.ResendKeyRefused as refusal:
            raise KeyRefused(refusal.message) from refusal
        except resend.ResendBusy as busy:
            raise CarrierBusy(busy.message, wait_seconds=busy.wait_seconds) from busy
        except resend.ResendUnavailable as silence:
            return Outcome(Fate.REFUSED, silence.message)
        except resend.ResendRefused as refusal:
            fate = Fate.UNCERTAIN if refusal.was_other else Fate.REFUSED
            return Outcome(fate, refusal.message, is_final=True)
    return Outcome(Fate.SENT, message_id=accepted.ids[0])


class SmtpCarrier:
    """A mail server; sessions are kept from lot to lot."""

    is_idempotent = False
    name = "SmtpMailer"
    size = 200

    def __init__(self, server: SmtpMailer, forms: Mapping[str, MailForm]) -> None:
        self._server = server
        now = datetime.now(UTC)
        self._compiled = {name: form.compile(sent_at=now) for name, form in forms.items()}
        self._idle: list[SmtpSession] = []

    async def carry(
        self, lot: Sequence[Ready], *, claim_id: UUID, journal: LotJournal | None
    ) -> list[Outcome]:
        """Send a lot over one session. Raises CarrierBusy when the server can't be reached."""
        outcomes = [Outcome(Fate.UNTRIED)] * len(lot)

        def before(place: int) -> None:
            if journal is not None:
                journal.begin(lot[place].id)

        def after(place: int, outcome: Outcome) -> None:
            message_id = self._of(lot[place]).message_id(lot[place].dedupe_key)
            outcomes[place] = replace(outcome, message_id=message_id)
            if journal is not None and outcome.fate is Fate.SENT:
                journal.end(lot[place].id)

        session = await self._session()
        await session.send([self._wire(ready) for ready in lot], before=before, after=after)
        if session.is_open:
            self._idle.append(session)
        return outcomes

    async def _session(self) -> SmtpSession:
        while self._idle:
            session = self._idle.pop()
            if session.is_open:
                return session
        try:
            return await SmtpSession.open(self._server)
        except MailRefused as refusal:
            raise CarrierBusy(refusal.message, wait_seconds=_WAIT_SECONDS) from refusal

    def _of(self, ready: Ready) -> CompiledMail:
        return self._compiled[ready.variant]

    def _wire(self, ready: Ready) -> WireMail:
        compiled = self._of(ready)
        content = compiled.fill(ready.values, to=ready.recipient, key=ready.dedupe_key)
        return WireMail(compiled.sender, ready.recipient, content)

    async def close(self) -> None:
        """Hang up."""
        for session in self._idle:
            await session.close()


class ResendCarrier:
    """Resend's batches: the same claim again is the same batch, for a day."""

    is_idempotent = True
    name = "Resend"
    size = resend.LARGEST_BATCH

    def __init__(self, client: resend.Resend, forms: Mapping[str, MailForm]) -> None:
        self._client = client
        self._forms = forms
        self.wait_seconds = 0.0

    async def carry(
        self, lot: Sequence[Ready], *, claim_id: UUID, journal: LotJournal | None
    ) -> list[Outcome]:
        """Send a lot in one request. Raises KeyRefused, CarrierBusy, CarrierSilent."""
        mails: list[Mail] = []
        places: list[int] = []
        outcomes = [Outcome(Fate.UNTRIED)] * len(lot)
        for place, ready in enumerate(lot):
            try:
                mails.append(mail_of(self._forms[ready.variant], ready))
                places.append(place)
            except InvalidInput as refusal:
                outcomes[place] = Outcome(Fate.REFUSED, str(refusal.fields), is_final=True)
        if not mails:
            return outcomes
        try:
            accepted = await self._client.send_mails(mails, idempotency_key=f"lot:{claim_id}")
        except resend.ResendKeyRefused as refusal:
            raise KeyRefused(refusal.message) from refusal
        except resend.ResendBusy as busy:
            raise CarrierBusy(busy.message, wait_seconds=busy.wait_seconds) from busy
        except resend.ResendUnavailable as silence:
            raise CarrierSilent(silence.message, wait_seconds=_WAIT_SECONDS) from silence
        except resend.ResendRefused as refusal:
            fate = Fate.UNCERTAIN if refusal.was_other else Fate.REFUSED
            for place in places:
                outcomes[place] = Outcome(fate, refusal.message, is_final=True)
            return outcomes
        self.wait_seconds = accepted.wait_seconds
        for place, message_id in zip(places, accepted.ids, strict=True):
            outcomes[place] = Outcome(Fate.SENT, message_id=message_id)
        return outcomes


class OneByOneCarrier:
    """The mail directory, or any other mailer that takes mails one by one."""

    size = 50

    def __init__(self, mailer: Mailer, forms: Mapping[str, MailForm]) -> None:
        self._mailer = mailer
        self._forms = forms
        self.is_idempotent = mailer.is_idempotent
        self.name = type(mailer).__name__

    async def carry(
        self, lot: Sequence[Ready], *, claim_id: UUID, journal: LotJournal | None
    ) -> list[Outcome]:
        """Hand over one after the other."""
        return [await self._carry_one(ready, journal) for ready in lot]

    async def _carry_one(self, ready: Ready, journal: LotJournal | None) -> Outcome:
        try:
            mail = mail_of(self._forms[ready.variant], ready)
            if journal is not None:
                journal.begin(ready.id)
            message_id = await self._mailer.send(mail)
        except MailRefused as refusal:
            return Outcome(Fate.REFUSED, refusal.message, is_final=refusal.permanent)
        except InvalidInput as refusal:
            return Outcome(Fate.REFUSED, str(refusal.fields), is_final=True)
        if journal is not None:
            journal.end(ready.id)
        return Outcome(Fate.SENT, message_id=message_id)


def mail_of(form: MailForm, ready: Ready) -> Mail:
    """Return a message in its wording. Raises InvalidInput when it can't be a mail."""
    return Mail(
        to=ready.recipient,
        subject=" ".join(fill_text(form.subject, ready.values).split()),
        text=fill_text(form.text, ready.values),
        html=fill_text(form.html, ready.values, as_html=True),
        from_=form.from_,
        reply_to=form.reply_to,
        headers={name: fill_text(value, ready.values) for name, value in form.headers.items()},
        dedupe_key=ready.dedupe_key,
    )
