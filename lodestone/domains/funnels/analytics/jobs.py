"""What analytics does in the background."""

from lodestone.domains.funnels.analytics import service
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import schedule


@schedule("funnels:add_up_sources", cron="2-59/5 * * * *")
async def add_up_sources() -> None:
    """Add up views and leads by source, so that analytics need not count every one of them."""
    async with runtime.acting_as(Root()) as tx:
        await service.add_up(tx)


@schedule("funnels:recount_sources", cron="50 3 * * *")
async def recount_sources() -> None:
    """Count the last days anew, for what took long to be committed."""
    async with runtime.acting_as(Root()) as tx:
        await service.recount(tx)
