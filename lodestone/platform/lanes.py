"""Transactions for many short requests: a connection goes straight from one to the next.

Giving a connection back to the pool and taking it out again costs as much as a statement. While
requests wait in the lane, whoever ends hands over; a connection goes back after some turns all the
same, so that those who wait at the pool itself get theirs.
"""

import asyncio
from collections import deque
from types import TracebackType

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from lodestone.platform.database import Tx

_MOST_TURNS = 50


class Lane:
    """The way to a pool's connections for one kind of request."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._most = pool.get_max_size()
        self._held = 0
        self._waiting: deque[asyncio.Future[tuple[PoolConnectionProxy, int] | None]] = deque()

    def transaction(self, begin: str) -> "LaneTransaction":
        """Open a transaction with a statement of `database.begin_statement`.

        It commits at the end of the block, and rolls back on any exception.
        """
        return LaneTransaction(self, begin)

    async def take(self) -> tuple[PoolConnectionProxy, int]:
        """Return a connection and how many turns it has had since it left the pool."""
        if self._held < self._most:
            self._held += 1
        else:
            handed = await self._wait()
            if handed is not None:
                return handed
        try:
            return await self._pool.acquire(), 0
        except BaseException:
            self._pass_place()
            raise

    async def _wait(self) -> tuple[PoolConnectionProxy, int] | None:
        """Return a connection handed over, or None for the place of one that went back."""
        turn: asyncio.Future[tuple[PoolConnectionProxy, int] | None]
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                handed = turn.result()
                if handed is None:
                    self._pass_place()
                else:
                    await self.give(*handed)
            raise

    async def give(self, connection: PoolConnectionProxy, turns: int) -> None:
        """Hand a connection to the next, or back to the pool."""
        is_clean = not connection.is_closed() and not connection.is_in_transaction()
        if is_clean and turns < _MOST_TURNS:
            following = self._next()
            if following is not None:
                following.set_result((connection, turns + 1))
                return
        try:
            await self._pool.release(connection)
        finally:
            self._pass_place()

    def _pass_place(self) -> None:
        following = self._next()
        if following is None:
            self._held -= 1
        else:
            following.set_result(None)

    def _next(self) -> asyncio.Future[tuple[PoolConnectionProxy, int] | None] | None:
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                return following
        return None


class LaneTransaction:
    """A transaction on a connection of a lane."""

    __slots__ = ("_begin", "_connection", "_lane", "_turns")

    def __init__(self, lane: Lane, begin: str) -> None:
        self._lane = lane
        self._begin = begin

    async def __aenter__(self) -> Tx:
        self._connection, self._turns = await self._lane.take()
        try:
            await self._connection.execute(self._begin)
        except BaseException:
            await self._abandon()
            raise
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            await self._abandon()
            return
        try:
            await self._connection.execute("commit")
        except BaseException:
            await self._abandon()
            raise
        await self._lane.give(self._connection, self._turns)

    async def _abandon(self) -> None:
        try:
            if not self._connection.is_closed():
                await self._connection.execute("rollback")
        finally:
            await self._lane.give(self._connection, self._turns)
