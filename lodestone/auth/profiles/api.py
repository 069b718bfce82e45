"""People's own settings by program, and the pictures that everybody may see."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.profiles import service
from lodestone.auth.profiles.models import FunnelDefaults, FunnelDefaultsUpdate
from lodestone.platform.errors import NotFound

router = APIRouter(tags=["identity"])
_PICTURE_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
}


@router.get("/avatars/{user_id}", include_in_schema=False)
async def show_avatar(request: Request, user_id: UUID) -> Response:
    found = await service.find_avatar(user_id=user_id)
    if found is None:
        raise NotFound("There is no picture at this address.")
    headers = {**_PICTURE_HEADERS, "etag": f'"{found.version}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=found.content_type, headers=headers)


@router.get("/api/identity/funnel-defaults")
async def show_funnel_defaults(user: CurrentUser, tx: OneTx) -> FunnelDefaults:
    """Tell how the account's new funnels look."""
    return await service.get_funnel_defaults(tx, user_id=user.user_id)


@router.patch("/api/identity/funnel-defaults")
async def revise_funnel_defaults(
    user: CurrentUser, tx: UserTx, given: FunnelDefaultsUpdate
) -> FunnelDefaults:
    """Change how new funnels look: what is absent stays as it is, null clears it."""
    return await service.revise_funnel_defaults(tx, user=user, given=given)
