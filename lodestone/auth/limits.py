"""How often somebody may ask, counted before anything is done; a database that is down refuses.

Limits hold for an e-mail address, for a network address and for everybody together. All count
whether or not an account exists, so that no answer tells.
"""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lodestone.platform.ratelimit import take_at_once

MAIL_PAUSE_SECONDS = 60
MAILS_PER_HOUR = 10
MAILS_PER_ADDRESS = 100
SIGN_UPS_PER_ADDRESS = 60
MAILS_OF_ALL = 1_000
CODES_PER_EMAIL = 20
CODES_PER_ADDRESS = 100
VERIFIES_PER_ADDRESS = 300
REFRESHES_PER_ADDRESS = 1_000
SECOND_FACTORS_PER_ACCOUNT = 10
HOUR = 3600
DAY = 24 * HOUR

SAME_SECONDS = 0.2
"""What asks for mail takes at least so long, so that its time does not tell of an account."""


async def take_mail(email: str, address: str) -> None:
    """Count a request for mail to an address. Raises: RateLimited.

    What everybody shares comes last: whoever is refused before that takes nothing from the others.
    """
    await take_at_once(f"account mail:address:{network_of(address)}", MAILS_PER_ADDRESS, HOUR)
    await take_at_once(f"account mail:pause:{email}", 1, MAIL_PAUSE_SECONDS)
    await take_at_once(f"account mail:hour:{email}", MAILS_PER_HOUR, HOUR)
    await take_at_once("account mail", MAILS_OF_ALL, HOUR)


async def take_sign_up(address: str) -> None:
    """Count a sign-up. Raises: RateLimited."""
    await take_at_once(f"sign up:{network_of(address)}", SIGN_UPS_PER_ADDRESS, HOUR)


async def take_code(email: str, address: str) -> None:
    """Count a try of six digits. Raises: RateLimited."""
    await take_at_once(f"one-time code:address:{network_of(address)}", CODES_PER_ADDRESS, HOUR)
    await take_at_once(f"one-time code:{email}", CODES_PER_EMAIL, DAY)


async def take_verify(address: str) -> None:
    """Count the opening of a link. Raises: RateLimited."""
    await take_at_once(f"verify:{network_of(address)}", VERIFIES_PER_ADDRESS, HOUR)


async def take_refresh(address: str) -> None:
    """Count a renewal of a session. Raises: RateLimited."""
    await take_at_once(f"refresh:{network_of(address)}", REFRESHES_PER_ADDRESS, HOUR)


async def take_second_factor(user_id: object) -> None:
    """Count a try of a second factor's code. Raises: RateLimited."""
    await take_at_once(f"second factor:{user_id}", SECOND_FACTORS_PER_ACCOUNT, HOUR // 4)


def network_of(address: str) -> str:
    """Return what an address is counted as: itself, and of IPv6 the /64 that one connection gets.

    Source: RFC 6177, section 2: an end site has at least a /64, and picks any address in it.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))


@asynccontextmanager
async def same_time() -> AsyncIterator[None]:
    """Take at least `SAME_SECONDS`, however quickly the work or its refusal is done."""
    started = time.monotonic()
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, SAME_SECONDS - (time.monotonic() - started)))
