"""The use cases of tracked links."""

import re
from uuid import UUID

from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets.external_resources import queries
from lodestone.domains.lead_magnets.external_resources.models import (
    DEFAULT_ICON,
    ClickDay,
    ExternalResource,
    ExternalResourceGiven,
    PublishedLink,
)
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, NotFound, RateLimited

__all__ = [
    "ClickDay",
    "ExternalResource",
    "ExternalResourceGiven",
    "add_resource",
    "delete_resource",
    "follow_link",
    "get_resource",
    "list_click_days",
    "list_resources",
    "revise_resource",
]

DAYS_SHOWN = 30
CLICKS_PER_ADDRESS_AND_MINUTE = 5
_PROGRAM = re.compile(
    r"bot\b|crawl|spider|slurp|preview|monitor|headless|python-|curl/|wget/|externalhit|scan",
    re.IGNORECASE,
)


async def add_resource(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, given: ExternalResourceGiven
) -> UUID:
    """Keep a link in a workspace and return its id."""
    return await queries.insert_resource(
        tx,
        user_id=user_id,
        team_id=team_id,
        title=given.title,
        url=given.url,
        icon=given.icon or DEFAULT_ICON,
    )


async def get_resource(tx: Tx, *, resource_id: UUID) -> ExternalResource:
    """Return a link. Raises NotFound when it is invisible."""
    row = await queries.get_resource(tx, resource_id=resource_id)
    return ExternalResource.model_validate(dict(row))


async def list_resources(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    sort: str = "created_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ExternalResource], int]:
    """Return a page of a workspace's links and how many it has in all."""
    rows = await queries.list_resources(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_resources(
        tx, team_id=scope.home_team_id, author_id=scope.author_id, search=search
    )
    return [ExternalResource.model_validate(dict(row)) for row in rows], total


async def revise_resource(tx: Tx, *, resource_id: UUID, given: ExternalResourceGiven) -> None:
    """Write a link anew; its counted address stays. Raises NotFound when it is invisible."""
    await queries.update_resource(
        tx,
        resource_id=resource_id,
        title=given.title,
        url=given.url,
        icon=given.icon or DEFAULT_ICON,
    )


async def delete_resource(tx: Tx, *, resource_id: UUID) -> None:
    """Delete a link and its clicks.

    Raises: NotFound when it is invisible, Conflict while a funnel gives it away.
    """
    link = await get_resource(tx, resource_id=resource_id)
    if link.funnel_page_id is not None:
        raise Conflict(
            "A funnel gives this link away. Its leads stay with it, so the link does too."
        )
    await queries.delete_resource(tx, resource_id=resource_id)


async def list_click_days(tx: Tx, *, resource_id: UUID, days: int = DAYS_SHOWN) -> list[ClickDay]:
    """Return the clicks of the last days (UTC), oldest first."""
    rows = await queries.list_click_days(tx, resource_id=resource_id, days=days)
    return [ClickDay.model_validate(dict(row)) for row in rows]


async def follow_link(
    *, resource_id: UUID, library_id: UUID | None, address: str, user_agent: str | None
) -> str:
    """Write a click and return where it leads.

    Programs, and clicks beyond five of one address on one link in a minute, are sent on without
    being counted. Raises NotFound unless a published page gives the link away.
    """
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        row = await queries.find_published_link(tx, resource_id=resource_id, library_id=library_id)
    if row is None:
        raise NotFound("There is no such link.")
    link = PublishedLink.model_validate(dict(row))
    if not user_agent or _PROGRAM.search(user_agent):
        return link.url
    try:
        await _count(link, resource_id=resource_id, address=address)
    except RateLimited:
        # Whoever clicks that often still wants to get there.
        return link.url
    return link.url


async def _count(link: PublishedLink, *, resource_id: UUID, address: str) -> None:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=link.acting_user_id)) as tx:
        key = f"click:{resource_id}:{address}"
        await ratelimit.take(tx, key, CLICKS_PER_ADDRESS_AND_MINUTE, 60)
        await queries.insert_click(
            tx,
            resource_id=resource_id,
            funnel_page_id=link.funnel_page_id,
            library_id=link.library_id,
        )
