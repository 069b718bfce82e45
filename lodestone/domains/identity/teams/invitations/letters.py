"""What invitations say in a mail, written when it is sent."""

from uuid import UUID

from lodestone.domains.identity.teams.invitations import queries
from lodestone.platform import pages, runtime
from lodestone.platform.actors import Root
from lodestone.platform.mail import Mail

SEALED = "team invitation"


async def send_invitation(*, invitation_id: UUID, sealed: str) -> None:
    """Mail the link of an invitation that is still open."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found = await queries.find_open_by_id(tx, invitation_id=invitation_id)
    if found is None:
        return
    parts = runtime.current()
    token = parts.secrets.decrypt(sealed, context=SEALED)
    inviter, team = _line(found["inviter_name"]), _line(found["team_name"])
    if team is not None:
        subject = f"{inviter} invites you to {team}"
        lead = f"{inviter} would like to work with you in the team {team}."
        button = "Join the team"
    else:
        subject = f"{inviter} shares a catalogue with you"
        lead = f"{inviter} would like you to read the catalogue of their lead magnets."
        button = "Open the catalogue"
    await _send(
        to=found["email"],
        subject=subject,
        lead=lead,
        button=button,
        link=f"{parts.base_url}/invitations/{token}",
        close="The link works once, for seven days. If you don't know who this is, ignore this "
        "mail: nothing happens.",
        key=f"invitation:{invitation_id}",
    )


async def send_welcome(*, profile_id: UUID, inviter_id: UUID) -> None:
    """Tell somebody that they are in a team, as long as they are."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found = await queries.find_place(tx, profile_id=profile_id, inviter_id=inviter_id)
    if found is None:
        return
    inviter, team = _line(found["inviter_name"]), _line(found["team_name"])
    await _send(
        to=found["email"],
        subject=f"You can work in {team} now",
        lead=f"{inviter} added you to the team {team}. It waits among your workspaces.",
        button="Open your workspaces",
        link=f"{runtime.current().base_url}/app/workspaces",
        close="If you don't know who this is, leave the team there.",
        key=f"welcome:{profile_id}:{found['invited_at'].timestamp():.0f}",
    )


def _line(text: str | None) -> str | None:
    """Return a name that a person chose, fit for a subject and no more of a message than that."""
    return " ".join(text.split())[:60] if text else None


async def _send(
    *, to: str, subject: str, lead: str, button: str, link: str, close: str, key: str
) -> None:
    parts = runtime.current()
    context = {
        "subject": subject,
        "lead": lead,
        "button": button,
        "link": link,
        "close": close,
        "base_url": parts.base_url,
    }
    await parts.mailer.send(
        Mail(
            to=to,
            subject=subject,
            html=pages.render_text("identity/teams/mail.html", context),
            text=pages.render_text("identity/teams/mail.txt", context),
            from_=parts.mail_from,
            dedupe_key=key,
            headers={"Auto-Submitted": "auto-generated"},
        )
    )
