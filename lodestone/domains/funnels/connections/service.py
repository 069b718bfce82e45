"""The use cases of connections and mappings."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lodestone.connectors import mailchimp
from lodestone.connectors.conductor import check_endpoint, open_conductor
from lodestone.connectors.outgoing import Choice, CredentialsRefused, VendorFailed
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.connections import queries, registry
from lodestone.domains.funnels.connections.models import (
    NO_LIST,
    ConductorConnect,
    Connection,
    Credentials,
    KeyConnect,
    Mapping,
    MappingGiven,
    Provider,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound, RateLimited
from lodestone.platform.secrets import new_token

CONDUCTOR = "conductor"
OAUTH_MINUTES = 10
OAUTH_PATH = "/app/connections/mailchimp/callback"
_STATE = "mailchimp-state"


async def connect(*, user_id: UUID, provider: Provider, given: KeyConnect) -> None:
    """Try credentials by a live call, then keep them in place of earlier ones.

    Raises: InvalidInput naming the field, with the reason that the provider gave.
    """
    metadata = await _tried(registry.check(provider, given))
    await keep_credentials(
        user_id=user_id, service=provider, secret=given.api_key, metadata=metadata
    )


async def connect_conductor(*, user_id: UUID, given: ConductorConnect) -> None:
    """Try a person's own endpoint, then keep it. Raises as `connect`."""
    address = check_endpoint(given.endpoint_url)

    async def check() -> dict[str, Any]:
        async with open_conductor(given.api_key, endpoint_url=address) as endpoint:
            return {"endpointUrl": address, **await endpoint.check()}

    metadata = await _tried(check())
    await keep_credentials(
        user_id=user_id, service=CONDUCTOR, secret=given.api_key, metadata=metadata
    )


async def _tried(check: Any) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = await check
    except (VendorFailed, RateLimited) as error:
        raise InvalidInput(error.message, fields={"api_key": error.message}) from error
    return kept


async def keep_credentials(
    *, user_id: UUID, service: str, secret: str, metadata: dict[str, Any]
) -> None:
    """Keep credentials that were tried; they are encrypted, and for this person and service."""
    sealed = runtime.current().secrets.encrypt(secret, context=_context(user_id, service))
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        await queries.upsert_connection(
            tx, user_id=user_id, service=service, api_key=sealed, metadata=metadata
        )


async def change_metadata(tx: Tx, *, user_id: UUID, service: str, metadata: dict[str, Any]) -> None:
    """Replace what is kept beside the key."""
    await queries.update_metadata(tx, user_id=user_id, service=service, metadata=metadata)


async def find_credentials(*, user_id: UUID, service: str) -> Credentials | None:
    """Find a person's connection to a service with its key; None when there is none."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        row = await queries.find_credentials(tx, user_id=user_id, service=service)
    if row is None:
        return None
    key = runtime.current().secrets.decrypt(row["api_key"], context=_context(user_id, service))
    return Credentials(api_key=key, metadata=row["metadata"])


def _context(user_id: UUID, service: str) -> str:
    return f"user_integrations.api_key:{user_id}:{service}"


async def list_connections(tx: Tx, *, user_id: UUID) -> dict[str, Connection]:
    """Return what a person has connected, by service."""
    rows = await queries.list_connections(tx, user_id=user_id)
    return {row["service"]: Connection.model_validate(dict(row)) for row in rows}


async def try_again(*, user_id: UUID, service: str) -> None:
    """Try a kept connection by a live call and note that it is good.

    Raises: NotFound when there is none, InvalidInput with the reason when it is not good any more.
    """
    credentials = await find_credentials(user_id=user_id, service=service)
    if credentials is None:
        raise NotFound("This service is not connected.")
    await _tried(_check_kept(service, credentials))
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        await queries.set_verified(tx, user_id=user_id, service=service)


async def _check_kept(service: str, credentials: Credentials) -> dict[str, str]:
    if service == CONDUCTOR:
        address = str(credentials.metadata.get("endpointUrl"))
        async with open_conductor(credentials.api_key, endpoint_url=address) as endpoint:
            return await endpoint.check()
    if registry.PROVIDERS[Provider(service)].is_crm:
        async with registry.open_crm(credentials) as location:
            return await location.check()
    opened = registry.open_lists(Provider(service), credentials.api_key, credentials.metadata)
    async with opened as account:
        return await account.check()


async def disconnect(*, user_id: UUID, service: str) -> None:
    """Delete credentials and switch off the mappings that use them. Raises: NotFound."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        if not await queries.delete_connection(tx, user_id=user_id, service=service):
            raise NotFound("This service is not connected.")


def begin_mailchimp(*, user_id: UUID) -> tuple[str, str]:
    """Return where a person signs in at Mailchimp, and the state that their cookie keeps.

    Raises: Unavailable when this installation is not registered there.
    """
    state = new_token()
    url = mailchimp.authorize_url(state=state, redirect_uri=_redirect_uri())
    kept = runtime.current().secrets.sign(
        _STATE,
        json.dumps([state, str(user_id)]),
        expires_at=datetime.now(UTC) + timedelta(minutes=OAUTH_MINUTES),
    )
    return url, kept


async def finish_mailchimp(*, user_id: UUID, state: str, kept: str, code: str) -> None:
    """Keep what a person let us do at Mailchimp.

    Raises: BadToken when the sign-in was not begun here by this person in the last ten minutes,
    VendorFailed.
    """
    begun = runtime.current().secrets.verify(_STATE, kept)
    if json.loads(begun) != [state, str(user_id)]:
        raise InvalidInput("This sign-in was not begun here. Connect Mailchimp once more.")
    grant = await mailchimp.exchange(code=code, redirect_uri=_redirect_uri())
    await keep_credentials(
        user_id=user_id,
        service=Provider.MAILCHIMP,
        secret=grant.token,
        metadata={"server_prefix": grant.data_centre, "account_name": grant.account_name},
    )


def can_connect_mailchimp() -> bool:
    """Tell whether this installation is registered at Mailchimp."""
    return mailchimp.find_app() is not None


def _redirect_uri() -> str:
    return f"{runtime.current().base_url}{OAUTH_PATH}"


async def list_choices(
    *, user_id: UUID, provider: Provider, list_id: str = ""
) -> tuple[list[Choice], list[Choice]]:
    """Return the lists of a connected provider, and the tags of a list or of all.

    Raises: NotFound when it is not connected, InvalidInput when its key is refused, VendorFailed.
    """
    credentials = await find_credentials(user_id=user_id, service=provider)
    if credentials is None:
        raise NotFound("This service is not connected.")
    opened = registry.open_lists(provider, credentials.api_key, credentials.metadata)
    async with opened as account:
        lists = await account.list_lists()
        is_per_list = provider is Provider.MAILCHIMP
        chosen = list_id or (lists[0].id if is_per_list and lists else "")
        tags = await account.list_tags(chosen) if chosen or not is_per_list else []
    return lists, tags


async def find_choices(
    *, user_id: UUID, provider: Provider, list_id: str = ""
) -> tuple[list[Choice], list[Choice], str | None]:
    """Do as `list_choices`; what goes wrong at the provider comes back as a sentence."""
    try:
        lists, tags = await list_choices(user_id=user_id, provider=provider, list_id=list_id)
    except (CredentialsRefused, VendorFailed, RateLimited) as error:
        return [], [], error.message
    return lists, tags, None


async def list_mappings(tx: Tx, *, funnel_page_id: UUID) -> dict[str, Mapping]:
    """Return where a funnel's leads go, by provider. Raises NotFound when it is invisible."""
    await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
    rows = await queries.list_mappings(tx, funnel_page_id=funnel_page_id)
    return {row["provider"]: Mapping.model_validate(dict(row)) for row in rows}


async def map_funnel(
    tx: Tx, *, funnel_page_id: UUID, user_id: UUID, provider: Provider, given: MappingGiven
) -> None:
    """Send a funnel's leads to a list, with one's own connection.

    Raises: NotFound for an invisible funnel, Conflict when the provider is not connected or
    somebody else of the team has chosen for it, InvalidInput without a list.
    """
    await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
    about = registry.PROVIDERS[provider]
    if provider not in await list_connections(tx, user_id=user_id):
        raise Conflict(f"Connect {about.label} first.")
    if not about.is_crm and not given.list_id:
        sentence = f"Choose a {about.list_noun}."
        raise InvalidInput(sentence, fields={"list_id": sentence})
    is_kept = await queries.upsert_mapping(
        tx,
        funnel_page_id=funnel_page_id,
        user_id=user_id,
        provider=provider,
        list_id=NO_LIST if about.is_crm else given.list_id,
        list_name=given.list_name or None,
        tag_id=given.tag_id or None,
        tag_name=given.tag_name or given.tag_id or None,
        settings={"custom_tags": given.custom_tags} if about.is_crm else {},
    )
    if not is_kept:
        raise Conflict(f"Somebody else of your team sends this funnel's leads to {about.label}.")


async def unmap_funnel(tx: Tx, *, funnel_page_id: UUID, provider: Provider) -> None:
    """Send a funnel's leads there no more. Raises NotFound."""
    if not await queries.delete_mapping(tx, funnel_page_id=funnel_page_id, provider=provider):
        raise NotFound("This funnel's leads don't go there.")


async def find_mapping(
    *, funnel_page_id: UUID, provider: str, user_id: UUID
) -> MappingGiven | None:
    """Find where a person sends a funnel's leads; None where they don't see the funnel any more."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        row = await queries.find_mapping(
            tx, funnel_page_id=funnel_page_id, provider=provider, user_id=user_id
        )
    if row is None:
        return None
    return MappingGiven(
        list_id=row["list_id"],
        list_name=row["list_name"] or "",
        tag_id=row["tag_id"] or "",
        tag_name=row["tag_name"] or "",
        custom_tags=row["settings"].get("custom_tags", []),
    )
