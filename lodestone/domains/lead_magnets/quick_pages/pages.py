"""The screen of the quick way to a page."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.quick_pages import service
from lodestone.domains.lead_magnets.quick_pages.models import QuickPage
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/quick-page"

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry("Quick page", PATH, "bolt", is_action=True, keywords="landing opt-in fast title new")
)


@router.get("")
async def ask_for_title(request: Request, scope: identity.CurrentScope, tx: OneTx) -> Response:
    reached = await identity.find_reached_limit(
        tx, billing_user_id=scope.billing_user_id, what=identity.Resource.LEAD_MAGNETS
    )
    return _form(request, values={"title": "", "description": ""}, reached=reached)


@router.post("")
async def make_quick_page(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    try:
        given = parse(QuickPage, form)
    except InvalidInput as refusal:
        values = {"title": "", "description": "", **form}
        return _form(request, values=values, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        made = await service.make_quick_page(
            tx, user_id=user.user_id, team_id=scope.team_id, given=given
        )
    return redirect(f"/app/funnels/{made.funnel_page_id}", toast="Drafted: change what you like")


def _form(
    request: Request,
    *,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    reached: identity.Usage | None = None,
) -> Response:
    context = {"values": values, "errors": errors or {}, "reached": reached}
    return render(request, "lead_magnets/quick_page.html", context, status=422 if errors else 200)
