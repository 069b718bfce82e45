"""The delivery log: what each destination was told of each lead, and sending it again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, ReadTx
from lodestone.domains.funnels.deliveries import jobs, service
from lodestone.domains.funnels.deliveries.service import Destination
from lodestone.domains.funnels.webhooks import jobs as webhook_jobs
from lodestone.domains.funnels.webhooks import service as webhooks
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
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

PATH = "/app/deliveries"
EXPORT_LIMIT = 10_000
MOST_RESENT = 500

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Delivery log",
        PATH,
        "send",
        "Settings",
        order=32,
        keywords="integrations outbox webhooks pixels failed retry replay",
    )
)

COLUMNS = [
    Column("destination", "Where to"),
    Column("lead", "Lead", hide="md"),
    Column("status", "Status"),
    Column("answer", "Answer", hide="md"),
    Column("attempts", "Attempts", align="end", hide="lg"),
    Column("created_at", "When", hide="sm"),
    Column("again", "Action", align="end"),
]
FILTERS = [
    Filter(
        "destination",
        "Where to",
        [*((str(one), one.label) for one in Destination), ("webhook", "Webhooks")],
    ),
    Filter(
        "status",
        "Status",
        [
            ("delivered", "Delivered"),
            ("pending", "Waiting"),
            ("failed", "Failed"),
            ("skipped", "Left out"),
        ],
    ),
]


@router.get(PATH)
async def list_deliveries(
    request: Request, scope: identity.CurrentScope, tx: ReadTx, lead: UUID | None = None
) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, total = await service.list_log(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        destination=listing.value("destination"),
        lead_id=lead,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total, "lead": lead}
    return render(request, "funnels/deliveries/list.html", context)


@router.get(f"{PATH}.csv")
async def export_deliveries(
    request: Request, scope: identity.CurrentScope, tx: ReadTx, lead: UUID | None = None
) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, _total = await service.list_log(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        destination=listing.value("destination"),
        lead_id=lead,
        limit=EXPORT_LIMIT,
    )
    return csv_response(
        "deliveries.csv",
        ["destination", "event", "email", "funnel", "status", "attempts", "answer", "error", "at"],
        [
            [
                row.label,
                row.event,
                row.email or "",
                row.slug or "",
                row.status,
                row.attempts,
                row.response_status or "",
                row.error or "",
                row.created_at.isoformat(),
            ]
            for row in rows
        ],
    )


@router.post(f"{PATH}/resend")
async def resend_deliveries(
    user: CurrentUser, ids: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    chosen = (ids or [])[:MOST_RESENT]
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        leads = await service.requeue_deliveries(tx, delivery_ids=chosen)
        await jobs.send_deliveries(tx, leads, acting_user_id=user.user_id)
        hooks = await webhooks.requeue_deliveries(tx, delivery_ids=chosen)
        await webhook_jobs.send_deliveries(tx, hooks, acting_user_id=user.user_id)
    count = len(leads) + len(hooks)
    return redirect(PATH, toast=f"{count} sent again" if count else "Nothing to send again")


@router.post(f"{PATH}/{{delivery_id}}/resend")
async def resend_delivery(user: CurrentUser, delivery_id: UUID) -> Response:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        await service.requeue_delivery(tx, delivery_id=delivery_id)
        await jobs.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect(PATH, toast="Sent again")
