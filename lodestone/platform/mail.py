"""Outgoing mail: one `Mail`, and the mailers that carry it.

Sending happens in jobs, which may run twice; the dedupe key makes one mail of both runs: a
directory keeps one file of it, and an SMTP server sees the same Message-ID again.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import aiosmtplib

from lodestone.platform.errors import InvalidInput, LodestoneError, NotFound

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_BREAKS = re.compile(r"[\r\n\x00]")
_MAIL_NAME = re.compile(r"[0-9a-f]{64}")
_OURS = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding", "content-disposition"),
    }
)
_REFUSED_US = (
    aiosmtplib.SMTPAuthenticationError,
    aiosmtplib.SMTPConnectResponseError,
    aiosmtplib.SMTPHeloError,
)


class MailRefused(LodestoneError):
    """The mail was not taken. `permanent`: the same mail will not be taken later either."""

    code = "mail_refused"
    status = 502

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person; `to` and `from_` are addresses, with or without a display name.

    `dedupe_key` names the occasion (`lead:<id>:resource`): one key, one mail, ever.

    Raises: InvalidInput naming each field that could not go into a header.
    """

    to: str
    subject: str
    text: str
    from_: str
    dedupe_key: str
    html: str | None = None
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fields = dict(_field_errors(self))
        if fields:
            raise InvalidInput("The mail can't be sent as it is.", fields=fields)

    @property
    def name(self) -> str:
        """Return the dedupe key as 64 hex digits: file name and left side of the Message-ID."""
        return stored_name(self.dedupe_key)

    @property
    def message_id(self) -> str:
        """Return the Message-ID, the same for the same key and sender's domain."""
        return f"<{self.name}@{parseaddr(self.from_)[1].rpartition('@')[2]}>"

    def to_message(self, *, sent_at: datetime | None = None) -> EmailMessage:
        """Return the message as it goes over the wire; only the Date differs between two calls."""
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = self.from_
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(sent_at or datetime.now(UTC))
        message["Message-ID"] = self.message_id
        if self.reply_to is not None:
            message["Reply-To"] = self.reply_to
        for header, value in self.headers.items():
            message[header] = value
        message.set_content(self.text)
        if self.html is not None:
            message.add_alternative(self.html, subtype="html")
        return message


def stored_name(dedupe_key: str) -> str:
    """Return the name under which a mail of that occasion is kept."""
    return hashlib.sha256(dedupe_key.encode()).hexdigest()


def _field_errors(mail: Mail) -> list[tuple[str, str]]:
    errors = []
    for name in ("to", "from_", "reply_to"):
        value = getattr(mail, name)
        if value is not None and (problem := _address_problem(value)):
            errors.append((name, problem))
    if _BREAKS.search(mail.subject):
        errors.append(("subject", "A subject is one line."))
    if not mail.dedupe_key:
        errors.append(("dedupe_key", "A mail needs a key that names its occasion."))
    for header, value in mail.headers.items():
        if not _HEADER_NAME.fullmatch(header) or header.lower() in _OURS:
            errors.append((f"headers.{header}", "This header can't be set."))
        elif _BREAKS.search(value):
            errors.append((f"headers.{header}", "A header is one line."))
    return errors


def _address_problem(value: str) -> str | None:
    if _BREAKS.search(value):
        return "An address is one line."
    addresses = getaddresses([value])
    address = addresses[0][1]
    local, at, domain = address.rpartition("@")
    if len(addresses) != 1 or not (local and at and domain) or re.search(r"[\s,;<>]", address):
        return "This is not one e-mail address."
    if not address.isascii():
        return "This address needs a server for international addresses, which mail may not have."
    return None


class Mailer(Protocol):
    """Whatever carries mail.

    `is_idempotent`: the same mail given twice is one mail, so an interrupted sending is repeated
    without fear.
    """

    is_idempotent: ClassVar[bool]

    async def send(self, mail: Mail) -> str | None:
        """Carry the mail away and return what it is called from now on. Raises MailRefused."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in the directory, for the outbox; `text` and `html` are empty in lists."""

    name: str
    to: str
    from_: str
    subject: str
    sent_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    html: str = ""


class DirectoryMailer:
    """Keeps each mail as `<hash of its dedupe key>.eml`; a key that is there stays as it is."""

    is_idempotent: ClassVar[bool] = True

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, mail: Mail) -> str | None:
        """Store the mail whole and on disk, or find it there already; return its Message-ID.

        Raises: MailRefused when the directory can't be written.
        """
        try:
            await asyncio.to_thread(self._store, mail)
        except OSError as error:
            raise MailRefused(
                f"The mail directory can't be written: {error.strerror}.", permanent=False
            ) from error
        return mail.message_id

    async def list_mails(self, *, limit: int = 50, offset: int = 0) -> list[StoredMail]:
        """Return stored mails, the newest first."""
        return await asyncio.to_thread(self._list, limit, offset)

    async def count_mails(self) -> int:
        """Return how many mails there are."""
        return len(await asyncio.to_thread(self._entries))

    async def read_mail(self, name: str) -> StoredMail:
        """Return one mail whole. Raises NotFound."""
        if not _MAIL_NAME.fullmatch(name):
            raise NotFound("There is no such mail.")
        try:
            return await asyncio.to_thread(self._read, name, with_body=True)
        except FileNotFoundError:
            raise NotFound("There is no such mail.") from None

    def _store(self, mail: Mail) -> None:
        target = self.path / f"{mail.name}.eml"
        if target.exists():
            return
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=self.path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mail.to_message().as_bytes())
                file.flush()
                os.fsync(file.fileno())
            _link_once(Path(unfinished), target)
        finally:
            Path(unfinished).unlink()

    def _entries(self) -> list[tuple[float, str]]:
        if not self.path.is_dir():
            return []
        with os.scandir(self.path) as entries:
            found = [
                (entry.stat().st_mtime, entry.name.removesuffix(".eml"))
                for entry in entries
                if entry.name.endswith(".eml")
            ]
        return sorted(found, reverse=True)

    def _list(self, limit: int, offset: int) -> list[StoredMail]:
        chosen = self._entries()[offset : offset + limit]
        return [self._read(name, with_body=False) for _, name in chosen]

    def _read(self, name: str, *, with_body: bool) -> StoredMail:
        path = self.path / f"{name}.eml"
        message = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
        return StoredMail(
            name=name,
            to=message["To"],
            from_=message["From"],
            subject=message["Subject"],
            sent_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
            headers=dict(message.items()) if with_body else {},
            text=_body(message, "plain") if with_body else "",
            html=_body(message, "html") if with_body else "",
        )


def _link_once(unfinished: Path, target: Path) -> None:
    """Give the file its name unless another run of the same job has it by now."""
    try:
        target.hardlink_to(unfinished)
    except FileExistsError:
        return


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mail to an SMTP server, one connection for each."""

    is_idempotent: ClassVar[bool] = False

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    encryption: Literal["tls", "starttls", "none"] = "starttls"
    timeout_seconds: float = 30.0

    async def send(self, mail: Mail) -> str | None:
        """Send and return the Message-ID.

        Raises: MailRefused, permanent on a 5xx answer about this mail.
        """
        try:
            await aiosmtplib.send(
                mail.to_message(),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.encryption == "tls",
                start_tls=self.encryption == "starttls",
                timeout=self.timeout_seconds,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = error.recipients[0]
            raise _refusal(first.code, first.message) from error
        except _REFUSED_US as error:
            # Not this mail is at fault: it goes out once the account or the server is right.
            message = f"The mail server refused us: {error.code} {error.message[:200]}"
            raise MailRefused(message, permanent=False) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            message = f"The mail server {self.host} can't be reached: {type(error).__name__}."
            raise MailRefused(message, permanent=False) from error
        return mail.message_id


def _refusal(code: int, message: str) -> MailRefused:
    """Source: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 5yz is permanent."""
    return MailRefused(
        f"The mail server refused the mail: {code} {message[:200]}", permanent=500 <= code < 600
    )
