"""The people of a flow: who is on the way, who is through, and who is put in by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx
from lodestone.domains.email.flows import jobs
from lodestone.domains.email.flows import service as flows
from lodestone.domains.email.flows.pages import HAPPENINGS, PATH, read_head
from lodestone.domains.email.flows.people import service
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import read_form
from lodestone.platform.pages import Column, Filter, Listing, csv_response, redirect, render

router = APIRouter(include_in_schema=False)

EXPORT_LIMIT = 10_000

PEOPLE_COLUMNS = [
    Column("email", "Person"),
    Column("status", "Status"),
    Column("progress", "Progress", hide="sm"),
    Column("next_run_at", "Next", hide="md"),
    Column("entered_at", "Entered", hide="md"),
]
PEOPLE_FILTERS = [
    Filter(
        "status",
        "Status",
        [
            ("active", "On the way"),
            ("paused", "Waits for a review"),
            ("completed", "Through"),
            ("unsubscribed", "Unsubscribed"),
            ("failed", "Failed"),
        ],
    )
]


@router.get(f"{PATH}/{{flow_id}}/people")
async def show_people(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, flow_id: UUID
) -> Response:
    return await _people(request, tx, scope, flow_id)


async def _people(
    request: Request,
    tx: Tx,
    scope: Scope,
    flow_id: UUID,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    flow = await flows.get_flow(tx, scope=scope, flow_id=flow_id)
    listing = Listing.read(
        request, columns=PEOPLE_COLUMNS, filters=PEOPLE_FILTERS, sort="-entered_at"
    )
    rows, total = await service.list_contacts(
        tx,
        flow_id=flow_id,
        search=listing.q or None,
        status=listing.value("status"),
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {
        **(await read_head(tx, scope, flow)),
        "listing": listing,
        "rows": rows,
        "total": total,
        "export": f"{PATH}/{flow_id}/people.csv",
        "step_count": len(await flows.list_steps(tx, flow_id=flow_id)),
        "happenings": {**dict(HAPPENINGS), "confirmed": "confirms the address"},
        "values": values or {},
        "errors": errors or {},
    }
    return render(request, "email/flows/people.html", context, status=422 if errors else 200)


@router.get(f"{PATH}/{{flow_id}}/people.csv")
async def export_people(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, flow_id: UUID
) -> Response:
    await flows.get_flow(tx, scope=scope, flow_id=flow_id)
    listing = Listing.read(
        request, columns=PEOPLE_COLUMNS, filters=PEOPLE_FILTERS, sort="-entered_at"
    )
    rows, _total = await service.list_contacts(
        tx,
        flow_id=flow_id,
        search=listing.q or None,
        status=listing.value("status"),
        limit=EXPORT_LIMIT,
    )
    return csv_response(
        "people.csv",
        ["email", "name", "status", "outcome", "mails", "entered_at", "last_sent_at"],
        (
            (
                row.email,
                row.name,
                row.status,
                row.outcome or "",
                row.current_step,
                row.entered_at.isoformat(),
                row.last_sent_at.isoformat() if row.last_sent_at else "",
            )
            for row in rows
        ),
    )


@router.post(f"{PATH}/{{flow_id}}/people")
async def add_person(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    form = await read_form(request)
    actor = (await subscribers.acting_for(scope))[0]
    try:
        async with runtime.acting_as(actor) as tx:
            running, follow_ups = await service.enter_by_hand(
                tx, scope=scope, flow_id=flow_id, email_address=form.get("email", "")
            )
            await jobs.enqueue_follow_ups(tx, running, follow_ups)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _people(request, tx, scope, flow_id, values=form, errors=refusal.fields)
    return redirect(f"{PATH}/{flow_id}/people", toast="Added")


@router.post(f"{PATH}/{{flow_id}}/people/remove")
async def remove_people(
    _: CurrentUser,
    scope: CurrentScope,
    flow_id: UUID,
    ids: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        count = await service.remove_contacts(
            tx, scope=scope, flow_id=flow_id, contact_ids=ids or []
        )
    return redirect(f"{PATH}/{flow_id}/people", toast=f"Taken out: {count}")
