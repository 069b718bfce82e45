"""The screens of the pipeline: the list of leads, and one lead with its trail."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.operations import rules, service
from lodestone.domains.operations.models import LeadSource, LeadStatus
from lodestone.platform.errors import NotFound
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

router = APIRouter(include_in_schema=False, prefix="/app/leads")
add_entry(
    Entry(
        "Leads",
        "/app/leads",
        "users",
        "Capture",
        order=40,
        keywords="pipeline people contacts crm status",
    )
)

EXPORT_LIMIT = 10_000
COLUMNS = [
    Column("full_name", "Person", sortable=True),
    Column("status", "Status", sortable=True),
    Column("source", "Source", hide="md"),
    Column("touches", "Touches", align="end", hide="lg"),
    Column("created_at", "First seen", sortable=True, hide="lg"),
    Column("updated_at", "Last change", sortable=True, hide="sm"),
]
FILTERS = [
    Filter("status", "Status", [(s.value, rules.status_label(s)) for s in LeadStatus]),
    Filter("source", "Source", [(s.value, s.value.title()) for s in LeadSource]),
]


@router.get("")
async def list_leads(request: Request, _: CurrentUser, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-updated_at")
    status = listing.value("status")
    rows, total = await service.list_leads(
        tx,
        search=listing.q or None,
        status=LeadStatus(status) if status else None,
        source=listing.value("source"),
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total, "label": rules.status_label}
    return render(request, "operations/list.html", context)


@router.get("/export.csv")
async def export_leads(_: CurrentUser, tx: ReadTx) -> Response:
    rows, _total = await service.list_leads(tx, limit=EXPORT_LIMIT)
    return csv_response(
        "leads.csv",
        ["email", "name", "status", "source", "touches", "created_at", "updated_at"],
        (
            (
                lead.email,
                lead.full_name,
                lead.status,
                lead.source,
                lead.touches,
                lead.created_at.isoformat(),
                lead.updated_at.isoformat(),
            )
            for lead in rows
        ),
    )


@router.get("/by-email")
async def find_lead(_: CurrentUser, tx: OneTx, email: str) -> Response:
    lead_id = await service.find_lead_by_email(tx, email=email)
    if lead_id is None:
        raise NotFound("This person is not in the pipeline yet. Give it a moment.")
    return redirect(f"/app/leads/{lead_id}")


@router.get("/{lead_id}")
async def show_lead(request: Request, _: CurrentUser, tx: OneTx, lead_id: UUID) -> Response:
    lead = await service.get_lead(tx, lead_id=lead_id)
    context = {
        "lead": lead,
        "label": rules.status_label,
        "trail": [rules.trail_item(event) for event in lead.events],
        "moves": [
            (move.value, rules.status_label(move)) for move in rules.order_moves(lead.next_statuses)
        ],
        "touches": list(reversed(lead.opt_in_data.get("touches", []))),
    }
    return render(request, "operations/show.html", context)


@router.post("/{lead_id}/status")
async def move_lead(
    _: CurrentUser, tx: UserTx, lead_id: UUID, status: Annotated[LeadStatus, Form()]
) -> Response:
    await service.move_lead(tx, lead_id=lead_id, status=status)
    return redirect(f"/app/leads/{lead_id}", toast=f"Moved to {rules.status_label(status).lower()}")


@router.post("/{lead_id}/notes")
async def add_note(
    user: CurrentUser,
    lead_id: UUID,
    note: Annotated[str, Form(min_length=1, max_length=5000)],
) -> Response:
    await service.add_note(lead_id=lead_id, text=note, actor_id=user.user_id)
    return redirect(f"/app/leads/{lead_id}", toast="Noted")
