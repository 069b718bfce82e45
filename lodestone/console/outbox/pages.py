"""The outbox: mail that was sent, waits or failed."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx
from lodestone.auth.models import SignedIn
from lodestone.console.outbox import queries
from lodestone.domains.email import service as email
from lodestone.domains.email.jobs import resend
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Forbidden, NotFound
from lodestone.platform.mail import DirectoryMailer, StoredMail, stored_name
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    redirect,
    render,
)

COLUMNS = (
    Column("subject", "Mail"),
    Column("kind", "Kind", hide="md"),
    Column("status", "Status"),
    Column("created_at", "When", align="end", hide="sm"),
)
FILTERS = (
    Filter(
        "status",
        "Status",
        [(status.value, status.value.capitalize()) for status in email.MessageStatus],
    ),
)
STORED_COLUMNS = (Column("subject", "Mail"), Column("sent_at", "When", align="end"))

# A mail is somebody else's page: it gets no script, no form, and no view of ours.
_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; "
    "frame-ancestors 'self'"
)

router = APIRouter(include_in_schema=False, prefix="/app/outbox")
add_entry(
    Entry("Outbox", "/app/outbox", "outbox", "Email", keywords="mail sent failed messages inbox")
)


@router.get("")
async def list_outbox(request: Request, user: CurrentUser, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS)
    status = listing.value("status")
    rows, total = await email.list_messages(
        tx,
        search=listing.q or None,
        status=email.MessageStatus(status) if status else None,
        limit=listing.limit,
        offset=listing.offset,
    )
    mailer = _directory()
    context: dict[str, Any] = {
        "listing": listing,
        "rows": [row.model_dump() for row in rows],
        "total": total,
        "directory": str(mailer.path) if mailer else None,
        "sees_all": mailer is not None and user.is_super_admin,
    }
    return render(request, "outbox.html", context)


@router.get("/stored")
async def list_stored(request: Request, user: CurrentUser) -> Response:
    mailer = _stored_for(user)
    listing = Listing.read(request, columns=STORED_COLUMNS, sort="-sent_at", searchable=False)
    mails = await mailer.list_mails(limit=listing.limit, offset=listing.offset)
    context: dict[str, Any] = {
        "listing": listing,
        "rows": [
            {"id": mail.name, "to": mail.to, "subject": mail.subject, "sent_at": mail.sent_at}
            for mail in mails
        ],
        "total": await mailer.count_mails(),
        "directory": str(mailer.path),
    }
    return render(request, "outbox_stored.html", context)


@router.get("/stored/{name}")
async def show_stored(request: Request, user: CurrentUser, name: str) -> Response:
    mail = await _stored_for(user).read_mail(name)
    context = {"message": None, "mail": mail, "body": f"/app/outbox/stored/{name}/body"}
    return render(request, "outbox_mail.html", context)


@router.get("/stored/{name}/body")
async def show_stored_body(user: CurrentUser, name: str) -> Response:
    return _body(await _stored_for(user).read_mail(name))


@router.get("/{message_id}")
async def show_mail(request: Request, user: CurrentUser, tx: OneTx, message_id: UUID) -> Response:
    message = await queries.get_message(tx, message_id=message_id)
    mail = await _find_mail(tx, message_id)
    context = {"message": message, "mail": mail, "body": f"/app/outbox/{message_id}/body"}
    return render(request, "outbox_mail.html", context)


@router.post("/{message_id}/resend")
async def resend_mail(user: CurrentUser, message_id: UUID) -> Response:
    await resend(acting_user_id=user.user_id, message_id=message_id)
    return redirect(f"/app/outbox/{message_id}", toast="On its way again")


@router.get("/{message_id}/body")
async def show_body(user: CurrentUser, tx: OneTx, message_id: UUID) -> Response:
    mail = await _find_mail(tx, message_id)
    if mail is None:
        raise NotFound("This mail is not kept here.")
    return _body(mail)


def _directory() -> DirectoryMailer | None:
    mailer = runtime.current().mailer
    return mailer if isinstance(mailer, DirectoryMailer) else None


def _stored_for(user: SignedIn) -> DirectoryMailer:
    """Return the directory for whoever runs this installation: it holds everybody's mail."""
    if not user.is_super_admin:
        raise Forbidden("The mail directory is for whoever runs this Lodestone.")
    mailer = _directory()
    if mailer is None:
        raise NotFound("Mail goes to a mail server here, so none is kept.")
    return mailer


async def _find_mail(tx: Tx, message_id: UUID) -> StoredMail | None:
    """Find the kept file of a message that the person may see; nothing is kept with SMTP."""
    message = await queries.get_message(tx, message_id=message_id)
    mailer = _directory()
    if mailer is None or message["status"] != "sent":
        return None
    try:
        return await mailer.read_mail(stored_name(message["dedupe_key"]))
    except NotFound:
        return None


def _body(mail: StoredMail) -> Response:
    headers = {
        "content-security-policy": _MAIL_POLICY,
        "x-frame-options": "SAMEORIGIN",
        "cache-control": "private, no-store",
    }
    return HTMLResponse(mail.html or _plain(mail.text), headers=headers)


def _plain(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<pre style="font:14px/1.6 sans-serif;white-space:pre-wrap">{escaped}</pre>'
