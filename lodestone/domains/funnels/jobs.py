"""What funnels do in the background, beside what their rooms do."""

from lodestone.domains.funnels import service
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import schedule


@schedule("funnels:add_up_days", cron="*/5 * * * *")
async def add_up_days() -> None:
    """Add up views and leads by day, so that charts need not count every one of them."""
    async with runtime.acting_as(Root()) as tx:
        await service.add_up_days(tx)


@schedule("funnels:recount_days", cron="40 3 * * *")
async def recount_days() -> None:
    """Count the last days anew, for what took long to be committed."""
    async with runtime.acting_as(Root()) as tx:
        await service.recount_days(tx)
