"""What the small clients of outside services share: answers, refusals, and limits for all workers.

Nothing here is called inside a transaction. A service's own limit is counted in the database, by
account, so that any number of workers together stay below it.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from lodestone.platform import httpclient, ratelimit, runtime
from lodestone.platform.errors import InvalidInput, LodestoneError, RateLimited

MOST_PAGES = 50
EXCERPT = 500

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests of one account in any `seconds`."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A list, form, group or tag that a person may choose."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A lead as lists and customer systems take it."""

    email: str
    name: str | None = None

    @property
    def first_name(self) -> str:
        return (self.name or "").partition(" ")[0]

    @property
    def last_name(self) -> str:
        return (self.name or "").partition(" ")[2].strip()


class VendorFailed(LodestoneError):
    """A service did not do what it was asked to; `http_status` is None when it did not answer.

    `is_final` says that asking again would change nothing.
    """

    code = "EXTERNAL_SERVICE_ERROR"
    status = 502

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        excerpt: str | None = None,
        is_final: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.excerpt = excerpt
        self.is_final = is_final
        self.wait_seconds = retry_after_seconds


class CredentialsRefused(InvalidInput):
    """The service does not know this key, or the key may not do what we need."""

    code = "credentials_refused"

    def __init__(
        self, message: str, *, http_status: int, excerpt: str, field: str = "api_key"
    ) -> None:
        super().__init__(message, fields={field: message})
        self.http_status = http_status
        self.excerpt = excerpt


class Api:
    """One account at one service, over HTTP and JSON."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        vendor: str,
        base_url: str,
        account: str,
        limit: Limit | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """`account` is what the limit is counted by; it is stored as a hash only."""
        self._client = client
        self.vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._account = hashlib.sha256(account.encode()).hexdigest()
        self._limit = limit
        self._timeout_seconds = timeout_seconds or runtime.current().vendors.timeout_seconds

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Send a request that may safely arrive twice and return the answer's JSON object.

        Raises: CredentialsRefused for 401 and 403, VendorFailed for every other refusal or silence,
        RateLimited when our own workers have used up the service's limit.
        """
        answer = await self.send(method, path, body=body, params=params, headers=headers)
        return read_json(answer)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Do as `ask`, and return the answer itself."""
        if self._limit is not None:
            key = f"vendor:{self.vendor}:{self._account}"
            await ratelimit.take_at_once(key, self._limit.most, self._limit.seconds)
        content = {} if body is None else {"json": body}
        try:
            answer = await httpclient.send_with_retries(
                self._client,
                method,
                f"{self._base_url}{path}",
                params=params,
                headers=headers,
                total_seconds=self._timeout_seconds,
                **content,
            )
        except InvalidInput:
            raise
        except LodestoneError as error:
            raise VendorFailed(f"{self.vendor} does not answer: {error.message}") from error
        self._refuse_bad(answer)
        return answer

    def _refuse_bad(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if 200 <= status < 300:
            return
        excerpt = excerpt_of(answer)
        if status in {401, 403}:
            raise CredentialsRefused(
                f"{self.vendor} does not accept this key ({status}).",
                http_status=status,
                excerpt=excerpt,
            )
        raise VendorFailed(
            f"{self.vendor} answered {status}.",
            http_status=status,
            excerpt=excerpt,
            is_final=400 <= status < 500 and status not in httpclient.RETRIED_STATUSES,
            retry_after_seconds=httpclient.retry_after_seconds(answer),
        )


def excerpt_of(answer: httpx.Response) -> str:
    """Return the beginning of an answer, as a log can keep it."""
    return answer.text.replace("\x00", "")[:EXCERPT]


def read_json(answer: httpx.Response) -> Json:
    """Return an answer's JSON object; empty when there is no body. Raises: VendorFailed."""
    if not answer.content.strip():
        return {}
    try:
        found = json.loads(answer.content)
    except ValueError as error:
        raise VendorFailed("The service answered with something that is not JSON.") from error
    if not isinstance(found, dict):
        raise VendorFailed("The service answered with JSON that is not an object.")
    return found


def read_list(found: Json, name: str) -> list[Json]:
    """Return the objects under a name; what is no object is left out."""
    rows = found.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


@asynccontextmanager
async def opened(headers: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client for a service whose address is a setting."""
    client = httpclient.open_client(headers={"accept": "application/json", **headers})
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def opened_fenced(headers: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client for an address that a person gave: it never reaches a private network."""
    client = httpclient.open_fenced_client(allow_private=runtime.current().allow_private_urls)
    client.headers.update({"accept": "application/json", **headers})
    try:
        yield client
    finally:
        await client.aclose()


__all__ = [
    "Api",
    "Choice",
    "Contact",
    "CredentialsRefused",
    "Json",
    "Limit",
    "RateLimited",
    "VendorFailed",
    "excerpt_of",
    "opened",
    "opened_fenced",
    "read_json",
    "read_list",
]
