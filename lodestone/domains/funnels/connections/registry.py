"""The one list of providers: what each is called, asks for and offers, and how it is opened.

Pages, use cases and jobs all go by it; a provider that is not here is nowhere.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from lodestone.connectors import activecampaign, gohighlevel, kit, mailchimp, mailerlite
from lodestone.connectors.outgoing import Choice, Contact
from lodestone.domains.funnels.connections.models import (
    ActiveCampaignConnect,
    Credentials,
    GoHighLevelConnect,
    KeyConnect,
    Provider,
)


class ListAccount(Protocol):
    """An account at a list provider."""

    async def check(self) -> dict[str, str]:
        """Try the credentials and return what is worth keeping beside them."""

    async def list_lists(self) -> list[Choice]:
        """Return the lists that people can be put on."""

    async def list_tags(self, list_id: str) -> list[Choice]:
        """Return the tags that people can be given."""

    async def subscribe(self, contact: Contact, *, list_id: str, tag: Choice | None) -> int:
        """Put somebody on a list; return the status of the last answer."""


@dataclass(frozen=True, slots=True)
class About:
    """What people need to know of a provider; `form` is None where they sign in there instead."""

    provider: Provider
    label: str
    text: str
    form: type[KeyConnect] | None
    key_hint: str
    list_noun: str = "list"
    has_tags: bool = True
    is_crm: bool = False


PROVIDERS: dict[Provider, About] = {
    about.provider: about
    for about in (
        About(
            Provider.KIT,
            "Kit",
            "Puts each new lead on a form, with a tag if you like.",
            KeyConnect,
            "In Kit: Settings, Developer, V4 keys.",
            list_noun="form",
        ),
        About(
            Provider.MAILERLITE,
            "MailerLite",
            "Puts each new lead into a group.",
            KeyConnect,
            "In MailerLite: Integrations, MailerLite API, Generate new token.",
            list_noun="group",
            has_tags=False,
        ),
        About(
            Provider.MAILCHIMP,
            "Mailchimp",
            "Puts each new lead on an audience, with a tag if you like.",
            None,
            "You sign in at Mailchimp; there is no key to copy.",
            list_noun="audience",
        ),
        About(
            Provider.ACTIVECAMPAIGN,
            "ActiveCampaign",
            "Puts each new lead on a list, with a tag if you like.",
            ActiveCampaignConnect,
            "In ActiveCampaign: Settings, Developer. The address and the key stand there together.",
        ),
        About(
            Provider.GOHIGHLEVEL,
            "GoHighLevel",
            "Makes each lead a contact with tags, campaign and answers.",
            GoHighLevelConnect,
            "A private integration token with its location ID, or the key of a location.",
            has_tags=False,
            is_crm=True,
        ),
    )
}


@asynccontextmanager
async def open_lists(
    provider: Provider, api_key: str, metadata: Mapping[str, Any]
) -> AsyncIterator[ListAccount]:
    """Open an account at a list provider.

    Raises: InvalidInput for an address of others, VendorFailed for a damaged connection.
    """
    if provider is Provider.KIT:
        async with kit.open_kit(api_key) as account:
            yield account
    elif provider is Provider.MAILERLITE:
        async with mailerlite.open_mailerlite(api_key) as groups:
            yield groups
    elif provider is Provider.MAILCHIMP:
        data_centre = str(metadata.get("server_prefix") or "")
        async with mailchimp.open_mailchimp(api_key, data_centre=data_centre) as audiences:
            yield audiences
    elif provider is Provider.ACTIVECAMPAIGN:
        base_url = str(metadata.get("base_url") or "")
        async with activecampaign.open_activecampaign(api_key, base_url=base_url) as lists:
            yield lists
    else:
        raise ValueError(f"{provider} has no lists")


@asynccontextmanager
async def open_crm(credentials: Credentials) -> AsyncIterator[gohighlevel.GoHighLevel]:
    """Open the location that a customer system's credentials are for."""
    location_id = str(credentials.metadata.get("location_id") or "")
    async with gohighlevel.open_gohighlevel(
        credentials.api_key, location_id=location_id
    ) as location:
        yield location


async def check(provider: Provider, given: KeyConnect) -> dict[str, Any]:
    """Try credentials by a live call and return what to keep beside the key.

    Raises: CredentialsRefused, VendorFailed, InvalidInput for a wrong address.
    """
    if isinstance(given, GoHighLevelConnect):
        kept: dict[str, Any] = {"location_id": given.location_id} if given.location_id else {}
        async with open_crm(Credentials(api_key=given.api_key, metadata=kept)) as location:
            return {**kept, **await location.check()}
    kept = {}
    if isinstance(given, ActiveCampaignConnect):
        kept = {"base_url": activecampaign.check_base_url(given.base_url)}
    async with open_lists(provider, given.api_key, kept) as account:
        return {**kept, **await account.check()}
