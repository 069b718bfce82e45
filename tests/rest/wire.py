"""What PostgreSQL is really sent: a relay that reads along between the pool and the server."""

import asyncio
import re
import shutil
import struct
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement on its way; one that is not `is_prepared` has no place for values."""

    text: str
    is_prepared: bool


@dataclass(slots=True)
class Wire:
    """A database behind the relay, and everything that was sent to it since `take`."""

    url: str
    sent: list[Sent] = field(default_factory=list)

    def take(self) -> list[Sent]:
        """Return what was sent since the last time."""
        taken, self.sent = self.sent, []
        return taken


@asynccontextmanager
async def reading_along(url: str) -> AsyncIterator[Wire]:
    """Relay to a database on a Unix socket until the block ends."""
    match = re.fullmatch(r"(.+\?host=)(.+)", url)
    assert match is not None
    directory = Path(tempfile.mkdtemp(prefix="lodestone-wire-"))
    wire = Wire(f"{match[1]}{directory}")
    tasks: set[asyncio.Task[None]] = set()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = f"{match[2]}/.s.PGSQL.5432"
        server_reader, server_writer = await asyncio.open_unix_connection(target)
        parser = _Parser(wire.sent)

        async def up() -> None:
            while part := await reader.read(_CHUNK):
                parser.sent = wire.sent
                parser.feed(part)
                server_writer.write(part)
                await server_writer.drain()
            server_writer.close()

        async def down() -> None:
            while part := await server_reader.read(_CHUNK):
                writer.write(part)
                await writer.drain()
            writer.close()

        for way in (up, down):
            task = asyncio.create_task(way())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_unix_server(relay, directory / ".s.PGSQL.5432")
    try:
        yield wire
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        shutil.rmtree(directory)


class _Parser:
    """Reads the frontend's messages. Source: PostgreSQL's documentation, "Message Formats"."""

    def __init__(self, sent: list[Sent]) -> None:
        self.sent = sent
        self._buffer = b""
        self._has_started = False

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""
        self._buffer += part
        for kind, body in self._messages():
            if kind == b"Q":
                self.sent.append(Sent(body[:-1].decode(), is_prepared=False))
            elif kind == b"P":
                _, text, _ = body.split(b"\0", 2)
                self.sent.append(Sent(text.decode(), is_prepared=True))

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while True:
            head = 1 if self._has_started else 0  # the first message has no type
            if len(self._buffer) < head + 4:
                return
            (length,) = struct.unpack("!I", self._buffer[head : head + 4])
            if len(self._buffer) < head + length:
                return
            kind, body = self._buffer[:head], self._buffer[head + 4 : head + length]
            self._buffer = self._buffer[head + length :]
            self._has_started = True
            yield kind, body


# What the data API says without values: the frame of a transaction. The claims stand in it as one
# quoted literal; they are signed, or made by us.
_FRAME = re.compile(
    r"begin( read only)?; set local role \w+; set local \"request\.jwt\.claims\" = '(?:[^']|'')*'"
    r"(?:; set local statement_timeout = \d+)?|commit|rollback|set local search_path = ''"
)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_OWN_LITERALS = frozenset({"'UTF8'", "'[]'", "'{}'", "'null'", "''", r"'\n'", "'rest.updated'"})
# Positions of values and columns, the first element, CSV without its brackets, one row, one more
# than the most rows that the tests' setting allows.
_OWN_NUMBERS = re.compile(
    r"\$\d+|group by \d+(, \d+)*|-> 0\b|from 2 for length|- 2\)|returning 1\b|limit (1|51)\b"
    r"|::bigint, 0\)|\+ 1\)::text"
)
_DRIVER = re.compile(r"\s*select\s+current_setting\('jit'\)[^$]*", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d+")


def interpolated(statement: Sent, constants: frozenset[str]) -> list[str]:
    """Return the literals that the data API has put into a statement instead of binding them.

    Statements that stand in our sources or in the driver's as they are (`constants`) hold none of
    a request. Names are quoted and come from the catalog, save for the aliases of an answer.
    """
    if statement.text in constants or _DRIVER.fullmatch(statement.text):
        return []
    if not statement.is_prepared:
        return [] if _FRAME.fullmatch(statement.text) else [statement.text]
    bare = _QUOTED.sub('""', statement.text)
    literals = [found for found in _LITERAL.findall(bare) if found not in _OWN_LITERALS]
    return literals + _NUMBER.findall(_OWN_NUMBERS.sub("", _LITERAL.sub("''", bare)))
