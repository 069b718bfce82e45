"""Ends teams whose day has come."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.identity.data.jobs import enqueue_export
from lodestone.domains.identity.teams.closing import service
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class CloseTeam:
    """A team that is to go."""

    team_id: UUID


@job("identity:close_team", attempts=5)
async def close_team(args: CloseTeam) -> None:
    """End a team whose day has come, once its owner's data has been put together."""
    await service.carry_out(args.team_id, enqueue=enqueue_export)


@schedule("identity:close_due_teams", cron="31 * * * *")
async def close_due_teams() -> None:
    """Begin with the teams whose day has come; those that waited come again."""
    for team_id in await service.list_due():
        async with runtime.acting_as(Root()) as tx:
            await close_team.enqueue(tx, CloseTeam(team_id), dedupe_key=str(team_id))
