"""The router of hosts: `/{slug}` on an own domain is that workspace's page, anything else 404.

The outermost middleware. A request to the product's own host costs it one comparison; what is known
of other hosts is kept for a minute, the unknown ones too, and forgotten when a domain changes.
"""

import ipaddress
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from lodestone.domains.funnels.domains import rules, service
from lodestone.platform.errors import NotFound
from lodestone.platform.pagecache import PageCache

KEPT_SECONDS = 60.0
MOST_HOSTS = 500
MOST_OWN_SPELLINGS = 100
ALWAYS = frozenset({"/healthz"})
_INNER = "/p/@"

Find = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class KnownHosts:
    """Which hosts are own domains; at most `limit`, those asked for last.

    `changes` counts what was heard of the database: what was kept before is then asked anew.
    """

    changes: Callable[[], int]
    is_listening: Callable[[], bool]
    find: Find
    limit: int = MOST_HOSTS
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[str, tuple[float, int, bool]] = field(default_factory=OrderedDict)

    async def is_known(self, host: str) -> bool:
        """Tell whether pages are served on a host."""
        kept = self._kept.get(host)
        if kept is not None and kept[0] > self.clock() and kept[1] == self.changes():
            self._kept.move_to_end(host)
            return kept[2]
        changes = self.changes()
        answer = await self.find(host)
        if self.is_listening():
            self._kept[host] = (self.clock() + KEPT_SECONDS, changes, answer)
            self._kept.move_to_end(host)
            if len(self._kept) > self.limit:
                self._kept.popitem(last=False)
        return answer


class RouteHosts:
    """Middleware: lets the product's own host through, and turns own domains into their pages.

    With `is_strict` a host that is neither is answered 404; without, where the product does not
    know its own name, it is taken for the product's. Behind one of the `proxies` the host is what
    X-Forwarded-Host says.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        own_host: str,
        is_strict: bool,
        cache: PageCache,
        proxies: Iterable[str] = (),
    ) -> None:
        self.app = app
        self._own_host = own_host
        self._is_strict = is_strict
        self._proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]
        self._own: set[bytes] = set()
        self._hosts = KnownHosts(
            changes=lambda: cache.changes,
            is_listening=lambda: cache.is_listening,
            find=lambda host: service.is_served(domain=host),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        raw = self._read_host(scope)
        if raw in self._own:
            is_inner = scope["path"].startswith(_INNER)
            await (_refuse(send) if is_inner else self.app(scope, receive, send))
            return
        host = _name_of(raw)
        if host == self._own_host or rules.is_own_host(host):
            if len(self._own) < MOST_OWN_SPELLINGS:
                self._own.add(raw)
            is_inner = scope["path"].startswith(_INNER)
            await (_refuse(send) if is_inner else self.app(scope, receive, send))
            return
        await self._answer_elsewhere(host, scope, receive, send)

    async def _answer_elsewhere(
        self, host: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        path = scope["path"]
        if await self._hosts.is_known(host):
            inner = rules.route(host, path)
            if inner is None:
                await _refuse(send)
                return
            routed = {**scope, "path": inner, "raw_path": inner.encode()}
            await self.app(routed, receive, send)
            return
        if (self._is_strict and path not in ALWAYS) or path.startswith(_INNER):
            await _refuse(send)
            return
        await self.app(scope, receive, send)

    def _read_host(self, scope: Scope) -> bytes:
        found = b""
        forwarded = b""
        for name, value in scope["headers"]:
            if name == b"host":
                found = value
            elif name == b"x-forwarded-host":
                forwarded = value
        return forwarded if forwarded and self._is_proxied(scope) else found

    def _is_proxied(self, scope: Scope) -> bool:
        client = scope.get("client")
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(
            address in network for network in self._proxies if network.version == address.version
        )


def _name_of(raw: bytes) -> str:
    """Return the name in a Host header: lower case, without port and the last dot."""
    text = raw.decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")


async def _refuse(send: Send) -> None:
    body = json.dumps(NotFound("There is no page at this address.").to_json()).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
