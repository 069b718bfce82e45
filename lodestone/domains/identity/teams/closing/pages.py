"""Asking for the end of a team, on its settings page, and taking that back."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.domains.identity.data.jobs import enqueue_export
from lodestone.domains.identity.scope import OwnedTeam
from lodestone.domains.identity.teams.closing import rules, service
from lodestone.platform.errors import InvalidInput
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/teams/{team_id}")


@router.get("/delete")
async def show_end(request: Request, scope: OwnedTeam) -> Response:
    return await _page(request, scope)


@router.post("/delete")
async def request_end(
    request: Request, scope: OwnedTeam, confirmation: Annotated[str, Form()] = ""
) -> Response:
    try:
        await service.request_end(scope=scope, confirmation=confirmation, enqueue=enqueue_export)
    except InvalidInput as refusal:
        return await _page(request, scope, typed=confirmation, errors=refusal.fields)
    except service.TeamHeld as refusal:
        return await _page(request, scope, typed=confirmation, status=refusal.status)
    home = f"/app/teams/{scope.home_team_id}"
    toast = f"{scope.name} will be deleted in {rules.GRACE_DAYS} days"
    return redirect(f"{home}/delete", toast=toast, tone="warning", undo=f"{home}/keep")


@router.post("/keep")
async def keep_team(scope: OwnedTeam) -> Response:
    await service.keep_team(scope=scope)
    return redirect(f"/app/teams/{scope.home_team_id}", toast=f"{scope.name} stays")


async def _page(
    request: Request,
    scope: OwnedTeam,
    *,
    typed: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    context = {
        "scope": scope,
        "ending": await service.get_ending(scope=scope),
        "days": rules.GRACE_DAYS,
        "typed": typed,
        "errors": errors or {},
    }
    return render(request, "identity/teams/delete.html", context, status=422 if errors else status)
