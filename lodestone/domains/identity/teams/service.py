"""The use cases of teams: where somebody works, who else does, and what was done."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg import Record

from lodestone.domains.identity.teams import queries
from lodestone.domains.identity.teams.models import (
    Activity,
    Profile,
    ProfileStatus,
    ProfileUpdate,
    Scope,
    ScopeKind,
    Team,
    TeamCard,
    TeamCreate,
    TeamRole,
    TeamUpdate,
    Workspaces,
)
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, NotFound

PERSONAL = "Personal"
MOST_TEAMS = 50


async def find_workspaces(
    tx: Tx,
    *,
    user_id: UUID,
    named: str | None,
    chosen: str | None,
    is_program: bool = False,
    bound_team_id: UUID | None = None,
) -> Workspaces:
    """Find where a person may work, and where they do.

    What the request names comes first, then what was chosen, as far as there is still access. A
    program that says nothing works in a team of its owner, else in one that its person has
    entered; a person in their only team, if they have, and else in their personal workspace. A key
    that is bound to a team works there alone. Raises: NotFound when what is named is not among
    them.
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
    if bound_team_id is not None:
        only = workspaces.find(str(bound_team_id))
        if only is None:
            raise NotFound("There is no such team.")
        teams = (only,)
        workspaces = Workspaces(current=only, choices=teams)
    if named is not None:
        current = workspaces.find(named)
        if current is None:
            raise NotFound("There is no such team.")
    else:
        current = workspaces.find(chosen) if chosen is not None else None
        if current is None and (chosen is None or is_program):
            current = _default(teams, is_program=is_program)
    return Workspaces(current=current or workspaces.current, choices=workspaces.choices)


def _team_scope(row: Record, user_id: UUID, personal_team_id: UUID | None) -> Scope:
    return Scope(
        kind=ScopeKind.TEAM,
        user_id=user_id,
        billing_user_id=row["owner_id"],
        role=TeamRole.OWNER if row["owner_id"] == user_id else TeamRole.MEMBER,
        name=row["name"],
        team_id=row["team_id"],
        personal_team_id=personal_team_id,
        is_new=row["is_new"],
    )


def _default(teams: tuple[Scope, ...], *, is_program: bool) -> Scope | None:
    # Nobody is put to work in a team that somebody else added them to, before they say so.
    if is_program:
        entered = [each for each in teams if not each.is_new]
        return next((each for each in entered if each.is_owner), next(iter(entered), None))
    return teams[0] if len(teams) == 1 and not teams[0].is_new else None


async def list_cards(tx: Tx, *, user_id: UUID) -> list[TeamCard]:
    """Return the workspaces of a person with their people, the personal one first."""
    rows = await queries.list_cards(tx, user_id=user_id)
    return [TeamCard.model_validate(dict(row)) for row in rows]


async def create_team(*, owner_id: UUID, given: TeamCreate) -> UUID:
    """Make a team with its owner's place in it, and return its id.

    Raises: Conflict when the owner has too many.
    """
    async with runtime.acting_as(owner_of(owner_id)) as tx:
        cards = await queries.list_cards(tx, user_id=owner_id)
        if sum(card["is_owner"] for card in cards) > MOST_TEAMS:
            raise Conflict(f"An account has at most {MOST_TEAMS} teams.")
        values = given.model_dump(mode="json", exclude_none=True)
        team_id = await queries.insert_team(tx, owner_id=owner_id, values=values)
        await queries.insert_owner_profile(tx, team_id=team_id, owner_id=owner_id)
        return team_id


async def get_team(tx: Tx, *, team_id: UUID) -> Team:
    """Return a team. Raises: NotFound when it is missing or invisible."""
    return Team.model_validate(dict(await queries.get_team(tx, team_id=team_id)))


async def revise_team(tx: Tx, *, scope: Scope, given: TeamUpdate) -> Team:
    """Change what is given of the team and nothing else.

    Raises: Forbidden when the person does not own it, or its plan doesn't include the change;
    InvalidInput when the sender's address is not of a verified domain.
    """
    require_owner(scope)
    team_id = team_of(scope)
    changes = given.model_dump(mode="json", exclude_unset=True)
    if "name" in changes and not changes["name"]:
        sentence = "A team has a name."
        raise InvalidInput(sentence, fields={"name": sentence})
    sender = changes.get("custom_from_email")
    if sender:
        team = await get_team(tx, team_id=team_id)
        changes["custom_from_email"] = _clean_sender(sender, team.verified_email_domain)
    await queries.update_team(tx, team_id=team_id, changes=changes)
    return await get_team(tx, team_id=team_id)


def _clean_sender(address: str, domain: str | None) -> str:
    local, _, given = address.strip().lower().rpartition("@")
    if domain is None:
        sentence = "Verify an email domain for this team first."
    elif not local or given != domain or " " in local:
        sentence = f"Use an address that ends in @{domain}."
    else:
        return f"{local}@{given}"
    raise InvalidInput(sentence, fields={"custom_from_email": sentence})


async def hand_over_team(tx: Tx, *, scope: Scope, profile_id: UUID) -> None:
    """Make somebody of the team its owner; whoever gives it away stays a member.

    Raises: Forbidden when the person does not own it; Conflict when the other doesn't work there.
    """
    require_owner(scope)
    try:
        await queries.hand_over_team(tx, team_id=team_of(scope), profile_id=profile_id)
    except asyncpg.PostgresError as error:
        if error.sqlstate != "LS409":
            raise
        raise Conflict("Only somebody who works in the team can take it over.") from error


async def list_profiles(
    tx: Tx, *, scope: Scope, status: ProfileStatus | None = None
) -> list[Profile]:
    """Return the people of the workspace, the owner first; removed ones when asked for."""
    rows = await queries.list_profiles(tx, team_id=team_of(scope), status=status)
    return [read_profile(row) for row in rows]


async def get_profile(tx: Tx, *, scope: Scope, profile_id: UUID) -> Profile:
    """Return somebody's place. Raises: NotFound when there is nobody like that in the team."""
    row = await queries.get_profile(tx, team_id=team_of(scope), profile_id=profile_id)
    return read_profile(row)


async def revise_profile(
    tx: Tx, *, scope: Scope, profile_id: UUID, given: ProfileUpdate
) -> Profile:
    """Change what is given of a persona: one's own, or as the owner anybody's.

    Raises: Forbidden for other people's.
    """
    profile = await get_profile(tx, scope=scope, profile_id=profile_id)
    if not may_edit(scope, profile):
        raise Forbidden("A persona is changed by its person and by the owner of the team.")
    changes = given.model_dump(mode="json", exclude_unset=True)
    if "full_name" in changes and not changes["full_name"]:
        sentence = "A person has a name."
        raise InvalidInput(sentence, fields={"full_name": sentence})
    for column, empty in (("expertise_areas", list[str]()), ("voice_profile", dict[str, Any]())):
        if column in changes:
            changes[column] = changes[column] or empty
    if given.voice_profile is not None:
        changes["voice_profile"] = _merged(profile, given)
    await queries.update_profile(
        tx, team_id=profile.team_id, profile_id=profile_id, changes=changes
    )
    return await get_profile(tx, scope=scope, profile_id=profile_id)


def _merged(profile: Profile, given: ProfileUpdate) -> Mapping[str, Any]:
    """Return the voice with what was given in it; what is empty then is left out."""
    assert given.voice_profile is not None  # noqa: S101 (the caller looked)
    voice = profile.voice_profile.model_dump(mode="json")
    voice |= given.voice_profile.model_dump(mode="json", exclude_unset=True)
    return {key: value for key, value in voice.items() if value not in (None, "", [])}


async def remove_profile(*, scope: Scope, profile_id: UUID) -> Profile:
    """End somebody's access at once; what they wrote stays with the team.

    Raises: Forbidden when the person does not own the team; Conflict for the owner's own place.
    """
    require_owner(scope)
    async with runtime.acting_as(owner_of(scope.billing_user_id)) as tx:
        row = await queries.get_profile(tx, team_id=team_of(scope), profile_id=profile_id)
        _refuse_owner(row, scope)
        if row["status"] == ProfileStatus.REMOVED:
            return read_profile(row)
        return read_profile(
            await queries.set_profile_status(
                tx, profile_id=profile_id, status=ProfileStatus.REMOVED
            )
        )


async def leave_team(tx: Tx, *, scope: Scope) -> None:
    """Leave a team of one's own accord. Raises: Conflict when one owns it."""
    if scope.is_owner:
        raise Conflict("The owner stays in the team.", hint="Hand the team over first.")
    await queries.leave_team(tx, team_id=team_of(scope))


def _refuse_owner(row: Record, scope: Scope) -> None:
    if row["user_id"] == scope.billing_user_id:
        raise Conflict("The owner stays in the team.", hint="Hand the team over first.")


async def choose_default_profile(*, scope: Scope, profile_id: UUID) -> None:
    """Let one persona speak for the team when none is chosen."""
    require_owner(scope)
    async with runtime.acting_as(owner_of(scope.billing_user_id)) as tx:
        row = await queries.get_profile(tx, team_id=team_of(scope), profile_id=profile_id)
        if row["status"] == ProfileStatus.REMOVED:
            raise Conflict("Somebody who was removed can't speak for the team.")
        await queries.set_default_profile(tx, team_id=row["team_id"], profile_id=profile_id)


async def confirm_workspace(scope: Scope) -> None:
    """Note that a person entered a team of their own accord."""
    if scope.team_id is not None and scope.is_new:
        async with runtime.acting_as(owner_of(scope.billing_user_id)) as tx:
            await queries.confirm_profile(tx, team_id=scope.team_id, user_id=scope.user_id)


async def list_activity(
    tx: Tx, *, scope: Scope, limit: int, offset: int = 0
) -> tuple[list[Activity], int]:
    """Return a page of what people did in the team, newest first, and how much there is."""
    team_id = team_of(scope)
    rows = await queries.list_activity(tx, team_id=team_id, limit=limit, offset=offset)
    total = await queries.count_activity(tx, team_id=team_id)
    return [Activity.model_validate(dict(row)) for row in rows], total


def may_edit(scope: Scope, profile: Profile) -> bool:
    """Return whether somebody may change a persona."""
    return scope.is_owner or profile.user_id == scope.user_id


def require_owner(scope: Scope) -> None:
    """Raise Forbidden unless the person owns the team."""
    if not scope.is_owner:
        raise Forbidden("Only the owner of the team does this.")


def team_of(scope: Scope) -> UUID:
    """Return the team of a workspace. Raises: NotFound for an account without any."""
    if scope.home_team_id is None:
        raise NotFound("There is no such team.")
    return scope.home_team_id


def owner_of(user_id: UUID) -> Service:
    """Return the service that acts for the owner of a team: people don't write roles and places."""
    return Service(Writer.MAGNETLAB, user_id=user_id)


def read_profile(row: Record) -> Profile:
    """Return a stored place; what an import left in another shape is read as empty."""
    values = dict(row)
    areas, voice = values["expertise_areas"], values["voice_profile"]
    values["expertise_areas"] = [str(each) for each in areas] if isinstance(areas, list) else []
    values["voice_profile"] = _readable_voice(voice) if isinstance(voice, dict) else {}
    return Profile.model_validate(values)


def _readable_voice(voice: dict[str, Any]) -> dict[str, Any]:
    lists = {"vocabulary", "banned_phrases", "signature_phrases"}
    texts = {"tone", "storytelling_style"}
    return {
        key: value
        for key, value in voice.items()
        if (key not in lists or isinstance(value, list))
        and (key not in texts or isinstance(value, str))
    }
