"""The screens of lead magnets: the list, the editor, and one magnet with its funnel."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import service
from lodestone.domains.lead_magnets.models import (
    Archetype,
    LeadMagnetCreate,
    LeadMagnetStatus,
    LeadMagnetUpdate,
)
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    failures,
    redirect,
    render,
)

router = APIRouter(include_in_schema=False, prefix="/app/lead-magnets")
add_entry(
    Entry(
        "Lead magnets",
        "/app/lead-magnets",
        "magnet",
        "Capture",
        order=10,
        keywords="resource guide checklist ebook content",
    )
)
add_entry(Entry("New lead magnet", "/app/lead-magnets/new", "plus", is_action=True))

COLUMNS = [
    Column("title", "Lead magnet", sortable=True),
    Column("status", "Status", sortable=True, hide="sm"),
    Column("views", "Views", sortable=True, align="end", hide="md"),
    Column("leads", "Leads", sortable=True, align="end"),
    Column("updated_at", "Changed", sortable=True, hide="lg"),
]
FILTERS = [
    Filter(
        "status", "Status", [(status.value, status.value.title()) for status in LeadMagnetStatus]
    )
]
CHOICES = [
    (Archetype.FOCUSED_TOOLKIT, "Toolkit", "Ten things for one job"),
    (Archetype.SINGLE_SYSTEM, "System", "One process, one outcome"),
    (Archetype.SINGLE_BREAKDOWN, "Breakdown", "One success, taken apart"),
    (Archetype.MINI_TRAINING, "Training", "One skill in a few lessons"),
    (Archetype.FOCUSED_DIRECTORY, "Directory", "A short list you vouch for"),
    (Archetype.ONE_STORY, "Story", "One transformation"),
    (Archetype.PROMPT, "Prompts", "To copy and paste"),
    (Archetype.WORKFLOW, "Workflow", "An automation to rebuild"),
    (Archetype.ASSESSMENT, "Assessment", "Questions with a score"),
    (Archetype.SINGLE_CALCULATOR, "Calculator", "One number, one answer"),
]
BLANK = {
    "title": "",
    "body": "",
    "archetype": Archetype.FOCUSED_TOOLKIT,
    "pain_point": "",
    "target_audience": "",
}


@router.get("")
async def list_lead_magnets(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-updated_at")
    status = listing.value("status")
    rows, total = await service.list_lead_magnets(
        tx,
        scope=scope,
        search=listing.q or None,
        status=LeadMagnetStatus(status) if status else None,
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total}
    return render(request, "lead_magnets/list.html", context)


@router.get("/new")
async def start_lead_magnet(request: Request, scope: identity.CurrentScope, tx: OneTx) -> Response:
    return _editor(request, values=BLANK, reached=await _find_limit(tx, scope))


@router.post("/new")
async def create_lead_magnet(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    try:
        given = parse(LeadMagnetCreate, _filled(form))
    except InvalidInput as refusal:
        return _editor(request, values={**BLANK, **form}, errors=refusal.fields)
    try:
        async with runtime.acting_as(user.actor) as tx:
            magnet = await service.write_lead_magnet(
                tx, user_id=user.user_id, team_id=scope.team_id, given=given
            )
    except identity.UsageLimitExceeded:
        if failures.is_for_program(request):
            raise
        # What was written is shown again: nobody loses a text to a limit.
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            reached = await _find_limit(tx, scope)
        return _editor(request, values={**BLANK, **form}, reached=reached, status=403)
    return redirect(f"/app/lead-magnets/{magnet.id}", toast="Kept as a draft")


@router.get("/{lead_magnet_id}")
async def show_lead_magnet(
    request: Request, _: CurrentUser, tx: OneTx, lead_magnet_id: UUID
) -> Response:
    magnet = await service.get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    identity.enter_workspace(request, team_id=magnet.team_id)
    content = service.render_content(magnet.polished_content) if magnet.polished_content else None
    # The funnel's screens are the funnels' own; all that is needed here is whether there is one.
    funnel = await service.find_funnel(tx, lead_magnet_id=lead_magnet_id)
    context = {
        "magnet": magnet,
        "content": content,
        "funnel": funnel,
        "has_tool_format": magnet.archetype and service.interactive_of(magnet.archetype),
    }
    return render(request, "lead_magnets/show.html", context)


@router.get("/{lead_magnet_id}/edit")
async def edit_lead_magnet(
    request: Request, _: CurrentUser, tx: OneTx, lead_magnet_id: UUID
) -> Response:
    magnet = await service.get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    identity.enter_workspace(request, team_id=magnet.team_id)
    values = {**magnet.model_dump(), "body": service.read_body(magnet)}
    return _editor(request, values=values, lead_magnet_id=lead_magnet_id)


@router.post("/{lead_magnet_id}/edit")
async def save_lead_magnet(request: Request, user: CurrentUser, lead_magnet_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = parse(LeadMagnetUpdate, _filled(form))
    except InvalidInput as refusal:
        return _editor(
            request,
            values={**BLANK, **form},
            errors=refusal.fields,
            lead_magnet_id=lead_magnet_id,
        )
    async with runtime.acting_as(user.actor) as tx:
        await service.revise_lead_magnet(tx, lead_magnet_id=lead_magnet_id, given=given)
    return redirect(f"/app/lead-magnets/{lead_magnet_id}", toast="Saved")


@router.post("/{lead_magnet_id}/archive")
async def archive_lead_magnet(_: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Response:
    await service.archive_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    return redirect(
        "/app/lead-magnets", toast="Archived", undo=f"/app/lead-magnets/{lead_magnet_id}/restore"
    )


@router.post("/{lead_magnet_id}/restore")
async def restore_lead_magnet(_: CurrentUser, tx: UserTx, lead_magnet_id: UUID) -> Response:
    await service.restore_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    return redirect(f"/app/lead-magnets/{lead_magnet_id}", toast="Restored as a draft")


async def _find_limit(tx: Tx, scope: identity.Scope) -> identity.Usage | None:
    """Return the limit of the plan that leaves no room for another magnet."""
    return await identity.find_reached_limit(
        tx, billing_user_id=scope.billing_user_id, what=identity.Resource.LEAD_MAGNETS
    )


def _filled(form: dict[str, str]) -> dict[str, str | None]:
    """Return the form with its emptied optional fields as null, which clears them."""
    optional = {"pain_point", "target_audience", "short_description"}
    return {key: None if key in optional and not value else value for key, value in form.items()}


def _editor(
    request: Request,
    *,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    lead_magnet_id: UUID | None = None,
    reached: identity.Usage | None = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "lead_magnets/edit.html",
        {
            "values": values,
            "errors": errors or {},
            "choices": CHOICES,
            "lead_magnet_id": lead_magnet_id,
            "reached": reached,
        },
        status=422 if errors else status,
    )
