"""Who holds an access token."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lodestone.auth.bearers import queries
from lodestone.auth.models import SignedIn
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import Unauthorized
from lodestone.platform.tokens import TokenExpired, TokenRefused, TokenTooEarly

_ROLE = "authenticated"

# The token says who it is; that its session lasts, its person's own rows don't show.
_BEFORE_IT_IS_KNOWN = Root()


class FactorNeeded(Unauthorized):
    """The account has a second factor, and this session has not given it."""

    code = "insufficient_aal"


async def find_holder(token: str) -> SignedIn | None:
    """Return the account of an access token; None when the token or its session is not good.

    Raises: FactorNeeded when the account has a second factor that the session has not given.
    """
    try:
        claims = runtime.current().tokens.verify(token)
    except (TokenExpired, TokenTooEarly, TokenRefused):
        return None
    user_id, session_id = _id(claims, "sub"), _id(claims, "session_id")
    if claims.get("role") != _ROLE or user_id is None:
        return None
    async with runtime.acting_as(_BEFORE_IT_IS_KNOWN, readonly=True) as tx:
        row = await queries.find_account(tx, user_id=user_id, session_id=session_id)
    if row is None:
        return None
    if row["needs_factor"]:
        raise FactorNeeded("Give your second factor first, to get a token of level aal2.")
    return SignedIn(
        user_id=row["user_id"],
        session_id=session_id or user_id,
        email=row["email"],
        name=row["name"],
        username=row["username"],
        is_super_admin=row["is_super_admin"],
    )


async def is_good(claims: Mapping[str, Any]) -> bool:
    """Say whether a verified token still stands for somebody: its session and account last.

    Where the account has a second factor, a session without it passes as a visitor alone. What
    names nobody, such as the keys of the installation, is always good.
    """
    user_id = _id(claims, "sub")
    if user_id is None:
        return True
    async with runtime.acting_as(_BEFORE_IT_IS_KNOWN, readonly=True) as tx:
        return await queries.is_good(
            tx,
            user_id=user_id,
            session_id=_id(claims, "session_id"),
            may_lack_factor=claims.get("role") != _ROLE,
        )


def _id(claims: Mapping[str, Any], name: str) -> UUID | None:
    try:
        return UUID(str(claims.get(name, "")))
    except ValueError:
        return None
