"""The delivery log: what each destination was told of each lead, and sending it again."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, ReadTx
from lodestone.domains.funnels.deliveries import jobs, service
from lodestone.domains.funnels.deliveries.service import Destination
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.pages import Column, Entry, Filter, Listing, add_entry, redirect, render

PATH = "/app/deliveries"

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


@router.post(f"{PATH}/{{delivery_id}}/resend")
async def resend_delivery(user: CurrentUser, delivery_id: UUID) -> Response:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        await service.requeue_delivery(tx, delivery_id=delivery_id)
        await jobs.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect(PATH, toast="Sent again")
