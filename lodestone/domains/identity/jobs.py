"""What identity does by the clock, and after something was written at the tables."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.auth import letters
from lodestone.auth import service as auth
from lodestone.domains.identity.teams.invitations import service as invitations
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import job, schedule

# Declared outside the domains; importing it here lets every worker know it.
send_account_mail = letters.send_account_mail


@schedule("identity:forget_ended_sessions", cron="17 * * * *")
async def forget_ended_sessions() -> None:
    """Delete sessions, links and failed sign-ins that no longer count."""
    async with runtime.acting_as(Root()) as tx:
        await auth.forget_ended(tx)


@dataclass(frozen=True, slots=True)
class WrittenPlace:
    """A place in a team or at a catalogue that was written at the tables, and by whom."""

    place_id: UUID
    inviter_id: UUID


@job("identity:invite_place", attempts=8)
async def invite_place(args: WrittenPlace) -> None:
    """Make the link of a place that was written at the tables, and have it mailed."""
    await invitations.invite_written_place(place_id=args.place_id, inviter_id=args.inviter_id)
