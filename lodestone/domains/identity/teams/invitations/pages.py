"""The page that a mailed link opens: what it is for, and the choice to come or not."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, MaybeUser
from lodestone.domains.identity.scope import choose_workspace
from lodestone.domains.identity.teams.invitations import service
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False, prefix="/invitations")

# The address is the key: it goes to nobody else.
_HEADERS = {"referrer-policy": "no-referrer"}


@router.get("/{token}")
async def show_invitation(request: Request, user: MaybeUser, token: str) -> Response:
    invitation = await service.read_invitation(token)
    context = {"invitation": invitation, "token": token, "user": user}
    return render(request, "identity/teams/invitation.html", context, headers=_HEADERS)


@router.post("/{token}/accept")
async def accept_invitation(user: CurrentUser, token: str) -> Response:
    invitation = await service.accept_invitation(user, token=token)
    if invitation.team_id is None:
        return redirect("/app/catalogue", toast=f"You read {invitation.owner_name}'s catalogue now")
    response = redirect("/app", toast=f"Welcome to {invitation.team_name}")
    choose_workspace(response, str(invitation.team_id))
    return response


@router.post("/{token}/decline")
async def decline_invitation(request: Request, token: str) -> Response:
    invitation = await service.decline_invitation(token=token)
    return render(request, "identity/teams/declined.html", {"invitation": invitation})
