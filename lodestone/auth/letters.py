"""Mail about an account: links and codes, and notes of what was changed.

A link is single-use and stored as a hash, so it may not lie readable in the outbox or a queue: the
job carries it encrypted, and the mail is written when it is sent. A mail that is sent twice, after
a crash in between, is better than one that is lost.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode
from uuid import uuid4

from lodestone.auth.one_time.models import Issued, Kind
from lodestone.platform import pages, runtime
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job
from lodestone.platform.mail import Mail

_SEALED = "account mail"
CONFIRM_PAGE = "/confirm"
RESET_PAGE = "/reset-password"
CLIENT_PAGE = "/auth/v1/verify"


class Notice(StrEnum):
    """What an account's owner is told, without a link that opens anything."""

    ALREADY_REGISTERED = "already_registered"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
    ACCOUNT_DELETED = "account_deleted"
    DELETION_BLOCKED = "deletion_blocked"
    DELETION_CANCELLED = "deletion_cancelled"
    DELETION_SCHEDULED = "deletion_scheduled"
    EXPORT_READY = "export_ready"
    PROVIDER_ADDED = "provider_added"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail of one kind says; `button` is the text of its link."""

    subject: str
    lead: str
    button: str = ""
    close: str = "If this wasn't you, you can ignore this mail: nothing happens."


_ALARM = "If this wasn't you, set a new password at once, and sign out everywhere else."

LETTERS: dict[str, Letter] = {
    Kind.SIGNUP: Letter(
        "Confirm your e-mail address",
        "Somebody, hopefully you, made an account with this address. Confirm that it is yours.",
        "Confirm the address",
    ),
    Kind.RECOVERY: Letter(
        "Set a new password",
        "Somebody, hopefully you, asked for a new password. The link works for one hour.",
        "Set a new password",
    ),
    Kind.MAGICLINK: Letter(
        "Your sign-in link",
        "Here is the link with which you sign in. It works once, for one hour.",
        "Sign in",
    ),
    Kind.INVITE: Letter(
        "You have been invited",
        "An account was made for you. Open it within seven days and choose a password.",
        "Open the account",
    ),
    Kind.EMAIL_CHANGE: Letter(
        "Confirm your new e-mail address",
        "Somebody, hopefully you, wants to use this address for their account from now on.",
        "Use this address",
    ),
    Kind.REAUTHENTICATION: Letter(
        "Your confirmation code",
        "Enter this code where you were asked for it. It works for fifteen minutes.",
    ),
    Notice.ALREADY_REGISTERED: Letter(
        "You have an account already",
        "Somebody, hopefully you, wanted to make an account with this address, which has one."
        " Sign in, or set a new password if you have forgotten yours.",
        "Sign in",
    ),
    Notice.EMAIL_CHANGED: Letter(
        "Your e-mail address was changed",
        "Your account has another address from now on, and mail no longer comes here.",
        close="If this wasn't you, answer this mail at once.",
    ),
    Notice.PASSWORD_CHANGED: Letter(
        "Your password was changed",
        "The password of your account is a new one, and other browsers were signed out.",
        close=_ALARM,
    ),
    Notice.EXPORT_READY: Letter(
        "Your data is ready",
        "Everything that your account owns is in one file. The link works once, for seven days, and"
        " asks you to sign in.",
        "Fetch your data",
        close="If you didn't ask for this, sign out everywhere and set a new password.",
    ),
    Notice.DELETION_SCHEDULED: Letter(
        "Your account will be deleted in seven days",
        "Until then nothing changes, and you can stay after all. A file with everything you own is"
        " being put together: fetch it before the day comes.",
        "Keep my account",
        close="If this wasn't you, keep the account and set a new password at once.",
    ),
    Notice.DELETION_CANCELLED: Letter(
        "Your account stays", "It is no longer going to be deleted.", close=_ALARM
    ),
    Notice.DELETION_BLOCKED: Letter(
        "Your account could not be deleted",
        "The day has come, and something keeps the account. Your data page says what.",
        "See what keeps it",
        close="Once it is settled, the account is deleted within a day.",
    ),
    Notice.ACCOUNT_DELETED: Letter(
        "Your account was deleted",
        "Your profile, your content and your keys are gone, and nobody can sign in to it.",
        close="Thank you for having been here.",
    ),
    Notice.PROVIDER_ADDED: Letter(
        "A new way to sign in",
        "From now on a Google account with this address opens your account too.",
        close=_ALARM,
    ),
    Notice.SECOND_FACTOR_ADDED: Letter(
        "Your account has a second factor",
        "Signing in now asks for a code of your authenticator app too.",
        close=_ALARM,
    ),
    Notice.SECOND_FACTOR_REMOVED: Letter(
        "A second factor was removed",
        "Signing in no longer asks for a code of that authenticator app.",
        close=_ALARM,
    ),
}


@dataclass(frozen=True, slots=True)
class AccountMail:
    """One mail to queue; `sealed` is the encrypted link and code, empty when it has none."""

    kind: str
    to: str
    key: str
    sealed: str


@job("identity:send_account_mail", attempts=8)
async def send_account_mail(mail: AccountMail) -> None:
    """Write and send a mail about an account: a link, a code or a note."""
    parts = runtime.current()
    letter = LETTERS[mail.kind]
    secret = json.loads(parts.secrets.decrypt(mail.sealed, context=_SEALED)) if mail.sealed else {}
    context = {
        "letter": letter,
        "link": secret.get("link", ""),
        "code": secret.get("code", ""),
        "base_url": parts.base_url,
    }
    await parts.mailer.send(
        Mail(
            to=mail.to,
            subject=letter.subject,
            html=pages.render_text("auth/letter.html", context),
            text=pages.render_text("auth/letter.txt", context),
            from_=parts.mail_from,
            dedupe_key=f"account:{mail.key}",
            headers={"Auto-Submitted": "auto-generated"},
        )
    )


async def post_link(tx: Tx, *, to: str, kind: Kind, issued: Issued, link: str) -> None:
    """Queue the mail with a link and its code on the caller's transaction."""
    secret = {"code": issued.code}
    if kind is not Kind.REAUTHENTICATION:
        secret["link"] = link
    await _post(tx, kind=kind, to=to, key=str(issued.id), secret=secret)


async def post_notice(tx: Tx, *, to: str, notice: Notice, link: str = "") -> None:
    """Queue a note about what happened to the account, with a link where it leads somewhere."""
    if notice is Notice.ALREADY_REGISTERED:
        link = f"{runtime.current().base_url}/sign-in"
    secret = {"link": link} if link else {}
    await _post(tx, kind=notice, to=to, key=str(uuid4()), secret=secret)


def console_link(kind: Kind, token: str, *, goal: str | None = None) -> str:
    """Return the address of the page of ours that asks for a press of a button.

    Mail servers open links to look at them: a page that only shows a button costs nothing then.
    `goal` is the path that it leads on to; the page looks again whether it is one of ours.
    """
    page = RESET_PAGE if kind is Kind.RECOVERY else CONFIRM_PAGE
    query = urlencode({"token": token, "type": kind, **({"next": goal} if goal else {})})
    return f"{runtime.current().base_url}{page}?{query}"


def client_link(kind: Kind, token: str, redirect_to: str) -> str:
    """Return the address that verifies at once and leads on to the client's page."""
    query = urlencode({"token": token, "type": kind, "redirect_to": redirect_to})
    return f"{runtime.current().base_url}{CLIENT_PAGE}?{query}"


async def _post(tx: Tx, *, kind: str, to: str, key: str, secret: dict[str, str]) -> None:
    text = json.dumps(secret)
    sealed = runtime.current().secrets.encrypt(text, context=_SEALED) if secret else ""
    await send_account_mail.enqueue(tx, AccountMail(kind=str(kind), to=to, key=key, sealed=sealed))
