"""Kit (formerly ConvertKit): forms, tags, and people put on them. API v4, by API key.

Somebody has to exist before they go on a form, so each is created first; all three calls answer the
same when they come twice.

Source: https://developers.kit.com/api-reference
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
PER_PAGE = 500


class Kit:
    """One account at Kit."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Try the key. Raises: CredentialsRefused, VendorFailed."""
        await self._api.ask("GET", "/forms", params={"per_page": 1})
        return {}

    async def list_lists(self) -> list[Choice]:
        """Return the account's forms."""
        return [_choice(row) for row in await self._list("/forms", "forms")]

    async def list_tags(self, list_id: str) -> list[Choice]:
        """Return the account's tags, which all forms share."""
        return [_choice(row) for row in await self._list("/tags", "tags")]

    async def subscribe(self, contact: Contact, *, list_id: str, tag: Choice | None) -> int:
        """Put somebody on a form, with a tag; return the status of the last answer."""
        person: Json = {"email_address": contact.email}
        # An empty name would erase the one that Kit knows.
        named = {**person, "first_name": contact.first_name} if contact.first_name else person
        await self._api.send("POST", "/subscribers", body=named)
        answer = await self._api.send("POST", f"/forms/{list_id}/subscribers", body=named)
        if tag is not None:
            answer = await self._api.send("POST", f"/tags/{tag.id}/subscribers", body=person)
        return answer.status_code

    async def _list(self, path: str, name: str) -> list[Json]:
        rows: list[Json] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            params: dict[str, str | int] = {"per_page": PER_PAGE}
            if cursor:
                params["after"] = cursor
            found = await self._api.ask("GET", path, params=params)
            rows += read_list(found, name)
            pages = found.get("pagination") or {}
            cursor = str(pages.get("end_cursor") or "")
            if not pages.get("has_next_page") or not cursor:
                break
        return rows


def _choice(row: Json) -> Choice:
    return Choice(str(row.get("id")), str(row.get("name") or row.get("id")))


@asynccontextmanager
async def open_kit(api_key: str) -> AsyncIterator[Kit]:
    """Open an account by its API key."""
    base_url = runtime.current().vendors.kit_url
    async with opened({"X-Kit-Api-Key": api_key}) as client:
        yield Kit(Api(client, vendor="Kit", base_url=base_url, account=api_key, limit=LIMIT))
