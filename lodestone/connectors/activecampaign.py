"""ActiveCampaign: lists, tags, and contacts put on them. API v3, by the account's address and key.

Source: https://developers.activecampaign.com/reference
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from lodestone.connectors.outgoing import (
    MOST_PAGES,
    Api,
    Choice,
    Contact,
    Json,
    Limit,
    VendorFailed,
    opened_fenced,
    read_list,
)
from lodestone.platform import httpclient, runtime
from lodestone.platform.errors import InvalidInput

LIMIT = Limit(5, 1)
PER_PAGE = 100
# An account lives on one of the vendor's clusters: name.api-us1.com, or name.activehosted.com.
HOST = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.(api-[a-z]{2}[0-9]{1,2}\.com|activehosted\.com)")


def check_base_url(url: str) -> str:
    """Return an account's address, or refuse what is none. Raises: InvalidInput for `base_url`."""
    cleaned = url.strip().rstrip("/").removesuffix("/api/3")
    is_open = runtime.current().allow_private_urls
    httpclient.check_url(cleaned, allow_private=is_open, field="base_url")
    parts = urlsplit(cleaned)
    is_known = HOST.fullmatch((parts.hostname or "").lower()) and parts.port is None
    if parts.path or parts.query or not (is_open or is_known):
        sentence = "Take the API URL of your account, such as https://name.api-us1.com."
        raise InvalidInput(sentence, fields={"base_url": sentence})
    return cleaned


class ActiveCampaign:
    """One account at ActiveCampaign."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Try the key. Raises: CredentialsRefused, VendorFailed."""
        await self._api.ask("GET", "/lists", params={"limit": 1})
        return {}

    async def list_lists(self) -> list[Choice]:
        """Return the account's lists."""
        rows = await self._list("/lists", "lists")
        return [Choice(str(row.get("id")), str(row.get("name"))) for row in rows]

    async def list_tags(self, list_id: str) -> list[Choice]:
        """Return the account's tags, which all lists share."""
        rows = await self._list("/tags", "tags")
        return [Choice(str(row.get("id")), str(row.get("tag"))) for row in rows]

    async def subscribe(self, contact: Contact, *, list_id: str, tag: Choice | None) -> int:
        """Put somebody on a list, with a tag; return the status of the last answer."""
        contact_id = await self._save(contact)
        listed = {"contactList": {"list": list_id, "contact": contact_id, "status": 1}}
        answer = await self._api.send("POST", "/contactLists", body=listed)
        if tag is not None:
            tagged = {"contactTag": {"contact": contact_id, "tag": tag.id}}
            answer = await self._api.send("POST", "/contactTags", body=tagged)
        return answer.status_code

    async def _save(self, contact: Contact) -> str:
        person: Json = {"email": contact.email}
        if contact.name:
            person |= {"firstName": contact.first_name, "lastName": contact.last_name}
        try:
            found = await self._api.ask("POST", "/contacts", body={"contact": person})
            row = found.get("contact")
        except VendorFailed as error:
            if error.http_status != 422:  # there already
                raise
            found = await self._api.ask("GET", "/contacts", params={"email": contact.email})
            row = next(iter(read_list(found, "contacts")), None)
            if row is None:
                raise
        if not isinstance(row, dict) or not row.get("id"):
            raise VendorFailed("ActiveCampaign did not say which contact this is.")
        return str(row["id"])

    async def _list(self, path: str, name: str) -> list[Json]:
        rows: list[Json] = []
        for page in range(MOST_PAGES):
            found = await self._api.ask(
                "GET", path, params={"limit": PER_PAGE, "offset": page * PER_PAGE}
            )
            part = read_list(found, name)
            rows += part
            if len(part) < PER_PAGE:
                break
        return rows


@asynccontextmanager
async def open_activecampaign(api_key: str, *, base_url: str) -> AsyncIterator[ActiveCampaign]:
    """Open an account by its address and key. Raises: InvalidInput for an address of others."""
    address = check_base_url(base_url)
    async with opened_fenced({"Api-Token": api_key}) as client:
        yield ActiveCampaign(
            Api(
                client,
                vendor="ActiveCampaign",
                base_url=f"{address}/api/3",
                account=address,
                limit=LIMIT,
            )
        )
