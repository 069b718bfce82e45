"""Through PgBouncer in transaction mode, where each transaction may meet another server process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Root, Service, User, Writer
from lodestone.platform.database import Database
from lodestone.platform.errors import RateLimited
from lodestone.platform.jobs import job, work_off
from lodestone.platform.mail import DirectoryMailer
from lodestone.platform.secrets import SecretBox
from tests import servers
from tests.pooler import BINARY, running_pooler

pytestmark = [
    pytest.mark.pgbouncer,
    pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed"),
]


@dataclass(frozen=True)
class Ping:
    """Who pings."""

    user_id: UUID


pinged: list[UUID] = []


@job("tests:ping")
async def ping(args: Ping) -> None:
    """Note the ping, having read it back through the pooler."""
    async with runtime.acting_as(User(args.user_id)) as tx:
        pinged.append(await tx.fetchval("select auth.uid()"))


@pytest.fixture(scope="module")
async def direct_url(server_url: str, template_database: str) -> AsyncIterator[str]:
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture(scope="module")
def pooled_url(direct_url: str) -> Iterator[str]:
    """Run PgBouncer with two server connections for everybody."""
    with running_pooler(direct_url) as url:
        yield url


@pytest.fixture
async def database(pooled_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    before = runtime.current() if _has_runtime() else None
    pooled = await Database.connect(pooled_url, max_size=20, pooled=True)
    runtime.set_current(
        runtime.Runtime(
            database=pooled,
            mailer=DirectoryMailer(tmp_path),
            secrets=SecretBox([b"0" * 32]),
            base_url="http://localhost",
            data_dir=tmp_path,
        )
    )
    yield pooled
    await pooled.close()
    if before is not None:
        runtime.set_current(before)


def _has_runtime() -> bool:
    try:
        runtime.current()
    except RuntimeError:
        return False
    return True


class TestBehindAPooler:
    async def test_connections_open_while_others_work(
        self, database: Database, pooled_url: str
    ) -> None:
        async def work() -> None:
            async with database.acting_as(Root()) as tx:
                await tx.fetchval("select pg_sleep(0.002)")

        async def arrive() -> None:
            own = await Database.connect(pooled_url, min_size=2, max_size=2, pooled=True)
            async with own.acting_as(Root()) as tx:
                assert await tx.fetchval("select $1::jsonb", {"n": 1}) == {"n": 1}
            await own.close()

        await asyncio.gather(*(work() for _ in range(300)), *(arrive() for _ in range(15)))

    async def test_many_actors_at_once_stay_who_they_are(self, database: Database) -> None:
        async def who_am_i(user_id: UUID) -> UUID:
            async with database.acting_as(User(user_id)) as tx:
                await asyncio.sleep(0.001)
                seen: UUID = await tx.fetchval("select auth.uid()")
                role = await tx.fetchval("select current_user")
            assert role == "authenticated"
            return seen

        users = [uuid4() for _ in range(200)]
        assert await asyncio.gather(*map(who_am_i, users)) == users
        async with database.acting_as(Root()) as tx:
            assert await tx.fetchval("select auth.uid()") is None

    async def test_json_stays_json_on_every_connection(self, database: Database) -> None:
        async def read(number: int) -> dict[str, int]:
            async with database.acting_as(Root()) as tx:
                value: dict[str, int] = await tx.fetchval("select $1::jsonb", {"n": number})
            return value

        assert await asyncio.gather(*map(read, range(200))) == [{"n": n} for n in range(200)]

    async def test_jobs_are_enqueued_and_their_handlers_run(
        self, database: Database, direct_url: str
    ) -> None:
        pinged.clear()
        users = [uuid4() for _ in range(100)]

        async def enqueue(user_id: UUID) -> None:
            async with database.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
                await ping.enqueue(tx, Ping(user_id))

        await asyncio.gather(*map(enqueue, users))
        await work_off(direct_url)
        assert sorted(pinged) == sorted(users)

    async def test_rate_limits_hold(self, database: Database) -> None:
        async def take() -> bool:
            try:
                await ratelimit.take_at_once("pooled", 5)
            except RateLimited:
                return False
            return True

        assert sum(await asyncio.gather(*(take() for _ in range(50)))) == 5

    async def test_a_refusal_by_the_database_leaves_the_connection_usable(
        self, database: Database
    ) -> None:
        for _ in range(30):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(User(uuid4())) as tx:
                    await tx.fetch("select from platform.jobs")
        async with database.acting_as(Root()) as tx:
            assert await tx.fetchval("select 1") == 1
