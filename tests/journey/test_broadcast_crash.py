"""What is left of a broadcast whose worker is killed on the way, twice: everybody, once."""

from collections.abc import AsyncIterator, Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, sign_up
from tests.domains.email.test_broadcasts import add_people, draft, send
from tests.journey.product import Product, running_product
from tests.journey.test_crash import fetch, until

PEOPLE = 500
CONNECTIONS = 4
SETTLED_SECONDS = 30.0


class CountingServer:
    """A mail server that remembers each mail, and is told when so many have come."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.deadly: dict[int, Callable[[], None]] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.received.append(message_from_bytes(content)["To"])
        strike = self.deadly.pop(len(self.received), None)
        if strike is not None:
            strike()
        return "250 Taken"


@pytest.fixture
def mail_server(unused_tcp_port: int) -> Iterator[tuple[CountingServer, int]]:
    server = CountingServer()
    controller = Controller(server, hostname="127.0.0.1", port=unused_tcp_port)
    controller.start()
    yield server, unused_tcp_port
    controller.stop()


@pytest.fixture
def product(
    fresh_database_url: str, tmp_path: Path, mail_server: tuple[CountingServer, int]
) -> Iterator[Product]:
    with running_product(
        fresh_database_url,
        tmp_path,
        WORKER_HEARTBEAT_SECONDS="1",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(mail_server[1]),
        SMTP_ENCRYPTION="none",
        SMTP_CONNECTIONS=str(CONNECTIONS),
    ) as running:
        yield running


@pytest.fixture
async def writer(product: Product, fresh_database: Database) -> AsyncIterator[Account]:
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as browser:
        yield await sign_up(fresh_database, browser, name="Wanda Writer")


async def test_nobody_is_written_to_twice_or_forgotten(
    product: Product,
    writer: Account,
    fresh_database: Database,
    mail_server: tuple[CountingServer, int],
) -> None:
    server, _ = mail_server
    people = await add_people(fresh_database, writer, PEOPLE, tag="readers")
    path = await draft(writer, "readers")
    dead: list[int] = []

    def strike() -> None:
        product.kill("worker")
        dead.append(len(server.received))

    server.deadly = {PEOPLE // 3: strike, 2 * PEOPLE // 3: strike}
    assert (await send(writer, path, count=PEOPLE)).status_code == 303
    for kills in (1, 2):

        async def is_dead(wanted: int = kills) -> bool:
            return len(dead) == wanted

        assert await until(SETTLED_SECONDS, is_dead)
        product.start("worker")

        async def is_put_off() -> bool:
            return await _let_go(fresh_database)

        assert await until(SETTLED_SECONDS, is_put_off)

    async def is_over() -> bool:
        rows = await fetch(fresh_database, "select status from email_broadcasts")
        return [row["status"] for row in rows] == ["sent"]

    assert await until(SETTLED_SECONDS, is_over)
    statuses = {
        row["recipient"]: row["status"]
        for row in await fetch(
            fresh_database,
            "select recipient, status from email_outbox where broadcast_id = $1",
            UUID(path.rsplit("/", 1)[1]),
        )
    }
    assert len(server.received) == len(set(server.received))
    uncertain = {email for email, status in statuses.items() if status == "uncertain"}
    assert len(uncertain) <= 2 * CONNECTIONS
    assert {email for email, status in statuses.items() if status == "sent"} | uncertain == set(
        people
    )
    assert set(people) - uncertain <= set(server.received)


async def _let_go(database: Database) -> bool:
    """Let the next run begin now, once a worker has put it off because of the dead one's lease."""
    async with database.acting_as(Root()) as tx:
        waiting = await tx.fetchval(
            "select count(*) from platform.jobs where entrypoint = 'email:send_broadcast'"
            " and status = 'queued' and execute_after > now()"
        )
        if not waiting:
            return False
        await tx.execute("update email_broadcasts set run_seen_at = now() - interval '1 hour'")
        await tx.execute(
            "update platform.jobs set execute_after = now()"
            " where entrypoint = 'email:send_broadcast'"
        )
    return True
