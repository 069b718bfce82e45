"""Passwords: argon2id with the library's defaults (RFC 9106, low memory), off the event loop.

Source: https://www.rfc-editor.org/rfc/rfc9106#section-4
"""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lodestone.platform.errors import InvalidInput

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher()
_COMMON = (
    "password",
    "qwerty",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "lodestone",
    "1234567890",
)


def refuse_weak(password: str, *, email: str) -> None:
    """Raise InvalidInput when a password is too short, too long or easily guessed."""
    plain = password.strip().lower()
    problem = None
    if len(password) < SHORTEST:
        problem = f"Use at least {SHORTEST} characters."
    elif len(password) > LONGEST:
        problem = f"Use at most {LONGEST} characters."
    elif len(set(plain)) < 4 or plain.strip("0123456789!?.") in _COMMON or plain in _COMMON:
        problem = "This password is among the first that are tried. Use a few words instead."
    elif plain in {email, email.partition("@")[0]}:
        problem = "Use something other than the e-mail address."
    if problem:
        raise InvalidInput(problem, fields={"password": problem})


async def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Say whether the password is right; without a stored hash it takes as long and says no."""
    matches = await asyncio.to_thread(_matches, stored or _decoy(), password)
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Say whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")
