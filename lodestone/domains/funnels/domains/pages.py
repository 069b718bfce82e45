"""The screen of a workspace's own domain: the records to set, and what the last check found."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels.domains import service
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, Unavailable
from lodestone.platform.forms import read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/domain"

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Own domain",
        PATH,
        "globe",
        "Settings",
        order=34,
        keywords="custom domain dns cname white label brand",
    )
)


@router.get(PATH)
async def show_domain(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    return await _page(request, user, scope)


@router.post(PATH)
async def add_domain(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    text = (await read_form(request)).get("domain", "")
    try:
        await service.add_domain(scope=scope, text=text)
    except InvalidInput as refusal:
        return await _page(request, user, scope, value=text, errors=refusal.fields, status=422)
    except Conflict as refusal:
        errors = {"domain": refusal.message}
        return await _page(request, user, scope, value=text, errors=errors, status=409)
    return redirect(PATH, toast="Now set the records at your domain's registrar")


@router.post(f"{PATH}/check")
async def check_domain(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    if not scope.is_owner or scope.home_team_id is None:
        raise Forbidden("Only the owner of the team sets its domain.")
    try:
        checked = await service.check_domain(team_id=scope.home_team_id, owner_id=scope.user_id)
    except Unavailable as silence:
        return await _page(request, user, scope, errors={"": silence.message}, status=503)
    toast = "Your pages are served on this domain" if checked.status == "active" else None
    return redirect(PATH, toast=toast or "Not everything is set yet")


@router.post(f"{PATH}/remove")
async def remove_domain(_: CurrentUser, scope: identity.CurrentScope) -> Response:
    await service.remove_domain(scope=scope)
    return redirect(PATH, toast="Removed. Pages stay at their usual address.")


async def _page(
    request: Request,
    user: SignedIn,
    scope: Scope,
    *,
    value: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        domain = await service.find_domain(tx, scope=scope)
    context = {
        "domain": domain,
        "scope": scope,
        "value": value,
        "errors": errors or {},
        "target": service.target(),
    }
    return render(request, "funnels/domains/show.html", context, status=status)
