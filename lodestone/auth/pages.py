"""Signing in and out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth import service
from lodestone.auth.dependencies import COOKIE, MaybeUser
from lodestone.platform import runtime
from lodestone.platform.errors import LodestoneError, RateLimited, Unauthorized
from lodestone.platform.pages import redirect, render

HOME = "/app"

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def show_sign_in(request: Request, user: MaybeUser, next: str = HOME) -> Response:  # noqa: A002
    if user is not None:
        return RedirectResponse(own_path(next), status_code=303)
    return render(request, "auth/sign_in.html", _context(next))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002
) -> Response:
    try:
        token = await service.sign_in(
            email=email,
            password=password,
            address=request.client.host if request.client else "",
            user_agent=request.headers.get("user-agent"),
        )
    except (Unauthorized, RateLimited) as error:
        return _refused(request, error, next, email)
    earlier = request.cookies.get(COOKIE)
    if earlier:
        await service.sign_out(earlier)
    response = redirect(own_path(next))
    response.set_cookie(
        COOKIE,
        token,
        max_age=service.LIFETIME_SECONDS,
        httponly=True,
        samesite="lax",
        secure=runtime.current().base_url.startswith("https://"),
        path="/",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    token = request.cookies.get(COOKIE)
    if token:
        await service.sign_out(token)
    response = redirect("/sign-in")
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache"'
    return response


def own_path(target: str) -> str:
    """Return the path when it is one of ours, else the home page: no redirect leaves the site."""
    parts = urlsplit(target)
    is_path = target.startswith("/") and not parts.scheme and not parts.netloc
    if not is_path or target.startswith(("//", "/\\", "/sign-")) or not target.isprintable():
        return HOME
    return target


def _refused(request: Request, error: LodestoneError, target: str, email: str) -> Response:
    headers = {}
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(error.retry_after_seconds)
    context = _context(target) | {"email": email, "error": error.message}
    return render(request, "auth/sign_in.html", context, status=error.status, headers=headers)


def _context(target: str) -> dict[str, str | None]:
    return {"next": own_path(target), "email": "", "error": None}
