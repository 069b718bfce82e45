"""The screen of webhooks: addresses, and the log of what they were told."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels.webhooks import jobs, service
from lodestone.domains.funnels.webhooks.models import WebhookCreate, WebhookEvent
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Filter, Listing, add_entry, redirect, render

PATH = "/app/webhooks"

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Webhooks",
        PATH,
        "webhook",
        "Settings",
        order=30,
        keywords="integrations notify zapier deliveries secret",
    )
)

COLUMNS = [
    Column("event", "What"),
    Column("status", "Status"),
    Column("answer", "Answer", hide="md"),
    Column("attempts", "Attempts", align="end", hide="lg"),
    Column("created_at", "When", sortable=True, hide="sm"),
]
FILTERS = [
    Filter(
        "status",
        "Status",
        [("delivered", "Delivered"), ("pending", "Waiting"), ("failed", "Failed")],
    )
]


@router.get("")
async def show_webhooks(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    return await _page(request, user, scope)


@router.post("")
async def add_webhook(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    chosen = [event for event in WebhookEvent if event in form]
    try:
        # A form that names no event, as a program sends it, is told of all.
        named = {"events": chosen} if chosen or "choose_events" in form else {}
        secret = await service.add_webhook(scope=scope, given=parse(WebhookCreate, form | named))
    except InvalidInput as refusal:
        return await _page(request, user, scope, values=form, errors=refusal.fields)
    return await _page(request, user, scope, secret=secret)


@router.post("/{webhook_id}/rotate")
async def rotate_secret(
    request: Request, user: CurrentUser, scope: identity.CurrentScope, webhook_id: UUID
) -> Response:
    secret = await service.rotate_secret(user_id=user.user_id, webhook_id=webhook_id)
    return await _page(request, user, scope, secret=secret)


@router.post("/{webhook_id}/switch")
async def switch_webhook(
    user: CurrentUser, webhook_id: UUID, is_active: Annotated[bool, Form()] = False
) -> Response:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        await service.switch_webhook(tx, webhook_id=webhook_id, is_active=is_active)
    return redirect(PATH, toast="Switched on" if is_active else "Switched off")


@router.post("/{webhook_id}/delete")
async def delete_webhook(_: CurrentUser, tx: UserTx, webhook_id: UUID) -> Response:
    await service.remove_webhook(tx, webhook_id=webhook_id)
    return redirect(PATH, toast="Deleted. Its log stays.")


@router.post("/{webhook_id}/test")
async def test_webhook(user: CurrentUser, webhook_id: UUID) -> Response:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        delivery_id = await service.write_test(tx, webhook_id=webhook_id)
        await jobs.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect(PATH, toast="Test on its way")


@router.post("/deliveries/{delivery_id}/resend")
async def resend_delivery(user: CurrentUser, delivery_id: UUID) -> Response:
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        await service.requeue_delivery(tx, delivery_id=delivery_id)
        await jobs.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect(PATH, toast="Sent again")


async def _page(
    request: Request,
    user: SignedIn,
    scope: Scope,
    *,
    values: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    secret: str | None = None,
) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    async with runtime.reading_as(user.actor) as tx:
        webhooks = await service.list_webhooks(tx, scope=scope)
        rows, total = await service.list_deliveries(
            tx,
            scope=scope,
            search=listing.q or None,
            status=listing.value("status"),
            limit=listing.limit,
            offset=listing.offset,
        )
    context = {
        "webhooks": webhooks,
        "listing": listing,
        "rows": rows,
        "total": total,
        "values": {"name": "", "url": "", **(values or {})},
        "errors": errors or {},
        "secret": secret,
    }
    status = 422 if errors else 200
    return render(request, "funnels/webhooks/list.html", context, status=status)
