"""What identity does by the clock."""

from lodestone.auth import service as auth
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import schedule


@schedule("identity:forget_ended_sessions", cron="17 * * * *")
async def forget_ended_sessions() -> None:
    """Delete sessions that have ended and failed sign-ins that no longer count."""
    async with runtime.acting_as(Root()) as tx:
        await auth.forget_ended(tx)
