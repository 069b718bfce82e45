"""The screens of funnels: the list, the builder with its preview, and the leads of a page."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.funnels import public, service
from lodestone.domains.funnels.models import FunnelPage, FunnelUpdate
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    csv_response,
    redirect,
    render,
)

routes = public.routes
router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Funnels",
        "/app/funnels",
        "funnel",
        "Capture",
        order=20,
        keywords="opt-in landing page publish",
    )
)
add_entry(
    Entry(
        "Opt-ins",
        "/app/opt-ins",
        "inbox",
        "Capture",
        order=30,
        keywords="captured leads form submissions export",
    )
)

DAYS = 30
EXPORT_LIMIT = 10_000
COLUMNS = [
    Column("optin_headline", "Funnel", sortable=True),
    Column("status", "Status", hide="sm"),
    Column("views", "Views", sortable=True, align="end", hide="md"),
    Column("leads", "Leads", sortable=True, align="end"),
    Column("conversion", "Conversion", align="end", hide="md"),
    Column("updated_at", "Changed", sortable=True, hide="lg"),
]
FILTERS = [Filter("status", "Status", [("published", "Published"), ("draft", "Draft")])]
LEAD_COLUMNS = [
    Column("email", "Person", sortable=True),
    Column("funnel", "Funnel", hide="md"),
    Column("source", "Source", hide="lg"),
    Column("created_at", "Opted in", sortable=True, hide="sm"),
]


@router.get("/app/funnels")
async def list_funnels(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-updated_at")
    status = listing.value("status")
    rows, total = await service.list_funnels(
        tx,
        scope=scope,
        search=listing.q or None,
        is_published=None if status is None else status == "published",
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total}
    return render(request, "funnels/list.html", context)


@router.post("/app/funnels/draft")
async def draft_funnel(
    user: CurrentUser, tx: UserTx, lead_magnet_id: Annotated[UUID, Form()]
) -> Response:
    page = await service.draft_funnel(tx, user_id=user.user_id, lead_magnet_id=lead_magnet_id)
    return redirect(f"/app/funnels/{page.id}", toast="Drafted from the lead magnet")


@router.get("/app/funnels/{funnel_page_id}")
async def show_funnel(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    page = await service.get_funnel(tx, funnel_page_id=funnel_page_id)
    return await _builder(request, tx, page)


@router.post("/app/funnels/{funnel_page_id}")
async def save_funnel(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    form = await read_form(request)
    given = {
        **{key: value if value else None for key, value in form.items()},
        "send_resource_email": "send_resource_email" in form,
    }
    errors: dict[str, str] = {}
    try:
        update = parse(FunnelUpdate, given)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_funnel(tx, funnel_page_id=funnel_page_id, given=update)
    except InvalidInput as refusal:
        errors = refusal.fields
    except Conflict as refusal:
        errors = {"slug": refusal.message}
    if not errors:
        return redirect(f"/app/funnels/{funnel_page_id}", toast="Saved")
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        page = await service.get_funnel(tx, funnel_page_id=funnel_page_id)
        return await _builder(request, tx, page, values=form, errors=errors)


@router.post("/app/funnels/{funnel_page_id}/publish")
async def publish_funnel(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    try:
        async with runtime.acting_as(user.actor) as tx:
            await service.publish_funnel(tx, funnel_page_id=funnel_page_id)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            page = await service.get_funnel(tx, funnel_page_id=funnel_page_id)
            return await _builder(request, tx, page, missing=refusal.fields)
    return redirect(
        f"/app/funnels/{funnel_page_id}",
        toast="Published",
        undo=f"/app/funnels/{funnel_page_id}/unpublish",
    )


@router.post("/app/funnels/{funnel_page_id}/unpublish")
async def unpublish_funnel(_: CurrentUser, tx: UserTx, funnel_page_id: UUID) -> Response:
    await service.unpublish_funnel(tx, funnel_page_id=funnel_page_id)
    return redirect(
        f"/app/funnels/{funnel_page_id}",
        toast="Unpublished",
        undo=f"/app/funnels/{funnel_page_id}/publish",
    )


@router.get("/app/funnels/{funnel_page_id}/preview")
async def preview_funnel(_: CurrentUser, tx: OneTx, funnel_page_id: UUID) -> Response:
    return public.preview(await service.preview_page(tx, funnel_page_id=funnel_page_id))


@router.get("/app/opt-ins")
async def list_leads(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(
        request, columns=LEAD_COLUMNS, filters=await _page_filter(tx, scope), sort="-created_at"
    )
    chosen = listing.value("funnel")
    rows, total = await service.list_leads(
        tx,
        scope=scope,
        search=listing.q or None,
        funnel_page_id=UUID(chosen) if chosen else None,
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total}
    return render(request, "funnels/leads.html", context)


@router.get("/app/opt-ins.csv")
async def export_leads(scope: identity.CurrentScope, tx: ReadTx) -> Response:
    rows, _total = await service.list_leads(tx, scope=scope, limit=EXPORT_LIMIT)
    return csv_response(
        "opt-ins.csv",
        [
            "email",
            "name",
            "qualified",
            "lead_magnet",
            "funnel_slug",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "created_at",
        ],
        (
            (
                lead.email,
                lead.name,
                {True: "yes", False: "no", None: ""}[lead.is_qualified],
                lead.lead_magnet_title,
                lead.slug,
                lead.utm_source,
                lead.utm_medium,
                lead.utm_campaign,
                lead.created_at.isoformat(),
            )
            for lead in rows
        ),
    )


@router.get("/app/opt-ins/{lead_id}")
async def show_lead(_: CurrentUser, tx: OneTx, lead_id: UUID) -> Response:
    lead = await service.get_lead(tx, lead_id=lead_id)
    return redirect(f"/app/leads/by-email?{urlencode({'email': lead.email})}")


async def _page_filter(tx: Tx, scope: identity.Scope) -> list[Filter]:
    pages, _ = await service.list_funnels(tx, scope=scope, sort="leads", limit=50)
    return [Filter("funnel", "Funnel", [(str(page.id), page.optin_headline) for page in pages])]


async def _builder(
    request: Request,
    tx: Tx,
    page: FunnelPage,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    missing: dict[str, str] | None = None,
) -> Response:
    scope = identity.enter_workspace(request, team_id=page.team_id)
    counted = await service.list_days(tx, days=DAYS, funnel_page_id=page.id)
    leads, lead_total = await service.list_leads(tx, scope=scope, funnel_page_id=page.id, limit=5)
    views = sum(day.views for day in counted)
    captured = sum(day.leads for day in counted)
    context = {
        "page": page,
        "values": {**page.model_dump(), **(values or {})},
        "errors": errors or {},
        "missing": missing or {},
        "url": f"{runtime.current().base_url}{page.path}" if page.path else None,
        "days": counted,
        "views": views,
        "captured": captured,
        "conversion": captured / views if views else None,
        "leads": leads,
        "lead_total": lead_total,
    }
    status = 422 if errors or missing else 200
    return render(request, "funnels/show.html", context, status=status)
