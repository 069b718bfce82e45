"""What tests of flows, sequences and reviews do again and again."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, publish

FLOWS = "/app/email/flows"

OptIn = Callable[..., Awaitable[None]]


def new_email() -> str:
    return f"f{uuid4().hex[:12]}@example.org"


async def fetch(database: Database, statement: str, *values: Any) -> list[Any]:
    async with database.acting_as(Root()) as tx:
        return await tx.fetch(statement, *values)


async def execute(database: Database, statement: str, *values: Any) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(statement, *values)


async def publish_magnet(creator: Account, database: Database, title: str) -> tuple[str, UUID]:
    """Publish a funnel; return its public path and the id of its lead magnet."""
    page = (await publish(creator, title=title))[1]
    row = await fetch(
        database,
        """
        select lead_magnet_id from funnel_pages as p join users as u on u.id = p.user_id
        where u.id = $1 order by p.created_at desc limit 1
        """,
        creator.id,
    )
    return page, row[0]["lead_magnet_id"]


async def draft_flow(creator: Account, **form: str) -> str:
    """Draft a flow by its screen and return its path."""
    answer = await creator.browser.post(f"{FLOWS}/new", data={"name": "After the guide", **form})
    assert answer.status_code == 303, answer.text
    return re.sub(r"[?#].*", "", answer.headers["location"])


async def add_step(creator: Account, flow: str, **form: str) -> None:
    given = {"subject": "Hello {{first_name}}", "body": "Hi {{first_name}}", "delay_days": "0"}
    answer = await creator.browser.post(f"{flow}/steps", data={**given, **form})
    assert answer.status_code == 303, answer.text


async def activate(creator: Account, flow: str) -> None:
    answer = await creator.browser.post(f"{flow}/activate")
    assert answer.status_code == 303, answer.text


async def confirm(database: Database, email: str) -> None:
    """Let somebody confirm the address, as the link of the mail does."""
    await execute(
        database,
        """
        insert into email_consents (tenant_id, team_id, subscriber_id, act)
        select tenant_id, team_id, id, 'confirmed' from email_subscribers where email = $1
        """,
        email,
    )
    await execute(
        database, "update email_subscribers set status = 'active' where email = $1", email
    )


async def mails_to(database: Database, email: str) -> list[Any]:
    return await fetch(
        database,
        """
        select id, kind, status, subject, html, text, dedupe_key, flow_contact_id, error_message
        from email_outbox where recipient = $1 order by created_at, dedupe_key
        """,
        email,
    )
