"""Accounts with a password, for tests that sign in."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from lodestone.auth import service
from lodestone.platform.actors import Root
from lodestone.platform.database import Database

PASSWORD = "three plain words"


@dataclass(frozen=True)
class Account:
    """An account and what it signs in with."""

    id: UUID
    email: str
    password: str = PASSWORD


@pytest.fixture
async def account(database: Database) -> Account:
    """A new account."""
    email = f"a{uuid4().hex[:12]}@example.com"
    async with database.acting_as(Root()) as tx:
        user_id = await service.create_user(
            tx, email=email, password=PASSWORD, name="Ada Lovelace", username=None
        )
    return Account(user_id, email)


@pytest.fixture
async def other_account(database: Database) -> Account:
    """Another new account."""
    email = f"b{uuid4().hex[:12]}@example.com"
    async with database.acting_as(Root()) as tx:
        user_id = await service.create_user(
            tx, email=email, password=PASSWORD, name="Bo Other", username=None
        )
    return Account(user_id, email)
