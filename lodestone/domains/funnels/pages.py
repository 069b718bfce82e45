"""The list of funnels, and the leads of all of them; the builder has a room of its own."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.domains.funnels import public, service
from lodestone.domains.identity import service as identity
from lodestone.platform.database import Tx
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
