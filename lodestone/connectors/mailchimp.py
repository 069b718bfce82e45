"""Mailchimp: audiences, tags by name, and people put on them; connected by OAuth.

Putting somebody on an audience is a PUT by the hash of the address, so it can't make two of one.
Who has left an audience stays away: the status is given for new people alone.

Source: https://mailchimp.com/developer/marketing/api/
"""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from lodestone.connectors.outgoing import (
    MOST_PAGES,
    Api,
    Choice,
    Contact,
    Json,
    Limit,
    VendorFailed,
    excerpt_of,
    opened,
    read_json,
    read_list,
)
from lodestone.platform import httpclient, runtime
from lodestone.platform.errors import LodestoneError, Unavailable
from lodestone.platform.vendors import MailchimpApp

LIMIT = Limit(10, 1)
PER_PAGE = 1000
DATA_CENTRE = re.compile(r"[a-z]{2}[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person let us do, and where their account lives."""

    token: str
    data_centre: str
    account_name: str


class Mailchimp:
    """One account at Mailchimp."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def check(self) -> dict[str, str]:
        """Return the name of the account. Raises: CredentialsRefused, VendorFailed."""
        found = await self._api.ask("GET", "/", params={"fields": "account_name"})
        return {"account_name": str(found["account_name"])} if found.get("account_name") else {}

    async def list_lists(self) -> list[Choice]:
        """Return the account's audiences."""
        rows: list[Json] = []
        for page in range(MOST_PAGES):
            found = await self._api.ask(
                "GET", "/lists", params={"count": PER_PAGE, "offset": page * PER_PAGE}
            )
            part = read_list(found, "lists")
            rows += part
            if not part or len(rows) >= int(found.get("total_items") or 0):
                break
        return [Choice(str(row.get("id")), str(row.get("name"))) for row in rows]

    async def list_tags(self, list_id: str) -> list[Choice]:
        """Return an audience's tags, which are known by their names."""
        found = await self._api.ask("GET", f"/lists/{quote(list_id, safe='')}/tag-search")
        return [
            Choice(str(row.get("name")), str(row.get("name"))) for row in read_list(found, "tags")
        ]

    async def subscribe(self, contact: Contact, *, list_id: str, tag: Choice | None) -> int:
        """Put somebody on an audience, with a tag; return the status of the last answer."""
        person = hashlib.md5(contact.email.lower().encode(), usedforsecurity=False).hexdigest()
        path = f"/lists/{quote(list_id, safe='')}/members/{person}"
        body: Json = {"email_address": contact.email, "status_if_new": "subscribed"}
        if contact.first_name:
            body["merge_fields"] = {"FNAME": contact.first_name}
        answer = await self._api.send("PUT", path, body=body)
        if tag is not None:
            tags = {"tags": [{"name": tag.name, "status": "active"}]}
            answer = await self._api.send("POST", f"{path}/tags", body=tags)
        return answer.status_code


def find_app() -> MailchimpApp | None:
    """Return our registration, None when there is none and nobody can connect."""
    return runtime.current().vendors.mailchimp


def authorize_url(*, state: str, redirect_uri: str) -> str:
    """Return where a person lets us in. Raises: Unavailable without a registration."""
    query = {
        "response_type": "code",
        "client_id": _app().client_id,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{runtime.current().vendors.mailchimp_login_url}/oauth2/authorize?{urlencode(query)}"


async def exchange(*, code: str, redirect_uri: str) -> Grant:
    """Trade the code of a sign-in for a token and learn where the account lives.

    Raises: VendorFailed when Mailchimp refuses or says nothing useful.
    """
    app = _app()
    base = runtime.current().vendors.mailchimp_login_url
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": redirect_uri,
        "code": code,
    }
    async with opened({}) as client:
        # A code is good once, so this is not tried again.
        token = str((await _post(client, f"{base}/oauth2/token", form)).get("access_token") or "")
        if not token:
            raise VendorFailed("Mailchimp gave no token. Connect once more.")
        metadata = await Api(client, vendor="Mailchimp", base_url=base, account=token).ask(
            "GET", "/oauth2/metadata", headers={"authorization": f"OAuth {token}"}
        )
    data_centre = str(metadata.get("dc") or "")
    if not DATA_CENTRE.fullmatch(data_centre):
        raise VendorFailed("Mailchimp did not say where this account lives.")
    return Grant(token, data_centre, str(metadata.get("accountname") or ""))


@asynccontextmanager
async def open_mailchimp(token: str, *, data_centre: str) -> AsyncIterator[Mailchimp]:
    """Open an account. Raises: VendorFailed when the data centre is none."""
    if not DATA_CENTRE.fullmatch(data_centre):
        raise VendorFailed("This is no data centre of Mailchimp.", is_final=True)
    base_url = runtime.current().vendors.mailchimp_url.replace("{dc}", data_centre)
    async with opened({"authorization": f"Bearer {token}"}) as client:
        api = Api(client, vendor="Mailchimp", base_url=base_url, account=token, limit=LIMIT)
        yield Mailchimp(api)


async def _post(client: httpx.AsyncClient, url: str, form: dict[str, str]) -> Json:
    try:
        answer = await httpclient.send(client, "POST", url, data=form, total_seconds=10.0)
    except (httpx.HTTPError, LodestoneError) as error:
        raise VendorFailed("Mailchimp does not answer. Try again in a moment.") from error
    if answer.status_code != 200:
        raise VendorFailed(
            "Mailchimp refused the sign-in. Connect once more.",
            http_status=answer.status_code,
            excerpt=excerpt_of(answer),
            is_final=True,
        )
    return read_json(answer)


def _app() -> MailchimpApp:
    app = find_app()
    if app is None:
        raise Unavailable("Mailchimp can't be connected here: this installation is not registered.")
    return app
