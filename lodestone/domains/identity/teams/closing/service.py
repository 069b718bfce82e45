"""Asking for the end of a team, taking that back, and carrying it out."""

from uuid import UUID

from lodestone.domains.identity.administration.queries import audit
from lodestone.domains.identity.data import service as data
from lodestone.domains.identity.teams import service as teams
from lodestone.domains.identity.teams.closing import queries, rules
from lodestone.domains.identity.teams.closing.models import Ending
from lodestone.domains.identity.teams.models import Scope, ScopeKind
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict

_ROOT = Root()


class TeamHeld(Conflict):
    """Something has to be settled before the team can go; `details` has the sentences."""

    code = "team_held"


async def get_ending(*, scope: Scope) -> Ending:
    """Return when the team ends, if it does, and what keeps it."""
    async with runtime.acting_as(_ROOT, readonly=True) as tx:
        row = await queries.get_ending(tx, team_id=teams.team_of(scope))
    return Ending(rules.due_at(row["deletion_requested_at"]), rules.blockers(row))


async def request_end(*, scope: Scope, confirmation: str, enqueue: data.Enqueue) -> None:
    """Have a team end in a week, and its leads and all else exported before.

    Raises: Forbidden unless the person owns it; InvalidInput when the name was not typed; TeamHeld
    with the reasons; Conflict for the personal workspace, and when it ends already.
    """
    teams.require_owner(scope)
    if scope.kind is ScopeKind.USER:
        raise Conflict("The personal workspace goes with the account.")
    rules.check_name(confirmation, scope.name)
    team_id = teams.team_of(scope)
    async with runtime.acting_as(_ROOT) as tx:
        held = rules.blockers(await queries.get_ending(tx, team_id=team_id))
        if held:
            raise TeamHeld(" ".join(held), details={"blockers": held})
        if not await queries.request_end(tx, team_id=team_id):
            raise Conflict("This team is on its way out already.")
        # One that is being made does as well: it is looked for when the day comes.
        await data.start_export(tx, user_id=scope.billing_user_id, enqueue=enqueue)
        await _note(tx, scope.billing_user_id, "account.team_deletion_requested", scope.name)


async def keep_team(*, scope: Scope) -> None:
    """Keep a team after all. Raises: Forbidden, Conflict when it does not end."""
    teams.require_owner(scope)
    async with runtime.acting_as(_ROOT) as tx:
        if not await queries.keep_team(tx, team_id=teams.team_of(scope)):
            raise Conflict("This team stays as it is.")
        await _note(tx, scope.billing_user_id, "account.team_kept", scope.name)


async def list_due() -> list[UUID]:
    """Return the teams whose day has come."""
    async with runtime.acting_as(_ROOT, readonly=True) as tx:
        return await queries.list_due(tx, days=rules.GRACE_DAYS)


async def carry_out(team_id: UUID, *, enqueue: data.Enqueue) -> bool:
    """End a team whose day has come; say whether it is done with.

    It waits for what keeps it, and for an export of its owner's. Kept or ended before, it does
    nothing.
    """
    async with runtime.acting_as(_ROOT) as tx:
        due = await queries.lock_due(tx, team_id=team_id, days=rules.GRACE_DAYS)
        if due is None:
            return True
        if rules.blockers(await queries.get_ending(tx, team_id=team_id)):
            return False
        if due["export"] not in ("ready", "removed"):
            if due["export"] != "queued":
                await data.start_export(tx, user_id=due["owner_id"], enqueue=enqueue)
            return False
        await queries.close_team(tx, team_id=team_id)
        await _note(tx, due["owner_id"], "account.team_deleted", due["name"])
    return True


async def _note(tx: Tx, owner_id: UUID, action: str, name: str) -> None:
    await audit.insert_entry(
        tx, actor_id=owner_id, subject_id=owner_id, action=action, details={"team": name}
    )
