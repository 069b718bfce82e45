"""Limits that hold across processes: at most so many hits of a key in any stretch of time."""

from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import RateLimited

_TAKE = "select platform.take($1, $2, $3)"

_PURGE = "delete from platform.rate_limits where expires_at < now()"


async def take(tx: Tx, key: str, limit: int = 5, window_seconds: int = 60) -> None:
    """Count a hit of the key, unless `limit` hits fell into the last `window_seconds`.

    The key (`opt_in:<address>`) is stored as a keyed hash. The hit counts when the transaction
    commits; where a refused attempt must count too (passwords), use `take_at_once`.

    Raises: RateLimited with the seconds until there is room.
    """
    wait_seconds = await tx.fetchval(_TAKE, digest_key(key), limit, window_seconds)
    refuse_while(wait_seconds)


def digest_key(key: str) -> bytes:
    """Return what is stored of a key, for a statement that calls `platform.take` itself."""
    return runtime.current().secrets.digest("rate limit", key)


def refuse_while(wait_seconds: int) -> None:
    """Raise RateLimited unless `platform.take` answered that there is no need to wait."""
    if wait_seconds:
        raise RateLimited(
            "Too many attempts: wait a moment and try again.", retry_after_seconds=wait_seconds
        )


async def take_at_once(key: str, limit: int = 5, window_seconds: int = 60) -> None:
    """Count a hit in a transaction of its own: it counts whatever happens next.

    Raises: RateLimited, as `take`.
    """
    async with runtime.acting_as(Root()) as tx:
        await take(tx, key, limit, window_seconds)


async def purge(tx: Tx) -> None:
    """Forget keys whose hits are all past; as `Root`, by schedule."""
    await tx.execute(_PURGE)
