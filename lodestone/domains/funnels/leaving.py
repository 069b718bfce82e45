"""How visitors who sent a form are led on to another site.

Not by a redirect: browsers hold back one that follows a form to a site that the page's policy does
not name. Source: https://www.w3.org/TR/CSP3/#form-action-pre-navigate
"""

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from lodestone.domains.funnels.models import PublicPage
from lodestone.platform import pages

_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
    ),
}


def lead_away(page: PublicPage, url: str) -> Response:
    """Answer a page that goes on to the address by itself, and by a link."""
    body = pages.render_text("funnels/forms/leave.html", {"page": page, "url": url})
    # A header holds ASCII alone; what is encoded already stays.
    goal = quote(url, safe=":/%#?=@[]!$&'()*+,;~")
    return HTMLResponse(body, headers={**_HEADERS, "refresh": f"0;url={goal}"})
