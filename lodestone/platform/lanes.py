"""Transactions for many short requests: a connection goes straight from one to the next.

Giving a connection back to the pool and taking it out again costs as much as a statement. While
requests wait in the lane, whoever ends hands over, and its COMMIT and the next one's BEGIN are one
round trip; a connection goes back after some turns all the same, so that those who wait at the pool
itself get theirs.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from types import TracebackType

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from lodestone.platform.database import Tx

_MOST_TURNS = 50


@dataclass(slots=True)
class _Place:
    """A connection, how many turns it has had since it left the pool, and whether BEGIN is said."""

    connection: PoolConnectionProxy
    turns: int = 0
    has_begun: bool = False


@dataclass(slots=True, eq=False)
class _Waiting:
    """Somebody in line, and the statement that they would begin with."""

    begin: str
    turn: asyncio.Future[_Place | None]


class Lane:
    """The way to a pool's connections for one kind of request."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._most = pool.get_max_size()
        self._held = 0
        self._waiting: deque[_Waiting] = deque()

    def transaction(self, begin: str) -> "LaneTransaction":
        """Open a transaction with a statement of `database.begin_statement`.

        It commits at the end of the block, and rolls back on any exception.
        """
        return LaneTransaction(self, begin)

    async def take(self, begin: str) -> _Place:
        """Return a connection; the transaction may have been begun already with the statement."""
        if self._held < self._most:
            self._held += 1
        else:
            handed = await self._wait(begin)
            if handed is not None:
                return handed
        try:
            return _Place(await self._pool.acquire())
        except BaseException:
            self._pass_place()
            raise

    async def _wait(self, begin: str) -> _Place | None:
        """Return a connection handed over, or None for the room of one that went back."""
        waiting = _Waiting(begin, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            return await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():
                await self._pass_on(waiting.turn.result())
            raise

    async def _pass_on(self, place: _Place | None) -> None:
        if place is None:
            self._pass_place()
        elif place.has_begun:
            await self.abandon(place)
        else:
            await self.give(place)

    async def commit(self, place: _Place) -> None:
        """Commit, and hand the connection to the next or back to the pool.

        Raises: what PostgreSQL says when it can't commit.
        """
        following = self._next() if place.turns < _MOST_TURNS else None
        if following is None:
            try:
                await place.connection.execute("commit")
            except BaseException:
                await self.abandon(place)
                raise
            await self.give(place)
            return
        try:
            await place.connection.execute(f"commit; {following.begin}")
        except BaseException as error:
            self._waiting.appendleft(following)
            # Then the work is committed, and it is the next one's BEGIN that was refused: they
            # hear so when they say it themselves.
            is_theirs = isinstance(error, asyncpg.PostgresError) and _is_open(place.connection)
            await self.abandon(place)
            if is_theirs:
                return
            raise
        handed = _Place(place.connection, place.turns + 1, has_begun=True)
        if following.turn.done():
            await self.abandon(handed)
        else:
            following.turn.set_result(handed)

    async def abandon(self, place: _Place) -> None:
        """Roll back, and hand the connection to the next or back to the pool."""
        try:
            if not place.connection.is_closed():
                await place.connection.execute("rollback")
        finally:
            await self.give(place)

    async def give(self, place: _Place) -> None:
        """Hand a connection to the next, or back to the pool."""
        connection = place.connection
        is_clean = not connection.is_closed() and not connection.is_in_transaction()
        if is_clean and place.turns < _MOST_TURNS:
            following = self._next()
            if following is not None:
                following.turn.set_result(_Place(connection, place.turns + 1))
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
            following.turn.set_result(None)

    def _next(self) -> _Waiting | None:
        while self._waiting:
            following = self._waiting.popleft()
            if not following.turn.done():
                return following
        return None


def _is_open(connection: PoolConnectionProxy) -> bool:
    return not connection.is_closed() and connection.is_in_transaction()


class LaneTransaction:
    """A transaction on a connection of a lane."""

    __slots__ = ("_begin", "_lane", "_place")

    def __init__(self, lane: Lane, begin: str) -> None:
        self._lane = lane
        self._begin = begin

    async def __aenter__(self) -> Tx:
        self._place = place = await self._lane.take(self._begin)
        if not place.has_begun:
            try:
                await place.connection.execute(self._begin)
            except BaseException:
                await self._lane.abandon(place)
                raise
        return place.connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            await self._lane.commit(self._place)
        else:
            await self._lane.abandon(self._place)
