"""Accounts and sessions: make an account, sign in and out, know who is there."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from email_validator import EmailNotValidError, validate_email

from lodestone.auth import passwords, queries
from lodestone.auth.limits import network_of
from lodestone.auth.models import Pending, Session, SignedIn, Viewing
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unauthorized,
)
from lodestone.platform.ratelimit import take_at_once
from lodestone.platform.secrets import hash_token, new_token

IDLE_SECONDS = 14 * 24 * 3600
LIFETIME_SECONDS = 30 * 24 * 3600
ATTEMPT_WINDOW_SECONDS = 15 * 60
ATTEMPTS_PER_ACCOUNT = 5
ATTEMPTS_PER_ADDRESS = 30
MOST_SESSIONS_SHOWN = 50

TRIES_OF_ALL = 600
TRIES_OF_ALL_SECONDS = 60

_USERNAME_RULES = {
    "users_username_format": "Use 3 to 30 letters, digits, - or _.",
    "users_username_not_reserved": "This name is kept for the product. Choose another.",
    "users_username_key": "This name is taken. Choose another.",
    "former_usernames_most": "You keep ten earlier names already. Let one of them go first.",
}
_WRONG = "E-mail and password don't belong together."

# Who comes is not known before the session or the password said so: no narrower actor exists yet.
_BEFORE_SIGN_IN = Root()


class EmailNotConfirmed(Unauthorized):
    """The password is right, and the mail with the link was not opened yet."""

    code = "email_not_confirmed"

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first: open the link that we sent you.")


class AccountBarred(Forbidden):
    """The account is closed, or somebody who runs the installation barred it."""

    code = "user_banned"

    def __init__(self) -> None:
        super().__init__("This account can't be used at the moment.")


async def create_user(
    tx: Tx,
    *,
    email: str,
    password: str | None,
    name: str,
    username: str | None = None,
    tenant_id: UUID | None = None,
    password_hash: str | None = None,
    user_id: UUID | None = None,
    may_run: bool = True,
) -> UUID:
    """Make an account with its free plan and workspace; return its id.

    Without a tenant it gets one of its own: nobody joins another's business by signing up.
    The first account runs the installation, if it may: it sees jobs and the mail directory.
    `password_hash` stands for a password that was looked at before.

    Raises: InvalidInput naming the field; Conflict when the e-mail or username is taken.
    """
    address = clean_email(email)
    name = _clean_name(name)
    username = _clean_username(username)
    if password is not None:
        passwords.refuse_weak(password, email=address)
        password_hash = await passwords.hash_password(password)
    taken = await queries.list_taken(tx, email=address, username=username)
    if "email" in taken:
        raise Conflict("There is an account with this e-mail already.", code="email_taken")
    if "username" in taken:
        raise Conflict("This username is taken. Choose another.", code="username_taken")
    try:
        user_id = await queries.insert_user(
            tx,
            email=address,
            password_hash=password_hash,
            name=name,
            username=username,
            user_id=user_id,
            may_run=may_run,
        )
    except asyncpg.IntegrityConstraintViolationError as error:
        raise _username_error(error) from error
    await queries.insert_personal_team(tx, user_id=user_id, email=address, name=name)
    await queries.insert_membership(
        tx, user_id=user_id, email=address, name=name, tenant_id=tenant_id
    )
    return user_id


async def find_only_tenant(tx: Tx) -> UUID | None:
    """Find the business of an installation that has one, for accounts that its operator makes."""
    return await queries.find_only_tenant(tx)


async def check_password(*, email: str, password: str, address: str) -> UUID:
    """Return whose password it is.

    Counts the try before it checks, in a transaction of its own, so that neither a crash nor many
    tries at once go uncounted. Raises: Unauthorized with one message whatever was wrong;
    EmailNotConfirmed and AccountBarred for the right password; RateLimited after too many failures
    of this account or address, or too many tries of all.
    """
    await take_at_once("sign in", TRIES_OF_ALL, TRIES_OF_ALL_SECONDS)
    plain_email = email.strip().lower()
    account = _identifier("account", plain_email)
    ids = await _count_attempt(account, _identifier("address", network_of(address)))
    async with runtime.acting_as(_BEFORE_SIGN_IN, readonly=True) as tx:
        found = await queries.find_user_by_email(tx, email=plain_email)
    stored: str | None = found["password_hash"] if found else None
    is_right = await passwords.verify_password(stored, password)
    if not is_right or found is None or stored is None:
        raise Unauthorized(_WRONG, code="wrong_credentials")
    renewed = await passwords.hash_password(password) if passwords.needs_rehash(stored) else None
    async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
        await queries.delete_attempts(tx, identifier=account, ids=ids)
        if renewed is not None:
            await queries.replace_password_hash(
                tx, user_id=found["id"], earlier=stored, password_hash=renewed
            )
    if found["is_barred"]:
        raise AccountBarred
    if found["must_confirm_email"]:
        raise EmailNotConfirmed
    user_id: UUID = found["id"]
    return user_id


async def open_session(
    tx: Tx,
    *,
    user_id: UUID,
    user_agent: str | None = None,
    amr: list[dict[str, Any]] | None = None,
) -> str:
    """Open a session for the account and return its token, which is stored nowhere.

    `amr` says how the person proved who they are: `[{"method", "timestamp"}]`.
    """
    token = new_token()
    await queries.insert_session(
        tx,
        user_id=user_id,
        token_hash=hash_token(token),
        user_agent=user_agent[:400] if user_agent else None,
        lifetime_seconds=LIFETIME_SECONDS,
        amr=amr or [],
    )
    return token


async def find_signed_in(token: str) -> SignedIn | None:
    """Return whose session the token opens, None when it has ended or never was.

    A session that still owes its second factor opens nothing yet.
    """
    row = await _find_session(token)
    if row is None or row["needs_factor"]:
        return None
    if row["is_stale"]:
        async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
            await queries.touch_session(tx, session_id=row["session_id"])
    return SignedIn(
        user_id=row["user_id"],
        session_id=row["session_id"],
        email=row["email"],
        name=row["name"],
        username=row["username"],
        is_super_admin=row["is_super_admin"],
        avatar_url=row["avatar_url"],
        viewing=_viewing(row),
    )


async def find_pending(token: str) -> Pending | None:
    """Return the session that a password opened a moment ago, and that owes its second factor."""
    row = await _find_session(token)
    if row is None or not row["needs_factor"] or not row["is_new"]:
        return None
    return Pending(user_id=row["user_id"], session_id=row["session_id"], email=row["email"])


async def _find_session(token: str) -> asyncpg.Record | None:
    async with runtime.acting_as(_BEFORE_SIGN_IN, readonly=True) as tx:
        return await queries.find_session(
            tx, token_hash=hash_token(token), idle_seconds=IDLE_SECONDS
        )


def _viewing(row: asyncpg.Record) -> Viewing | None:
    if row["acting_until"] is None:
        return None
    return Viewing(
        admin_id=row["admin_id"],
        admin_email=row["admin_email"],
        admin_name=row["admin_name"],
        until=row["acting_until"],
        may_write=row["acting_may_write"],
        is_over=row["is_view_over"],
    )


async def sign_out(token: str) -> None:
    """End the session that the token opens; one that has ended already is no error."""
    async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
        await queries.delete_session(tx, token_hash=hash_token(token))


async def list_sessions(user: SignedIn) -> list[Session]:
    """Return the browsers in which the person is signed in, the latest seen first."""
    async with runtime.acting_as(_BEFORE_SIGN_IN, readonly=True) as tx:
        rows = await queries.list_sessions(
            tx, user_id=user.user_id, idle_seconds=IDLE_SECONDS, limit=MOST_SESSIONS_SHOWN
        )
    return [Session(**row) for row in rows]


async def end_session(user: SignedIn, *, session_id: UUID) -> None:
    """End one session of the person. Raises: NotFound when it isn't theirs."""
    async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
        if not await queries.delete_session_of(tx, user_id=user.user_id, session_id=session_id):
            raise NotFound("There is no such session.")


async def end_other_sessions(user: SignedIn) -> None:
    """Sign the person out everywhere but here."""
    async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
        await queries.delete_other_sessions(tx, user_id=user.user_id, session_id=user.session_id)


async def rename_account(tx: Tx, *, user: SignedIn, name: str, username: str | None) -> None:
    """Change the person's name and public name, on their own transaction.

    Raises: InvalidInput naming the field that is malformed, kept or taken.
    """
    name = _clean_name(name)
    username = _clean_username(username)
    try:
        await queries.update_profile(tx, user_id=user.user_id, name=name, username=username)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise _username_error(error) from error


async def forget_ended(tx: Tx) -> None:
    """Delete sessions that have ended and failures that no longer count: a schedule calls it."""
    await queries.delete_ended_sessions(tx, idle_seconds=IDLE_SECONDS)
    await queries.delete_old_attempts(tx, window_seconds=ATTEMPT_WINDOW_SECONDS)
    await queries.delete_old_proofs(tx)


def clean_email(email: str) -> str:
    """Return an address as it is stored: trimmed, lower case. Raises: InvalidInput."""
    try:
        found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        sentence = "Write an e-mail address, such as ann@example.com."
        raise InvalidInput(sentence, fields={"email": sentence}) from error
    return found.normalized.lower()


async def _count_attempt(account: str, address: str) -> list[UUID]:
    limits = {account: ATTEMPTS_PER_ACCOUNT, address: ATTEMPTS_PER_ADDRESS}
    async with runtime.acting_as(_BEFORE_SIGN_IN) as tx:
        await queries.lock_attempts(tx, identifiers=list(limits))
        seen = await queries.count_attempts(
            tx, identifiers=list(limits), window_seconds=ATTEMPT_WINDOW_SECONDS
        )
        for identifier, (tries, first_at) in seen.items():
            if tries >= limits[identifier]:
                raise _too_many(first_at)
        return await queries.insert_attempts(tx, identifiers=list(limits))


def _too_many(first_at: datetime) -> RateLimited:
    waited = (datetime.now(UTC) - first_at).total_seconds()
    seconds = max(1, int(ATTEMPT_WINDOW_SECONDS - waited))
    minutes = -(-seconds // 60)
    return RateLimited(
        f"Too many tries. Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        retry_after_seconds=seconds,
    )


def _identifier(kind: str, value: str) -> str:
    return runtime.current().secrets.digest(f"login {kind}", value).hex()


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 120:
        sentence = "Write a name of at most 120 characters."
        raise InvalidInput(sentence, fields={"name": sentence})
    return name


def _clean_username(username: str | None) -> str | None:
    return (username or "").strip().lower() or None


def _username_error(error: asyncpg.PostgresError) -> InvalidInput:
    sentence = _USERNAME_RULES.get(queries.constraint_of(error))
    if sentence is None:
        raise error
    return InvalidInput(sentence, fields={"username": sentence})
