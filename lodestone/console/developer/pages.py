"""The developer's page: API keys, made and ended, and where to begin."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.api_keys import service
from lodestone.auth.api_keys.models import KeyRequest, KeyScope, NewKey
from lodestone.auth.dependencies import AccountHolder, CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.platform import runtime
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

DEVELOPER = "/app/developer"
LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Never")]

router = APIRouter(include_in_schema=False, prefix=DEVELOPER)
add_entry(
    Entry(
        "Developer", DEVELOPER, "key", "Settings", order=40,
        keywords="api keys token program integration webhooks docs",
    )
)  # fmt: skip


@router.get("")
async def show_developer(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post("/keys")
async def create_key(request: Request, user: AccountHolder) -> Response:
    """Make a key and show it; the page is the only place where it is ever told."""
    form = await read_form(request)
    try:
        given = parse(KeyRequest, {key: value for key, value in form.items() if value})
        made = await service.create_key(user, given=given)
    except InvalidInput as error:
        return await _page(request, user, values=form, errors=error.fields)
    except Conflict as error:
        return await _page(request, user, values=form, errors={"name": error.message})
    return await _page(request, user, made=made)


@router.post("/keys/{key_id}/revoke")
async def revoke_key(user: AccountHolder, key_id: UUID) -> Response:
    name = await service.revoke_key(user, key_id=key_id)
    return redirect(DEVELOPER, toast=f"{name} no longer works")


async def _page(
    request: Request,
    user: SignedIn,
    *,
    made: NewKey | None = None,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    keys = await service.list_keys(user)
    shown = {"name": "", "scope": KeyScope.READ.value, "days": "90", "team_id": ""}
    context: dict[str, Any] = {
        "user": user,
        "live": [key for key in keys if key.is_live],
        "ended": [key for key in keys if not key.is_live],
        "made": made,
        "values": shown | (values or {}),
        "errors": errors or {},
        "teams": await service.list_teams(user),
        "lifetimes": LIFETIMES,
        "base_url": runtime.current().base_url,
    }
    return render(request, "developer.html", context, status=422 if errors else 200)
