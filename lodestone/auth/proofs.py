"""Proofs that somebody reads the mail of an account, and what they set: links, codes, passwords."""

from dataclasses import dataclass, field, replace
from uuid import UUID

import asyncpg

from lodestone.auth import letters, limits, passwords
from lodestone.auth import service as sessions
from lodestone.auth.letters import Notice
from lodestone.auth.one_time import queries as one_time_queries
from lodestone.auth.one_time import service as one_time
from lodestone.auth.one_time.models import Challenge, Kind, Link, Redeemed
from lodestone.auth.users import queries
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput

_ROOT = Root()
PROVING_KINDS = (Kind.SIGNUP, Kind.INVITE, Kind.RECOVERY, Kind.MAGICLINK)
"""What proves that somebody reads the mail of the account's own address."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved to read the mail of an account, by a link or code of this kind."""

    user_id: UUID
    kind: Kind
    email: str
    challenge: Challenge | None


async def verify_reauthentication(*, account: Account, code: str, address: str) -> None:
    """Use the code that was mailed to confirm a change. Raises: LinkUsedOrExpired, RateLimited."""
    await limits.take_code(account.email, address)
    token_id = await one_time.find_by_code(
        email=account.email, code=code, kinds=[Kind.REAUTHENTICATION]
    )
    async with runtime.acting_as(_ROOT) as tx:
        await one_time.redeem_found(tx, token_id=token_id)


class OtherPassword(InvalidInput):
    """The password is not the one of the sign-up that this link came from."""

    code = "other_password"

    def __init__(self) -> None:
        sentence = "This is not the password of the sign-up that this mail is about."
        super().__init__(sentence, fields={"password": sentence})


async def find_link(*, token: str, kind: Kind) -> Link | None:
    """Return what a link is for if it could be used, without using it: for a page with a button."""
    async with runtime.acting_as(_ROOT, readonly=True) as tx:
        return await one_time.find_link(tx, token=token, kinds=[kind])


async def confirm_sign_up(*, token: str, password: str, is_new: bool, address: str) -> Proof:
    """Use the link of a sign-up together with the password that was chosen in it.

    Who reads the mail may not be who signed up: a link alone gives nobody else's password a way
    in. With `is_new` the password is a new one, which the reader of the mail may always choose.
    A refusal leaves the link as it was. Raises: OtherPassword, WeakPassword, LinkUsedOrExpired,
    RateLimited, AccountBarred.
    """
    await limits.take_verify(address)
    async with runtime.acting_as(_ROOT) as tx:
        redeemed = await one_time.redeem_link(tx, token=token, kinds=[Kind.SIGNUP])
        chosen = redeemed.password_hash
        if is_new:
            passwords.refuse_weak(password, email=redeemed.email)
            chosen = await passwords.hash_password(password)
        elif chosen is not None and not await passwords.verify_password(chosen, password):
            raise OtherPassword
        await _apply(tx, replace(redeemed, password_hash=chosen), is_password_known=True)
    return Proof(redeemed.user_id, redeemed.kind, redeemed.email, redeemed.challenge)


async def verify_one_time(
    *,
    kinds: tuple[Kind, ...],
    address: str,
    token: str | None = None,
    email: str | None = None,
    code: str | None = None,
) -> Proof:
    """Use a link's token, or the six digits mailed to an address, and do what it is for.

    The address counts as confirmed, and a changed address becomes the account's. An account that
    waited for it gets the password of its sign-up, or none where several sign-ups chose different
    ones: whoever reads the mail is in, and sets a password of their own.

    Raises: LinkUsedOrExpired, RateLimited, AccountBarred, Conflict when the new address has an
    account by now.
    """
    attempt = await count_attempt(kinds=kinds, address=address, token=token, email=email, code=code)
    async with runtime.acting_as(_ROOT) as tx:
        return await prove(tx, attempt)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was counted: a link's token, or the token whose digits were right."""

    kinds: tuple[Kind, ...]
    token: str | None = field(repr=False)
    token_id: UUID | None


async def count_attempt(
    *,
    kinds: tuple[Kind, ...],
    address: str,
    token: str | None = None,
    email: str | None = None,
    code: str | None = None,
) -> Attempt:
    """Count a try, and look at the digits if it has any. Raises: LinkUsedOrExpired, RateLimited."""
    if token is not None:
        await limits.take_verify(address)
        return Attempt(kinds, token, None)
    plain_email = sessions.clean_email(email or "")
    await limits.take_code(plain_email, address)
    token_id = await one_time.find_by_code(email=plain_email, code=code or "", kinds=kinds)
    return Attempt(kinds, None, token_id)


async def prove(tx: Tx, attempt: Attempt) -> Proof:
    """Use what the try is about and do what it is for, all or nothing. Raises: as the above."""
    redeemed = (
        await one_time.redeem_found(tx, token_id=attempt.token_id)
        if attempt.token_id is not None
        else await one_time.redeem_link(tx, token=attempt.token or "", kinds=attempt.kinds)
    )
    await _apply(tx, redeemed)
    return Proof(redeemed.user_id, redeemed.kind, redeemed.email, redeemed.challenge)


async def _apply(tx: Tx, redeemed: Redeemed, *, is_password_known: bool = False) -> None:
    await queries.lock_user(tx, user_id=redeemed.user_id)
    account = await users.get_account(tx, user_id=redeemed.user_id)
    if account.is_barred:
        raise sessions.AccountBarred
    if redeemed.kind is Kind.EMAIL_CHANGE:
        await _change_email(tx, account, redeemed.email)
        return
    if redeemed.email != account.email:
        # The account has another address since: this mail proves nothing about it.
        raise one_time.LinkUsedOrExpired
    if redeemed.kind is Kind.SIGNUP and account.email_verified_at is not None:
        # Another sign-up for the address was confirmed first: this one's password is nobody's.
        raise one_time.LinkUsedOrExpired
    others = await one_time_queries.list_chosen_passwords(tx, user_id=account.id)
    is_contested = any(other != redeemed.password_hash for other in others)
    if redeemed.password_hash is not None and (is_password_known or not is_contested):
        await one_time_queries.delete_tokens(tx, user_id=account.id)
        await queries.update_password(tx, user_id=account.id, password_hash=redeemed.password_hash)
    elif account.must_confirm_email or (
        account.email_verified_at is None and redeemed.kind is not Kind.SIGNUP
    ):
        await drop_unproved(tx, user_id=account.id)
    await queries.confirm_email(tx, user_id=account.id)


async def _change_email(tx: Tx, account: Account, email: str) -> None:
    try:
        await queries.update_email(tx, user_id=account.id, email=email)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "A user with this email address has already been registered", code="email_exists"
        ) from error
    await letters.post_notice(tx, to=account.email, notice=Notice.EMAIL_CHANGED)


async def drop_unproved(tx: Tx, *, user_id: UUID) -> None:
    """Drop what somebody set up on an account before anybody proved to own its address.

    Whoever made it may not be who reads the mail: password, sessions and second factors go.
    """
    await queries.update_password(tx, user_id=user_id, password_hash=None)
    await queries.delete_sessions(tx, user_id=user_id)
    await queries.delete_factors(tx, user_id=user_id)
    await one_time_queries.delete_tokens(tx, user_id=user_id)


async def set_password(
    tx: Tx, *, user_id: UUID, new: str, keep_session: UUID | None = None
) -> None:
    """Replace a password, end the other sessions and open links, and tell the owner.

    Raises: WeakPassword; Conflict (same_password) when it is the one that it had.
    """
    account = await users.get_account(tx, user_id=user_id)
    passwords.refuse_weak(new, email=account.email)
    stored = account.password_hash
    if stored is not None and await passwords.verify_password(stored, new):
        sentence = "New password should be different from the old password."
        raise Conflict(sentence, code="same_password", status=422)
    renewed = await passwords.hash_password(new)
    await queries.update_password(tx, user_id=user_id, password_hash=renewed)
    await queries.delete_sessions(tx, user_id=user_id, keep=keep_session)
    await one_time_queries.delete_tokens(tx, user_id=user_id)
    await letters.post_notice(tx, to=account.email, notice=Notice.PASSWORD_CHANGED)


async def reset_password(*, token: str, new: str, address: str) -> UUID:
    """Set a new password with the link of a recovery, and end every session; return whose it is.

    A password that is refused leaves the link as it was. Raises: LinkUsedOrExpired, WeakPassword,
    Conflict (same_password), RateLimited, AccountBarred.
    """
    await limits.take_verify(address)
    async with runtime.acting_as(_ROOT) as tx:
        redeemed = await one_time.redeem_link(tx, token=token, kinds=[Kind.RECOVERY])
        await _apply(tx, redeemed)
        await set_password(tx, user_id=redeemed.user_id, new=new)
    return redeemed.user_id


async def confirm_email(tx: Tx, *, user_id: UUID) -> None:
    """Note that the account's address is its owner's; invitations to it count from now on."""
    await queries.confirm_email(tx, user_id=user_id)
