"""Into the console: the session's cookie, and the second factor where there is one.

Every way in ends in `enter`: a password, a link from a mail, Google.
"""

import time
from urllib.parse import quote, urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth import service
from lodestone.auth.accounts import CONSOLE, Via
from lodestone.auth.dependencies import COOKIE
from lodestone.auth.users import queries as users
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.pages import redirect

HOME = "/app"
CODE_PAGE = "/sign-in/code"
_NOT_BACK_TO = ("//", "/\\", "/sign-", "/confirm", "/forgot-password", "/reset-password")


async def enter(
    request: Request, *, user_id: UUID, method: str, target: str = HOME, toast: str | None = None
) -> Response:
    """Open a session and lead on; one that owes a second factor leads to the page that asks.

    `method` is how the person proved who they are, as in `amr`. The browser's earlier session ends.
    """
    earlier = request.cookies.get(COOKIE)
    if earlier:
        await service.sign_out(earlier)
    async with runtime.acting_as(Root()) as tx:
        token = await service.open_session(
            tx,
            user_id=user_id,
            user_agent=request.headers.get("user-agent"),
            amr=[{"method": method, "timestamp": int(time.time())}],
        )
        await users.touch_sign_in(tx, user_id=user_id)
    goal = own_path(target)
    response: RedirectResponse
    if await service.find_pending(token) is not None:
        response = redirect(f"{CODE_PAGE}?next={quote(goal)}")
    else:
        response = redirect(goal, toast=toast)
    set_session_cookie(response, token)
    return response


def via(target: str) -> Via:
    """Return how a mailed link leads on: to the path, when it is one of ours and not the home."""
    goal = own_path(target)
    return Via(redirect_to=goal) if goal != HOME else CONSOLE


def set_session_cookie(response: Response, token: str) -> None:
    """Hand the browser its session's token, out of reach of scripts and other sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=service.LIFETIME_SECONDS,
        httponly=True,
        samesite="lax",
        secure=runtime.current().base_url.startswith("https://"),
        path="/",
    )


def own_path(target: str) -> str:
    """Return the path when it is one of ours, else the home page: no redirect leaves the site."""
    parts = urlsplit(target)
    is_path = target.startswith("/") and not parts.scheme and not parts.netloc
    if not is_path or target.startswith(_NOT_BACK_TO) or not target.isprintable():
        return HOME
    return target


def address_of(request: Request) -> str:
    """Return the network address that limits are counted for."""
    return request.client.host if request.client else ""
