"""What is left when web and worker are killed in the middle of their work: everything, once."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, publish, sign_up
from tests.journey.product import Product, running_product

VISITORS = 60
WORKER_KILLS = 4  # one less than the attempts that a mail has
SECONDS_BETWEEN_VISITORS = 0.1
SETTLED_SECONDS = 20.0

OUTCOMES = """
select
    f.email,
    (select count(*) from funnel_leads as g where g.email = f.email) as captured,
    (select count(*) from leads as l where l.email = f.email) as leads,
    (
        select count(*) from events as e join leads as l on l.id = e.lead_id
        where l.email = f.email and e.event_type in ('lead_created', 'lead_updated')
    ) as touches,
    (select count(*) from email_subscribers as s where s.email = f.email) as subscribers,
    (select array_agg(o.status) from email_outbox as o where o.recipient = f.email) as messages
from funnel_leads as f
order by f.email
"""


@pytest.fixture
def product(fresh_database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running_product(
        fresh_database_url,
        tmp_path,
        TRUSTED_PROXIES="127.0.0.1",
        WORKER_HEARTBEAT_SECONDS="1",
        WORKER_CONCURRENCY="4",
    ) as running:
        yield running


@pytest.fixture
async def creator(product: Product, fresh_database: Database) -> AsyncIterator[Account]:
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as browser:
        yield await sign_up(fresh_database, browser, name="Ada Lumen")


async def fetch(database: Database, statement: str, *values: Any) -> list[Any]:
    async with database.acting_as(Root(), readonly=True) as tx:
        return await tx.fetch(statement, *values)


async def count(database: Database, statement: str) -> int:
    return int((await fetch(database, statement))[0][0])


async def until(seconds: float, is_so: Callable[[], Awaitable[bool]]) -> bool:
    """Ask again and again; return whether it became so in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await is_so():
            return True
        await asyncio.sleep(0.02)
    return False


@dataclass
class Visitor:
    """Somebody who opts in, and tries again when no answer comes; every tenth asks twice."""

    number: int
    email: str = field(default_factory=lambda: f"v{uuid4().hex[:12]}@example.org")
    tries: int = 0

    async def opt_in(self, browser: httpx.AsyncClient, page: str) -> None:
        await asyncio.sleep(self.number * SECONDS_BETWEEN_VISITORS)
        await self._ask(browser, page)
        if self.number % 10 == 0:
            await self._ask(browser, page)

    async def _ask(self, browser: httpx.AsyncClient, page: str) -> None:
        while True:
            self.tries += 1
            with suppress(httpx.TransportError):
                answer = await browser.post(
                    page,
                    data={"email": self.email, "name": f"Visitor {self.number}"},
                    headers={"x-forwarded-for": f"2001:db8::{self.number:x}:{self.tries:x}"},
                )
                assert answer.status_code == 303, answer.text
                return
            await asyncio.sleep(0.2)


@dataclass
class Killer:
    """Kills workers in the middle of jobs, and once the web process in the middle of answers."""

    product: Product
    database: Database
    interrupted: list[int] = field(default_factory=list)
    _dead: list[UUID] = field(default_factory=list)

    async def kill_workers(self) -> None:
        for _ in range(WORKER_KILLS):
            assert await until(SETTLED_SECONDS, self._is_working)
            await asyncio.sleep(random.uniform(0, 0.05))
            self.product.kill("worker")
            left = await self._held_by_the_living()
            self.interrupted.append(len(left))
            self._dead += left
            self.product.start("worker")

    async def kill_web(self, visits: list[asyncio.Task[None]]) -> None:
        half = islice(asyncio.as_completed(visits), VISITORS // 2)
        for visit in half:
            await visit
        await asyncio.sleep(random.uniform(0, 0.05))
        self.product.restart("web")

    async def _is_working(self) -> bool:
        return bool(await self._held_by_the_living())

    async def _held_by_the_living(self) -> list[UUID]:
        """Return the worker of each job in work; what the dead have left is nobody's work."""
        rows = await fetch(
            self.database,
            """
            select queue_manager_id from platform.jobs
            where status = 'picked' and not (queue_manager_id = any ($1))
            """,
            self._dead,
        )
        return [row["queue_manager_id"] for row in rows]


class TestKillsWhileVisitorsOptIn:
    async def test_lose_nothing_and_send_nothing_twice(
        self, product: Product, creator: Account, fresh_database: Database
    ) -> None:
        _, page = await publish(creator)
        killer = Killer(product, fresh_database)
        visitors = [Visitor(number) for number in range(1, VISITORS + 1)]
        limits = httpx.Limits(max_connections=16)
        async with (
            httpx.AsyncClient(base_url=product.address, timeout=30, limits=limits) as browser,
            asyncio.TaskGroup() as group,
        ):
            coming = [group.create_task(visitor.opt_in(browser, page)) for visitor in visitors]
            group.create_task(killer.kill_workers())
            group.create_task(killer.kill_web(coming))

        async def is_settled() -> bool:
            return await count(fresh_database, "select count(*) from platform.jobs") == 0

        assert await until(SETTLED_SECONDS, is_settled), await fetch(
            fresh_database, "select * from platform.jobs"
        )
        assert sum(killer.interrupted) > 0
        once = (1, 1, 1, 1, ["sent"])
        outcomes = {row["email"]: tuple(row)[1:] for row in await fetch(fresh_database, OUTCOMES)}
        assert outcomes == {visitor.email: once for visitor in visitors}
        recipients = [message_from_bytes(mail.read_bytes())["To"] for mail in product.mails()]
        assert len(recipients) == VISITORS
        assert {visitor.email for visitor in visitors} == {
            address.rpartition("<")[2].rstrip(">") for address in recipients
        }


class MailServer:
    """A mail server that takes a mail and, while `deadly` is set, kills the worker meanwhile."""

    def __init__(self) -> None:
        self.deadly: Callable[[], None] | None = None
        self.received: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.received.append(message_from_bytes(content, policy=policy.default)["Message-ID"])
        if self.deadly is not None:
            self.deadly()
            self.deadly = None
        return "250 Taken"


@pytest.fixture
def mail_server(unused_tcp_port: int) -> Iterator[tuple[MailServer, int]]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=unused_tcp_port)
    controller.start()
    yield server, unused_tcp_port
    controller.stop()


class TestAKillBetweenSendingAndNotingIt:
    @pytest.fixture
    def product(
        self, fresh_database_url: str, tmp_path: Path, mail_server: tuple[MailServer, int]
    ) -> Iterator[Product]:
        server, port = mail_server
        with running_product(
            fresh_database_url,
            tmp_path,
            WORKER_HEARTBEAT_SECONDS="1",
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(port),
            SMTP_ENCRYPTION="none",
        ) as running:
            server.deadly = lambda: running.kill("worker")
            yield running

    async def test_leaves_the_choice_to_a_person(
        self,
        product: Product,
        creator: Account,
        fresh_database: Database,
        mail_server: tuple[MailServer, int],
    ) -> None:
        server, _ = mail_server
        _, page = await publish(creator)
        async with httpx.AsyncClient(base_url=product.address, timeout=30) as visitor:
            answer = await visitor.post(page, data={"email": "grace@example.org"})
        assert answer.status_code == 303

        async def is_dead() -> bool:
            return len(server.received) == 1 and server.deadly is None

        async def is_uncertain() -> bool:
            return await self._status(fresh_database) == "uncertain"

        async def is_sent() -> bool:
            return await self._status(fresh_database) == "sent"

        assert await until(SETTLED_SECONDS, is_dead)
        product.start("worker")
        assert await until(SETTLED_SECONDS, is_uncertain)
        assert len(server.received) == 1

        mail = (await fetch(fresh_database, "select id from email_outbox"))[0]["id"]
        shown = await creator.browser.get(f"/app/outbox/{mail}")
        assert "may have left" in shown.text
        again = await creator.browser.post(f"/app/outbox/{mail}/resend")
        assert again.status_code == 303
        assert await until(SETTLED_SECONDS, is_sent)
        assert len(server.received) == 2
        assert len(set(server.received)) == 1

    async def _status(self, database: Database) -> str | None:
        rows = await fetch(database, "select status from email_outbox")
        return rows[0]["status"] if rows else None
