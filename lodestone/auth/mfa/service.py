"""Set up, ask for and remove second factors; for pages and for clients.

Once one is set up, a password alone opens nothing: the console asks for a code, and until then a
client's token sees what a visitor sees.
"""

import hmac
import time
from uuid import UUID

import asyncpg
import pyotp
import segno

from lodestone.auth import letters, limits
from lodestone.auth.mfa import queries
from lodestone.auth.mfa.models import Challenge, Enrolled
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, LodestoneError, NotFound

METHOD = "totp"
STEP_SECONDS = 30
CHALLENGE_SECONDS = 300
MOST_FACTORS = 10
LONGEST_NAME = 100

_ROOT = Root()
_CONTEXT = "user_mfa_factors.secret"


class WrongCode(LodestoneError):
    """The code is not the one that the app shows now, or was used already."""

    code = "mfa_verification_failed"
    status = 422

    def __init__(self) -> None:
        super().__init__("Invalid TOTP code entered")


async def enroll(
    *, account: Account, aal: str, friendly_name: str = "", issuer: str = ""
) -> Enrolled:
    """Make a factor, which counts once its first code was given.

    Raises: Forbidden when there is one already and it was not given in this session; Conflict for
    a name that is taken, or too many.
    """
    name = " ".join(friendly_name.split())
    if len(name) > LONGEST_NAME:
        sentence = f"Use at most {LONGEST_NAME} characters."
        raise InvalidInput(sentence, fields={"friendly_name": sentence})
    if account.has_second_factor and aal != "aal2":
        raise Forbidden("AAL2 required to enroll a new factor", code="insufficient_aal")
    secret = pyotp.random_base32()
    sealed = runtime.current().secrets.encrypt(secret, context=_CONTEXT)
    async with runtime.acting_as(_ROOT) as tx:
        await queries.delete_unfinished(tx, user_id=account.id)
        factors = (await users.get_account(tx, user_id=account.id)).factors
        if len(factors) >= MOST_FACTORS:
            raise Conflict(
                "Maximum number of verified factors reached, unenroll to continue",
                code="too_many_enrolled_mfa_factors",
                status=422,
            )
        factor_id = await _insert(tx, account.id, name, sealed)
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=account.email, issuer_name=issuer[:LONGEST_NAME] or "Lodestone"
    )
    picture = segno.make(uri, error="m").svg_inline(scale=5, border=3, light="#fff")
    return Enrolled(factor_id, name, secret, uri, picture)


async def _insert(tx: Tx, user_id: UUID, name: str, sealed: str) -> UUID:
    try:
        return await queries.insert_factor(tx, user_id=user_id, friendly_name=name, secret=sealed)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            f'A factor with the friendly name "{name}" for this user already exists',
            code="mfa_factor_name_conflict",
            status=422,
        ) from error


async def challenge(*, user_id: UUID, factor_id: UUID) -> Challenge:
    """Open a question for a code, good for five minutes. Raises: NotFound."""
    async with runtime.acting_as(_ROOT) as tx:
        factor = await _lock(tx, user_id=user_id, factor_id=factor_id)
        challenge_id, expires_at = await queries.insert_challenge(
            tx, factor_id=factor_id, lifetime_seconds=CHALLENGE_SECONDS
        )
    return Challenge(challenge_id, factor["factor_type"], expires_at)


async def verify(
    *,
    user_id: UUID,
    session_id: UUID,
    factor_id: UUID,
    code: str,
    challenge_id: UUID | None = None,
) -> None:
    """Check a code, and raise the session to aal2.

    The try is counted first; each code works once. The first code makes the factor count, and
    ends the person's other sessions, which gave none. Raises: WrongCode, NotFound, RateLimited,
    Forbidden for a question that has ended.
    """
    await limits.take_second_factor(user_id)
    async with runtime.acting_as(_ROOT) as tx:
        factor = await _lock(tx, user_id=user_id, factor_id=factor_id)
        if challenge_id is not None and not await queries.use_challenge(
            tx, factor_id=factor_id, challenge_id=challenge_id
        ):
            raise LodestoneError(
                "MFA challenge has expired, verify against another challenge or create a new"
                " challenge.",
                code="mfa_challenge_expired",
                status=422,
            )
        step = _matching_step(_open(factor["secret"]), code)
        if step is None or step <= factor["last_step"]:
            raise WrongCode
        await queries.update_used(tx, factor_id=factor_id, last_step=step)
        await queries.raise_session(tx, session_id=session_id, method=METHOD)
        if factor["status"] == "unverified":
            await queries.delete_lower_sessions(tx, user_id=user_id, keep=session_id)
            await _tell(tx, user_id, letters.Notice.SECOND_FACTOR_ADDED)


async def verify_any(*, user_id: UUID, session_id: UUID, code: str) -> None:
    """Check a code of whichever factor of the account, and raise the session to aal2.

    Raises: WrongCode, RateLimited.
    """
    await limits.take_second_factor(user_id)
    async with runtime.acting_as(_ROOT) as tx:
        for factor in await queries.lock_verified(tx, user_id=user_id):
            step = _matching_step(_open(factor["secret"]), code)
            if step is not None and step > factor["last_step"]:
                await queries.update_used(tx, factor_id=factor["id"], last_step=step)
                await queries.raise_session(tx, session_id=session_id, method=METHOD)
                return
        raise WrongCode


async def unenroll(*, account: Account, aal: str, factor_id: UUID) -> None:
    """Remove a factor. Raises: Forbidden when it was not given in this session; NotFound."""
    async with runtime.acting_as(_ROOT) as tx:
        factor = await _lock(tx, user_id=account.id, factor_id=factor_id)
        is_verified = factor["status"] == "verified"
        if is_verified and aal != "aal2":
            raise Forbidden(
                "AAL2 required to unenroll verified factor", code="insufficient_aal", status=422
            )
        await remove(tx, user_id=account.id, factor_id=factor_id, is_verified=is_verified)


async def remove(tx: Tx, *, user_id: UUID, factor_id: UUID, is_verified: bool = True) -> None:
    """Remove a factor, whoever may ask for it."""
    await queries.delete_factor(tx, factor_id=factor_id)
    if not is_verified:
        return
    if not await queries.has_verified_factor(tx, user_id=user_id):
        await queries.lower_sessions(tx, user_id=user_id)
    await _tell(tx, user_id, letters.Notice.SECOND_FACTOR_REMOVED)


async def get_factor(tx: Tx, *, user_id: UUID, factor_id: UUID) -> asyncpg.Record:
    """Return a factor of an account. Raises: NotFound."""
    return await _lock(tx, user_id=user_id, factor_id=factor_id)


async def _lock(tx: Tx, *, user_id: UUID, factor_id: UUID) -> asyncpg.Record:
    factor = await queries.lock_factor(tx, user_id=user_id, factor_id=factor_id)
    if factor is None:
        raise NotFound("Factor not found", code="mfa_factor_not_found")
    return factor


async def _tell(tx: Tx, user_id: UUID, notice: letters.Notice) -> None:
    account = await users.get_account(tx, user_id=user_id)
    await letters.post_notice(tx, to=account.email, notice=notice)


def _open(sealed: str) -> str:
    return runtime.current().secrets.decrypt(sealed, context=_CONTEXT)


def _matching_step(secret: str, code: str) -> int | None:
    """Return the half minute whose code it is: this one, or the one before or after.

    Source: https://www.rfc-editor.org/rfc/rfc6238#section-5.2
    """
    plain = code.replace(" ", "")
    totp = pyotp.TOTP(secret)
    now = int(time.time()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), plain.encode()):
            return step
    return None
