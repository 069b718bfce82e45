"""Two accounts that have nothing to do with each other."""

import pytest

from tests.people import People, Person


@pytest.fixture
async def owner(people: People) -> Person:
    return await people.user()


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user()
