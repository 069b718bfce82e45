"""Conductor: a person's own orchestration endpoint, told of leads by a bearer key.

The address is the person's, so it is fenced; an answer is waited for five seconds at most.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lodestone.connectors.outgoing import Api, Json, opened_fenced
from lodestone.platform import httpclient, runtime

PATH = "/api/webhooks/conductor"
SECONDS = 5.0


def check_endpoint(url: str) -> str:
    """Return an endpoint's address. Raises: ForbiddenAddress for `endpoint_url`."""
    cleaned = url.strip().rstrip("/")
    return httpclient.check_url(
        cleaned, allow_private=runtime.current().allow_private_urls, field="endpoint_url"
    )


class Conductor:
    """One endpoint."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Try the key. Raises: CredentialsRefused, VendorFailed."""
        await self._api.send("GET", f"{PATH}/verify")
        return {}

    async def tell(self, payload: Json, *, event_id: str) -> int:
        """Post an event; the id lets the other side know it again."""
        answer = await self._api.send(
            "POST", PATH, body=payload, headers={"idempotency-key": event_id}
        )
        return answer.status_code


@asynccontextmanager
async def open_conductor(key: str, *, endpoint_url: str) -> AsyncIterator[Conductor]:
    """Open an endpoint. Raises: ForbiddenAddress."""
    address = check_endpoint(endpoint_url)
    async with opened_fenced({"authorization": f"Bearer {key}"}) as client:
        yield Conductor(
            Api(
                client,
                vendor="Conductor",
                base_url=address,
                account=address,
                timeout_seconds=SECONDS,
            )
        )
