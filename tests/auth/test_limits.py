"""Limits of mail about accounts: what one attacker uses up, and what stays for the others."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from lodestone.auth import limits
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import RateLimited
from lodestone.platform.runtime import Runtime


@pytest.fixture(autouse=True)
async def nothing_counted(runtime: Runtime, database: Database) -> AsyncIterator[None]:
    """Limits of all begin anew, for the tests after these too."""
    yield
    async with database.acting_as(Root()) as tx:
        await tx.execute("delete from platform.rate_limits")


async def ask(address: str) -> bool:
    """Ask for a mail to an address that nobody asked for; return whether it may be sent."""
    try:
        await limits.take_mail(f"n{uuid4().hex}@example.com", address)
    except RateLimited:
        return False
    return True


async def test_one_network_uses_up_its_own_share_alone() -> None:
    for _ in range(11):
        asked = [ask("203.0.113.7") for _ in range(limits.MAILS_OF_ALL // 10)]
        answers = await asyncio.gather(*asked)
    assert not any(answers)
    assert await ask("203.0.113.8")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_an_address_is_counted_as_the_network_it_is_picked_from(
    address: str, counted_as: str
) -> None:
    assert limits.network_of(address) == counted_as
