"""Passwords: argon2id with the library's defaults (RFC 9106, low memory), off the event loop.

Older forms are read too, and rewritten by the next good sign-in: bcrypt, and 64 hex digits that are
SHA-256 of the password and the earlier application's secret.

Source: https://www.rfc-editor.org/rfc/rfc9106#section-4
"""

import asyncio
import hashlib
import hmac
import re
from functools import cache

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher()
_ARGON2ID = "$argon2id$"
_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")
_BCRYPT_READS = 72
_LEGACY = re.compile(r"[0-9a-f]{64}")
_EASILY_GUESSED = 2
"""Below this score a password falls within a million guesses, made online in the likely order."""


class WeakPassword(InvalidInput):
    """A password that somebody would guess; `reasons` as clients know them."""

    code = "weak_password"

    def __init__(self, problem: str, *, reasons: list[str]) -> None:
        super().__init__(problem, fields={"password": problem})
        self.reasons = reasons


def refuse_weak(password: str, *, email: str) -> None:
    """Raise WeakPassword when a password is too short, too long or easily guessed.

    The rule works offline: 30,000 passwords of breaches, words, names, keyboard walks, dates and
    repetitions, and whatever can be made of those or of the address with few changes.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters.", reasons=["length"])
    if len(password) > LONGEST:
        raise WeakPassword(f"Use at most {LONGEST} characters.", reasons=["length"])
    plain = password.strip().lower()
    if plain in {email, email.partition("@")[0]}:
        problem = "Use something other than the e-mail address."
        raise WeakPassword(problem, reasons=["characters"])
    if _is_easily_guessed(password, email):
        problem = "This password is among the first that are tried. Use a few words instead."
        raise WeakPassword(problem, reasons=["pwned"])


def _is_easily_guessed(password: str, email: str) -> bool:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415 - its lists are large

    known = ["lodestone", email, *re.split(r"[^a-z0-9]+", email)]
    # What repeats past the library's own limit is no harder to guess.
    result = zxcvbn(password[:_BCRYPT_READS], user_inputs=known)
    return int(result["score"]) < _EASILY_GUESSED


async def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Say whether the password is right; without a stored hash it takes as long and says no."""
    matches = await asyncio.to_thread(_matches, stored or _decoy(), password)
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Say whether the hash has an older form, or was made with weaker settings than today's."""
    return not stored.startswith(_ARGON2ID) or _hasher.check_needs_rehash(stored)


def is_known_form(stored: str) -> bool:
    """Say whether a hash made elsewhere can be checked here."""
    return stored.startswith(_ARGON2ID) or _BCRYPT.fullmatch(stored) is not None


def _matches(stored: str, password: str) -> bool:
    if _BCRYPT.fullmatch(stored):
        # bcrypt never read further, and its library now refuses to pretend that it does.
        return bcrypt.checkpw(password.encode()[:_BCRYPT_READS], stored.encode())
    if _LEGACY.fullmatch(stored):
        return _matches_legacy(stored, password)
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _matches_legacy(stored: str, password: str) -> bool:
    """Compare with SHA-256(password + secret), and take as long as with today's form."""
    secret = runtime.current().accounts.legacy_password_secret
    found = hashlib.sha256((password + secret).encode()).hexdigest()
    _matches(_decoy(), password)
    return bool(secret) and hmac.compare_digest(found, stored)


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")
