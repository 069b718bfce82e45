"""`/r/{id}`: the redirect that counts a click, and sends on.

A bare Starlette route, as all that strangers ask.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.lead_magnets.external_resources import service
from lodestone.platform.errors import NotFound

ADDRESS = "/r/{resource_id}"


async def follow_link(request: Request) -> Response:
    """Send on to where a published link leads; `library` says in which one it was clicked."""
    resource_id = _read_id(request.path_params["resource_id"])
    if resource_id is None:
        raise NotFound("There is no such link.")
    # A look at the address alone is no click.
    is_click = request.method == "GET"
    url = await service.follow_link(
        resource_id=resource_id,
        library_id=_read_id(request.query_params.get("library", "")),
        address=request.client.host if request.client else "unknown",
        user_agent=request.headers.get("user-agent") if is_click else None,
    )
    headers = {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
    }
    return RedirectResponse(url, status_code=302, headers=headers)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes: list[BaseRoute] = [Route(ADDRESS, follow_link, methods=["GET"])]
