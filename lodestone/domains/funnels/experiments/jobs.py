"""What experiments do in the background: decide, once, when all planned visitors have come."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.funnels.experiments import service
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class DecideExperiment:
    """An experiment that ran a moment ago, and for whom the service acts on its page."""

    experiment_id: UUID
    acting_user_id: UUID


@job("funnels:decide_experiment", attempts=5)
async def decide_experiment(args: DecideExperiment) -> None:
    """End an experiment that is at its horizon; before it, or again, nothing happens."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=args.acting_user_id)) as tx:
        await service.decide_experiment(tx, experiment_id=args.experiment_id)


@schedule("funnels:decide_experiments", cron="10,25,40,55 * * * *")
async def decide_experiments() -> None:
    """See to every experiment that runs, each in a job of its own."""
    async with runtime.acting_as(Root()) as tx:
        await decide_experiment.enqueue_many(
            tx, [DecideExperiment(*running) for running in await service.list_running(tx)]
        )
