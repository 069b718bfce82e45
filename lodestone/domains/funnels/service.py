"""The use cases of funnels, and the door for other domains."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lodestone.auth.profiles import service as profiles
from lodestone.domains.funnels import rules
from lodestone.domains.funnels.builder.service import (
    apply_brand,
    draft_funnel,
    draft_funnels,
    draft_giveaway,
    get_funnel,
    preview_page,
    publish_funnel,
    refuse_second,
    reset_sections,
    revise_funnel,
    unpublish_funnel,
    write_copy,
)
from lodestone.domains.funnels.builder.shell import Shell, Tab, add_tab, get_shell
from lodestone.domains.funnels.experiments import exposures
from lodestone.domains.funnels.experiments.models import Exposure
from lodestone.domains.funnels.looks import DEFAULT_COLOUR, readable_on
from lodestone.domains.funnels.models import (
    CapturedLead,
    DayCount,
    FunnelLead,
    FunnelPage,
    FunnelRow,
    FunnelUpdate,
    OptIn,
    PageType,
    PublicPage,
)
from lodestone.domains.funnels.queries import (
    funnel_leads,
    funnel_pages,
    page_views,
    published_pages,
)
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound
from lodestone.platform.events import Event, publish_at_commit
from lodestone.platform.secrets import BadToken

__all__ = [
    "DEFAULT_COLOUR",
    "CapturedLead",
    "DayCount",
    "FunnelLead",
    "FunnelPage",
    "FunnelRow",
    "FunnelUpdate",
    "LeadCaptured",
    "LeadQualified",
    "OptIn",
    "PageType",
    "PublicPage",
    "Shell",
    "Tab",
    "add_tab",
    "add_up_days",
    "apply_brand",
    "capture_lead",
    "count_view",
    "draft_funnel",
    "draft_funnels",
    "draft_giveaway",
    "find_public_page",
    "find_public_page_by_id",
    "get_funnel",
    "get_lead",
    "get_shell",
    "is_lead_of",
    "list_days",
    "list_funnels",
    "list_leads",
    "preview_page",
    "proves_lead",
    "publish_funnel",
    "read_lead_token",
    "read_library",
    "readable_on",
    "recount_days",
    "refuse_second",
    "reset_sections",
    "revise_funnel",
    "sign_lead",
    "unpublish_funnel",
    "write_copy",
]

LEAD_TOKEN_LIFETIME = timedelta(days=90)
_PROVEN, _TYPED = "lead", "lead by address"
_SETTLED_AFTER = timedelta(minutes=10)
_RECOUNTED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class LeadCaptured(Event, name="funnels:lead_captured"):
    """Somebody opted in. `is_new` is false when the same person came back to the same page."""

    lead_id: UUID
    funnel_page_id: UUID
    acting_user_id: UUID
    is_new: bool
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class LeadQualified(Event, name="funnels:lead_qualified"):
    """Somebody answered a page's survey for the first time; `qualified` is what it found.

    Corrections of the answers are not told. The service acts for `acting_user_id`.
    """

    lead_id: UUID
    funnel_page_id: UUID
    acting_user_id: UUID
    qualified: bool
    answered_at: datetime


async def find_public_page(*, username: str, slug: str) -> PublicPage | None:
    """Find a published page as a visitor sees it, now: a replica may lag behind.

    `@` and a host stand for the own domain on which the page is shown, and where its links stay.
    """
    at, host = username[:1], username[1:]
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        if at == "@":
            row = await published_pages.find_public_page_of_host(tx, host=host, slug=slug)
            return PublicPage.model_validate({**row, "host": host}) if row else None
        row = await published_pages.find_public_page(tx, username=username, slug=slug)
    return PublicPage.model_validate(dict(row)) if row is not None else None


async def find_moved_page(*, username: str, slug: str) -> PublicPage | None:
    """Find the published page of an account that had this public name before."""
    current = await profiles.find_current_username(former=username)
    return await find_public_page(username=current, slug=slug) if current else None


async def find_public_page_by_id(*, funnel_page_id: UUID) -> PublicPage | None:
    """Find a published page as a visitor sees it, by its id."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        row = await published_pages.find_public_page_by_id(tx, funnel_page_id=funnel_page_id)
    return PublicPage.model_validate(dict(row)) if row is not None else None


async def is_lead_of(page: PublicPage, *, token: str) -> bool:
    """Tell whether a token is that of a lead of this page; an open page asks for none."""
    if page.is_content_open:
        return True
    lead_id = read_lead_token(token)
    if lead_id is None:
        return False
    actor = Service(Writer.MAGNETLAB, user_id=page.acting_user_id)
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await funnel_leads.has_lead(tx, funnel_page_id=page.id, lead_id=lead_id)


async def read_library(page: PublicPage) -> lead_magnets.ShownLibrary:
    """Return the library that a page gives away. Raises NotFound for a page without one."""
    if page.library_id is None:
        raise NotFound("There is no page at this address.")
    actor = Service(Writer.MAGNETLAB, user_id=page.acting_user_id)
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await lead_magnets.show_library(tx, library_id=page.library_id)


async def capture_lead(
    page: PublicPage,
    *,
    given: OptIn,
    address: str,
    user_agent: str | None,
    exposure: Exposure | None = None,
) -> CapturedLead:
    """Keep a lead and tell whom it concerns, in one transaction.

    The same person on the same page is one lead. Bots get an answer that looks like any other and
    leave nothing behind. Raises RateLimited after five from one address in a minute, and NotFound
    when the page has been unpublished meanwhile.
    """
    if rules.is_trapped(website=given.website, seconds_shown=given.seconds_shown):
        return CapturedLead(lead_id=page.id, is_new=False, token=sign_lead(page.id))
    actor = Service(Writer.MAGNETLAB, user_id=page.acting_user_id)
    async with runtime.acting_as(actor) as tx:
        row = await funnel_leads.insert_funnel_lead(
            tx,
            funnel_page_id=page.id,
            email=given.email,
            name=given.name or None,
            utm_source=given.utm_source or None,
            utm_medium=given.utm_medium or None,
            utm_campaign=given.utm_campaign or None,
            ip_address=address,
            user_agent=(user_agent or "")[:500] or None,
            limit_key=ratelimit.digest_key(f"optin:{address}"),
            limit_per_minute=rules.LEADS_PER_ADDRESS_AND_MINUTE,
            linkedin_url=given.linkedin_url,
            fbc=given.fbc,
            fbp=given.fbp,
            has_ad_consent=given.has_ad_consent,
        )
        ratelimit.refuse_while(row["wait_seconds"])
        if row["id"] is None:
            raise NotFound("This page is not published.")
        if exposure is not None and row["is_new"]:
            await exposures.note_lead(tx, exposure, lead_id=row["id"])
        captured = LeadCaptured(
            lead_id=row["id"],
            funnel_page_id=page.id,
            acting_user_id=page.acting_user_id,
            is_new=row["is_new"],
            captured_at=datetime.now(UTC),
        )
        await publish_at_commit(tx, captured)
    token = sign_lead(row["id"], is_proven=row["is_new"])
    return CapturedLead(lead_id=row["id"], is_new=row["is_new"], token=token)


def sign_lead(lead_id: UUID, *, is_proven: bool = True) -> str:
    """Return the token with which a lead opens its pages, good for 90 days.

    Whoever comes back by typing an address may be anybody who knows it: not proven.
    """
    expires_at = datetime.now(UTC) + LEAD_TOKEN_LIFETIME
    purpose = _PROVEN if is_proven else _TYPED
    return runtime.current().secrets.sign(purpose, str(lead_id), expires_at=expires_at)


def read_lead_token(token: str) -> UUID | None:
    """Return the lead that a token is for, or None when it is forged or has expired."""
    return _read_token(token, _PROVEN) or _read_token(token, _TYPED)


def proves_lead(token: str) -> bool:
    """Tell whether only the lead can hold a token, who may be shown what the lead said before."""
    return _read_token(token, _PROVEN) is not None


def _read_token(token: str, purpose: str) -> UUID | None:
    try:
        return UUID(runtime.current().secrets.verify(purpose, token))
    except BadToken:
        return None


async def count_view(
    page: PublicPage,
    *,
    page_type: PageType,
    address: str,
    user_agent: str | None,
    exposure: Exposure | None = None,
    lead_id: UUID | None = None,
    came_by: tuple[str | None, str | None, str | None] = (None, None, None),
) -> None:
    """Count a view, once per visitor and day, without keeping who it was; bots don't count.

    With an exposure the visitor is counted in the experiment too, once for all days. `came_by` is
    source, medium and campaign.
    """
    if user_agent is None or rules.is_bot(user_agent):
        return
    today = datetime.now(UTC).date()
    visitor_hash = rules.hash_visitor(
        salt=runtime.current().secrets.digest("page-views", today.isoformat()),
        address=address,
        user_agent=user_agent,
    )
    actor = Service(Writer.MAGNETLAB, user_id=page.acting_user_id)
    async with runtime.acting_as(actor) as tx:
        variant_id = None
        if exposure is not None and lead_id is not None:
            variant_id = await exposures.note_lead(tx, exposure, lead_id=lead_id)
        elif exposure is not None:
            variant_id = await exposures.note_exposure(tx, exposure)
        await page_views.insert_page_view(
            tx,
            funnel_page_id=page.id,
            visitor_hash=visitor_hash,
            page_type=page_type,
            view_date=today,
            variant_id=variant_id,
            came_by=came_by,
        )


async def find_funnel_of(tx: Tx, *, lead_magnet_id: UUID) -> FunnelPage | None:
    """Find the funnel of a magnet."""
    identifier = await lead_magnets.find_funnel(tx, lead_magnet_id=lead_magnet_id)
    return await get_funnel(tx, funnel_page_id=identifier) if identifier else None


async def list_funnels(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    is_published: bool | None = None,
    sort: str = "updated_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[FunnelRow], int]:
    """Return a page of a workspace's funnels and how many it has in all."""
    rows = await funnel_pages.list_funnel_pages(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        is_published=is_published,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await funnel_pages.count_funnel_pages(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        is_published=is_published,
    )
    return [FunnelRow.model_validate(dict(row)) for row in rows], total


async def list_leads(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    funnel_page_id: UUID | None = None,
    sort: str = "created_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[FunnelLead], int]:
    """Return a page of a workspace's leads and how many it has in all."""
    total = await funnel_leads.count_funnel_leads(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        funnel_page_id=funnel_page_id,
    )
    rows = await funnel_leads.list_funnel_leads(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        funnel_page_id=funnel_page_id,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    return [FunnelLead.model_validate(dict(row)) for row in rows], total


async def get_lead(tx: Tx, *, lead_id: UUID) -> FunnelLead:
    """Return a lead. Raises NotFound when it is missing or invisible."""
    return FunnelLead.model_validate(dict(await funnel_leads.get_funnel_lead(tx, lead_id=lead_id)))


async def list_days(
    tx: Tx, *, days: int = 30, scope: Scope | None = None, funnel_page_id: UUID | None = None
) -> list[DayCount]:
    """Return views and leads of a workspace or a page by day (UTC), oldest first."""
    rows = await page_views.list_days(
        tx,
        days=days,
        funnel_page_id=funnel_page_id,
        team_id=scope.home_team_id if scope else None,
        author_id=scope.author_id if scope else None,
    )
    return [DayCount.model_validate(dict(row)) for row in rows]


async def add_up_days(tx: Tx, *, until: datetime | None = None) -> None:
    """Add up views and leads by day (UTC) up to a while ago; a schedule calls it.

    What was created in that while may not be committed yet: it is counted where it stands.
    """
    await page_views.lock_days(tx)
    await page_views.add_up_days(tx, until=until or datetime.now(UTC) - _SETTLED_AFTER)


async def recount_days(tx: Tx) -> None:
    """Count the last days anew: a transaction that took longer than the while may be missing."""
    await page_views.lock_days(tx)
    await page_views.recount_days(tx, since=datetime.now(UTC).date() - _RECOUNTED)
