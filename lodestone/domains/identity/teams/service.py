"""The use cases of teams."""

from uuid import UUID

from asyncpg import Record

from lodestone.domains.identity.teams import queries
from lodestone.domains.identity.teams.models import Scope, ScopeKind, TeamRole, Workspaces
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

PERSONAL = "Personal"


async def find_workspaces(
    tx: Tx, *, user_id: UUID, named: str | None, chosen: str | None, is_program: bool = False
) -> Workspaces:
    """Find where a person may work, and where they do.

    What the request names comes first, then what was chosen, as far as there is still access. A
    program that says nothing works in a team of its owner; a person in their only team, and in
    their personal workspace when they have several. Raises: NotFound when what is named is not
    among them.
    """
    rows = await queries.list_workspaces(tx, user_id=user_id)
    personal_team_id = next((row["team_id"] for row in rows if row["is_own"]), None)
    personal = Scope(
        kind=ScopeKind.USER,
        user_id=user_id,
        billing_user_id=user_id,
        role=TeamRole.OWNER,
        name=PERSONAL,
        personal_team_id=personal_team_id,
    )
    teams = tuple(_team_scope(row, user_id, personal_team_id) for row in rows if not row["is_own"])
    workspaces = Workspaces(current=personal, choices=(personal, *teams))
    if named is not None:
        current = workspaces.find(named)
        if current is None:
            raise NotFound("There is no such team.")
    else:
        current = workspaces.find(chosen) if chosen is not None else None
        if current is None and (chosen is None or is_program):
            current = _default(teams, is_program=is_program)
    return Workspaces(current=current or personal, choices=workspaces.choices)


def _team_scope(row: Record, user_id: UUID, personal_team_id: UUID | None) -> Scope:
    return Scope(
        kind=ScopeKind.TEAM,
        user_id=user_id,
        billing_user_id=row["owner_id"],
        role=TeamRole.OWNER if row["owner_id"] == user_id else TeamRole.MEMBER,
        name=row["name"],
        team_id=row["team_id"],
        personal_team_id=personal_team_id,
    )


def _default(teams: tuple[Scope, ...], *, is_program: bool) -> Scope | None:
    if is_program:
        return next((each for each in teams if each.is_owner), next(iter(teams), None))
    return teams[0] if len(teams) == 1 else None
