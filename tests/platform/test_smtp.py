"""A session sends many mails over one connection, and knows of each what became of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.platform.mail import MailRefused, SmtpMailer
from lodestone.platform.mailmerge import MailForm
from lodestone.platform.smtp import Fate, Outcome, SmtpSession, WireMail


@dataclass
class Server:
    """A mail server that refuses `nobody@` for good, `later@` for now, and dies on `deadly@`."""

    port: int = 0
    pipelines: bool = True
    taken: list[bytes] = field(default_factory=list)
    turns: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        recipient: bytes | None = None
        is_begun = has_greeted = False
        while line := await reader.readline():
            verb = line[:4].upper()
            answer = b"250 ok"
            if verb == b"EHLO":
                has_greeted = True
                answer = b"250-here\r\n250 PIPELINING" if self.pipelines else b"250 here"
            elif verb == b"MAIL":
                answer = b"503 nested" if is_begun or not has_greeted else b"250 ok"
                is_begun, recipient = True, None
            elif verb == b"RSET":
                is_begun = False
            elif verb == b"RCPT":
                answer = self._judge(line)
                recipient = line if answer.startswith(b"250") else None
            elif verb == b"DATA":
                if recipient is None and b"nobody" not in line:
                    answer = b"503 no recipient"
                else:
                    writer.write(b"354 go on\r\n")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    is_begun = False
                    if recipient is not None and b"deadly@" in recipient:
                        break
                    self.taken.append(content)
                    answer = b"250 taken"
            elif verb == b"QUIT":
                break
            writer.write(answer + b"\r\n")
        writer.close()

    def _judge(self, line: bytes) -> bytes:
        if b"nobody@" in line:
            return b"550 5.1.1 no such mailbox"
        return b"450 4.2.1 busy" if b"later@" in line else b"250 ok"


@asynccontextmanager
async def serving(*, pipelines: bool) -> AsyncIterator[Server]:
    server = Server(pipelines=pipelines)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server


def _mails(*names: str) -> list[WireMail]:
    return [
        WireMail("a@x.io", f"{name}@x.io", f"Subject: {name}\r\n\r\nHi\r\n".encode())
        for name in names
    ]


async def _send(server: Server, mails: list[WireMail]) -> tuple[list[Outcome | None], list[int]]:
    outcomes: list[Outcome | None] = [None] * len(mails)
    begun: list[int] = []
    session = await SmtpSession.open(SmtpMailer("127.0.0.1", server.port, encryption="none"))

    def after(place: int, outcome: Outcome) -> None:
        outcomes[place] = outcome

    await session.send(mails, before=begun.append, after=after)
    await session.close()
    return outcomes, begun


@pytest.mark.parametrize("pipelines", [True, False])
class TestASession:
    async def test_tells_what_became_of_each(self, *, pipelines: bool) -> None:
        async with serving(pipelines=pipelines) as server:
            names = ("ann", "nobody", "bo", "later", "cy", "no body")
            outcomes, begun = await _send(server, _mails(*names))
        found = [
            outcome and (outcome.fate, outcome.is_final, outcome.is_dead) for outcome in outcomes
        ]
        assert found == [
            (Fate.SENT, False, False),
            (Fate.REFUSED, True, True),
            (Fate.SENT, False, False),
            (Fate.REFUSED, False, False),
            (Fate.SENT, False, False),
            (Fate.REFUSED, True, False),
        ]
        assert begun == [0, 2, 4]
        assert len(server.taken) == 3

    async def test_does_not_know_of_the_one_on_its_way_and_leaves_the_rest(
        self, *, pipelines: bool
    ) -> None:
        async with serving(pipelines=pipelines) as server:
            outcomes, begun = await _send(server, _mails("ann", "deadly", "bo"))
        assert [outcome and outcome.fate for outcome in outcomes] == [
            Fate.SENT,
            Fate.UNCERTAIN,
            None,
        ]
        assert begun == [0, 1]


async def test_a_server_that_is_away_is_no_mails_fault(unused_tcp_port: int) -> None:
    with pytest.raises(MailRefused) as refusal:
        await SmtpSession.open(SmtpMailer("127.0.0.1", unused_tcp_port, encryption="none"))
    assert not refusal.value.permanent


_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n."), max_size=200
)


@given(before=_TEXT, value=_TEXT, after=_TEXT)
def test_a_filled_mail_says_what_it_should(before: str, value: str, after: str) -> None:
    before, after = before.replace("{", ""), after.replace("{", "").replace("}", "")
    form = MailForm(
        from_="Ann <a@x.io>",
        subject="To {{who|you}}",
        text=f"{before}{{{{who}}}}{after}",
        html="<p>{{who}}</p>",
    )
    compiled = form.compile(sent_at=datetime.now(UTC))
    raw = compiled.fill({"who": value}, to="p@x.io", key="k")
    lines = raw.split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert all(len(line) < 998 and line.isascii() and b"\n" not in line for line in lines)
    mail = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    text = mail.get_body(("plain",))
    assert text is not None
    wanted = f"{before}{value}{after}".replace("\r\n", "\n").splitlines()
    assert text.get_content().splitlines() == wanted
