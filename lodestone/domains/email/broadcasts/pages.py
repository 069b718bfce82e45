"""Broadcasts: the list, the editor, and what became of one."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.auth.models import SignedIn
from lodestone.domains.email.broadcasts import jobs, service
from lodestone.domains.email.broadcasts.models import (
    Broadcast,
    BroadcastStatus,
    BroadcastUpdate,
    Result,
)
from lodestone.domains.email.deliveries.service import share
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.segments import service as segments
from lodestone.domains.email.segments.pages import read_json_filter
from lodestone.domains.email.sending import service as sending
from lodestone.domains.email.sending.jobs import SendMessage, send_message
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Filter, Listing, add_entry, redirect, render

PATH = "/app/broadcasts"
TONES = {
    BroadcastStatus.DRAFT: "neutral",
    BroadcastStatus.SCHEDULED: "info",
    BroadcastStatus.SENDING: "info",
    BroadcastStatus.PAUSED: "warning",
    BroadcastStatus.SENT: "success",
    BroadcastStatus.FAILED: "danger",
    BroadcastStatus.CANCELLED: "neutral",
}
COLUMNS = (
    Column("subject", "Broadcast"),
    Column("status", "Status"),
    Column("sent", "Sent", align="end", hide="sm"),
    Column("opened", "Opened", align="end", hide="md"),
    Column("clicked", "Clicked", align="end", hide="md"),
    Column("created_at", "When", align="end", hide="sm"),
)
FILTERS = (
    Filter("status", "Status", [(one.value, one.value.capitalize()) for one in BroadcastStatus]),
)
_MOST_BYTES = 1024 * 1024
_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; "
    "frame-ancestors 'self'"
)

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry("Broadcasts", PATH, "send", "Email", order=10, keywords="newsletter campaign mail news")
)


@router.get("")
async def list_broadcasts(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: ReadTx
) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS)
    rows, total = await service.list_broadcasts(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        limit=listing.limit,
        offset=listing.offset,
    )
    context: dict[str, Any] = {
        "listing": listing,
        "rows": [row.model_dump() for row in rows],
        "total": total,
        "tones": TONES,
        "share": share,
    }
    return render(request, "email/broadcasts/list.html", context)


@router.post("/new")
async def create_draft(_: CurrentUser, scope: CurrentScope) -> Response:
    actor, _team, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        broadcast_id = await service.create_draft(tx, scope=scope, tenant_id=tenant_id)
    return redirect(f"{PATH}/{broadcast_id}")


@router.get("/{broadcast_id}")
async def show_broadcast(
    request: Request, user: CurrentUser, scope: CurrentScope, broadcast_id: UUID
) -> Response:
    found = await _get(user, scope, broadcast_id)
    if found.status is BroadcastStatus.DRAFT:
        return await _editor(request, user, scope, found)
    return await _results(request, user, found)


@router.post("/{broadcast_id}")
async def save_draft(
    request: Request, user: CurrentUser, scope: CurrentScope, broadcast_id: UUID
) -> Response:
    """Keep the draft; the editor asks for JSON and gets the new number of people."""
    await _get(user, scope, broadcast_id)
    wants_json = request.headers.get("accept", "").startswith("application/json")
    form = await read_form(request, most_bytes=_MOST_BYTES)
    actor, _, _ = await subscribers.acting_for(scope)
    try:
        given = parse(BroadcastUpdate, _values(form))
        async with runtime.acting_as(actor) as tx:
            await service.save_draft(tx, scope=scope, broadcast_id=broadcast_id, given=given)
    except InvalidInput as refusal:
        if wants_json:
            raise
        found = await _get(user, scope, broadcast_id)
        return await _editor(request, user, scope, found, errors=refusal.fields)
    if not wants_json:
        return redirect(f"{PATH}/{broadcast_id}", toast="Saved")
    found = await _get(user, scope, broadcast_id)
    async with runtime.reading_as(user.actor) as tx:
        audience = await service.count_audience(tx, broadcast=found)
    return JSONResponse(audience.model_dump())


def _values(form: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: value for name, value in form.items() if value != ""}
    values["filter"] = read_json_filter(form.get("filter", ""))
    return values


@router.get("/{broadcast_id}/preview")
async def show_preview(
    user: CurrentUser, scope: CurrentScope, broadcast_id: UUID, variant: str = "a"
) -> Response:
    found = await _get(user, scope, broadcast_id)
    account = await sending.find_account(team_id=found.team_id, tenant_id=found.tenant_id)
    async with runtime.reading_as(user.actor) as tx:
        _, html = await service.render_preview(
            tx, broadcast=found, account=account, variant="b" if variant == "b" else "a"
        )
    headers = {
        "content-security-policy": _MAIL_POLICY,
        "x-frame-options": "SAMEORIGIN",
        "cache-control": "private, no-store",
    }
    return HTMLResponse(html, headers=headers)


@router.post("/{broadcast_id}/test")
async def send_test(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    found = await _get(user, scope, broadcast_id)
    account = await sending.find_account(team_id=found.team_id, tenant_id=found.tenant_id)
    actor, _, _ = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        for variant in ("a", "b") if found.has_test else ("a",):
            message = await service.test_message(
                tx, found, account, to=user.email, name=user.name, variant=variant
            )
            message_id = await sending.queue_message(tx, message=message)
            await send_message.enqueue(tx, SendMessage(message_id, user.user_id))
    return redirect(f"{PATH}/{broadcast_id}", toast=f"On its way to {user.email}")


@router.post("/{broadcast_id}/send")
async def send_now(
    request: Request,
    user: CurrentUser,
    scope: CurrentScope,
    broadcast_id: UUID,
    count: Annotated[int | None, Form()] = None,
) -> Response:
    return await _begin(request, user, scope, broadcast_id, count=count, moment=None)


@router.post("/{broadcast_id}/schedule")
async def schedule(
    request: Request, user: CurrentUser, scope: CurrentScope, broadcast_id: UUID
) -> Response:
    form = await read_form(request)
    count = form.get("count", "")
    try:
        moment = _moment(form.get("scheduled_at", ""), form.get("zone", "UTC"))
    except InvalidInput as refusal:
        found = await _get(user, scope, broadcast_id)
        return await _editor(request, user, scope, found, errors=refusal.fields)
    expected = int(count) if count.isdecimal() and len(count) < 10 else None
    return await _begin(request, user, scope, broadcast_id, count=expected, moment=moment)


def _moment(text: str, zone: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        raise InvalidInput(
            "Choose a moment.", fields={"scheduled_at": "Choose a day and a time."}
        ) from error


async def _begin(
    request: Request,
    user: SignedIn,
    scope: Scope,
    broadcast_id: UUID,
    *,
    count: int | None,
    moment: datetime | None,
) -> Response:
    found = await _get(user, scope, broadcast_id)
    actor, _, _ = await subscribers.acting_for(scope)
    try:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            number = await service.check_ready(tx, broadcast=found, expected=count)
        async with runtime.acting_as(actor) as tx:
            if moment is None:
                await service.start(tx, broadcast_id=broadcast_id, recipient_count=number)
                await jobs.enqueue_sending(tx, broadcast_id=broadcast_id)
            else:
                at = await service.schedule(
                    tx, broadcast_id=broadcast_id, moment=moment, recipient_count=number
                )
                await jobs.enqueue_start(tx, broadcast_id=broadcast_id, moment=at)
    except InvalidInput as refusal:
        if found.status is not BroadcastStatus.DRAFT:
            raise
        return await _editor(request, user, scope, found, errors=refusal.fields)
    words = f"On its way to {number:,} people" if moment is None else "Scheduled"
    return redirect(f"{PATH}/{broadcast_id}", toast=words)


@router.post("/{broadcast_id}/copy")
async def copy_broadcast(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    found = await _get(user, scope, broadcast_id)
    actor, _, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        copied = await service.create_draft(
            tx, scope=scope, tenant_id=tenant_id, subject=found.subject, body=found.body
        )
    return redirect(f"{PATH}/{copied}", toast="Copied into a draft")


@router.post("/{broadcast_id}/delete")
async def delete_draft(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    await _get(user, scope, broadcast_id)
    actor, _, _ = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await service.delete_draft(tx, scope=scope, broadcast_id=broadcast_id)
    return redirect(PATH, toast="Deleted")


@router.post("/{broadcast_id}/retry")
async def retry_failed(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    await _get(user, scope, broadcast_id)
    actor, _, _ = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        count = await service.retry_failed(tx, broadcast_id=broadcast_id)
        await jobs.enqueue_sending(tx, broadcast_id=broadcast_id)
    return redirect(f"{PATH}/{broadcast_id}", toast=f"Trying {count:,} again")


@router.get("/{broadcast_id}/progress")
async def show_progress(
    _: CurrentUser, scope: CurrentScope, tx: OneTx, broadcast_id: UUID
) -> Response:
    found = await service.get_broadcast(tx, scope=scope, broadcast_id=broadcast_id)
    tally = await service.get_tally(tx, broadcast_id=broadcast_id)
    left = tally.queued + tally.sending + tally.waiting_for_winner
    return JSONResponse(
        {"status": found.status, "done": tally.total - left, "total": tally.total},
        headers={"cache-control": "no-store"},
    )


async def _move(user: SignedIn, scope: Scope, broadcast_id: UUID, step: str) -> Response:
    await _get(user, scope, broadcast_id)
    actor, _, _ = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await service.move(tx, broadcast_id=broadcast_id, step=step)
        if step == "resume":
            await jobs.enqueue_sending(tx, broadcast_id=broadcast_id)
    words = {"pause": "Paused", "resume": "Goes on", "cancel": "Cancelled"}
    return redirect(f"{PATH}/{broadcast_id}", toast=words.get(step, "A draft again"))


@router.post("/{broadcast_id}/pause")
async def pause(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    return await _move(user, scope, broadcast_id, "pause")


@router.post("/{broadcast_id}/resume")
async def resume(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    return await _move(user, scope, broadcast_id, "resume")


@router.post("/{broadcast_id}/cancel")
async def cancel(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    return await _move(user, scope, broadcast_id, "cancel")


@router.post("/{broadcast_id}/unschedule")
async def unschedule(user: CurrentUser, scope: CurrentScope, broadcast_id: UUID) -> Response:
    return await _move(user, scope, broadcast_id, "unschedule")


async def _get(user: SignedIn, scope: Scope, broadcast_id: UUID) -> Broadcast:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        return await service.get_broadcast(tx, scope=scope, broadcast_id=broadcast_id)


async def _editor(
    request: Request,
    user: SignedIn,
    scope: Scope,
    found: Broadcast,
    *,
    errors: dict[str, str] | None = None,
) -> Response:
    account = await sending.find_account(team_id=found.team_id, tenant_id=found.tenant_id)
    async with runtime.reading_as(user.actor) as tx:
        kept = await segments.list_segments(tx, scope=scope)
        context: dict[str, Any] = {
            "broadcast": found,
            "segments": [(str(each.id), each.name) for each in kept],
            "designs": await designs.list_choices(tx, team_id=found.team_id),
            "filter": found.segment_filter or segments.from_audience(found.audience_filter),
            "choices": await segments.list_choices(tx, scope=scope),
            "audience": await service.count_audience(tx, broadcast=found),
            "sender": sending.choose_sender(account).from_,
            "errors": errors or {},
        }
        context["preview_subject"], _ = await service.render_preview(
            tx, broadcast=found, account=account, variant="a"
        )
    status = 422 if errors else 200
    return render(request, "email/broadcasts/edit.html", context, status=status)


async def _results(request: Request, user: SignedIn, found: Broadcast) -> Response:
    account = await sending.find_account(team_id=found.team_id, tenant_id=found.tenant_id)
    async with runtime.reading_as(user.actor) as tx:
        results = await service.list_results(tx, broadcast_id=found.id)
        context: dict[str, Any] = {
            "broadcast": found,
            "tally": await service.get_tally(tx, broadcast_id=found.id),
            "results": results,
            "totals": _sum(results),
            "failures": await service.list_failures(tx, broadcast_id=found.id),
            "tones": TONES,
            "share": share,
        }
        context["preview_subject"], _ = await service.render_preview(
            tx, broadcast=found, account=account, variant=found.winner or "a"
        )
    return render(request, "email/broadcasts/show.html", context)


def _sum(results: list[Result]) -> Result:
    names = [name for name in Result.model_fields if name != "variant"]
    return Result(
        variant="a", **{name: sum(getattr(result, name) for result in results) for name in names}
    )
