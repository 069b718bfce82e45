"""The lane: connections go from one request to the next, and everybody gets one."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, User, Visitor
from lodestone.platform.database import Database, begin_statement
from lodestone.platform.lanes import Lane

BEGIN = begin_statement(Root())


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Database]:
    """A pool of two connections."""
    opened = await Database.connect(database_url, max_size=2)
    yield opened
    await opened.close()


async def ask(lane: Lane, begin: str = BEGIN) -> int:
    """Run one short transaction; return the server process that it ran in."""
    async with lane.transaction(begin) as tx:
        found: int = await tx.fetchval("select pg_backend_pid()")
    return found


class TestTurns:
    async def test_many_share_few_connections(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        found = await asyncio.gather(*(ask(lane) for _ in range(300)))
        assert len(set(found)) <= 2
        assert narrow.pool.get_idle_size() == narrow.pool.get_size()

    async def test_each_is_somebody_of_their_own(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)

        async def whoami(user_id: str | None) -> None:
            actor = User(uuid4()) if user_id is None else Visitor()
            async with lane.transaction(begin_statement(actor)) as tx:
                row = await tx.fetchrow("select current_user::text as role, auth.uid() as id")
            assert row is not None
            assert row["role"] == actor.role
            assert row["id"] == getattr(actor, "user_id", None)

        await asyncio.gather(*(whoami(None if n % 2 else "x") for n in range(100)))

    async def test_others_get_theirs_while_the_lane_is_full(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        is_over = asyncio.Event()

        async def ask_on() -> None:
            while not is_over.is_set():
                await ask(lane)

        crowd = [asyncio.create_task(ask_on()) for _ in range(8)]
        for _ in range(5):
            async with asyncio.timeout(20), narrow.acting_as(Visitor()) as tx:
                assert await tx.fetchval("select 1") == 1
        is_over.set()
        await asyncio.gather(*crowd)


class TestAccidents:
    async def test_an_error_undoes_and_passes_on(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)

        async def fail() -> None:
            async with lane.transaction(BEGIN) as tx:
                await tx.execute("set local lodestone.trace = 'left'")
                await tx.execute("select 1 / 0")

        async def look() -> str | None:
            async with lane.transaction(BEGIN) as tx:
                found: str | None = await tx.fetchval(
                    "select current_setting('lodestone.trace', true)"
                )
            return found

        mixed = [fail() if n % 3 == 0 else look() for n in range(60)]
        found = await asyncio.gather(*mixed, return_exceptions=True)
        failed = [one for one in found if isinstance(one, asyncpg.DivisionByZeroError)]
        assert len(failed) == 20
        assert {one for one in found if not isinstance(one, BaseException)} <= {None, ""}

    async def test_who_leaves_while_waiting_takes_nothing_along(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        for _ in range(5):
            waiting = [asyncio.create_task(ask(lane)) for _ in range(12)]
            await asyncio.sleep(0)
            for task in waiting[3:9]:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        assert narrow.pool.get_idle_size() == narrow.pool.get_size()
        assert len(set(await asyncio.gather(*(ask(lane) for _ in range(20))))) <= 2

    async def test_who_leaves_in_the_middle_is_undone(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        has_begun = asyncio.Event()

        async def sleep() -> None:
            async with lane.transaction(BEGIN) as tx:
                has_begun.set()
                await tx.execute("select pg_sleep(60)")

        slow = asyncio.create_task(sleep())
        await has_begun.wait()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert len(await asyncio.gather(*(ask(lane) for _ in range(20)))) == 20

    async def test_a_lost_connection_is_replaced(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)

        async def end() -> None:
            async with lane.transaction(BEGIN) as tx:
                await tx.execute("select pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(asyncpg.PostgresError):
            await end()
        assert len(await asyncio.gather(*(ask(lane) for _ in range(20)))) == 20

    async def test_a_refused_beginning_is_only_theirs(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        refused = "begin; set local role nobody_at_all"
        asked = [ask(lane, refused if n % 3 == 0 else BEGIN) for n in range(60)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        is_refused = [isinstance(one, asyncpg.PostgresError) for one in found]
        assert is_refused == [n % 3 == 0 for n in range(60)]
        assert narrow.pool.get_idle_size() == narrow.pool.get_size()

    async def test_a_refused_commit_is_only_theirs(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        table = f"refused_{uuid4().hex}"
        async with narrow.pool.acquire() as connection:
            await connection.execute(
                f"create table {table} (n int unique deferrable initially deferred)"
            )

        async def write(number: int) -> None:
            async with lane.transaction("begin") as tx:
                await tx.execute(f"insert into {table} values ($1)", number)
                await tx.execute(f"insert into {table} values ($1)", number + number % 2)

        found = await asyncio.gather(
            *(write(4 * n + n % 2) for n in range(120)), return_exceptions=True
        )
        async with narrow.pool.acquire() as connection:
            written = await connection.fetchval(f"select count(*) from {table}")
            await connection.execute(f"drop table {table}")
        refused = [one for one in found if isinstance(one, asyncpg.UniqueViolationError)]
        assert len(refused) == 60
        assert written == 120

    async def test_a_refused_beginning_passes_on(self, narrow: Database) -> None:
        lane = Lane(narrow.pool)
        with pytest.raises(asyncpg.PostgresError):
            await ask(lane, "begin; set local role nobody_at_all")
        assert narrow.pool.get_idle_size() == narrow.pool.get_size()
        assert await ask(lane)
