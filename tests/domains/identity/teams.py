"""Teams for tests, made through the screens."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account


async def make_team(owner: Account, name: str) -> str:
    """Make a team through its form, which enters it; return its id."""
    answer = await owner.browser.post("/app/teams/new", data={"name": name})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


async def prove_address(database: Database, person: Account) -> None:
    """Prove the person's e-mail address, as following the mailed link does."""
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set email_verified_at = now() where id = $1", person.id)


async def invite(owner: Account, team_id: str, email: str, *, name: str = "Mika Member") -> str:
    """Invite an address through the form; return where the answer leads."""
    answer = await owner.browser.post(
        f"/app/teams/{team_id}/people/new", data={"full_name": name, "email": email}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def join(database: Database, owner: Account, person: Account, team_id: str) -> None:
    """Bring somebody with a proved address into a team; they have not entered it yet."""
    await prove_address(database, person)
    await invite(owner, team_id, person.email)


async def profile_of(database: Database, team_id: str, email: str) -> dict[str, object]:
    """Return the stored place of an address in a team."""
    async with database.acting_as(Root(), readonly=True) as tx:
        row = await tx.fetchrow(
            "select * from team_profiles where team_id = $1 and email = $2", UUID(team_id), email
        )
    assert row is not None
    return dict(row)


def mails_to(runtime: Runtime, address: str) -> list[EmailMessage]:
    """Return the mails that an address got, in the order of their sending."""
    folder = runtime.data_dir / "mail"
    found = []
    for path in sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns):
        if path.suffix == ".eml":
            mail = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(mail, EmailMessage)
            if mail["To"] == address:
                found.append(mail)
    return found


def link_of(mail: EmailMessage) -> str:
    """Return the path of the invitation in a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://localhost(/invitations/\S+)", body.get_content())
    assert found is not None, body.get_content()
    return found[1]
