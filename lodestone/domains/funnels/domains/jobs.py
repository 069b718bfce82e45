"""Own domains in the background: records are looked at until they are set, and daily after."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.funnels.domains import service
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class CheckDomain:
    """Whose domain to check, and for whom the service acts."""

    team_id: UUID
    owner_id: UUID


@schedule("funnels:check_domains", cron="*/10 * * * *")
async def check_domains() -> None:
    """Enqueue a check of every domain that is due for one."""
    due = [CheckDomain(team_id, owner_id) for team_id, owner_id in await service.list_due()]
    if not due:
        return
    async with runtime.acting_as(Root()) as tx:
        await check_domain.enqueue_many(tx, due, dedupe_key=lambda args: str(args.team_id))


@job("funnels:check_domain", attempts=3, concurrency=4)
async def check_domain(args: CheckDomain) -> None:
    """Look at a domain's records and note what follows."""
    await service.check_domain(team_id=args.team_id, owner_id=args.owner_id)
