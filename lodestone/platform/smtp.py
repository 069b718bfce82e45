"""SMTP for many mails: one connection for all of them, and no waiting between commands.

The library connects, encrypts and signs in; then its connection is ours, since it waits for each
answer before it says the next thing. Where the server allows it, sender, recipient and DATA go
together, right behind the mail before: one round trip for each mail instead of four.

Source: https://www.rfc-editor.org/rfc/rfc5321, https://www.rfc-editor.org/rfc/rfc2920
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email import policy
from email.utils import parseaddr
from enum import StrEnum
from functools import partial
from typing import Self, cast

import aiosmtplib

from lodestone.platform.mail import Mail, MailRefused, SmtpMailer

_ENVELOPE = re.compile(r"[!-;=?-~]{1,254}")  # printable ASCII without blanks and < >
_LARGEST_REPLY = 64 * 1024
_RESET = b"RSET\r\n"
_GO_ON = 354
_CLOSING = 421
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_SEVEN_BITS = policy.SMTP.clone(cte_type="7bit")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Fate(StrEnum):
    """What became of a mail. `uncertain`: it may have been taken. `untried`: it never left."""

    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail; a refusal that `is_final` would be the same later.

    `is_dead` says that the mailbox does not exist. `message_id` is what its carrier calls the mail.
    """

    fate: Fate
    error: str | None = None
    is_final: bool = False
    is_dead: bool = False
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class WireMail:
    """A mail as it goes over the wire: lines end with CRLF, none begins with a dot."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    text: str


class _Replies(asyncio.Protocol):
    """Keeps the server's replies in the order in which they come."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[str] = []
        self._arrived: deque[_Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._lost: str | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _LARGEST_REPLY:
            self._lose("its answer has no end")
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).decode("utf-8", "replace").rstrip("\r")
            del self._buffer[: end + 1]
            self._take_line(line)
        self._wake()

    def _take_line(self, line: str) -> None:
        if not line[:3].isdecimal():
            self._lose("it does not speak SMTP")
            return
        self._lines.append(line[4:])
        if line[3:4] != "-":
            self._arrived.append(_Reply(int(line[:3]), " ".join(self._lines)))
            self._lines = []

    def connection_lost(self, error: Exception | None) -> None:
        self._lose("it hung up")

    def eof_received(self) -> bool:
        self._lose("it hung up")
        return False

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def _lose(self, reason: str) -> None:
        self._lost = self._lost or reason
        self._may_write.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read(self) -> _Reply:
        """Return the next reply. Raises ConnectionError when there will be none."""
        while not self._arrived:
            if self._lost is not None:
                raise ConnectionError(self._lost)
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._arrived.popleft()

    async def drain(self) -> None:
        """Wait while the server does not take what was written."""
        await self._may_write.wait()


class SmtpSession:
    """A connection to a mail server, for one user at a time."""

    def __init__(
        self, transport: asyncio.Transport, *, pipelines: bool, timeout_seconds: float
    ) -> None:
        self._transport = transport
        self._replies = _Replies()
        transport.set_protocol(self._replies)
        self._pipelines = pipelines
        self._timeout = timeout_seconds
        self._must_reset = False

    @classmethod
    async def open(cls, server: SmtpMailer) -> Self:
        """Connect and sign in.

        Raises: MailRefused, never permanent: no mail is at fault.
        """
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.encryption == "tls",
            start_tls=server.encryption == "starttls",
            timeout=server.timeout_seconds,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            message = f"The mail server refused us: {error.code} {error.message[:200]}"
            raise MailRefused(message, permanent=False) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            message = f"The mail server {server.host} can't be reached: {type(error).__name__}."
            raise MailRefused(message, permanent=False) from error
        return cls(
            cast("asyncio.Transport", client.transport),
            pipelines=client.supports_extension("pipelining"),
            timeout_seconds=server.timeout_seconds,
        )

    @property
    def is_open(self) -> bool:
        """Say whether another mail may be tried."""
        return not self._transport.is_closing()

    async def send(
        self,
        mails: Sequence[WireMail],
        *,
        before: Callable[[int], None],
        after: Callable[[int, Outcome], None],
    ) -> None:
        """Send mails one behind the other.

        `before` is called with a mail's place right before it may be taken, `after` with what
        became of it. Those for which neither was called never left; then the session is closed.
        """
        try:
            await self._send(mails, before, after)
        except BaseException:
            self._transport.abort()
            raise

    async def _send(
        self,
        mails: Sequence[WireMail],
        before: Callable[[int], None],
        after: Callable[[int, Outcome], None],
    ) -> None:
        sound = [place for place, mail in enumerate(mails) if _is_sound(mail)]
        for place in set(range(len(mails))) - set(sound):
            refusal = Outcome(Fate.REFUSED, "This address can't be written to.", is_final=True)
            after(place, refusal)
        if sound and self._pipelines:
            self._transport.write(self._envelope(mails[sound[0]]))
        for turn, place in enumerate(sound):
            following = mails[sound[turn + 1]] if turn + 1 < len(sound) else None
            outcome = await self._send_one(mails[place], following, partial(before, place))
            if outcome.fate is not Fate.UNTRIED:
                after(place, outcome)
            if not self.is_open:
                return

    async def _send_one(
        self, mail: WireMail, following: WireMail | None, before: Callable[[], None]
    ) -> Outcome:
        """Send a mail whose envelope was said, if we pipeline, and say that of the next."""
        try:
            refusal, is_awaited = await self._open_mail(mail)
        except (OSError, TimeoutError):
            self._transport.abort()
            return Outcome(Fate.UNTRIED)
        ahead = b"" if following is None or not self._pipelines else self._envelope(following)
        if not is_awaited:
            if self.is_open:
                self._transport.write(ahead)
            return refusal or Outcome(Fate.UNTRIED)
        if refusal is None:
            before()
            self._transport.writelines((mail.content, b".\r\n", ahead))
        else:
            # The server waits for a mail that nobody is to get: it gets an empty one.
            self._transport.writelines((b".\r\n", ahead))
        try:
            answer = await self._answer()
        except (OSError, TimeoutError) as error:
            self._transport.abort()
            return refusal or Outcome(Fate.UNCERTAIN, f"The mail server left: {error}"[:300])
        if answer.code == _CLOSING:
            self._transport.abort()
        return refusal or _outcome(answer)

    def _envelope(self, mail: WireMail) -> bytes:
        reset = _RESET if self._must_reset else b""
        return reset + (
            f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode("ascii")
        )

    async def _open_mail(self, mail: WireMail) -> tuple[Outcome | None, bool]:
        """Hear why the server does not want the mail, and whether it waits for one all the same."""
        commands = self._envelope(mail).splitlines(keepends=True)
        refusal: Outcome | None = None
        is_awaited = False
        for command in commands:
            if not self._pipelines:
                self._transport.write(command)
            reply = await self._answer()
            if reply.code == _CLOSING:
                self._transport.abort()
                return None, False
            is_awaited = reply.code == _GO_ON
            if reply.code >= 400 and refusal is None and command != _RESET:
                is_recipient = command.startswith(b"RCPT")
                refusal = _outcome(reply, is_dead=is_recipient and _names_no_mailbox(reply))
            if refusal is not None and not self._pipelines:
                break
        self._must_reset = refusal is not None and not is_awaited
        return refusal, is_awaited

    async def _answer(self) -> _Reply:
        async with asyncio.timeout(self._timeout):
            await self._replies.drain()
            return await self._replies.read()

    async def close(self) -> None:
        """Say goodbye and hang up."""
        if self.is_open:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()


def _is_sound(mail: WireMail) -> bool:
    return all(_ENVELOPE.fullmatch(each) for each in (mail.sender, mail.recipient))


def _outcome(reply: _Reply, *, is_dead: bool = False) -> Outcome:
    """Source: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 5yz is permanent."""
    if 200 <= reply.code < 300:
        return Outcome(Fate.SENT)
    return Outcome(
        Fate.REFUSED,
        f"The mail server refused the mail: {reply.code} {reply.text[:200]}",
        is_final=500 <= reply.code < 600,
        is_dead=is_dead,
    )


def _names_no_mailbox(reply: _Reply) -> bool:
    """Say whether a refused recipient does not exist.

    Source: https://www.rfc-editor.org/rfc/rfc3463#section-3.2: 5.1.1 mailbox, 5.1.2 system,
    5.1.10 null MX (RFC 7505); without such a code 550 and 553 of RCPT are read alike.
    """
    status = _STATUS.match(reply.text)
    if status is not None:
        return status[0] in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")
    return reply.code in (550, 553)


async def send_mail(server: SmtpMailer, mail: Mail) -> Outcome:
    """Send one mail over a session of its own.

    Raises: MailRefused, never permanent, when the server lets nobody in.
    """
    content = mail.to_message().as_bytes(policy=_SEVEN_BITS)
    wire = WireMail(
        sender=parseaddr(mail.from_)[1],
        recipient=parseaddr(mail.to)[1],
        content=_LEADING_DOT.sub(b"..", content),
    )
    session = await SmtpSession.open(server)
    outcomes = [Outcome(Fate.UNTRIED)]

    def after(place: int, outcome: Outcome) -> None:
        outcomes[place] = replace(outcome, message_id=mail.message_id)

    await session.send([wire], before=lambda _: None, after=after)
    await session.close()
    return outcomes[0]
