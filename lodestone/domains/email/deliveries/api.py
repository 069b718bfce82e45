"""What links and pictures in mails ask for. Opening either counts; nothing else changes by it."""

import base64

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.email.deliveries import service

_PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}


async def follow(request: Request) -> Response:
    """Lead to the goal of a link; a look without opening (HEAD) does not count."""
    link_token = request.path_params["link"]
    token = "" if request.method == "HEAD" else request.path_params["mail"]
    goal = await service.count_click(token=token, link_token=link_token)
    return RedirectResponse(goal, status_code=302, headers=_HEADERS)


async def show_picture(request: Request) -> Response:
    """Answer the picture of a mail."""
    if request.method == "GET":
        await service.count_open(token=request.path_params["mail"])
    return Response(_PICTURE, media_type="image/gif", headers=_HEADERS)


routes: list[BaseRoute] = [
    Route("/e/c/{mail}/{link}", follow, methods=["GET"]),
    Route("/e/o/{mail}.gif", show_picture, methods=["GET"]),
]
