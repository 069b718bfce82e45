"""Several machines of the product over one database: each has its own processes and directory."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.journey.product import Product, running_product

SOON_SECONDS = 20.0


@contextmanager
def running_machines(
    database_url: str, directory: Path, *, count: int = 2, **settings: str
) -> Iterator[list[Product]]:
    """Run web and worker on each, with the same secrets, as every machine needs."""
    shared = {
        "SECRET_KEYS": secrets.token_urlsafe(32),
        "JWT_SECRET": secrets.token_urlsafe(32),
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with ExitStack() as stack:
        machines = []
        for number in range(count):
            data_dir = directory / f"machine{number}"
            data_dir.mkdir()
            running = running_product(database_url, data_dir, **(shared | settings))
            machines.append(stack.enter_context(running))
        yield machines


def at(machine: Product) -> httpx.AsyncClient:
    """Open a browser at a machine."""
    return httpx.AsyncClient(base_url=machine.address, timeout=30)


async def until(check: Callable[[], Awaitable[bool]], *, seconds: float = SOON_SECONDS) -> float:
    """Wait until the check holds and return how long that took."""
    began = time.monotonic()
    while not await check():
        assert time.monotonic() - began < seconds, "it never came true"
        await asyncio.sleep(0.02)
    return time.monotonic() - began
