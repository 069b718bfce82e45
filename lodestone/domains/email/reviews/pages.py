"""The screens of the review queue: what waits, and each mail beside its original."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.domains.email.flows.jobs import enqueue_follow_ups
from lodestone.domains.email.reviews import rules, service
from lodestone.domains.email.reviews.models import ReviewEdit
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Listing, add_entry, redirect, render

PATH = "/app/email/review"
STATUSES = {
    "pending_review": "Waiting",
    "approved": "Approved",
    "sent": "Sent",
    "rejected": "Rejected",
    "failed": "Failed",
}
TONES = {"pending_review": "warning", "approved": "info", "rejected": "neutral"}
KNOWN = {
    "first_name": "First name",
    "company": "Company",
    "came_by": "Came by",
    "asked_for": "Asked for",
    "on_the_list_since": "Entered",
    "did_lately": "Did lately",
}

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Review",
        PATH,
        "check-circle",
        "Email",
        order=50,
        keywords="approve personalised ai queue reject",
    )
)

COLUMNS = [
    Column("recipient_email", "For"),
    Column("subject", "Mail"),
    Column("flow_name", "Flow", hide="md"),
    Column("status", "Status", hide="sm"),
    Column("created_at", "Written", hide="sm"),
]


@router.get(PATH)
async def list_reviews(request: Request, scope: CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=[], sort="created_at")
    status = request.query_params.get("status", "pending_review")
    chosen = status if status in STATUSES else None
    rows, counts = await service.list_reviews(
        tx,
        scope=scope,
        status=chosen,
        search=listing.q or None,
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {
        "listing": listing,
        "rows": rows,
        "total": counts.get(chosen, 0) if chosen else sum(counts.values()),
        "counts": counts,
        "status": status,
        "statuses": STATUSES,
        "tones": TONES,
        "old": await service.count_old(tx, scope=scope),
        "old_days": rules.OLD_AFTER.days,
    }
    return render(request, "email/reviews/list.html", context)


@router.post(f"{PATH}/approve")
async def approve_many(
    _: CurrentUser, scope: CurrentScope, ids: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    count = 0
    for review_id in ids or []:
        count += await _decide(scope, review_id, send_original=None, is_one_of_many=True)
    return redirect(PATH, toast=f"Approved {count}")


@router.post(f"{PATH}/reject")
async def reject_many(
    _: CurrentUser, scope: CurrentScope, ids: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    count = 0
    for review_id in ids or []:
        count += await _decide(scope, review_id, send_original=False, is_one_of_many=True)
    return redirect(PATH, toast=f"Rejected {count}: nothing is sent")


@router.post(f"{PATH}/original")
async def send_originals(
    _: CurrentUser, scope: CurrentScope, ids: Annotated[list[UUID] | None, Form()] = None
) -> Response:
    count = 0
    for review_id in ids or []:
        count += await _decide(scope, review_id, send_original=True, is_one_of_many=True)
    return redirect(PATH, toast=f"Sent {count} as they were")


async def _decide(
    scope: Scope, review_id: UUID, *, send_original: bool | None, is_one_of_many: bool = False
) -> int:
    """Decide on a mail; None approves. One of many that was decided meanwhile is left alone."""
    actor, _, _ = await subscribers.acting_for(scope)
    try:
        async with runtime.acting_as(actor) as tx:
            if send_original is None:
                running, follow_ups = await service.approve(tx, scope=scope, review_id=review_id)
            else:
                running, follow_ups = await service.reject(
                    tx, scope=scope, review_id=review_id, send_original=send_original
                )
            await enqueue_follow_ups(tx, running, follow_ups)
    except Conflict:
        if not is_one_of_many:
            raise
        return 0
    return 1


@router.get(f"{PATH}/{{review_id}}")
async def show_review(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx, review_id: UUID
) -> Response:
    return await _page(request, tx, scope, review_id)


async def _page(
    request: Request,
    tx: Tx,
    scope: Scope,
    review_id: UUID,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    review = await service.get_review(tx, scope=scope, review_id=review_id)
    before, after = rules.compare(review.body_original, review.final_body)
    facts = review.ai_context or {}
    context = {
        "review": review,
        "before": before,
        "after": after,
        "values": {"subject": review.final_subject, "body": review.final_body, **(values or {})},
        "errors": errors or {},
        "known": [
            (label, _told(facts.get(name))) for name, label in KNOWN.items() if facts.get(name)
        ],
        "next_id": await service.find_next(tx, scope=scope, review_id=review_id),
        "statuses": STATUSES,
        "tones": TONES,
    }
    return render(request, "email/reviews/show.html", context, status=422 if errors else 200)


def _told(value: object) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


@router.post(f"{PATH}/{{review_id}}")
async def edit_review(
    request: Request, user: CurrentUser, scope: CurrentScope, review_id: UUID
) -> Response:
    """Keep the reviewer's words; with `decision` approve it as it then stands."""
    form = await read_form(request)
    actor, _, _ = await subscribers.acting_for(scope)
    try:
        given = parse(ReviewEdit, form)
        async with runtime.acting_as(actor) as tx:
            await service.edit_review(tx, scope=scope, review_id=review_id, given=given)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _page(request, tx, scope, review_id, values=form, errors=refusal.fields)
    if form.get("decision") == "approve":
        return await _decide_and_go_on(user, scope, review_id, send_original=None)
    return redirect(f"{PATH}/{review_id}", toast="Saved")


@router.post(f"{PATH}/{{review_id}}/reject")
async def reject(
    user: CurrentUser,
    scope: CurrentScope,
    review_id: UUID,
    send_original: Annotated[bool, Form()] = False,
) -> Response:
    return await _decide_and_go_on(user, scope, review_id, send_original=send_original)


async def _decide_and_go_on(
    user: CurrentUser, scope: Scope, review_id: UUID, *, send_original: bool | None
) -> Response:
    await _decide(scope, review_id, send_original=send_original)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        next_id = await service.find_next(tx, scope=scope, review_id=review_id)
    toasts = {None: "Approved: it is on its way", True: "The original is on its way"}
    toast = toasts.get(send_original, "Rejected: nothing is sent")
    return redirect(f"{PATH}/{next_id}" if next_id else PATH, toast=toast)
