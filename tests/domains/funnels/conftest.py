"""A creator, a stranger, and a published funnel."""

import pytest

from lodestone.platform.database import Database
from tests.domains.funnels.rows import Funnel, add_funnel
from tests.people import People, Person


@pytest.fixture
async def creator(people: People) -> Person:
    return await people.user()


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user(name="Stranger")


@pytest.fixture
async def funnel(database: Database, creator: Person) -> Funnel:
    """A published page of the creator's."""
    async with database.acting_as(creator.actor) as tx:
        return await add_funnel(tx, creator, is_published=True)
