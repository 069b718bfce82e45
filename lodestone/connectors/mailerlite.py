"""MailerLite: groups, and people put into them. There are no tags. By API token.

Creating somebody who is there already updates them and keeps their groups.

Source: https://developers.mailerlite.com
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lodestone.connectors.outgoing import (
    MOST_PAGES,
    Api,
    Choice,
    Contact,
    Json,
    Limit,
    opened,
    read_list,
)
from lodestone.platform import runtime

LIMIT = Limit(120, 60)
PER_PAGE = 100


class MailerLite:
    """One account at MailerLite."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Try the token. Raises: CredentialsRefused, VendorFailed."""
        await self._api.ask("GET", "/groups", params={"limit": 1})
        return {}

    async def list_lists(self) -> list[Choice]:
        """Return the account's groups."""
        rows: list[Json] = []
        for page in range(1, MOST_PAGES + 1):
            found = await self._api.ask("GET", "/groups", params={"limit": PER_PAGE, "page": page})
            rows += read_list(found, "data")
            if not (found.get("links") or {}).get("next"):
                break
        return [Choice(str(row.get("id")), str(row.get("name"))) for row in rows]

    async def list_tags(self, list_id: str) -> list[Choice]:
        """Return nothing: MailerLite has groups alone."""
        return []

    async def subscribe(self, contact: Contact, *, list_id: str, tag: Choice | None) -> int:
        """Put somebody into a group; return the status of the answer."""
        body: Json = {"email": contact.email, "groups": [list_id]}
        if contact.name:
            body["fields"] = {"name": contact.name}
        return (await self._api.send("POST", "/subscribers", body=body)).status_code


@asynccontextmanager
async def open_mailerlite(token: str) -> AsyncIterator[MailerLite]:
    """Open an account by its API token."""
    base_url = runtime.current().vendors.mailerlite_url
    async with opened({"authorization": f"Bearer {token}"}) as client:
        api = Api(client, vendor="MailerLite", base_url=base_url, account=token, limit=LIMIT)
        yield MailerLite(api)
