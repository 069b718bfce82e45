"""One mail for many people: made into bytes once, with gaps for what differs.

A gap is written `{{first_name}}`, or `{{first_name|friend}}` with what stands there when the person
has none. The bodies are quoted-printable; each gap stands between soft line breaks, so whatever
goes into it neither breaks a line nor begins one with a dot.

Source: https://www.rfc-editor.org/rfc/rfc2045#section-6.7, https://www.rfc-editor.org/rfc/rfc2047
"""

import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from html import escape, unescape

from lodestone.platform.mail import stored_name

GAP = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*(?:\|([^{}|\r\n]{0,200}))?\}\}")
_BREAKS = re.compile(r"[\r\n\x00]+")
_LONGEST_PLAIN = 60
_SOFT_BREAK = b"=\r\n"


@dataclass(frozen=True, slots=True)
class _Gap:
    name: str
    fallback: str

    def of(self, values: Mapping[str, str]) -> str:
        return values.get(self.name) or self.fallback


_Part = bytes | _Gap
_Encode = Callable[[str], bytes]


def gaps_of(text: str) -> list[str]:
    """Return the names of the gaps of a text, each once, in their order."""
    return list(dict.fromkeys(match[1] for match in GAP.finditer(text)))


def fill_text(text: str, values: Mapping[str, str], *, as_html: bool = False) -> str:
    """Return a text with its gaps filled; in HTML what is filled in is text."""

    def put(match: re.Match[str]) -> str:
        gap = _gap(match, as_html=as_html)
        return escape(gap.of(values)) if as_html else gap.of(values)

    return GAP.sub(put, text)


def _gap(match: re.Match[str], *, as_html: bool = False) -> _Gap:
    fallback = (match[2] or "").strip()
    return _Gap(match[1], unescape(fallback) if as_html else fallback)


@dataclass(frozen=True, slots=True)
class MailForm:
    """A mail with gaps in subject, text, HTML and headers; `from_` and `reply_to` have none."""

    from_: str
    subject: str
    text: str
    html: str
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def compile(self, *, sent_at: datetime) -> "CompiledMail":
        """Return the mail as bytes with gaps."""
        return CompiledMail(self, sent_at)


class CompiledMail:
    """A mail whose bytes are ready but for its gaps."""

    def __init__(self, form: MailForm, sent_at: datetime) -> None:
        name, address = parseaddr(form.from_)
        self.sender = address
        self._domain = address.rpartition("@")[2]
        self._subject = form.subject
        has_gaps = GAP.search(form.subject) is not None
        self._fixed_subject = None if has_gaps else _subject_bytes(form.subject)
        fixed = [f"From: {_address(name, address)}", f"Date: {format_datetime(sent_at)}"]
        if form.reply_to is not None:
            fixed.append(f"Reply-To: {_address(*parseaddr(form.reply_to))}")
        boundary = f"=_{stored_name(form.html)[:32]}"
        fixed += [
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
        ]
        self._head = "".join(f"{line}\r\n" for line in fixed).encode("ascii")
        self._headers = [
            (f"{header}: ".encode("ascii"), _plain_parts(value))
            for header, value in form.headers.items()
        ]
        opening = f"\r\n--{boundary}\r\nContent-Type: text/%s; charset=utf-8\r\n"
        opening += "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        self._text = [(opening % "plain").encode(), *_quoted_parts(form.text)]
        self._html = [(opening % "html").encode(), *_quoted_parts(form.html, as_html=True)]
        self._end = f"\r\n--{boundary}--\r\n".encode()

    def fill(self, values: Mapping[str, str], *, to: str, key: str) -> bytes:
        """Return the mail to one person; `key` names the occasion, and makes the Message-ID."""
        found = [self._head, b"To: ", to.encode("ascii", "replace"), b"\r\nMessage-ID: "]
        found.append(self.message_id(key).encode("ascii"))
        found.append(b"\r\nSubject: ")
        found.append(self._fixed_subject or _subject_bytes(fill_text(self._subject, values)))
        for name, parts in self._headers:
            found += [b"\r\n", name]
            found += [part if isinstance(part, bytes) else _line(part, values) for part in parts]
        found.append(b"\r\n")
        found += [
            part if isinstance(part, bytes) else _quoted(part.of(values)) for part in self._text
        ]
        found += [
            part if isinstance(part, bytes) else _quoted(escape(part.of(values)))
            for part in self._html
        ]
        found.append(self._end)
        return b"".join(found)

    def message_id(self, key: str) -> str:
        """Return the Message-ID of the mail of an occasion."""
        return f"<{stored_name(key)}@{self._domain}>"


def _address(name: str, address: str) -> str:
    # formataddr encodes a name that is not ASCII by itself.
    return formataddr((_BREAKS.sub(" ", name), address))


def _line(gap: _Gap, values: Mapping[str, str]) -> bytes:
    return _BREAKS.sub(" ", gap.of(values)).encode("ascii", "replace")


def _subject_bytes(subject: str) -> bytes:
    line = _BREAKS.sub(" ", subject).strip()
    if len(line) <= _LONGEST_PLAIN and line.isascii() and line.isprintable() and "=?" not in line:
        return line.encode("ascii")
    return (
        Header(line, "utf-8", maxlinelen=74, header_name="Subject").encode(linesep="\r\n").encode()
    )


def _plain_parts(text: str) -> list[_Part]:
    return _split(text, lambda piece: _BREAKS.sub(" ", piece).encode("ascii", "replace"))


def _quoted_parts(text: str, *, as_html: bool = False) -> list[_Part]:
    return _split(text, _quoted_piece, as_html=as_html)


def _split(text: str, encode: _Encode, *, as_html: bool = False) -> list[_Part]:
    parts: list[_Part] = []
    end = 0
    for match in GAP.finditer(text):
        parts += [encode(text[end : match.start()]), _gap(match, as_html=as_html)]
        end = match.end()
    return [*parts, encode(text[end:])]


def _quoted_piece(text: str) -> bytes:
    """Encode what stands between gaps."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return b"\r\n".join(_quoted_line(line) for line in lines)


def _quoted(text: str) -> bytes:
    """Encode what goes into a gap, on lines of its own."""
    return _SOFT_BREAK + _quoted_piece(text) + _SOFT_BREAK if text else b""


def _quoted_line(line: str) -> bytes:
    quoted = binascii.b2a_qp(line.encode("utf-8", "replace"), quotetabs=False, istext=True)
    lines = quoted.replace(b"=\n", _SOFT_BREAK).split(b"\r\n")
    return b"\r\n".join(b"=2E" + each[1:] if each[:1] == b"." else each for each in lines)
