"""What identity does by the clock."""

from lodestone.auth import letters
from lodestone.auth import service as auth
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import schedule

# Declared outside the domains; importing it here lets every worker know it.
send_account_mail = letters.send_account_mail


@schedule("identity:forget_ended_sessions", cron="17 * * * *")
async def forget_ended_sessions() -> None:
    """Delete sessions, links and failed sign-ins that no longer count."""
    async with runtime.acting_as(Root()) as tx:
        await auth.forget_ended(tx)
