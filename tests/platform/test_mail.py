"""Mail on its way out: into a directory, and to an SMTP server that answers as servers do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.mail import DirectoryMailer, Mail, MailRefused, SmtpMailer

MAIL = Mail(
    to="Ada Lovelace <ada@example.com>",
    from_="Lodestone <hello@example.org>",
    subject="Your guide ist da – ✓",
    text="Read it here.",
    html="<p>Read it <b>here</b>.</p>",
    reply_to="creator@example.org",
    headers={
        "List-Unsubscribe": "<https://example.org/unsubscribe/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    dedupe_key="lead:1:resource",
)


class TestComposing:
    def test_carries_both_bodies_and_the_unsubscribe_headers(self) -> None:
        raw = MAIL.to_message().as_bytes()
        message = message_from_bytes(raw, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        assert message["Subject"] == MAIL.subject
        assert message["Reply-To"] == "creator@example.org"
        assert message["List-Unsubscribe"] == "<https://example.org/unsubscribe/abc>"
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
        ]

    def test_has_the_same_message_id_for_the_same_occasion(self) -> None:
        first, second = MAIL.to_message(), replace(MAIL, text="reworded").to_message()
        other = replace(MAIL, dedupe_key="lead:2:resource").to_message()
        assert first["Message-ID"] == second["Message-ID"] != other["Message-ID"]
        assert first["Message-ID"].endswith("@example.org>")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("to", "ada@example.com\nBcc: all@example.com"),
            ("to", "not an address"),
            ("to", "a@example.com, b@example.com"),
            ("to", "@example.com"),
            ("from_", "a@example.com\r\nX: y"),
            ("reply_to", "a@example.com\r"),
            ("subject", "Hello\r\nBcc: all@example.com"),
            ("dedupe_key", ""),
        ],
    )
    def test_refuses_what_would_break_a_header(self, name: str, value: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            replace(MAIL, **{name: value})  # type: ignore[arg-type]
        assert list(refusal.value.fields) == [name]

    @pytest.mark.parametrize(
        ("header", "value"),
        [("Bcc", "all@example.com"), ("X-A", "a\nb"), ("X A", "a"), ("Subject", "twice")],
    )
    def test_refuses_headers_that_are_not_the_callers(self, header: str, value: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            replace(MAIL, headers={header: value})
        assert list(refusal.value.fields) == [f"headers.{header}"]


class TestDirectory:
    async def test_keeps_one_file_of_one_occasion_however_often_it_is_sent(
        self, tmp_path: Path
    ) -> None:
        mailer = DirectoryMailer(tmp_path / "mail")
        await asyncio.gather(*(mailer.send(MAIL) for _ in range(20)))
        await mailer.send(replace(MAIL, text="reworded"))
        assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{MAIL.name}.eml"]
        assert (await mailer.read_mail(MAIL.name)).text == "Read it here.\n"

    async def test_lists_the_newest_first_and_opens_one(self, tmp_path: Path) -> None:
        mailer = DirectoryMailer(tmp_path)
        for number in range(3):
            await mailer.send(replace(MAIL, subject=f"Mail {number}", dedupe_key=str(number)))
        listed = await mailer.list_mails(limit=2)
        assert [mail.subject for mail in listed] == ["Mail 2", "Mail 1"]
        assert [mail.subject for mail in await mailer.list_mails(offset=2)] == ["Mail 0"]
        assert await mailer.count_mails() == 3

        opened = await mailer.read_mail(listed[0].name)
        assert opened.to == "Ada Lovelace <ada@example.com>"
        assert "<b>here</b>" in opened.html
        assert opened.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    async def test_is_empty_before_the_first_mail(self, tmp_path: Path) -> None:
        mailer = DirectoryMailer(tmp_path / "mail")
        assert await mailer.list_mails() == []

    @pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 64, "x"])
    async def test_opens_nothing_else(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(NotFound):
            await DirectoryMailer(tmp_path).read_mail(name)

    async def test_says_when_it_can_not_write(self, tmp_path: Path) -> None:
        (tmp_path / "mail").write_text("a file")
        with pytest.raises(MailRefused) as refusal:
            await DirectoryMailer(tmp_path / "mail").send(MAIL)
        assert not refusal.value.permanent


@dataclass
class Inbox:
    """What the server answers to DATA, and what it took."""

    answer: str = "250 taken"
    rcpt_answer: str = "250 fine"
    taken: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
        return self.answer


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def smtp_port(inbox: Inbox, unused_tcp_port: int) -> Iterator[int]:
    controller = Controller(inbox, hostname="127.0.0.1", port=unused_tcp_port)
    controller.start()
    yield unused_tcp_port
    controller.stop()


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def mailer_on(port: int) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, encryption="none", timeout_seconds=2)


class TestSmtp:
    async def test_hands_the_mail_over(self, inbox: Inbox, smtp_port: int) -> None:
        await mailer_on(smtp_port).send(MAIL)
        message = message_from_bytes(inbox.taken[0], policy=policy.SMTP)
        assert message["To"] == "Ada Lovelace <ada@example.com>"
        assert message["Message-ID"] == MAIL.to_message()["Message-ID"]

    @pytest.mark.parametrize(
        ("answer", "permanent"), [("550 no such user", True), ("451 greylisted", False)]
    )
    async def test_says_whether_a_refusal_is_for_good(
        self, inbox: Inbox, smtp_port: int, answer: str, permanent: bool
    ) -> None:
        inbox.answer = answer
        with pytest.raises(MailRefused, match=answer) as at_data:
            await mailer_on(smtp_port).send(MAIL)
        inbox.rcpt_answer = answer
        with pytest.raises(MailRefused, match=answer) as at_recipient:
            await mailer_on(smtp_port).send(MAIL)
        assert at_data.value.permanent is at_recipient.value.permanent is permanent

    async def test_does_not_blame_the_mail_for_a_server_that_is_away(
        self, unused_tcp_port: int
    ) -> None:
        with pytest.raises(MailRefused, match="can't be reached") as refusal:
            await mailer_on(unused_tcp_port).send(MAIL)
        assert not refusal.value.permanent

    async def test_gives_up_on_a_server_that_says_nothing(self, silent_port: int) -> None:
        mailer = SmtpMailer("127.0.0.1", silent_port, encryption="none", timeout_seconds=0.2)
        with pytest.raises(MailRefused) as refusal:
            await mailer.send(MAIL)
        assert not refusal.value.permanent

    async def test_sends_nothing_in_the_clear_when_encryption_is_asked_for(
        self, inbox: Inbox, smtp_port: int
    ) -> None:
        mailer = SmtpMailer("127.0.0.1", smtp_port, encryption="starttls", timeout_seconds=2)
        with pytest.raises(MailRefused):
            await mailer.send(MAIL)
        assert inbox.taken == []

    def test_shows_no_password(self) -> None:
        assert "hunter2" not in repr(SmtpMailer("h", 25, "user", "hunter2"))
