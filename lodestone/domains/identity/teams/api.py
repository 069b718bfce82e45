"""Teams for programs: where one may work, a team's business, its people and what they did."""

from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from lodestone.auth.dependencies import AccountHolder, CurrentUser, OneTx, UserTx
from lodestone.domains.identity.scope import CurrentScope, OwnedTeam, TeamScope, Workspaces
from lodestone.domains.identity.teams import service
from lodestone.domains.identity.teams.invitations import service as invitations
from lodestone.domains.identity.teams.invitations.models import Invite
from lodestone.domains.identity.teams.models import (
    Activity,
    Profile,
    ProfileUpdate,
    ScopeKind,
    Team,
    TeamCreate,
    TeamRole,
    TeamUpdate,
)
from lodestone.platform import runtime

router = APIRouter(prefix="/api/identity", tags=["Teams"])


class WorkspaceChoice(BaseModel):
    """A workspace that the caller may work in; `key` goes into the parameter `team_id`."""

    key: str
    kind: ScopeKind
    name: str
    role: TeamRole
    team_id: UUID | None
    is_current: bool


class ActivityPage(BaseModel):
    """A page of what people did in a team, newest first."""

    total: int
    items: list[Activity]


@router.get("/workspaces")
async def list_workspaces(request: Request, scope: CurrentScope) -> list[WorkspaceChoice]:
    """List the workspaces that the caller may work in."""
    workspaces: Workspaces = request.state.workspaces
    return [
        WorkspaceChoice(
            key=each.key,
            kind=each.kind,
            name=each.name,
            role=each.role,
            team_id=each.team_id,
            is_current=each == scope,
        )
        for each in workspaces.choices
    ]


@router.post("/teams", status_code=201)
async def create_team(user: AccountHolder, given: TeamCreate) -> Team:
    """Make a team that the caller owns."""
    team_id = await service.create_team(owner_id=user.user_id, given=given)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        return await service.get_team(tx, team_id=team_id)


@router.get("/teams/{team_id}")
async def read_team(scope: TeamScope, tx: OneTx) -> Team:
    """Read a team's business."""
    return await service.get_team(tx, team_id=service.team_of(scope))


@router.patch("/teams/{team_id}")
async def revise_team(scope: OwnedTeam, tx: UserTx, given: TeamUpdate) -> Team:
    """Change what is given: absent means unchanged, null means cleared."""
    return await service.revise_team(tx, scope=scope, given=given)


@router.get("/teams/{team_id}/people")
async def list_people(scope: TeamScope, tx: OneTx) -> list[Profile]:
    """List a team's people, the invited ones too."""
    return await invitations.list_people(tx, scope=scope)


@router.post("/teams/{team_id}/people", status_code=201)
async def invite_person(user: AccountHolder, scope: OwnedTeam, given: Invite) -> Profile:
    """Invite somebody: in at once with a proved address, else by a mailed link."""
    return await invitations.invite_person(user, scope=scope, given=given)


@router.patch("/teams/{team_id}/people/{profile_id}")
async def revise_person(
    _: CurrentUser, scope: TeamScope, tx: UserTx, profile_id: UUID, given: ProfileUpdate
) -> Profile:
    """Change what is given of a persona: one's own, or as the owner anybody's."""
    return await service.revise_profile(tx, scope=scope, profile_id=profile_id, given=given)


@router.delete("/teams/{team_id}/people/{profile_id}", status_code=204)
async def remove_person(scope: OwnedTeam, profile_id: UUID) -> Response:
    """End somebody's access, or withdraw their invitation; what they made stays."""
    await invitations.remove_person(scope=scope, profile_id=profile_id)
    return Response(status_code=204)


@router.get("/teams/{team_id}/activity")
async def list_activity(
    scope: TeamScope,
    tx: OneTx,
    limit: int = Query(default=30, ge=1, le=100),
    offset: int = Query(default=0, ge=0, le=100_000),
) -> ActivityPage:
    """List what people did in a team, newest first."""
    items, total = await service.list_activity(tx, scope=scope, limit=limit, offset=offset)
    return ActivityPage(total=total, items=items)
