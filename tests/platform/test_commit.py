"""What goes with the commit in one round trip, and what comes right after it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Database, run_after_commit, run_at_commit
from tests.platform.queue_fixtures import Queue


@pytest.fixture
async def database(queue_url: str) -> AsyncIterator[Database]:
    """One connection, so that whatever a transaction leaves behind meets the next."""
    opened = await Database.connect(queue_url, max_size=1)
    yield opened
    await opened.close()


ENQUEUE = "select platform.enqueue_job('tests:nothing', '{}')"


class TestWithTheCommit:
    async def test_is_part_of_the_transaction(self, queue: Queue, database: Database) -> None:
        async with database.acting_as(Service(Writer.MAGNETLAB, user_id=uuid4())) as tx:
            assert run_at_commit(tx, ENQUEUE)
            assert run_at_commit(tx, ENQUEUE)
        assert len(await queue.sql("select from platform.jobs")) == 2

    async def test_leaves_nothing_of_a_transaction_that_failed(
        self, queue: Queue, database: Database
    ) -> None:
        async def fail() -> None:
            async with database.acting_as(Root()) as tx:
                run_at_commit(tx, ENQUEUE)
                raise KeyError

        with pytest.raises(KeyError):
            await fail()
        async with database.acting_as(Root()) as tx:
            await tx.fetchval("select 1")
        assert await queue.sql("select from platform.jobs") == []

    async def test_rolls_everything_back_when_it_is_refused(
        self, queue: Queue, database: Database
    ) -> None:
        async def be_refused() -> None:
            async with database.acting_as(Root()) as tx:
                await tx.execute(ENQUEUE)
                run_at_commit(tx, "select platform.take('key', 0, 60)")

        with pytest.raises(asyncpg.InvalidParameterValueError):
            await be_refused()
        assert await queue.sql("select from platform.jobs") == []
        async with database.acting_as(Root()) as tx:
            assert await tx.fetchval("select 1") == 1, "the connection is usable"

    async def test_is_not_promised_outside_a_transaction_of_ours(self, queue_url: str) -> None:
        connection = await asyncpg.connect(queue_url)
        async with connection.transaction():
            assert not run_at_commit(connection, ENQUEUE)
            assert not run_after_commit(connection, ENQUEUE)
        await connection.close()


class TestAfterTheCommit:
    async def test_runs_only_when_the_work_is_kept(self, queue: Queue, database: Database) -> None:
        async def fail() -> None:
            async with database.acting_as(Root()) as tx:
                run_after_commit(tx, ENQUEUE)
                raise KeyError

        with pytest.raises(KeyError):
            await fail()
        assert await queue.sql("select from platform.jobs") == []

    async def test_leaves_the_work_kept_when_it_fails_itself(
        self, queue: Queue, database: Database
    ) -> None:
        async def work() -> None:
            async with database.acting_as(Root()) as tx:
                await tx.execute(ENQUEUE)
                run_after_commit(tx, "select from nowhere")

        with pytest.raises(asyncpg.UndefinedTableError):
            await work()
        assert len(await queue.sql("select from platform.jobs")) == 1
