"""A local server that speaks an outside service's protocol: routes, JSON, and what it was sent."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; header names are in lower case, `body` is its JSON or form."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class VendorServer:
    """Answers by routes, while it is answering; the first that fits the whole path is taken."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_answering: asyncio.Event = field(default_factory=asyncio.Event)
    _routes: list[tuple[str, re.Pattern[str], Callable[[Asked], Answer]]] = field(
        default_factory=list
    )

    def on(self, method: str, pattern: str, answer: Answer | Callable[[Asked], Answer]) -> None:
        """Answer requests with this method and path, before routes that were given earlier."""
        ready = answer if callable(answer) else lambda _: answer
        self._routes.insert(0, (method, re.compile(pattern), ready))

    def sent(self, method: str, pattern: str) -> list[Asked]:
        """Return the requests with this method and path, in order."""
        return [
            one for one in self.asked if one.method == method and re.fullmatch(pattern, one.path)
        ]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request, answer it and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = head[0].split(" ")
        parts = urlsplit(target)
        asked = Asked(
            method, parts.path, dict(parse_qsl(parts.query)), headers, _body(headers, raw)
        )
        self.asked.append(asked)
        self.is_asked.set()
        await self.is_answering.wait()
        status, given = self._answer(asked)
        content = b"" if given is None else json.dumps(given).encode()
        lines = [
            f"HTTP/1.1 {status} Told",
            f"content-length: {len(content)}",
            "content-type: application/json",
            "connection: close",
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _answer(self, asked: Asked) -> Answer:
        for method, pattern, answer in self._routes:
            if method == asked.method and pattern.fullmatch(asked.path):
                return answer(asked)
        return 404, {"message": "There is nothing here."}


def _body(headers: dict[str, str], raw: bytes) -> Any:
    if not raw:
        return None
    if "json" in headers.get("content-type", ""):
        return json.loads(raw)
    return dict(parse_qsl(raw.decode()))


@asynccontextmanager
async def serving() -> AsyncIterator[VendorServer]:
    """Run a server while the context lasts."""
    vendor = VendorServer()
    vendor.is_answering.set()
    server = await asyncio.start_server(vendor.take, "127.0.0.1", 0)
    async with server:
        vendor.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield vendor
