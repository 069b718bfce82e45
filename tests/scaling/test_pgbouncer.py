"""The product on two machines behind PgBouncer in transaction mode, from sign-in to the lead."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import publish, sign_up
from tests.journey.product import Product
from tests.pooler import BINARY, running_pooler
from tests.scaling.machines import at, running_machines, until

pytestmark = [
    pytest.mark.pgbouncer,
    pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed"),
]


@pytest.fixture
def machines(fresh_database_url: str, tmp_path: Path) -> Iterator[list[Product]]:
    with (
        running_pooler(fresh_database_url, server_connections=4) as pooled_url,
        running_machines(
            pooled_url,
            tmp_path,
            DATABASE_DIRECT_URL=fresh_database_url,
            DATABASE_POOLED="true",
        ) as running,
    ):
        yield running


class TestBehindPgBouncer:
    async def test_the_main_job_runs_across_machines(
        self, machines: list[Product], fresh_database: Database
    ) -> None:
        one, other = machines
        email = f"{uuid4().hex}@example.com"
        async with at(one) as browser, at(other) as visitor:
            creator = await sign_up(fresh_database, browser, name="Ada Lumen")
            funnel, page = await publish(creator)
            assert (await visitor.get(page)).status_code == 200

            answer = await visitor.post(page, data={"email": email, "name": "Vi"})
            assert answer.status_code == 303, answer.text
            await until(lambda: _has_mail(fresh_database, email))
            assert email in (await browser.get("/app/opt-ins")).text

            assert (await visitor.get(page)).status_code == 200
            assert (await browser.post(f"{funnel}/unpublish")).status_code == 303

            async def is_gone() -> bool:
                return (await visitor.get(page)).status_code == 404

            await until(is_gone, seconds=5)

    async def test_a_session_of_one_machine_is_known_to_the_other(
        self, machines: list[Product], fresh_database: Database
    ) -> None:
        one, other = machines
        async with at(one) as browser, at(other) as same_person:
            await sign_up(fresh_database, browser, name="Ada Lumen")
            same_person.cookies = browser.cookies
            assert (await same_person.get("/app")).status_code == 200


async def _has_mail(database: Database, email: str) -> bool:
    async with database.acting_as(Root(), readonly=True) as tx:
        found: bool = await tx.fetchval(
            "select exists (select from email_outbox where recipient = $1 and status = 'sent')",
            email,
        )
    return found
