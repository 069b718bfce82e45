"""Outgoing HTTP: timeouts and size limits always, retries where asked, and a fence for addresses
that users give, which must never reach into private networks.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina

from lodestone.platform.errors import InvalidInput, Unavailable
from lodestone.platform.unpacking import Unpacker, charset_of

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 60.0
LARGEST_ANSWER = 10 * 1024 * 1024  # bytes, decoded
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
LONGEST_WAIT_SECONDS = 30.0
USER_AGENT = "Lodestone"
ENCODING = "gzip"
"""What we unpack, once: brotli and chains of encodings grow without a measure on the way."""

_TIMEOUT = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)

# Networks that `is_global` lets pass, or whose addresses lead on to an IPv4 address.
_TRANSLATED = (
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64, https://www.rfc-editor.org/rfc/rfc6052
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # NAT64, https://www.rfc-editor.org/rfc/rfc8215
)
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5
# Nothing else is given to hosts: https://www.iana.org/assignments/ipv6-address-space
_UNICAST = ipaddress.IPv6Network("2000::/3")
_UNROUTED = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # https://www.rfc-editor.org/rfc/rfc6890
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays, https://www.rfc-editor.org/rfc/rfc7526
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's own services, behind every machine there
    ipaddress.IPv6Network("3fff::/20"),  # documentation, https://www.rfc-editor.org/rfc/rfc9637
)


class ForbiddenAddress(InvalidInput):
    """An address that a user gave leads where our servers must not go."""

    code = "forbidden_address"

    def __init__(self, message: str, *, field: str = "url") -> None:
        super().__init__(message, fields={field: message})
        self.permanent = True


def is_public(address: IPAddress) -> bool:
    """Say whether an address is one of the open internet, and not a way around to a private one."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = _embedded_ipv4(address)
        if embedded is not None:
            return is_public(embedded)
        if address not in _UNICAST:
            return False
    unrouted = any(
        address in network for network in _UNROUTED if network.version == address.version
    )
    return address.is_global and not address.is_multicast and not unrouted


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _COMPATIBLE or any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


_NAMES = ThreadPoolExecutor(8, thread_name_prefix="names")


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host. Raises OSError when it has none.

    In threads of its own: a name server that never answers holds up names and nothing else.
    """
    found = await asyncio.get_running_loop().run_in_executor(
        _NAMES, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_url(url: str, *, allow_private: bool = False, field: str = "url") -> str:
    """Return a web address that a user typed, or refuse it before anything is resolved.

    Raises: ForbiddenAddress naming the field.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ForbiddenAddress("This is not a web address.", field=field) from None
    schemes = {"https", "http"} if allow_private else {"https"}
    if parts.scheme not in schemes or not host or port == 0:
        raise ForbiddenAddress("A web address starts with https://.", field=field)
    if parts.username or parts.password:
        raise ForbiddenAddress("A web address holds no password.", field=field)
    if not allow_private and not _may_be_public(host):
        raise ForbiddenAddress("This address leads into a private network.", field=field)
    return url


def _may_be_public(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return not host.rstrip(".").lower().endswith("localhost")


class PublicOnlyTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses alone.

    The host is resolved once, every address it has is checked, and the connection goes to a checked
    one, so a name that answers differently a moment later gains nothing. Each request, also one
    that follows a redirect, passes here. The certificate is still that of the host.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolver: Resolve = resolve,
        is_allowed: Callable[[IPAddress], bool] = is_public,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`resolver`, `is_allowed` and `tls` replace the system's names, the fence and its CAs."""
        self._allow_private = allow_private
        self._resolve = resolver
        self._is_allowed = is_allowed
        # A kept connection is found again by its address, where another host may live too.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(limits=limits, verify=tls or True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: ForbiddenAddress, httpx.TransportError."""
        check_url(str(request.url), allow_private=self._allow_private)
        if self._allow_private:
            return await self._inner.handle_async_request(request)
        host = request.url.host
        failure: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in await self._public_addresses(request):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or httpx.ConnectError(f"{host} has no address", request=request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _public_addresses(self, request: httpx.Request) -> list[str]:
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            found = await self._resolve(request.url.host, port)
        except OSError as error:
            raise httpx.ConnectError("The host has no address.", request=request) from error
        # One private address among public ones is how rebinding begins: then none is good.
        addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
        if not all(map(self._is_allowed, addresses)):
            raise ForbiddenAddress("This address leads into a private network.")
        return found


def open_client(
    *,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    read_seconds: float = READ_SECONDS,
) -> httpx.AsyncClient:
    """Return a client for a service that a setting names; the caller closes it."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": ENCODING, **(headers or {})},
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
    )


def open_fenced_client(
    *, allow_private: bool = False, transport: PublicOnlyTransport | None = None
) -> httpx.AsyncClient:
    """Return a client for addresses that users give; the caller closes it.

    `allow_private` is `runtime.current().allow_private_urls`. Redirects are not followed; asked to,
    the client checks each hop.
    """
    return httpx.AsyncClient(
        transport=transport or PublicOnlyTransport(allow_private=allow_private),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        # Nothing that one address hands out goes to another request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=_TIMEOUT,
        follow_redirects=False,
        max_redirects=5,
        trust_env=False,
    )


async def send(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    largest_answer: int = LARGEST_ANSWER,
    total_seconds: float = TOTAL_SECONDS,
    follow_redirects: bool = False,
    **options: Any,
) -> httpx.Response:
    """Send a request and return the whole answer, whatever its status.

    Raises: AnswerTooLarge above `largest_answer` decoded bytes; httpx.TransportError, a timeout
    too when everything together takes longer than `total_seconds`; httpx.TooManyRedirects;
    ForbiddenAddress.
    """
    request = client.build_request(method, url, **options)
    try:
        async with asyncio.timeout(total_seconds):
            for _ in range(client.max_redirects + 1):
                answer = await client.send(request, stream=True, follow_redirects=False)
                try:
                    # What an answer that leads on says beside that is not read: it may be endless.
                    if not follow_redirects or answer.next_request is None:
                        return await _read(answer, largest_answer)
                    request = answer.next_request
                finally:
                    await answer.aclose()
            raise httpx.TooManyRedirects("Exceeded maximum allowed redirects.", request=request)
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"no answer in {total_seconds:g} seconds") from error


async def _read(answer: httpx.Response, largest: int) -> httpx.Response:
    unpacker = Unpacker(answer.headers.get("content-encoding", ""), largest)
    async for piece in answer.aiter_raw():
        unpacker.take(piece)
    # The body is decoded by now, so what described it on the wire no longer holds.
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name not in {"content-encoding", "content-length", "transfer-encoding"}
    ]
    whole = httpx.Response(
        answer.status_code, headers=headers, content=bytes(unpacker.body), request=answer.request
    )
    whole.encoding = charset_of(answer)
    return whole


async def send_with_retries(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    attempts: int = 3,
    **options: Any,
) -> httpx.Response:
    """Send a request that may safely arrive twice; try again after a fault of the line or a
    passing status (429, 5xx), as long as the other side asks, with jitter.

    Returns the last answer, whatever its status. Raises: Unavailable when there was none;
    AnswerTooLarge, ForbiddenAddress.
    """
    try:
        async for attempt in stamina.retry_context(
            on=_pause, attempts=attempts, timeout=None, wait_initial=0.2, wait_jitter=0.3
        ):
            with attempt:
                answer = await send(client, method, url, **options)
                if answer.status_code not in RETRIED_STATUSES:
                    return answer
                raise _PassingStatus(answer)
    except _PassingStatus as passing:
        return passing.answer
    except httpx.TransportError as error:
        host = client.base_url.join(url).host
        raise Unavailable(f"{host} does not answer: {type(error).__name__}.") from error
    raise AssertionError("the last attempt returns or raises")


class _PassingStatus(Exception):
    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(str(answer.status_code))
        self.answer = answer


def _pause(error: Exception) -> bool | float:
    """Tell stamina whether to try again, and after how many seconds when the other side says."""
    if isinstance(error, _PassingStatus):
        asked = retry_after_seconds(error.answer)
        if asked is None:
            return True
        return asked if asked <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, httpx.TransportError)


def retry_after_seconds(answer: httpx.Response) -> float | None:
    """Return how long the other side asks us to wait, if it does.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
