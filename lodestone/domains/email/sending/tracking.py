"""Opened and clicked: links that lead by us, and a picture. Either can be switched off.

A link's goal and the message are signed apart from each other, so the goals of a broadcast are
signed once. Nobody can make us lead where no mail of ours leads.
"""

import re
from html import escape, unescape
from uuid import UUID

from lodestone.domains.email.sending.models import Account
from lodestone.platform import runtime
from lodestone.platform.mailmerge import GAP

MAIL_GAP = "mail_token"
_MAIL = "mail that is watched"
_LINK = "link of a mail"
_HREF = re.compile(r'(<a\b[^>]*?\bhref=)"(https?://[^"]+)"', re.IGNORECASE)
_UNTRACKED = ("/api/email/",)


def sign_mail(message_id: UUID) -> str:
    """Return what stands for a message in its links."""
    return runtime.current().secrets.sign(_MAIL, str(message_id))


def read_mail(token: str) -> UUID:
    """Return the message of a link. Raises BadToken."""
    return UUID(runtime.current().secrets.verify(_MAIL, token))


def read_link(token: str) -> str:
    """Return where a link leads. Raises BadToken."""
    return runtime.current().secrets.verify(_LINK, token)


def prepare(html: str, account: Account) -> str:
    """Return the HTML of many mails with a gap for each message's token."""
    return _prepare(html, account, f"{{{{{MAIL_GAP}}}}}")


def track(html: str, account: Account, *, message_id: UUID) -> str:
    """Return the HTML of one mail with its links and its picture."""
    return _prepare(html, account, sign_mail(message_id))


def _prepare(html: str, account: Account, mail: str) -> str:
    base = f"{runtime.current().base_url}/e"

    def lead_by_us(match: re.Match[str]) -> str:
        goal = unescape(match[2])
        if GAP.search(goal) or any(part in goal for part in _UNTRACKED):
            return match[0]
        link = runtime.current().secrets.sign(_LINK, goal)
        return f'{match[1]}"{escape(f"{base}/c/{mail}/{link}")}"'

    if account.tracks_clicks:
        html = _HREF.sub(lead_by_us, html)
    if account.tracks_opens:
        picture = f'<img src="{base}/o/{mail}.gif" width="1" height="1" alt="">'
        head, body, tail = html.rpartition("</body>")
        html = f"{head}{picture}{body}{tail}" if body else html + picture
    return html
