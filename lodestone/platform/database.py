"""The pool, and the one way to a transaction: `async with database.acting_as(actor) as tx`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from lodestone.platform.actors import Actor, KeyHolder, Viewer

Tx = asyncpg.Connection | PoolConnectionProxy
"""A connection inside an open transaction that carries an actor's role and claims."""


class _Connection(asyncpg.Connection):
    """A connection that needs no reset: every setting of ours ends with its transaction."""

    at_commit: tuple[str, ...] = ()
    after_commit: str | None = None

    def get_reset_query(self) -> str:
        return ""

    def take_ending(self) -> str:
        """Return what ends the open transaction well, as one simple query, and forget it."""
        parts = [*self.at_commit, "commit"]
        if self.after_commit is not None:
            parts.append(self.after_commit)
        self.at_commit, self.after_commit = (), None
        return "; ".join(parts)


def run_at_commit(tx: Tx, statement: str) -> bool:
    """Have a statement, its values written into it, run with the commit in one round trip.

    For what nobody reads before the transaction ends. If it fails, all is rolled back and the
    caller hears why. Returns False, and does nothing, for a transaction that `Database` has not
    opened.
    """
    connection = _own_connection(tx)
    if connection is None or not connection.is_in_transaction():
        return False
    connection.at_commit += (statement,)
    return True


def run_after_commit(tx: Tx, statement: str) -> bool:
    """Have a statement run right after the commit, in the commit's own round trip.

    For notices: a commit that carries one locks out every other such commit until its log is on
    disk, while a transaction that only notifies writes nothing. Each transaction runs the last
    statement given; if that fails the caller hears so, and the work stays committed. Returns False,
    and does nothing, for a transaction that `Database` has not opened.
    """
    connection = _own_connection(tx)
    if connection is None or not connection.is_in_transaction():
        return False
    connection.after_commit = statement
    return True


def _own_connection(tx: Tx) -> _Connection | None:
    connection: object = getattr(tx, "_con", tx)
    # asyncpg's own `isinstance` takes every connection for one of any class.
    if _Connection not in type(connection).__mro__:
        return None
    return cast("_Connection", connection)


async def fetch_one(tx: Tx, query: str, *values: Any) -> asyncpg.Record:
    """Return the row of a statement that always has one. Raises LookupError when it has none."""
    row = await tx.fetchrow(query, *values)
    if row is None:
        raise LookupError("a statement that always answers with a row answered with none")
    return row


def quote_literal(value: str) -> str:
    """Quote a string for a simple query, where values can't be bound."""
    return "'" + value.replace("'", "''") + "'"


def begin_statement(actor: Actor, *, readonly: bool = False) -> str:
    """Return BEGIN, role and claims as one simple query: one round trip.

    The claims are always written, so nothing of an earlier transaction can show through.
    """
    only_looks = (isinstance(actor, Viewer) and not actor.may_write) or (
        isinstance(actor, KeyHolder) and actor.is_readonly
    )
    mode = " read only" if readonly or only_looks else ""
    claims = quote_literal(json.dumps(actor.claims(), separators=(",", ":"), default=str))
    return f'begin{mode}; set local role {actor.role}; set local "request.jwt.claims" = {claims}'


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
        )


class Database:
    """One PostgreSQL, and a read-only replica of it when there is one."""

    def __init__(self, pool: asyncpg.Pool, replica: asyncpg.Pool | None = None) -> None:
        self.pool = pool
        self._replica = replica

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        replica_url: str | None = None,
        min_size: int = 1,
        max_size: int = 10,
        pooled: bool = False,
    ) -> Self:
        """Open the pool; `pooled` says that a pooler in transaction mode (PgBouncer) is between.

        Raises: OSError or asyncpg.PostgresError when the server can't be reached.
        """
        options: dict[str, Any] = {
            "min_size": min_size,
            "max_size": max_size,
            "init": _prepare_connection,
            "connection_class": _Connection,
            # A pooler in transaction mode hands each transaction to any server connection, so
            # named statements can't be kept across them.
            "statement_cache_size": 0 if pooled else 1024,
        }
        pool = await asyncpg.create_pool(url, **options)
        replica = await asyncpg.create_pool(replica_url, **options) if replica_url else None
        return cls(pool, replica)

    async def close(self) -> None:
        """Close every connection, waiting for those in use."""
        await self.pool.close()
        if self._replica is not None:
            await self._replica.close()

    @asynccontextmanager
    async def acting_as(self, actor: Actor, *, readonly: bool = False) -> AsyncIterator[Tx]:
        """Open a transaction as the actor; commit at the end, roll back on any exception."""
        begin = begin_statement(actor, readonly=readonly)
        async with self.pool.acquire() as connection, _transaction(connection, begin):
            yield connection

    @asynccontextmanager
    async def reading_as(self, actor: Actor) -> AsyncIterator[Tx]:
        """Open a read-only transaction, on the replica when there is one: lists and charts."""
        begin = begin_statement(actor, readonly=True)
        pool = self._replica or self.pool
        async with pool.acquire() as connection, _transaction(connection, begin):
            yield connection


@asynccontextmanager
async def _transaction(connection: PoolConnectionProxy, begin: str) -> AsyncIterator[None]:
    try:
        await connection.execute(begin)
        yield
        await connection.execute(_take_ending(connection))
    except BaseException:
        _take_ending(connection)
        if not connection.is_closed():
            await connection.execute("rollback")
        raise


def _take_ending(connection: PoolConnectionProxy) -> str:
    own = _own_connection(connection)
    return "commit" if own is None else own.take_ending()
