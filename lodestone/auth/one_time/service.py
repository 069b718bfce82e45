"""Issue links and codes, and redeem them once."""

import hmac
import secrets as random_source
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from lodestone.auth.one_time import queries
from lodestone.auth.one_time.models import Challenge, Issued, Kind, Link, Redeemed
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import LodestoneError
from lodestone.platform.secrets import hash_token, new_token

HOUR = 3600
LIFETIME_SECONDS = {
    Kind.SIGNUP: 24 * HOUR,
    Kind.RECOVERY: HOUR,
    Kind.MAGICLINK: HOUR,
    Kind.INVITE: 7 * 24 * HOUR,
    Kind.EMAIL_CHANGE: 24 * HOUR,
    Kind.REAUTHENTICATION: HOUR // 4,
}
CODE_LIFETIME_SECONDS = HOUR
TRIES_PER_CODE = 5

_ROOT = Root()


class LinkUsedOrExpired(LodestoneError):
    """The link or code is wrong, was used, or its time is over: which, nobody is told."""

    code = "otp_expired"
    status = 403

    def __init__(self) -> None:
        super().__init__("The link or code is wrong, was used already, or has expired.")


async def issue(
    tx: Tx,
    *,
    user_id: UUID,
    kind: Kind,
    email: str,
    challenge: Challenge | None = None,
    password_hash: str | None = None,
    ends_others: bool = True,
) -> Issued:
    """Make a link's token and its code.

    Earlier ones of the kind end; without `ends_others` only those that chose the same password.
    """
    token = new_token()
    code = f"{random_source.randbelow(1_000_000):06d}"
    token_id = await queries.insert_token(
        tx,
        user_id=user_id,
        kind=kind,
        email=email,
        token_hash=hash_token(token),
        code_hash=_code_hash(user_id, kind, code),
        password_hash=password_hash,
        code_challenge=challenge.value if challenge else None,
        code_challenge_method=challenge.method if challenge else None,
        lifetime_seconds=LIFETIME_SECONDS[kind],
        ends_others=ends_others,
    )
    return Issued(token_id, token, code)


async def redeem_link(tx: Tx, *, token: str, kinds: Sequence[Kind]) -> Redeemed:
    """Use a link. Raises LinkUsedOrExpired."""
    row = await queries.use_token(tx, token_hash=hash_token(token), kinds=kinds)
    return _redeemed(row)


async def find_link(tx: Tx, *, token: str, kinds: Sequence[Kind]) -> Link | None:
    """Return what a link is for if it could be used: for a page that asks for a press first."""
    row = await queries.find_live(tx, token_hash=hash_token(token), kinds=kinds)
    return Link(Kind(row["kind"]), row["has_password"]) if row else None


async def find_by_code(*, email: str, code: str, kinds: Sequence[Kind]) -> UUID:
    """Return the token that a code belongs to, not used yet.

    The try is counted and committed before the code is looked at, so that neither a crash nor many
    tries at once go uncounted. Raises: LinkUsedOrExpired.
    """
    async with runtime.acting_as(_ROOT) as tx:
        rows = await queries.count_code_tries(
            tx,
            email=email,
            kinds=kinds,
            most=TRIES_PER_CODE,
            lifetime_seconds=CODE_LIFETIME_SECONDS,
        )
    for row in rows:
        expected = _code_hash(row["user_id"], Kind(row["kind"]), code)
        if hmac.compare_digest(expected, row["code_hash"]):
            found: UUID = row["id"]
            return found
    raise LinkUsedOrExpired


async def redeem_found(tx: Tx, *, token_id: UUID) -> Redeemed:
    """Use the token that `find_by_code` returned. Raises LinkUsedOrExpired."""
    return _redeemed(await queries.use_token_by_id(tx, token_id=token_id))


def _redeemed(row: asyncpg.Record | None) -> Redeemed:
    if row is None:
        raise LinkUsedOrExpired
    value, method = row["code_challenge"], row["code_challenge_method"]
    return Redeemed(
        id=row["id"],
        user_id=row["user_id"],
        kind=Kind(row["kind"]),
        email=row["email"],
        password_hash=row["password_hash"],
        challenge=Challenge(value, method) if value else None,
    )


def _code_hash(user_id: UUID, kind: Kind, code: str) -> str:
    """Return a keyed hash: six digits alone could be tried through by whoever reads the table."""
    return runtime.current().secrets.digest(f"one-time code {kind}", f"{user_id} {code}").hex()
