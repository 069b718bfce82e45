"""The screens of leads: the list, one lead, and leads that are one person."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.leads import merging, rules, service
from lodestone.domains.funnels.leads.models import (
    Happening,
    LeadDetail,
    Narrowing,
    OutcomeCreate,
    OutcomeKind,
    Shown,
)
from lodestone.domains.funnels.leads.state import COLUMNS, PATH, ListState, read_state
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, csv_stream, redirect, render

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Opt-ins",
        PATH,
        "inbox",
        "Capture",
        order=30,
        keywords="captured leads form submissions export duplicates",
    )
)

Ids = Annotated[list[UUID] | None, Form()]
HAPPENINGS = {
    "opted_in": ("user", "info", "Opted in"),
    "qualified": ("check-circle", "success", "Answered, and qualified"),
    "not_qualified": ("x-circle", "neutral", "Answered, and did not qualify"),
    "stopped_half_way": ("pause", "warning", "Stopped half way through the questions"),
    "booked": ("calendar", "success", "Booked a call"),
    "revenue": ("star", "success", "Paid"),
    "merged": ("users", "neutral", "Merged with others"),
    "merge_undone": ("undo", "neutral", "A merge was undone"),
    "mail_sent": ("send", "neutral", "Mail sent"),
    "mail_queued": ("outbox", "neutral", "Mail waits to be sent"),
    "mail_delivered": ("check", "neutral", "Mail delivered"),
    "mail_opened": ("eye", "info", "Opened a mail"),
    "mail_clicked": ("external", "info", "Followed a link in a mail"),
    "mail_bounced": ("alert", "danger", "Mail bounced"),
    "mail_complained": ("alert", "danger", "Reported a mail as spam"),
    "mail_failed": ("alert", "danger", "Mail failed"),
    "mail_unsubscribed": ("x-circle", "warning", "Unsubscribed"),
    "webhook_delivered": ("webhook", "neutral", "Your system was told"),
    "webhook_failed": ("webhook", "danger", "Your system could not be told"),
    "webhook_pending": ("webhook", "neutral", "Your system will be told"),
}
REASONS = {
    "address": "Same address",
    "linkedin": "Same LinkedIn profile",
    "name": "Same name at the same company",
}


@router.get(PATH)
async def list_leads(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    state = await _read_state(request, tx, scope)
    leads, has_more = await service.list_leads(
        tx,
        scope=scope,
        given=state.narrowing,
        sort=state.sort,
        descending=state.listing.descending,
        cursor=state.cursor,
        limit=state.listing.per_page,
    )
    context = {
        "state": state,
        "listing": state.listing,
        "rows": leads,
        "count": await service.count_leads(tx, scope=scope, given=state.narrowing),
        "most_counted": service.MOST_COUNTED,
        "columns": COLUMNS,
        "is_archive": state.narrowing.shown is Shown.ARCHIVED,
        **_pager(state, leads, has_more=has_more),
    }
    return render(request, "funnels/leads/list.html", context)


@router.get(PATH + ".csv")
async def export_leads(
    request: Request, user: CurrentUser, scope: identity.CurrentScope, tx: ReadTx
) -> Response:
    state = await _read_state(request, tx, scope)
    return await _export(tx, user, scope, state.narrowing)


@router.post(PATH + ".csv")
async def export_chosen(
    user: CurrentUser, scope: identity.CurrentScope, tx: ReadTx, ids: Ids = None
) -> Response:
    return await _export(tx, user, scope, Narrowing(ids=tuple(ids or ())))


@router.post(PATH + "/archive")
async def archive_leads(
    user: CurrentUser, scope: identity.CurrentScope, ids: Ids = None
) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        count, at = await service.archive_leads(tx, scope=scope, lead_ids=ids or [])
    undo = f"{PATH}/archive/undo?{urlencode({'at': at.isoformat()})}" if at else None
    return redirect(PATH, toast=f"Archived {count}", undo=undo)


@router.post(PATH + "/archive/undo")
async def undo_archiving(user: CurrentUser, scope: identity.CurrentScope, at: datetime) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        count = await service.undo_archiving(tx, scope=scope, archived_at=at)
    return redirect(PATH, toast=f"Back in the list: {count}")


@router.post(PATH + "/restore")
async def restore_leads(
    user: CurrentUser, scope: identity.CurrentScope, ids: Ids = None
) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        count = await service.restore_leads(tx, scope=scope, lead_ids=ids or [])
    return redirect(f"{PATH}?shown=archived", toast=f"Back in the list: {count}")


@router.post(PATH + "/booked")
async def mark_booked(user: CurrentUser, ids: Ids = None) -> Response:
    chosen = ids or []
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.require_leads(tx, lead_ids=chosen)
    async with runtime.acting_as(_writer(user)) as tx:
        given = OutcomeCreate(kind=OutcomeKind.BOOKED)
        count = await service.note_outcome(tx, lead_ids=chosen, given=given)
    return redirect(PATH, toast=f"Marked as booked: {count}")


@router.get(PATH + "/duplicates")
async def list_duplicates(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    groups = await merging.find_duplicates(tx, scope=scope)
    context = {"groups": groups, "reasons": REASONS, "most": merging.GROUPS_SHOWN}
    return render(request, "funnels/leads/duplicates.html", context)


@router.get(PATH + "/merge")
async def preview_merge(
    request: Request,
    _: CurrentUser,
    tx: OneTx,
    ids: Annotated[list[UUID] | None, Query()] = None,
    kept_id: UUID | None = None,
) -> Response:
    leads = await merging.get_group(tx, lead_ids=ids or [])
    kept = next((lead for lead in leads if lead.id == kept_id), rules.best_of(leads))
    others = [lead for lead in leads if lead.id != kept.id]
    context = {
        "leads": leads,
        "kept": kept,
        "result": rules.merged(kept, others),
        "filled": rules.fill_blanks(kept, others),
    }
    return render(request, "funnels/leads/merge.html", context)


@router.post(PATH + "/merge")
async def merge_leads(
    user: CurrentUser, kept_id: Annotated[UUID, Form()], ids: Ids = None
) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        merge_id = await merging.merge_leads(tx, kept_id=kept_id, lead_ids=ids or [])
    return redirect(f"{PATH}/{kept_id}", toast="Merged", undo=f"{PATH}/merges/{merge_id}/undo")


@router.post(PATH + "/merges/{merge_id}/undo")
async def undo_merge(user: CurrentUser, merge_id: UUID) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        kept_id = await merging.undo_merge(tx, merge_id=merge_id)
    return redirect(f"{PATH}/{kept_id}", toast="Taken apart again")


@router.get(PATH + "/{lead_id}")
async def show_lead(request: Request, _: CurrentUser, tx: OneTx, lead_id: UUID) -> Response:
    return await _show(request, tx, lead_id)


@router.post(PATH + "/{lead_id}/outcomes")
async def add_outcome(request: Request, user: CurrentUser, lead_id: UUID) -> Response:
    form = await read_form(request)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.get_lead(tx, lead_id=lead_id)
    try:
        given = parse(OutcomeCreate, {**form, "amount_cents": _cents(form.get("amount"))})
        async with runtime.acting_as(_writer(user)) as tx:
            await service.note_outcome(tx, lead_ids=[lead_id], given=given)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _show(request, tx, lead_id, errors=refusal.fields)
    return redirect(f"{PATH}/{lead_id}", toast="Noted")


@router.post(PATH + "/{lead_id}/outcomes/{outcome_id}/delete")
async def take_back_outcome(user: CurrentUser, lead_id: UUID, outcome_id: UUID) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        await service.take_back_outcome(tx, lead_id=lead_id, outcome_id=outcome_id)
    return redirect(f"{PATH}/{lead_id}", toast="Taken back")


async def _show(
    request: Request, tx: Tx, lead_id: UUID, *, errors: dict[str, str] | None = None
) -> Response:
    lead = await service.get_lead(tx, lead_id=lead_id)
    identity.enter_workspace(request, team_id=lead.team_id)
    happenings = await service.list_happenings(tx, lead_id=lead_id)
    context = {
        "lead": lead,
        "answers": await service.list_answers(tx, lead=lead),
        "timeline": [_timeline_item(each, lead) for each in happenings],
        "outcomes": [each for each in happenings if each.kind in ("booked", "revenue")],
        "merges": await merging.list_merges(tx, lead_id=lead_id),
        "parts": await merging.list_parts(tx, lead_id=lead_id),
        "pipeline": f"/app/leads/by-email?{urlencode({'email': lead.email})}",
        "errors": errors or {},
    }
    return render(request, "funnels/leads/show.html", context, status=422 if errors else 200)


def _timeline_item(each: Happening, lead: LeadDetail) -> dict[str, Any]:
    icon, tone, title = HAPPENINGS.get(
        each.kind, ("dot", "neutral", each.kind.replace("_", " ").capitalize())
    )
    is_other = each.kind == "opted_in" and each.ref_id not in (None, lead.id)
    return {
        "icon": icon,
        "tone": tone,
        "title": title,
        "text": each.text or None,
        "at": each.at,
        **({"href": f"{PATH}/{each.ref_id}"} if is_other else {}),
    }


async def _read_state(request: Request, tx: Tx, scope: identity.Scope) -> ListState:
    pages, _ = await funnels.list_funnels(tx, scope=scope, sort="leads", limit=100)
    return read_state(
        request,
        funnels=[(str(page.id), page.optin_headline[:80]) for page in pages],
        magnets=[
            (str(magnet_id), title[:80])
            for magnet_id, title in await service.list_magnets(tx, scope=scope)
        ],
        sources=await service.list_sources(tx, scope=scope),
    )


def _pager(state: ListState, leads: list[Any], *, has_more: bool) -> dict[str, str | None]:
    """Return the addresses of the pages around this one."""
    is_back = state.cursor is not None and state.cursor.is_before
    has_next = is_back or has_more
    has_previous = state.cursor is not None and (not is_back or has_more)
    following = previous = None
    if leads and has_next:
        place = rules.write_cursor(service.cursor_of(leads[-1], state.sort))
        following = state.listing.url(after=place)
    if leads and has_previous:
        place = rules.write_cursor(service.cursor_of(leads[0], state.sort))
        previous = state.listing.url(before=place)
    return {"next_url": following, "previous_url": previous}


async def _export(tx: Tx, user: SignedIn, scope: identity.Scope, given: Narrowing) -> Response:
    if not await service.count_leads(tx, scope=scope, given=given):
        raise NotFound("There is nothing to export.")

    async def batches() -> AsyncIterator[list[tuple[str | None, ...]]]:
        async for leads in service.export_leads(user.actor, scope=scope, given=given):
            yield [rules.export_row(lead) for lead in leads]

    return csv_stream("opt-ins.csv", rules.EXPORT_HEADER, batches())


def _cents(amount: str | None) -> int | None:
    """Return an amount of money as people write it in cents. Raises InvalidInput."""
    if not amount or not amount.strip():
        return None
    try:
        return round(float(amount.strip().replace(",", ".")) * 100)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            "This is not an amount.", fields={"amount_cents": "Write it as 1200 or 99.50."}
        ) from error


def _writer(user: SignedIn) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user.user_id)
