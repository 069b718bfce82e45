"""A replica serves lists and charts, and nothing that has to be of this moment."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from lodestone.platform import embedded, migrations
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import publish, sign_up
from tests.journey.product import Product
from tests.scaling.machines import at, running_machines, until
from tests.scaling.replica import PRIMARY, await_replica, running_replica


@dataclass(frozen=True)
class Pair:
    """A primary and the replica that follows it."""

    primary_url: str
    replica_url: str
    replica: asyncpg.Connection

    async def pause(self) -> None:
        """Have the replica stand still."""
        await self.replica.execute("select pg_wal_replay_pause()")

    async def resume(self) -> None:
        """Have it follow again."""
        await self.replica.execute("select pg_wal_replay_resume()")


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    place = Path(tempfile.mkdtemp(prefix="lodestone-replica-"))
    try:
        with embedded.start(place / "primary", settings=PRIMARY) as primary:
            await migrations.apply(primary.url)
            (place / "copy").mkdir()
            with running_replica(primary, place / "copy") as replica_url:
                replica = await await_replica(replica_url)
                yield Pair(primary.url, replica_url, replica)
                await replica.close()
    finally:
        shutil.rmtree(place)


@pytest.fixture
def machine(pair: Pair, tmp_path: Path) -> Iterator[Product]:
    with running_machines(
        pair.primary_url, tmp_path, count=1, DATABASE_REPLICA_URL=pair.replica_url
    ) as running:
        yield running[0]


class TestWithAReplica:
    async def test_lists_come_from_it_and_single_things_from_the_primary(
        self, pair: Pair, machine: Product
    ) -> None:
        assert await pair.replica.fetchval("select pg_is_in_recovery()")
        email = f"{uuid4().hex}@example.com"
        primary = await Database.connect(pair.primary_url)
        async with at(machine) as browser, at(machine) as visitor:
            creator = await sign_up(primary, browser, name="Ada Lumen")
            funnel, page = await publish(creator)

            async def is_listed() -> bool:
                return email in (await browser.get("/app/opt-ins")).text

            await pair.pause()
            assert (await visitor.post(page, data={"email": email})).status_code == 303
            assert not await is_listed(), "the list is the replica's, which stands still"
            assert (await browser.get("/app")).status_code == 200

            assert (await browser.post(f"{funnel}/unpublish")).status_code == 303

            async def is_gone() -> bool:
                return (await visitor.get(page)).status_code == 404

            await until(is_gone, seconds=5)
            assert "Publish" in (await browser.get(funnel)).text, "so is the builder"

            await pair.resume()
            await until(is_listed)
        async with primary.acting_as(Root(), readonly=True) as tx:
            assert await tx.fetchval("select count(*) from funnel_leads") == 1
        await primary.close()
