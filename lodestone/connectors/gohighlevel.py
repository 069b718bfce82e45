"""GoHighLevel: leads as contacts of a location, with tags and fields.

The second API takes a private integration token and a location id, and merges by address. The
first, which the vendor has retired, takes the key of a location; there a contact is looked for
before one is made. Both keep the tags that a contact has.

Source: https://marketplace.gohighlevel.com/docs/
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol
from urllib.parse import quote

from lodestone.connectors.outgoing import (
    Api,
    Contact,
    Json,
    Limit,
    VendorFailed,
    opened,
    read_list,
)
from lodestone.platform import runtime

LIMIT = Limit(100, 10)
VERSION = "2021-07-28"
_NOT_FOUND = frozenset({400, 404, 422})
_FIELDS_REFUSED = frozenset({400, 422})


class GoHighLevel(Protocol):
    """One location, whichever API it is reached by."""

    async def check(self) -> dict[str, str]:
        """Try the key. Raises: CredentialsRefused, VendorFailed."""

    async def save_contact(
        self, contact: Contact, *, tags: Sequence[str], source: str, fields: Mapping[str, str]
    ) -> int:
        """Make or complete a contact; return the status of the last answer."""


class FirstApi:
    """A location by its key, over the first API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Try the key."""
        await self._api.ask("GET", "/contacts/", params={"limit": 1})
        return {}

    async def save_contact(
        self, contact: Contact, *, tags: Sequence[str], source: str, fields: Mapping[str, str]
    ) -> int:
        """Complete the contact of this address, or make one."""
        known = await self._find(contact.email)
        body: Json = {"email": contact.email, "source": source, "customField": dict(fields)}
        if contact.name:
            body["name"] = contact.name
        if known is None:
            body["tags"] = list(tags)
            return (await self._api.send("POST", "/contacts/", body=body)).status_code
        kept = [str(tag) for tag in known.get("tags") or []]
        body["tags"] = list(dict.fromkeys([*kept, *tags]))
        path = f"/contacts/{quote(str(known['id']), safe='')}"
        return (await self._api.send("PUT", path, body=body)).status_code

    async def _find(self, email: str) -> Json | None:
        try:
            found = await self._api.ask("GET", "/contacts/lookup", params={"email": email})
        except VendorFailed as error:
            if error.http_status in _NOT_FOUND:
                return None
            raise
        return next((row for row in read_list(found, "contacts") if row.get("id")), None)


class SecondApi:
    """A location by a private integration token, over the second API."""

    def __init__(self, api: Api, *, location_id: str) -> None:
        self._api = api
        self._location_id = location_id

    async def check(self) -> dict[str, str]:
        """Try the token."""
        params: dict[str, str | int] = {"locationId": self._location_id, "limit": 1}
        await self._api.ask("GET", "/contacts/", params=params)
        return {}

    async def save_contact(
        self, contact: Contact, *, tags: Sequence[str], source: str, fields: Mapping[str, str]
    ) -> int:
        """Make or complete a contact, then add tags: given at once they would replace others."""
        body: Json = {"locationId": self._location_id, "email": contact.email, "source": source}
        if contact.name:
            body["name"] = contact.name
        found = await self._upsert(body, fields)
        row = found.get("contact")
        contact_id = str(row.get("id") or "") if isinstance(row, dict) else ""
        if not contact_id:
            raise VendorFailed("GoHighLevel did not say which contact this is.")
        if not tags:
            return 200
        path = f"/contacts/{quote(contact_id, safe='')}/tags"
        return (await self._api.send("POST", path, body={"tags": list(tags)})).status_code

    async def _upsert(self, body: Json, fields: Mapping[str, str]) -> Json:
        given = [{"key": key, "field_value": value} for key, value in fields.items()]
        try:
            return await self._api.ask(
                "POST", "/contacts/upsert", body={**body, "customFields": given}
            )
        except VendorFailed as error:
            # A location that has not made these fields must still get its contact.
            if error.http_status not in _FIELDS_REFUSED or not fields:
                raise
            return await self._api.ask("POST", "/contacts/upsert", body=body)


@asynccontextmanager
async def open_gohighlevel(key: str, *, location_id: str) -> AsyncIterator[GoHighLevel]:
    """Open a location: by the second API when its id is given, else by the first."""
    vendors = runtime.current().vendors
    headers = {"authorization": f"Bearer {key}"}
    if location_id:
        headers["Version"] = VERSION
    base_url = vendors.gohighlevel_url if location_id else vendors.gohighlevel_v1_url
    async with opened(headers) as client:
        account = location_id or key
        api = Api(client, vendor="GoHighLevel", base_url=base_url, account=account, limit=LIMIT)
        yield SecondApi(api, location_id=location_id) if location_id else FirstApi(api)
