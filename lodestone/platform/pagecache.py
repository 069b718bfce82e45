"""Rendered public pages, kept in each process and dropped in all of them when a row changes.

The database says which row changed (`notify_page_change()` on channel `page_changed`); a process
that does not hear it, because it is not connected, keeps nothing. So a page that is unpublished is
gone at once everywhere.
"""

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from lodestone.platform.telemetry import choose_request_id, count_request

CHANNEL = "page_changed"
RECONNECT_SECONDS = 1.0
VISITOR_COOKIE = "lodestone_visitor"
VISITOR_SECONDS = 90 * 24 * 3600

_log = structlog.get_logger(__name__)

_VISITOR = re.compile(rf"(?:^|;\s*){VISITOR_COOKIE}=([0-9a-f]{{32}})(?:;|$)")


@dataclass(frozen=True, slots=True)
class Rendering:
    """A finished body."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Arms:
    """One rendering for each arm of an experiment; `choose` says which a visitor sees."""

    renderings: tuple[Rendering, ...]
    choose: Callable[[str], int]
    is_https: bool


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A finished answer; `rows` are the ids of all rows it was made from, `subject` its model."""

    id: UUID
    body: bytes
    etag: str
    rows: frozenset[UUID]
    subject: Any = None
    arms: Arms | None = None

    def render_for(self, cookies: str) -> tuple[Rendering, dict[str, str]]:
        """Return what the sender of these cookies sees, and the headers that go with it.

        Only a page under test names its visitors, who see the same arm whenever they come.
        """
        if self.arms is None:
            return Rendering(self.body, self.etag), {}
        headers = {"cache-control": "private, no-cache", "vary": "cookie"}
        visitor = read_visitor(cookies)
        if visitor is None:
            visitor = secrets.token_hex(16)
            headers["set-cookie"] = (
                f"{VISITOR_COOKIE}={visitor}; Path=/; Max-Age={VISITOR_SECONDS}; HttpOnly; "
                f"SameSite=Lax{'; Secure' if self.arms.is_https else ''}"
            )
        return self.arms.renderings[self.arms.choose(visitor)], headers


def read_visitor(cookies: str) -> str | None:
    """Return the random number by which a page under test knows a browser, if it has one."""
    found = _VISITOR.search(cookies)
    return found[1] if found else None


@dataclass(slots=True)
class PageCache:
    """At most `limit` pages, those asked for last."""

    limit: int = 2_000
    _pages: OrderedDict[str, CachedPage] = field(default_factory=OrderedDict)
    _paths: dict[UUID, str] = field(default_factory=dict)
    _changes: int = 0
    _listening: bool = False

    @property
    def is_listening(self) -> bool:
        """Whether changes are heard, so whether pages are kept."""
        return self._listening

    @property
    def changes(self) -> int:
        """How many changes were heard: read it before the rows, and give it to `put`."""
        return self._changes

    def get(self, path: str) -> CachedPage | None:
        """Return a kept page."""
        page = self._pages.get(path)
        if page is not None:
            self._pages.move_to_end(path)
        return page

    def find(self, page_id: UUID) -> CachedPage | None:
        """Return the kept page of this id."""
        path = self._paths.get(page_id)
        return self._pages.get(path) if path is not None else None

    def put(self, path: str, page: CachedPage, *, changes: int) -> None:
        """Keep a page, unless something has changed since its rows were read."""
        if not self._listening or changes != self._changes:
            return
        self._pages[path] = page
        self._paths[page.id] = path
        if len(self._pages) > self.limit:
            self._forget(next(iter(self._pages)))

    def drop(self, row: UUID) -> None:
        """Forget every page made from a row."""
        self._changes += 1
        for path in [path for path, page in self._pages.items() if row in page.rows]:
            self._forget(path)

    def clear(self) -> None:
        """Forget everything."""
        self._changes += 1
        self._pages.clear()
        self._paths.clear()

    def _forget(self, path: str) -> None:
        self._paths.pop(self._pages.pop(path).id, None)

    @asynccontextmanager
    async def listening(self, url: str) -> AsyncIterator[None]:
        """Hear changes while the context lasts; `url` is a direct connection, not a pooler's."""
        task = asyncio.create_task(self._listen(url))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self._deafen()

    async def _listen(self, url: str) -> None:
        while True:
            try:
                await self._hear(url)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("page_cache_deaf", reason=type(error).__name__)
            self._deafen()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _hear(self, url: str) -> None:
        connection = await asyncpg.connect(url)
        closed = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(CHANNEL, self._note)
            self._listening = True
            await closed.wait()
        finally:
            await connection.close()

    def _note(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.drop(UUID(str(payload)))

    def _deafen(self) -> None:
        self._listening = False
        self.clear()


class AnswerKeptPages:
    """Middleware, the outermost: answers with a kept page before anything else runs.

    Such a request reads no cookie but that of a page under test, and writes nothing, so nothing
    that the other layers do is needed; it is counted like every other, and not logged. `route` is
    the pattern under which it counts; `headers` are those of every such answer, beside its ETag
    and length.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        cache: PageCache,
        prefix: str,
        route: str,
        headers: Mapping[str, str],
    ) -> None:
        self.app = app
        self._cache = cache
        self._prefix = prefix
        self._route = route
        self._headers = dict(headers)
        self._encoded = self._encode({})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self._find(scope)
        if kept is None:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        given = dict(scope["headers"])
        shown, own_headers = kept.render_for(given.get(b"cookie", b"").decode("latin-1"))
        is_known = given.get(b"if-none-match") == shown.etag.encode()
        body = b"" if is_known else shown.body
        headers = [
            *(self._encode(own_headers) if own_headers else self._encoded),
            (b"etag", shown.etag.encode()),
            (b"x-request-id", _request_id(given).encode()),
        ]
        if not is_known:
            headers.append((b"content-length", b"%d" % len(body)))
        status = 304 if is_known else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        count_request("GET", self._route, status, time.perf_counter() - started)

    def _encode(self, own: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        return [(name.encode(), value.encode()) for name, value in {**self._headers, **own}.items()]

    def _find(self, scope: Scope) -> CachedPage | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path: str = scope["path"]
        return self._cache.get(path[len(self._prefix) :]) if path.startswith(self._prefix) else None


def _request_id(given: Mapping[bytes, bytes]) -> str:
    return choose_request_id(given.get(b"x-request-id", b"").decode("latin-1"))
