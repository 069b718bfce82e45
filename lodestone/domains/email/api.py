"""The unsubscribe link of every mail: a page that asks, and the one click of RFC 8058.

Opening the link changes nothing, for scanners open links; a POST ends the subscription, from the
page's button or from the mail program's own.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.email import service
from lodestone.domains.email.models import Subscriber
from lodestone.platform import pages
from lodestone.platform.errors import InvalidInput

_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


async def ask(request: Request) -> Response:
    """Ask whether to unsubscribe."""
    subscriber_id, token = _link(request)
    found = await service.find_subscriber(subscriber_id=subscriber_id, token=token)
    return _page(found, token, is_done=found.status == "unsubscribed")


async def unsubscribe(request: Request) -> Response:
    """Unsubscribe. A mail program that clicks for its reader gets a plain 200.

    Source: https://www.rfc-editor.org/rfc/rfc8058
    """
    subscriber_id, token = _link(request)
    found = await service.end_subscription(subscriber_id=subscriber_id, token=token)
    return _page(found, token, is_done=True)


def _link(request: Request) -> tuple[UUID, str]:
    given = request.query_params
    try:
        return UUID(given.get("sid", "")), given["token"]
    except (ValueError, KeyError) as error:
        raise InvalidInput(
            "This link is not whole. Copy all of it from the mail.",
            fields={"sid" if isinstance(error, ValueError) else "token": "Missing or damaged."},
        ) from error


def _page(subscriber: Subscriber, token: str, *, is_done: bool) -> Response:
    preferences = f"/api/email/preferences?sid={subscriber.id}&token={token}"
    context = {"subscriber": subscriber, "is_done": is_done, "preferences": preferences}
    body = pages.render_text("email/unsubscribe.html", context)
    return HTMLResponse(body, headers=_HEADERS)


routes: list[BaseRoute] = [
    Route("/api/email/unsubscribe", ask, methods=["GET"]),
    Route("/api/email/unsubscribe", unsubscribe, methods=["POST"]),
]
