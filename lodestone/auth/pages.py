"""Signing in and out, making an account, and the second factor."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth import accounts, entering, service
from lodestone.auth.dependencies import COOKIE, MaybeUser
from lodestone.auth.entering import HOME, address_of, own_path
from lodestone.auth.mfa import service as mfa
from lodestone.auth.mfa.service import WrongCode
from lodestone.auth.models import Pending
from lodestone.auth.providers import service as providers
from lodestone.auth.recovery_codes import service as recovery_codes
from lodestone.platform import runtime
from lodestone.platform.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    LodestoneError,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from lodestone.platform.pages import redirect, render

STATE_COOKIE = "lodestone_google"

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def show_sign_in(
    request: Request,
    user: MaybeUser,
    next: str = HOME,  # noqa: A002
    mode: str = "sign-in",
    email: str = "",
) -> Response:
    if user is not None:
        return RedirectResponse(own_path(next), status_code=303)
    is_new = mode == "sign-up" and accounts.may_sign_up()
    return _form(request, target=next, is_new=is_new, email=email)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002
) -> Response:
    try:
        user_id = await service.check_password(
            email=email, password=password, address=address_of(request)
        )
    except service.EmailNotConfirmed:
        # The password was right, so this person may be told.
        context = {"email": email.strip(), "kind": "confirm", "next": own_path(next)}
        return render(request, "auth/sent.html", context, status=403)
    except (Unauthorized, Forbidden, RateLimited) as error:
        return _form(request, target=next, email=email, error=error)
    return await entering.enter(request, user_id=user_id, method="password", target=next)


@router.post("/sign-up")
async def sign_up(
    request: Request,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002
) -> Response:
    """Make an account; the page that follows is the same for an address that has one."""
    try:
        made = await accounts.sign_up(
            email=email,
            password=password,
            name=name,
            address=address_of(request),
            via=entering.via(next),
        )
    except (InvalidInput, Forbidden, RateLimited, Unavailable, Conflict) as error:
        return _form(request, target=next, is_new=True, email=email, name=name, error=error)
    if made.is_confirmation_needed or made.user_id is None:
        context = {"email": made.email, "kind": "sign-up", "next": own_path(next)}
        return render(request, "auth/sent.html", context)
    return await entering.enter(request, user_id=made.user_id, method="password", target=next)


@router.get("/sign-in/code")
async def show_code(request: Request, next: str = HOME) -> Response:  # noqa: A002
    pending = await _pending(request)
    if pending is None:
        return RedirectResponse("/sign-in", status_code=303)
    return _code_form(request, target=next)


@router.post("/sign-in/code")
async def give_code(
    request: Request,
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002
) -> Response:
    pending = await _pending(request)
    if pending is None:
        return redirect("/sign-in", toast="That took too long. Sign in again.", tone="warning")
    try:
        if recovery_codes.is_code_shaped(code):
            await recovery_codes.use_code(
                user_id=pending.user_id, session_id=pending.session_id, code=code
            )
            left = await recovery_codes.count_left(user_id=pending.user_id)
            toast = f"Recovery code used: {left} left"
            return redirect(own_path(next), toast=toast, tone="warning")
        await mfa.verify_any(user_id=pending.user_id, session_id=pending.session_id, code=code)
    except (WrongCode, RateLimited) as error:
        return _code_form(request, target=next, error=error)
    return redirect(own_path(next))


@router.get("/sign-in/google")
async def go_to_google(next: str = HOME) -> Response:  # noqa: A002
    if not providers.is_configured():
        return RedirectResponse("/sign-in", status_code=303)
    try:
        departure = await providers.begin(
            purpose=providers.Purpose.CONSOLE, redirect_to=own_path(next)
        )
    except Unavailable as error:
        return redirect("/sign-in", toast=error.message, tone="danger")
    response = RedirectResponse(departure.url, status_code=303)
    # Lax, for it comes back on a navigation from Google.
    response.set_cookie(
        STATE_COOKIE,
        departure.state,
        max_age=providers.FLOW_SECONDS,
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


async def _pending(request: Request) -> Pending | None:
    token = request.cookies.get(COOKIE)
    return await service.find_pending(token) if token else None


def _code_form(request: Request, *, target: str, error: LodestoneError | None = None) -> Response:
    message = None if error is None else error.message
    if isinstance(error, WrongCode):
        message = "This is not the code that the app shows now. Wait for the next one."
    context = {"next": own_path(target), "error": message}
    return render(
        request,
        "auth/code.html",
        context,
        status=error.status if error else 200,
        headers=_retry_headers(error),
    )


def _form(
    request: Request,
    *,
    target: str,
    is_new: bool = False,
    email: str = "",
    name: str = "",
    error: LodestoneError | None = None,
) -> Response:
    fields = error.fields if isinstance(error, InvalidInput) else {}
    context: dict[str, Any] = {
        "next": own_path(target),
        "is_new": is_new,
        "email": email,
        "name": name,
        "error": error.message if error and not fields else None,
        "errors": fields,
        "may_sign_up": accounts.may_sign_up(),
        "has_google": providers.is_configured(),
    }
    return render(
        request,
        "auth/sign_in.html",
        context,
        status=error.status if error else 200,
        headers=_retry_headers(error),
    )


def _retry_headers(error: LodestoneError | None) -> dict[str, str]:
    if isinstance(error, RateLimited):
        return {"retry-after": str(error.retry_after_seconds)}
    return {}
