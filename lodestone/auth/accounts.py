"""The use cases of accounts, the same for the console's pages and for `/auth/v1`.

Whoever asks for mail gets the same answer, in the same time, whether or not there is an account.
`via` says where a mailed link leads: to a page of ours (`Via()`), or to a client's (`Via(client)`).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from lodestone.auth import letters, limits, passwords, redirects
from lodestone.auth import service as sessions
from lodestone.auth.letters import Notice
from lodestone.auth.one_time import queries as one_time_queries
from lodestone.auth.one_time import service as one_time
from lodestone.auth.one_time.models import Challenge, Issued, Kind
from lodestone.auth.proofs import (
    PROVING_KINDS,
    OtherPassword,
    Proof,
    confirm_email,
    confirm_sign_up,
    drop_unproved,
    find_link,
    reset_password,
    set_password,
    verify_one_time,
    verify_reauthentication,
)
from lodestone.auth.users import queries
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, Unavailable
from lodestone.platform.mail import DirectoryMailer

__all__ = [
    "CONSOLE",
    "PROVING_KINDS",
    "OtherPassword",
    "Proof",
    "SignUp",
    "Via",
    "confirm_email",
    "confirm_sign_up",
    "display_name",
    "drop_unproved",
    "find_link",
    "invite",
    "invited_account",
    "issue_link",
    "may_sign_up",
    "refuse_closed",
    "request_email_change",
    "request_magic_link",
    "request_reauthentication",
    "request_recovery",
    "resend",
    "reset_password",
    "set_password",
    "sign_up",
    "verify_one_time",
    "verify_reauthentication",
]

_ROOT = Root()
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Via:
    """Where a mailed link leads: to our page, or to a client's, which may hold a challenge.

    `redirect_to` is an address of a client's, or the path of ours where our page leads on to.
    """

    redirect_to: str | None = None
    is_client: bool = False
    challenge: Challenge | None = None


CONSOLE = Via()


@dataclass(frozen=True, slots=True)
class SignUp:
    """What became of a sign-up; `user_id` is None where nobody may be told."""

    email: str
    user_id: UUID | None
    is_confirmation_needed: bool


def may_sign_up() -> bool:
    """Say whether anybody can make an account here, for the page that offers it."""
    return runtime.current().accounts.sign_up != "closed" and _can_confirm()


async def sign_up(
    *,
    email: str,
    password: str,
    address: str,
    name: str | None = None,
    metadata: dict[str, Any] | None = None,
    via: Via = CONSOLE,
) -> SignUp:
    """Make an account, and mail the link that confirms its address.

    With confirmation required (the default) the answer is the same for an address that has an
    account: its owner gets a mail. Each sign-up keeps its own link and password until one of them
    is confirmed.

    Raises: Forbidden when nobody may sign up; InvalidInput naming the field; WeakPassword;
    RateLimited; Conflict (user_already_exists) only where no confirmation is required.
    """
    refuse_closed()
    plain_email = sessions.clean_email(email)
    passwords.refuse_weak(password, email=plain_email)
    users.refuse_large(metadata or {})
    await limits.take_sign_up(address)
    await limits.take_mail(plain_email, address)
    password_hash = await passwords.hash_password(password)
    async with limits.same_time(), runtime.acting_as(_ROOT) as tx:
        await queries.lock_email(tx, email=plain_email)
        known = await users.find_account_by_email(tx, email=plain_email)
        if known is None:
            return await _make_account(
                tx,
                email=plain_email,
                name=name,
                password_hash=password_hash,
                metadata=metadata or {},
                via=via,
            )
        return await _sign_up_again(
            tx, known, password=password, password_hash=password_hash, via=via
        )


async def _make_account(
    tx: Tx,
    *,
    email: str,
    name: str | None,
    password_hash: str | None,
    metadata: dict[str, Any],
    via: Via,
) -> SignUp:
    options = runtime.current().accounts
    must_confirm = options.require_email_confirmation
    if options.sign_up == "invited" and not await queries.has_invitation(tx, email=email):
        return SignUp(email, None, is_confirmation_needed=must_confirm)
    user_id = await sessions.create_user(
        tx,
        email=email,
        password=None,
        name=display_name(name, metadata, email),
        password_hash=None if must_confirm else password_hash,
        may_run=False,
    )
    await queries.update_after_sign_up(
        tx, user_id=user_id, user_metadata=metadata, must_confirm_email=must_confirm
    )
    await _mail_link(
        tx,
        user_id=user_id,
        kind=Kind.SIGNUP,
        email=email,
        via=via,
        password_hash=password_hash if must_confirm else None,
    )
    return SignUp(email, user_id, is_confirmation_needed=must_confirm)


async def _sign_up_again(
    tx: Tx, known: Account, *, password: str, password_hash: str, via: Via
) -> SignUp:
    if not runtime.current().accounts.require_email_confirmation:
        raise Conflict("User already registered", code="user_already_exists")
    if known.must_confirm_email:
        await _mail_link(
            tx,
            user_id=known.id,
            kind=Kind.SIGNUP,
            email=known.email,
            via=via,
            password_hash=await _same_sign_up(tx, known, password) or password_hash,
        )
    elif not known.is_barred:
        await letters.post_notice(tx, to=known.email, notice=Notice.ALREADY_REGISTERED)
    return SignUp(known.email, None, is_confirmation_needed=True)


async def _same_sign_up(tx: Tx, known: Account, password: str) -> str | None:
    """Return the hash of the latest sign-up if it chose this very password: it is mailed again."""
    chosen = await one_time_queries.list_chosen_passwords(tx, user_id=known.id)
    latest = chosen[0] if chosen else None
    return latest if await passwords.verify_password(latest, password) else None


async def request_recovery(*, email: str, address: str, via: Via = CONSOLE) -> None:
    """Mail a link that sets a new password, if there is an account. Raises: RateLimited."""
    await _request_link(email, address, kind=Kind.RECOVERY, via=via)


async def request_magic_link(
    *,
    email: str,
    address: str,
    may_create: bool = False,
    metadata: dict[str, Any] | None = None,
    via: Via = CONSOLE,
) -> None:
    """Mail a link that signs in; `may_create` makes an account where there is none.

    Raises: RateLimited; Forbidden when an account should be made and nobody may sign up.
    """
    if may_create and not may_sign_up():
        may_create = False
    users.refuse_large(metadata or {})
    await _request_link(
        email,
        address,
        kind=Kind.MAGICLINK,
        via=via,
        new_account=(metadata or {}) if may_create else None,
    )


async def _request_link(
    email: str,
    address: str,
    *,
    kind: Kind,
    via: Via,
    new_account: dict[str, Any] | None = None,
) -> None:
    plain_email = sessions.clean_email(email)
    await limits.take_mail(plain_email, address)
    async with limits.same_time(), runtime.acting_as(_ROOT) as tx:
        await queries.lock_email(tx, email=plain_email)
        known = await users.find_account_by_email(tx, email=plain_email)
        if known is not None and not known.is_barred:
            await _mail_link(tx, user_id=known.id, kind=kind, email=known.email, via=via)
        elif known is None and new_account is not None:
            await _make_account(
                tx,
                email=plain_email,
                name=None,
                password_hash=None,
                metadata=new_account,
                via=via,
            )


async def request_email_change(
    *, user_id: UUID, new_email: str, address: str, via: Via = CONSOLE
) -> None:
    """Mail a link to the new address; it is the account's once the link is opened.

    An address that has an account gets no link and no other answer. Raises: RateLimited,
    InvalidInput.
    """
    plain_email = sessions.clean_email(new_email)
    await limits.take_mail(plain_email, address)
    async with limits.same_time(), runtime.acting_as(_ROOT) as tx:
        await _mail_change(tx, user_id=user_id, email=plain_email, via=via)


async def _mail_change(tx: Tx, *, user_id: UUID, email: str, via: Via) -> None:
    if await users.find_account_by_email(tx, email=email) is None:
        await _mail_link(tx, user_id=user_id, kind=Kind.EMAIL_CHANGE, email=email, via=via)
        return
    # It shows as awaited like any other, and its link goes to nobody.
    await one_time.issue(tx, user_id=user_id, kind=Kind.EMAIL_CHANGE, email=email)
    await letters.post_notice(tx, to=email, notice=Notice.ALREADY_REGISTERED)


async def resend(*, email: str, kind: Kind, address: str, via: Via = CONSOLE) -> None:
    """Mail the link of a sign-up or a change of address again, if one is waited for.

    Raises: RateLimited, InvalidInput.
    """
    plain_email = sessions.clean_email(email)
    await limits.take_mail(plain_email, address)
    async with limits.same_time(), runtime.acting_as(_ROOT) as tx:
        if kind is Kind.EMAIL_CHANGE:
            await _resend_change(tx, plain_email, via)
            return
        known = await users.find_account_by_email(tx, email=plain_email)
        if known is None or known.email_verified_at is not None or known.is_barred:
            return
        chosen = await one_time_queries.list_chosen_passwords(tx, user_id=known.id)
        await _mail_link(
            tx,
            user_id=known.id,
            kind=Kind.SIGNUP,
            email=known.email,
            via=via,
            password_hash=chosen[0] if chosen else None,
        )


async def _resend_change(tx: Tx, email: str, via: Via) -> None:
    """Mail a change of address again, whether the old or the new address asks for it."""
    known = await users.find_account_by_email(tx, email=email)
    user_id = known.id if known else await one_time_queries.find_user_changing_to(tx, email=email)
    if user_id is None:
        return
    pending = await one_time_queries.find_pending_email(tx, user_id=user_id)
    if pending is not None:
        await _mail_change(tx, user_id=user_id, email=pending, via=via)


async def request_reauthentication(*, account: Account, address: str) -> None:
    """Mail a code that confirms a change of password. Raises: RateLimited."""
    await limits.take_mail(account.email, address)
    async with runtime.acting_as(_ROOT) as tx:
        await _mail_link(
            tx, user_id=account.id, kind=Kind.REAUTHENTICATION, email=account.email, via=CONSOLE
        )


async def invite(tx: Tx, *, email: str, metadata: dict[str, Any], via: Via) -> Account:
    """Make an account without a password and mail its link, or mail the link again.

    Raises: Conflict (email_exists) when somebody uses the address already.
    """
    user_id = await invited_account(tx, email=email, metadata=metadata)
    await _mail_link(
        tx, user_id=user_id, kind=Kind.INVITE, email=sessions.clean_email(email), via=via
    )
    return await users.get_account(tx, user_id=user_id)


async def invited_account(
    tx: Tx, *, email: str, metadata: dict[str, Any], is_invited: bool = True
) -> UUID:
    """Return the account of somebody who is to come, made where there is none. Raises: Conflict."""
    plain_email = sessions.clean_email(email)
    await queries.lock_email(tx, email=plain_email)
    known = await users.find_account_by_email(tx, email=plain_email)
    if known is not None and (known.email_verified_at is not None or known.is_barred):
        raise Conflict(
            "A user with this email address has already been registered",
            code="email_exists",
            status=422,
        )
    if known is None:
        user_id = await sessions.create_user(
            tx,
            email=plain_email,
            password=None,
            name=display_name(None, metadata, plain_email),
            may_run=False,
        )
        await queries.update_after_sign_up(
            tx, user_id=user_id, user_metadata=metadata, must_confirm_email=True
        )
    else:
        user_id = known.id
    if is_invited:
        await queries.update_invited_at(tx, user_id=user_id)
    return user_id


async def issue_link(
    tx: Tx, *, user_id: UUID, kind: Kind, email: str, password_hash: str | None = None
) -> Issued:
    """Make a link for whoever runs the installation, who delivers it; nothing is mailed."""
    return await one_time.issue(
        tx, user_id=user_id, kind=kind, email=email, password_hash=password_hash
    )


async def _mail_link(
    tx: Tx,
    *,
    user_id: UUID,
    kind: Kind,
    email: str,
    via: Via,
    password_hash: str | None = None,
) -> None:
    issued = await one_time.issue(
        tx,
        user_id=user_id,
        kind=kind,
        email=email,
        challenge=via.challenge,
        password_hash=password_hash,
        ends_others=kind is not Kind.SIGNUP,
    )
    link = (
        letters.client_link(kind, issued.token, redirects.allowed(via.redirect_to))
        if via.is_client
        else letters.console_link(kind, issued.token, goal=via.redirect_to)
    )
    await letters.post_link(tx, to=email, kind=kind, issued=issued, link=link)


def display_name(name: str | None, metadata: dict[str, Any], email: str) -> str:
    """Return what to call somebody: what they gave, else the left side of their address."""
    for given in (name, metadata.get("full_name"), metadata.get("name")):
        if isinstance(given, str) and given.strip():
            return " ".join(given.split())[:120]
    return email.partition("@")[0][:120]


def refuse_closed() -> None:
    """Raise when nobody may make an account here: Forbidden, or Unavailable without mail."""
    if runtime.current().accounts.sign_up == "closed":
        raise Forbidden("Signups not allowed for this instance", code="signup_disabled")
    if not _can_confirm():
        raise Unavailable(
            "Nobody can sign up yet: this installation sends no mail.",
            code="email_provider_disabled",
            hint="Set LODESTONE_SMTP_HOST, or LODESTONE_REQUIRE_EMAIL_CONFIRMATION=false.",
        )


def _can_confirm() -> bool:
    """Say whether a link to confirm reaches anybody: mail in a directory serves one machine."""
    parts = runtime.current()
    is_local = urlsplit(parts.base_url).hostname in _LOCAL_HOSTS
    needs_mail = parts.accounts.require_email_confirmation
    return is_local or not needs_mail or not isinstance(parts.mailer, DirectoryMailer)
