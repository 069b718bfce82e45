"""The screens of the swipe file: browse, one example, submit, one's own, and the review."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentSuperAdmin, CurrentUser, OneTx, ReadTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.swipe_file import service
from lodestone.domains.lead_magnets.swipe_file.models import (
    MOST_PER_PAGE,
    PER_PAGE,
    Kind,
    MagnetFormat,
    MagnetSubmit,
    Niche,
    PostSubmit,
    PostType,
    Search,
    Status,
)
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/swipe-file"
REVIEW = "/app/admin/swipe-file"
LABELS = {
    **{
        each.value: each.value.replace("-", " ").capitalize() for each in (*PostType, *MagnetFormat)
    },
    Niche.SAAS: "SaaS",
    Niche.B2B: "B2B",
    Niche.COACHING: "Coaching",
    Niche.AGENCY: "Agencies",
    Niche.CREATOR: "Creators",
    Niche.OTHER: "Other",
}
_VERDICTS = {"approve": Status.APPROVED, "reject": Status.REJECTED, "feature": Status.FEATURED}

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Swipe file",
        PATH,
        "bookmark",
        "Capture",
        order=40,
        keywords="inspiration examples posts community ideas",
    )
)
add_entry(
    Entry(
        "Swipe file review", REVIEW, "bookmark", "Operate", order=8, for_admins=True,
        keywords="moderate approve reject feature examples",
    )
)  # fmt: skip


@router.get(PATH)
async def go_to_posts(_: CurrentUser) -> Response:
    return redirect(f"{PATH}/{Kind.POST}")


@router.get(PATH + "/mine")
async def list_own(request: Request, user: CurrentUser, tx: OneTx) -> Response:
    rows = await service.list_submitted(tx, user_id=user.user_id)
    context = {"rows": rows, "labels": LABELS}
    return render(request, "lead_magnets/swipe_file/mine.html", context)


@router.get(REVIEW)
async def list_for_review(
    request: Request,
    admin: CurrentSuperAdmin,
    status: Status = Status.PENDING,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    rows, counts = await service.list_for_review(admin, status=status, page=page)
    context = {
        "rows": rows,
        "status": status,
        "tabs": [
            (
                each.value.capitalize(),
                f"{REVIEW}?status={each}",
                each is status,
                counts.get(each, 0),
            )
            for each in Status
        ],
        "labels": LABELS,
        "page": page,
        "has_more": counts.get(status, 0) > page * service.REVIEWED_AT_ONCE,
    }
    return render(request, "lead_magnets/swipe_file/review.html", context)


@router.post(REVIEW + "/{kind}/{example_id}")
async def review(
    admin: CurrentSuperAdmin,
    kind: Kind,
    example_id: UUID,
    verdict: Annotated[str, Form()] = "",
    seen: Annotated[Status, Form()] = Status.PENDING,
) -> Response:
    if verdict not in _VERDICTS:
        raise InvalidInput("Choose what becomes of it.", fields={"verdict": "Approve or reject."})
    status = _VERDICTS[verdict]
    await service.review(admin, kind, example_id=example_id, status=status)
    return redirect(f"{REVIEW}?status={seen}", toast=status.value.capitalize())


@router.get(PATH + "/{kind}")
async def browse(
    *,
    request: Request,
    _: CurrentUser,
    tx: ReadTx,
    kind: Kind,
    q: Annotated[str, Query(max_length=200)] = "",
    niche: str = "",
    type_: Annotated[str, Query(alias="type")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = PER_PAGE,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show a page of examples; a filter that nothing has is no filter."""
    search = Search(
        words=q.strip(),
        niche=Niche(niche) if niche in list(Niche) else None,
        type=type_ if type_ in _types_of(kind) else None,
        limit=limit,
        page=page,
    )
    rows, total = await service.list_examples(tx, kind, search=search)
    kept = {"q": search.words, "niche": search.niche or "", "type": search.type or ""}
    if limit != PER_PAGE:
        kept["limit"] = str(limit)
    context = {
        "kind": kind,
        "rows": rows,
        "total": total,
        "search": search,
        "types": _types_of(kind),
        "niches": list(Niche),
        "labels": LABELS,
        "pages": -(-total // limit),
        "path": f"{PATH}/{kind}?{urlencode({name: text for name, text in kept.items() if text})}",
    }
    return render(request, "lead_magnets/swipe_file/list.html", context)


@router.get(PATH + "/{kind}/new")
async def start_submission(request: Request, _: CurrentUser, kind: Kind) -> Response:
    return _form(request, kind, values={})


@router.post(PATH + "/{kind}/new")
async def submit(request: Request, user: CurrentUser, kind: Kind) -> Response:
    form = await read_form(request)
    try:
        async with runtime.acting_as(user.actor) as tx:
            if kind is Kind.POST:
                post = parse(PostSubmit, form)
                await service.submit_post(tx, user_id=user.user_id, given=post)
            else:
                magnet = parse(MagnetSubmit, form)
                await service.submit_magnet(tx, user_id=user.user_id, given=magnet)
    except InvalidInput as refusal:
        return _form(request, kind, values=form, errors=refusal.fields)
    return redirect(f"{PATH}/mine", toast="Thank you. Somebody looks at it before others see it")


@router.get(PATH + "/{kind}/{example_id}")
async def show_example(
    request: Request, user: CurrentUser, tx: OneTx, kind: Kind, example_id: UUID
) -> Response:
    example = await service.get_example(tx, kind, example_id=example_id)
    context = {
        "example": example,
        "labels": LABELS,
        "draft_id": uuid4(),
        "is_own": example.submitted_by == user.user_id,
    }
    return render(request, "lead_magnets/swipe_file/show.html", context)


@router.post(PATH + "/{kind}/{example_id}/withdraw")
async def withdraw(user: CurrentUser, tx: UserTx, kind: Kind, example_id: UUID) -> Response:
    await service.withdraw(tx, kind, example_id=example_id, user_id=user.user_id)
    return redirect(f"{PATH}/mine", toast="Withdrawn")


@router.post(PATH + "/{kind}/{example_id}/inspire")
async def start_from(
    *,
    user: CurrentUser,
    scope: identity.CurrentScope,
    tx: UserTx,
    kind: Kind,
    example_id: UUID,
    draft_id: Annotated[UUID, Form()],
) -> Response:
    await service.start_from(
        tx, kind, example_id=example_id, draft_id=draft_id, user_id=user.user_id, scope=scope
    )
    return redirect(
        f"/app/drafts/{draft_id}?step=1", toast="Begun. Take it apart in the first step"
    )


def _types_of(kind: Kind) -> list[str]:
    return [each.value for each in (PostType if kind is Kind.POST else MagnetFormat)]


def _form(
    request: Request,
    kind: Kind,
    *,
    values: Mapping[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    model = PostSubmit if kind is Kind.POST else MagnetSubmit
    context = {
        "kind": kind,
        "values": {**dict.fromkeys(model.model_fields, ""), **values},
        "errors": errors or {},
        "types": [(each, LABELS[each]) for each in _types_of(kind)],
        "niches": [(each.value, LABELS[each]) for each in Niche],
    }
    status = 422 if errors else 200
    return render(request, "lead_magnets/swipe_file/new.html", context, status=status)
