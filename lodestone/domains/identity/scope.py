"""In which workspace a request works: asked once, from what it names, else what was last chosen.

A person chooses by the cookie, a program by the parameter or the team of its key. Whatever is
chosen is one of the workspaces that the person has access to at this moment.
"""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from lodestone.auth.dependencies import AccountHolder, CurrentUser, find_current_user
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.teams import service
from lodestone.domains.identity.teams.models import Scope, Workspaces
from lodestone.platform import runtime
from lodestone.platform.errors import NotFound

__all__ = [
    "COOKIE",
    "CurrentScope",
    "KeepWorkspace",
    "OwnedTeam",
    "Scope",
    "TeamScope",
    "Workspaces",
    "choose_workspace",
    "enter_workspace",
    "know_workspaces",
]

COOKIE = "lodestone_workspace"
PARAMETER = "team_id"
KEPT_SECONDS = 30 * 24 * 3600
CONSOLE = "/app"


async def current_scope(request: Request, user: CurrentUser) -> Scope:
    """Return where the request works. Raises: NotFound when it names a team of others."""
    return (await _find_workspaces(request, user)).current


CurrentScope = Annotated[Scope, Depends(current_scope)]


async def know_workspaces(request: Request) -> None:
    """Let the layout of a console page show the workspaces of whoever is signed in."""
    if not request.url.path.startswith(CONSOLE) or "authorization" in request.headers:
        return
    user = await find_current_user(request)
    if user is not None:
        await _find_workspaces(request, user)


def enter_workspace(request: Request, *, team_id: UUID | None) -> Scope:
    """Switch to the workspace of what the request names, and return it.

    Raises: NotFound when the person has no access to it.
    """
    workspaces: Workspaces = request.state.workspaces
    goal = workspaces.find(str(team_id) if team_id else "personal")
    if goal is None:
        raise NotFound("There is nothing at this address.")
    if goal != workspaces.current:
        request.state.workspaces = replace(workspaces, current=goal)
        request.state.entered_workspace = goal.key
    return goal


def choose_workspace(response: Response, key: str) -> None:
    """Remember the workspace that a person chose."""
    _set_cookie(response, key)
    # Nothing that was drawn for another workspace is shown again.
    response.headers["clear-site-data"] = '"cache"'


def _set_cookie(response: Response, key: str) -> None:
    response.set_cookie(
        COOKIE,
        key,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=runtime.current().base_url.startswith("https://"),
        path="/",
    )


class KeepWorkspace:
    """Middleware: remembers the workspace into which a request led."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(CONSOLE):
            await self.app(scope, receive, send)
            return

        async def send_kept(message: Message) -> None:
            key = scope.get("state", {}).get("entered_workspace")
            if message["type"] == "http.response.start" and key is not None:
                kept = Response()
                _set_cookie(kept, key)
                MutableHeaders(scope=message).append("set-cookie", kept.headers["set-cookie"])
            await send(message)

        await self.app(scope, receive, send_kept)


async def _find_workspaces(request: Request, user: SignedIn) -> Workspaces:
    state = request.state
    if not hasattr(state, "workspaces"):
        is_program = "authorization" in request.headers
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            state.workspaces = await service.find_workspaces(
                tx,
                user_id=user.user_id,
                named=_named(request, user),
                chosen=None if is_program else request.cookies.get(COOKIE),
                is_program=is_program,
                bound_team_id=user.bound_team_id,
            )
    found: Workspaces = state.workspaces
    return found


def _named(request: Request, user: SignedIn) -> str | None:
    """Return the team that the request names, or that its key is bound to. Raises: NotFound."""
    named = request.query_params.get(PARAMETER)
    bound = str(user.bound_team_id) if user.bound_team_id else None
    if bound is not None and named not in (None, bound):
        raise NotFound("There is no such team.")
    return bound or named


async def _team_scope(request: Request, _: CurrentScope, team_id: UUID) -> Scope:
    """Return the workspace that the address names, and work there from now on."""
    return enter_workspace(request, team_id=team_id)


async def _owned_team(scope: Annotated[Scope, Depends(_team_scope)], _: AccountHolder) -> Scope:
    service.require_owner(scope)
    return scope


TeamScope = Annotated[Scope, Depends(_team_scope)]
"""The team in the path, for whoever works there; 404 for anybody else."""
OwnedTeam = Annotated[Scope, Depends(_owned_team)]
"""The team in the path, for its owner in person; 403 for its members."""
