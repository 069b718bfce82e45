"""What keeps a browser safe: headers, a content policy, and no writes from other sites."""

import json
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lodestone.platform.errors import Forbidden

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "x-frame-options": "DENY",
}


_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]


def content_security_policy(nonce: str) -> str:
    """Return the console's policy: our own files, and inline script or style with the nonce only.

    `style-src-attr` is open: ApexCharts positions its tooltips and legends with style attributes.
    An attribute can't load or run anything, for `img-src` and `script-src` still hold.
    """
    return (
        "default-src 'none'; "
        f"script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: https:; font-src 'self'; connect-src 'self'; "
        "frame-src 'self'; media-src 'self' https:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def protect(headers: MutableHeaders, *, nonce: str, https: bool = False) -> None:
    """Set the headers that an answer has not set itself; pages get the content policy too."""
    given = {name for name, _ in headers.raw}
    headers.raw.extend(pair for pair in _RAW_HEADERS if pair[0] not in given)
    if https:
        headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("content-security-policy", content_security_policy(nonce))


def protected(given: Mapping[str, str], *, https: bool = False) -> Mapping[str, str]:
    """Return the headers of an answer that has a content policy of its own, protected."""
    headers = MutableHeaders(given)
    protect(headers, nonce="", https=https)
    return headers


class SecurityHeaders:
    """Middleware: gives each request a nonce and protects each answer."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self.app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), nonce=nonce, https=self._https)
            await send(message)

        await self.app(scope, receive, send_protected)


class RefuseCrossSiteWrites:
    """Middleware: a state-changing request that a browser sends from another site is refused.

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; programs
    say neither and carry no cookie. Requests with `Authorization` are not let in by a cookie,
    and the `open_prefixes` never read one.
    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Fetch-Site
    """

    def __init__(
        self, app: ASGIApp, *, own_hosts: Iterable[str], open_prefixes: Iterable[str]
    ) -> None:
        self.app = app
        self._own_hosts = frozenset(own_hosts)
        self._open_prefixes = tuple(open_prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_welcome(scope):
            await self.app(scope, receive, send)
            return
        error = Forbidden(
            "This request came from another site and was refused.",
            code="cross_site_request",
            hint="Open the page here and try again.",
        )
        body = json.dumps(error.to_json()).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _is_welcome(self, scope: Scope) -> bool:
        if scope["method"] in _SAFE_METHODS or scope["path"].startswith(self._open_prefixes):
            return True
        headers = Headers(scope=scope)
        if "authorization" in headers:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return True
        host = urlsplit(origin).netloc
        return host != "" and (host == headers.get("host") or host in self._own_hosts)
