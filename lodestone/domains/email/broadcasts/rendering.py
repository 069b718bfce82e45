"""What a broadcast looks like: Markdown in the plain coat of every mail, made once for all."""

import re
from uuid import UUID

import nh3
from asyncpg import Record
from markdown_it import MarkdownIt

from lodestone.domains.email.broadcasts.models import Broadcast
from lodestone.domains.email.designs.service import Dress, Letter
from lodestone.domains.email.sending import service as sending
from lodestone.domains.email.sending.models import Account
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.platform import pages
from lodestone.platform.mailmerge import MailForm

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "img", "li", "ol", "p"),
    *("pre", "strong", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}
# A gap in an address comes out of Markdown as percent signs.
_HIDDEN_GAP = re.compile(r"%7B%7B([a-z][a-z0-9_]*)(?:%7C([^%\"]*))?%7D%7D")
_UNSUBSCRIBE, _PREFERENCES = "{{unsubscribe_url}}", "{{preferences_url}}"


def to_html(markdown: str) -> str:
    """Return Markdown as HTML that is safe in a mail; gaps stay."""
    clean = nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )

    def gap(match: re.Match[str]) -> str:
        return "{{" + match[1] + (f"|{match[2]}" if match[2] else "") + "}}"

    return _HIDDEN_GAP.sub(gap, clean)


def form_of(
    broadcast: Broadcast,
    account: Account,
    *,
    variant: str,
    dress: Dress | None = None,
    is_watched: bool = True,
) -> MailForm:
    """Return one wording of a broadcast as a mail with gaps; a preview is not watched.

    Without a design it wears the plain coat.
    """
    is_b = variant == "b"
    subject = (broadcast.subject_b if is_b else None) or broadcast.subject
    body = (broadcast.body_b if is_b else None) or broadcast.body
    sender = sending.choose_sender(
        account,
        wanted_address=broadcast.from_email,
        wanted_name=broadcast.from_name,
        wanted_reply_to=broadcast.reply_to_email,
    )
    html, text = _dressed(broadcast, account, subject, body, dress)
    return MailForm(
        from_=sender.from_,
        reply_to=sender.reply_to,
        subject=subject,
        text=text,
        html=sending.prepare_tracking(html, account) if is_watched else html,
        headers={
            "List-Unsubscribe": f"<{_UNSUBSCRIBE}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _dressed(
    broadcast: Broadcast, account: Account, subject: str, body: str, dress: Dress | None
) -> tuple[str, str]:
    """Return HTML and plain text."""
    if dress is not None:
        letter = Letter(
            subject=subject,
            body=body,
            preheader=broadcast.preheader or "",
            reason=f"You get this mail because you are on the list of {_plain_name(account.name)}.",
            has_postscript=True,
        )
        mail = dress.put_on(letter).with_gaps(sender_name=dress.brand.name)
        return mail.html, mail.text
    html = pages.render_text(
        "email/broadcasts/mail.html",
        {
            "subject": subject,
            "preheader": broadcast.preheader,
            "body": to_html(body),
            "postscript": _inline(account.postscript),
            "team_name": account.name,
            "postal_address": account.postal_address,
            "unsubscribe_gap": _UNSUBSCRIBE,
            "preferences_gap": _PREFERENCES,
        },
    )
    return html, _text(body, account)


def _plain_name(name: str) -> str:
    """Return a name without what would be read as a gap."""
    return name.replace("{{", "").replace("}}", "")


def _inline(markdown: str | None) -> str | None:
    if not markdown:
        return None
    return to_html(markdown).removeprefix("<p>").removesuffix("</p>\n")


def _text(body: str, account: Account) -> str:
    parts = [body.strip()]
    if account.postscript:
        parts.append(account.postscript.strip())
    footer = [f"You get this mail because you are on the list of {account.name}."]
    if account.postal_address:
        footer.append(account.postal_address)
    footer.append(f"Unsubscribe: {_UNSUBSCRIBE}")
    return "\n\n".join([*parts, "--\n" + "\n".join(footer)]) + "\n"


def fill(row: Record) -> dict[str, str]:
    """Return what fills the gaps of a message of the outbox."""
    return {
        **person(dict(row["merge_fields"] or {}), email=row["recipient"]),
        **links(row["subscriber_id"]),
        sending.MAIL_GAP: sending.sign_mail(row["id"]),
    }


def person(fields: dict[str, str | None], *, email: str) -> dict[str, str]:
    """Return the gaps that are about the reader."""
    first, last = fields.get("first_name") or "", fields.get("last_name") or ""
    return {
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}".strip(),
        "company": fields.get("company") or "",
        "email": email,
    }


def links(subscriber_id: UUID | None) -> dict[str, str]:
    """Return the gaps that lead out of the list; erased people had none to lead out of."""
    if subscriber_id is None:
        return {}
    unsubscribe = subscribers.unsubscribe_url(subscriber_id)
    return {
        "unsubscribe_url": unsubscribe,
        "preferences_url": unsubscribe.replace("/unsubscribe?", "/preferences?", 1),
    }
