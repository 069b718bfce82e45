"""The list of funnels; the builder and the leads have rooms of their own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import ReadTx
from lodestone.domains.funnels import public, service
from lodestone.domains.identity import service as identity
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
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

COLUMNS = [
    Column("optin_headline", "Funnel", sortable=True),
    Column("status", "Status", hide="sm"),
    Column("views", "Views", sortable=True, align="end", hide="md"),
    Column("leads", "Leads", sortable=True, align="end"),
    Column("conversion", "Conversion", align="end", hide="md"),
    Column("updated_at", "Changed", sortable=True, hide="lg"),
]
FILTERS = [Filter("status", "Status", [("published", "Published"), ("draft", "Draft")])]


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
