"""Mails the links of invitations, and tells people where they were let in."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.identity.teams.invitations import letters
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """An invitation to mail; `sealed` is its encrypted link."""

    invitation_id: UUID
    sealed: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """A place in a team that somebody got without a link, and from whom."""

    team_profile_id: UUID
    inviter_id: UUID


@job("identity:mail_invitation", attempts=8)
async def mail_invitation(args: InvitationLink) -> None:
    """Mail the link, unless the invitation was used or withdrawn meanwhile."""
    await letters.send_invitation(invitation_id=args.invitation_id, sealed=args.sealed)


@job("identity:mail_welcome", attempts=8)
async def mail_welcome(args: Welcome) -> None:
    """Tell somebody with a proved address that they are in a team now."""
    await letters.send_welcome(profile_id=args.team_profile_id, inviter_id=args.inviter_id)
