"""Rate limits on a real table, across connections and processes."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform import ratelimit
from lodestone.platform.actors import Actor, Root, Service, User, Visitor, Writer
from lodestone.platform.errors import RateLimited
from lodestone.platform.jobs.upkeep import purge_rate_limits
from tests.platform.queue_fixtures import Queue

USER = UUID("00000000-0000-4000-8000-000000000001")


async def taken(queue: Queue, key: str, times: int, *, limit: int = 5, window: int = 60) -> int:
    """Take that often, each in a transaction of its own, all at once; return how many passed."""

    async def take() -> bool:
        try:
            async with queue.database.acting_as(Service(Writer.MAGNETLAB)) as tx:
                await ratelimit.take(tx, key, limit, window)
        except RateLimited:
            return False
        return True

    return sum(await asyncio.gather(*(take() for _ in range(times))))


class TestTaking:
    async def test_lets_exactly_so_many_through_at_once(self, queue: Queue) -> None:
        assert await taken(queue, "opt_in:1", 40) == 5

    async def test_counts_each_key_for_itself(self, queue: Queue) -> None:
        assert await taken(queue, "opt_in:1", 8) == 5
        assert await taken(queue, "opt_in:2", 8) == 5

    async def test_never_lets_more_through_in_any_stretch_of_the_window(self, queue: Queue) -> None:
        assert await taken(queue, "slide", 2, limit=3, window=1) == 2
        await asyncio.sleep(0.7)
        assert await taken(queue, "slide", 4, limit=3, window=1) == 1
        await asyncio.sleep(0.4)
        assert await taken(queue, "slide", 4, limit=3, window=1) == 2

    async def test_says_when_to_come_back(self, queue: Queue) -> None:
        assert await taken(queue, "wait", 2, limit=2, window=30) == 2
        with pytest.raises(RateLimited) as refusal:
            await ratelimit.take_at_once("wait", 2, 30)
        assert 28 <= refusal.value.retry_after_seconds <= 30
        assert refusal.value.status == 429

    async def test_does_not_count_refused_attempts(self, queue: Queue) -> None:
        assert await taken(queue, "again", 20, limit=1, window=1) == 1
        await asyncio.sleep(1.05)
        assert await taken(queue, "again", 1, limit=1, window=1) == 1

    async def test_counts_at_once_even_where_the_rest_fails(self, queue: Queue) -> None:
        async def sign_in_wrongly() -> None:
            await ratelimit.take_at_once("sign_in:ada", 2)
            async with queue.database.acting_as(Root()):
                raise LookupError

        for _ in range(2):
            with pytest.raises(LookupError):
                await sign_in_wrongly()
        with pytest.raises(RateLimited):
            await sign_in_wrongly()

    async def test_keeps_no_key_that_can_be_read(self, queue: Queue) -> None:
        await ratelimit.take_at_once("opt_in:203.0.113.7")
        (row,) = await queue.sql(
            "select key, encode(key, 'escape') as text from platform.rate_limits"
        )
        assert len(row["key"]) == 32
        assert "203" not in row["text"]

    @pytest.mark.parametrize("limit", [0, 1001])
    async def test_refuses_limits_that_make_no_sense(self, queue: Queue, limit: int) -> None:
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await ratelimit.take_at_once(str(uuid4()), limit)

    @pytest.mark.parametrize("actor", [User(USER), Root()], ids=lambda actor: actor.role)
    async def test_is_open_to_signed_in_roles(self, queue: Queue, actor: Actor) -> None:
        async with queue.database.acting_as(actor) as tx:
            await ratelimit.take(tx, "any")

    async def test_is_closed_to_visitors(self, queue: Queue) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with queue.database.acting_as(Visitor()) as tx:
                await ratelimit.take(tx, "any")


class TestForgetting:
    async def test_drops_keys_whose_hits_are_past(self, queue: Queue) -> None:
        await ratelimit.take_at_once("old", 5, 1)
        await ratelimit.take_at_once("new", 5, 60)
        await asyncio.sleep(1.05)
        await purge_rate_limits.run()
        (row,) = await queue.sql("select count(*) from platform.rate_limits")
        assert row["count"] == 1
