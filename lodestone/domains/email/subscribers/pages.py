"""The screens of a list: who is on it, one person, and files of people."""

from pathlib import PurePath
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.email.subscribers import imports, jobs, rules, service
from lodestone.domains.email.subscribers.models import (
    ImportState,
    SubscriberCreate,
    SubscriberStatus,
    SubscriberUpdate,
)
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_body, read_form
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

PATH = "/app/subscribers"
IMPORTS = f"{PATH}/imports"
EXPORT_LIMIT = 100_000
_FORM_AROUND_FILE = 64 * 1024

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Subscribers", PATH, "users", "Email", order=10, keywords="list people import unsubscribe"
    )
)
add_entry(Entry("Add a subscriber", f"{PATH}/new", "plus", is_action=True))
add_entry(Entry("Import subscribers", f"{IMPORTS}", "upload", is_action=True))

COLUMNS = [
    Column("email", "Person", sortable=True),
    Column("status", "Status", sortable=True),
    Column("source", "Came by", hide="md"),
    Column("company", "Company", hide="lg"),
    Column("created_at", "Since", sortable=True, hide="sm"),
]
STATUSES = {
    "active": "Subscribed",
    "pending": "To confirm",
    "unsubscribed": "Unsubscribed",
    "bounced": "Bounced",
    "complained": "Complained",
}
TONES = {"active": "success", "pending": "warning", "bounced": "danger", "complained": "danger"}
SOURCES = {
    "lead_magnet": "Lead magnet",
    "manual": "Added by hand",
    "import": "Import",
    "csv_import": "Earlier import",
    "resend_import": "Resend",
    "positive_reply": "Reply",
    "purchaser": "Purchase",
    "meeting": "Meeting",
    "heyreach": "HeyReach",
    "plusvibe": "PlusVibe",
    "gtm_sync": "Sync",
}
FILTERS = [
    Filter("status", "Status", list(STATUSES.items())),
    Filter("source", "Came by", list(SOURCES.items())),
]
REASONS = {
    "empty": "No address",
    "invalid": "Not an address",
    "too_long": "Too long",
    "duplicate": "Twice in the file",
    "unsubscribed": "Unsubscribed",
    "bounced": "Bounced",
    "complained": "Reported as spam",
    "suppressed": "On the suppression list",
}
_WORDS = {"statuses": STATUSES, "tones": TONES, "sources": SOURCES, "reasons": REASONS}
_FIELDS = [
    ("email", "Address"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("company", "Company"),
]


@router.get("")
async def list_subscribers(request: Request, scope: CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, total = await service.list_subscribers(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        source=listing.value("source"),
        sort=listing.sort_key,
        descending=listing.descending,
        limit=listing.limit,
        offset=listing.offset,
    )
    query = {"q": listing.q, **listing.values}
    export = urlencode({key: value for key, value in query.items() if value})
    context = {
        "listing": listing,
        "rows": rows,
        "total": total,
        "counts": await service.count_by_status(tx, scope=scope),
        "is_double_opt_in": await service.is_double_opt_in(tx, scope=scope),
        "export": f"{PATH}.csv?{export}" if export else f"{PATH}.csv",
        **_WORDS,
    }
    return render(request, "email/subscribers/list.html", context)


@router.get(".csv")
async def export_subscribers(request: Request, scope: CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, _ = await service.list_subscribers(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        source=listing.value("source"),
        limit=EXPORT_LIMIT,
    )
    return csv_response(
        "subscribers.csv",
        ["email", "first_name", "last_name", "company", "status", "source", "subscribed_at"],
        (
            (
                row.email,
                row.first_name,
                row.last_name,
                row.company,
                row.status,
                row.source,
                row.subscribed_at.isoformat() if row.subscribed_at else "",
            )
            for row in rows
        ),
    )


@router.get("/new")
async def show_form(request: Request, _: CurrentUser) -> Response:
    context: dict[str, dict[str, str]] = {"values": {}, "errors": {}}
    return render(request, "email/subscribers/new.html", context)


@router.post("/new")
async def add_subscriber(request: Request, _: CurrentUser, scope: CurrentScope) -> Response:
    form = await read_form(request)
    given = {name: form.get(name) or None for name, _ in _FIELDS}
    try:
        added = await service.add_subscriber(
            scope=scope,
            given=parse(
                SubscriberCreate,
                {**given, "email": form.get("email", ""), "has_agreed": "has_agreed" in form},
            ),
        )
    except InvalidInput as refusal:
        context = {"values": form, "errors": refusal.fields}
        return render(request, "email/subscribers/new.html", context, status=422)
    toast = "Added" if added.is_new else "Already on the list. The names were kept."
    return redirect(f"{PATH}/{added.id}", toast=toast)


@router.post("/unsubscribe")
async def unsubscribe_many(
    user: CurrentUser, scope: CurrentScope, ids: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    count = await service.unsubscribe_all(
        scope=scope, subscriber_ids=ids or [], by=user.name or user.email
    )
    return redirect(PATH, toast=f"Unsubscribed {count}")


@router.post("/double-opt-in")
async def set_double_opt_in(
    _: CurrentUser, scope: CurrentScope, is_on: Annotated[bool, Form()] = False
) -> Response:
    await service.set_double_opt_in(scope=scope, double_opt_in=is_on)
    toast = "New people confirm their address first" if is_on else "New people are on at once"
    return redirect(PATH, toast=toast)


@router.get("/imports")
async def show_imports(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: ReadTx
) -> Response:
    context = {"imports": await imports.list_imports(tx, scope=scope), "errors": {}}
    return render(request, "email/subscribers/imports.html", context)


@router.post("/imports")
async def upload(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    await read_body(request, most_bytes=rules.MOST_BYTES + _FORM_AROUND_FILE)
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise InvalidInput("There is no file.", fields={"file": "Choose a file."})
            content, name = await file.read(), PurePath(file.filename).name
        import_id = await imports.keep_file(scope=scope, file_name=name, content=content)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            found = await imports.list_imports(tx, scope=scope)
        context = {"imports": found, "errors": refusal.fields}
        return render(request, "email/subscribers/imports.html", context, status=422)
    return redirect(f"{IMPORTS}/{import_id}")


@router.get("/imports/{import_id}")
async def show_import(
    request: Request, user: CurrentUser, scope: CurrentScope, import_id: UUID
) -> Response:
    return await _import_page(request, user, scope, import_id)


@router.post("/imports/{import_id}/check")
async def check_import(
    request: Request, user: CurrentUser, scope: CurrentScope, import_id: UUID
) -> Response:
    form = await read_form(request)
    chosen = {name: form.get(name, "") for name, _ in _FIELDS}
    mapping = {name: int(place) for name, place in chosen.items() if place.isdecimal()}
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        found = await imports.get_import(tx, scope=scope, import_id=import_id)
    actor, _, _ = await service.acting_for(scope)
    try:
        async with runtime.acting_as(actor) as tx:
            await imports.begin_check(tx, found=found, mapping=mapping)
            await jobs.enqueue_check(tx, found)
    except InvalidInput as refusal:
        return await _import_page(request, user, scope, import_id, errors=refusal.fields)
    return redirect(f"{IMPORTS}/{import_id}")


@router.post("/imports/{import_id}/run")
async def run_import(
    request: Request, user: CurrentUser, scope: CurrentScope, import_id: UUID
) -> Response:
    form = await read_form(request)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        found = await imports.get_import(tx, scope=scope, import_id=import_id)
    actor, _, _ = await service.acting_for(scope)
    try:
        async with runtime.acting_as(actor) as tx:
            await imports.begin_import(tx, found=found, has_agreed="has_agreed" in form)
            await jobs.enqueue_import(tx, found)
    except InvalidInput as refusal:
        return await _import_page(request, user, scope, import_id, errors=refusal.fields)
    return redirect(f"{IMPORTS}/{import_id}")


@router.post("/imports/{import_id}/cancel")
async def cancel_import(user: CurrentUser, scope: CurrentScope, import_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await imports.get_import(tx, scope=scope, import_id=import_id)
    actor, _, _ = await service.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await imports.cancel_import(tx, import_id=import_id)
    return redirect(IMPORTS, toast="Cancelled. Nothing was imported.")


@router.get("/imports/{import_id}/refused.csv")
async def download_refusals(
    _: CurrentUser, scope: CurrentScope, tx: OneTx, import_id: UUID
) -> Response:
    found = await imports.get_import(tx, scope=scope, import_id=import_id)
    refusals = await imports.list_refusals(tx, import_id=import_id)
    return csv_response(
        "refused.csv",
        [*found.columns, "row", "reason"],
        (
            (*_padded(each.cells, len(found.columns)), each.row_number, REASONS[each.reason])
            for each in refusals
        ),
    )


@router.get("/{subscriber_id}")
async def show_subscriber(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, subscriber_id: UUID
) -> Response:
    found = await service.get_subscriber(tx, scope=scope, subscriber_id=subscriber_id)
    context = {
        "subscriber": found,
        "history": await service.list_history(tx, subscriber_id=subscriber_id),
        "can_leave": found.status in (SubscriberStatus.ACTIVE, SubscriberStatus.PENDING),
        **_WORDS,
    }
    return render(request, "email/subscribers/show.html", context)


@router.post("/{subscriber_id}")
async def rename_subscriber(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: UserTx, subscriber_id: UUID
) -> Response:
    given = parse(SubscriberUpdate, await read_form(request))
    await service.rename_subscriber(tx, scope=scope, subscriber_id=subscriber_id, given=given)
    return redirect(f"{PATH}/{subscriber_id}", toast="Saved")


@router.post("/{subscriber_id}/unsubscribe")
async def unsubscribe_one(user: CurrentUser, scope: CurrentScope, subscriber_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.get_subscriber(tx, scope=scope, subscriber_id=subscriber_id)
    await service.unsubscribe_all(
        scope=scope, subscriber_ids=[subscriber_id], by=user.name or user.email
    )
    return redirect(f"{PATH}/{subscriber_id}", toast="Unsubscribed")


def _padded(cells: list[str], width: int) -> list[str]:
    """Return as many cells as the header has, so that what follows stands in its own column."""
    return [*cells, *[""] * width][:width]


async def _import_page(
    request: Request,
    user: SignedIn,
    scope: Scope,
    import_id: UUID,
    *,
    errors: dict[str, str] | None = None,
) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        found = await imports.get_import(tx, scope=scope, import_id=import_id)
        refusals = await imports.list_refusals(
            tx, import_id=import_id, limit=imports.REFUSALS_SHOWN
        )
        refused_for = await imports.count_refusals(tx, import_id=import_id)
    can_map = found.state in (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    context = {
        "found": found,
        "is_running": found.state in (ImportState.CHECKING, ImportState.IMPORTING),
        "can_map": can_map,
        "sample": await imports.sample_rows(scope, found) if can_map else [],
        "refusals": refusals,
        "refused_for": refused_for,
        "fields": _FIELDS,
        "columns": [
            (str(place), name or f"Column {place + 1}") for place, name in enumerate(found.columns)
        ],
        "errors": errors or {},
        **_WORDS,
    }
    status = 422 if errors else 200
    return render(request, "email/subscribers/import.html", context, status=status)
