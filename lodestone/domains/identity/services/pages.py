"""The screen of service keys, a part of the super-admin area."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentSuperAdmin
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.administration.pages import tabs
from lodestone.domains.identity.services import rules, service
from lodestone.domains.identity.services.models import Action, NewKey
from lodestone.platform.errors import InvalidInput
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/admin/services")

_ACTIONS = {Action.CREATE_ACCOUNTS: "Make accounts on the pro plan, and invite their people"}


@router.get("")
async def list_keys(request: Request, admin: CurrentSuperAdmin) -> Response:
    return await _page(request, admin)


@router.post("")
async def create_key(
    request: Request,
    admin: CurrentSuperAdmin,
    service_id: Annotated[str, Form()] = "",
    actions: Annotated[list[str], Form()] = [],  # noqa: B006 - read, never changed
    allows_bearer: Annotated[bool, Form()] = False,
) -> Response:
    try:
        made = await service.create_key(
            admin, service_id=service_id, actions=actions, allows_bearer=allows_bearer
        )
    except InvalidInput as error:
        return await _page(request, admin, errors=error.fields, service_id=service_id)
    return await _page(request, admin, made=made)


@router.post("/{key_id}/rotate")
async def rotate_key(request: Request, admin: CurrentSuperAdmin, key_id: UUID) -> Response:
    return await _page(request, admin, made=await service.rotate_key(admin, key_id=key_id))


@router.post("/{key_id}/revoke")
async def revoke_key(admin: CurrentSuperAdmin, key_id: UUID) -> Response:
    await service.revoke_key(admin, key_id=key_id)
    return redirect("/app/admin/services", toast="The key works no more")


async def _page(
    request: Request,
    admin: SignedIn,
    *,
    made: NewKey | None = None,
    errors: dict[str, str] | None = None,
    service_id: str = "",
) -> Response:
    context: dict[str, Any] = {
        "keys": await service.list_keys(admin),
        "made": made,
        "errors": errors or {},
        "service_id": service_id,
        "actions": [(action.value, label) for action, label in _ACTIONS.items()],
        "tabs": tabs("Service keys"),
        "overlap_hours": rules.OVERLAP_HOURS,
    }
    return render(
        request,
        "identity/administration/services.html",
        context,
        status=422 if errors else 200,
    )
