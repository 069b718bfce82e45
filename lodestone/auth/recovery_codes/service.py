"""Make recovery codes, and take one in place of a second factor."""

import secrets
from uuid import UUID

from lodestone.auth import limits
from lodestone.auth.mfa import queries as mfa_queries
from lodestone.auth.mfa.service import WrongCode
from lodestone.auth.recovery_codes import queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.secrets import hash_token

HOW_MANY = 10
METHOD = "recovery_code"
_GROUPS, _GROUP_LENGTH = 4, 4
# No letters that are taken for another when they are read from paper: 78 bits in 16 of them.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = _GROUPS * _GROUP_LENGTH

_ROOT = Root()


async def make_codes(*, user_id: UUID) -> list[str]:
    """Return ten new codes, which end the earlier ones; they are stored as hashes."""
    codes = [_new_code() for _ in range(HOW_MANY)]
    async with runtime.acting_as(_ROOT) as tx:
        await queries.replace_codes(
            tx, user_id=user_id, hashes=[_hash(user_id, code) for code in codes]
        )
    return codes


async def use_code(*, user_id: UUID, session_id: UUID, code: str) -> None:
    """Take a code in place of a second factor. Raises: WrongCode, RateLimited."""
    await limits.take_second_factor(user_id)
    async with runtime.acting_as(_ROOT) as tx:
        if not await queries.use_code(tx, user_id=user_id, code_hash=_hash(user_id, code)):
            raise WrongCode
        await mfa_queries.raise_session(tx, session_id=session_id, method=METHOD)


async def count_left(*, user_id: UUID) -> int:
    """Return how many codes have not been used."""
    async with runtime.acting_as(_ROOT, readonly=True) as tx:
        return await queries.count_left(tx, user_id=user_id)


async def forget_codes(*, user_id: UUID) -> None:
    """Forget all codes of an account that has no second factor any more."""
    async with runtime.acting_as(_ROOT) as tx:
        await queries.delete_codes(tx, user_id=user_id)


def is_code_shaped(text: str) -> bool:
    """Say whether what was typed is meant as a recovery code, and not as six digits."""
    return len(_plain(text)) > 6


def _new_code() -> str:
    letters = [secrets.choice(_LETTERS) for _ in range(_LENGTH)]
    groups = [
        "".join(letters[start : start + _GROUP_LENGTH])
        for start in range(0, _LENGTH, _GROUP_LENGTH)
    ]
    return "-".join(groups)


def _hash(user_id: UUID, code: str) -> str:
    return hash_token(f"{user_id} {_plain(code)}")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
