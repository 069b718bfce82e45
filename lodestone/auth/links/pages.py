"""Forgotten passwords, and links that confirm an address or sign somebody in.

A link shows a page with a button: mail servers open links to look at them, and must not use them.
"""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import accounts, entering
from lodestone.auth.dependencies import MaybeUser
from lodestone.auth.entering import HOME, address_of, own_path
from lodestone.auth.one_time.models import Kind
from lodestone.auth.one_time.service import LinkUsedOrExpired
from lodestone.auth.service import AccountBarred
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError, RateLimited
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False)
Next = Annotated[str, Form(alias="next")]
"""The path that a mailed link leads on to: where somebody wanted to go before they signed in."""
_CONFIRMED = {
    Kind.SIGNUP: "Welcome. Your address is confirmed",
    Kind.INVITE: "Welcome. Choose a password under Account, Security",
    Kind.MAGICLINK: None,
}


@router.get("/forgot-password")
async def show_forgot(request: Request, email: str = "", next: str = HOME) -> Response:  # noqa: A002
    context = {"email": email, "error": None, "next": own_path(next)}
    return render(request, "auth/forgot.html", context)


@router.post("/forgot-password")
async def ask_for_recovery(
    request: Request, email: Annotated[str, Form()] = "", goal: Next = HOME
) -> Response:
    """Mail a link; the answer is the same whether or not there is an account."""
    try:
        await accounts.request_recovery(
            email=email, address=address_of(request), via=entering.via(goal)
        )
    except (InvalidInput, RateLimited) as error:
        context = {"email": email, "error": error.message, "next": own_path(goal)}
        return render(request, "auth/forgot.html", context, status=error.status)
    context = {"email": email.strip(), "kind": "recovery", "next": own_path(goal)}
    return render(request, "auth/sent.html", context)


@router.get("/reset-password")
async def show_reset(request: Request, token: str = "", next: str = HOME) -> Response:  # noqa: A002
    if await accounts.find_link(token=token, kind=Kind.RECOVERY) is None:
        return _over(request, Kind.RECOVERY)
    context = {"token": token, "errors": {}, "next": own_path(next)}
    return render(request, "auth/reset.html", context)


@router.post("/reset-password")
async def reset_password(
    request: Request,
    token: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    goal: Next = HOME,
) -> Response:
    try:
        user_id = await accounts.reset_password(
            token=token, new=password, address=address_of(request)
        )
    except (LinkUsedOrExpired, AccountBarred):
        return _over(request, Kind.RECOVERY)
    except InvalidInput as error:
        return _reset_again(request, token, goal, error.fields, error.status)
    except (Conflict, RateLimited) as error:
        sentence = error.message
        if error.code == "same_password":
            sentence = "This is the password that you have. Choose another, or sign in with it."
        return _reset_again(request, token, goal, {"password": sentence}, error.status)
    return await entering.enter(
        request, user_id=user_id, method="recovery", target=goal, toast="Your new password is set"
    )


@router.get("/confirm")
async def show_confirm(
    request: Request,
    token: str = "",
    type: str = "",  # noqa: A002
    next: str = HOME,  # noqa: A002
) -> Response:
    kind = _kind(type)
    link = await accounts.find_link(token=token, kind=kind) if kind else None
    if link is None:
        return _over(request, kind)
    return _confirm_form(request, token, link.kind, goal=next, has_password=link.has_password)


@router.post("/confirm")
async def confirm(
    request: Request,
    *,
    user: MaybeUser,
    token: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    choice: Annotated[str, Form()] = "",
    goal: Next = HOME,
) -> Response:
    known = _kind(kind)
    if known is None:
        return _over(request, known)
    try:
        if known is Kind.SIGNUP:
            proof = await accounts.confirm_sign_up(
                token=token,
                password=password,
                is_new=choice == "new",
                address=address_of(request),
            )
        else:
            proof = await accounts.verify_one_time(
                kinds=(known,), address=address_of(request), token=token
            )
    except InvalidInput as error:
        return _confirm_form(request, token, known, goal=goal, has_password=True, error=error)
    except (LinkUsedOrExpired, AccountBarred):
        return _over(request, known)
    except (Conflict, RateLimited) as error:
        context = {"title": "That did not work", "message": error.message}
        return render(request, "auth/over.html", {**context, "kind": kind}, status=error.status)
    if proof.kind is Kind.EMAIL_CHANGE:
        return _changed(request, user is not None, proof.email)
    return await entering.enter(
        request,
        user_id=proof.user_id,
        method="otp",
        target=goal,
        toast=_CONFIRMED[proof.kind],
    )


@router.post("/confirm/resend")
async def resend(
    request: Request, email: Annotated[str, Form()] = "", goal: Next = HOME
) -> Response:
    """Mail the confirmation again; the answer is the same whoever asks."""
    try:
        await accounts.resend(
            email=email, kind=Kind.SIGNUP, address=address_of(request), via=entering.via(goal)
        )
    except (InvalidInput, RateLimited) as error:
        return _sent(request, email, goal, error=error)
    return _sent(request, email, goal)


def _confirm_form(
    request: Request,
    token: str,
    kind: Kind,
    *,
    goal: str,
    has_password: bool,
    error: InvalidInput | None = None,
) -> Response:
    context = {
        "token": token,
        "kind": kind.value,
        "next": own_path(goal),
        "has_password": has_password,
        "error": error.fields.get("password", error.message) if error else None,
        "may_replace": error is not None,
    }
    return render(request, "auth/confirm.html", context, status=error.status if error else 200)


def _sent(
    request: Request, email: str, goal: str, *, error: LodestoneError | None = None
) -> Response:
    context: dict[str, Any] = {"email": email.strip(), "kind": "again", "next": own_path(goal)}
    if error is None:
        return render(request, "auth/sent.html", context)
    headers = {}
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(error.retry_after_seconds)
    context = {"title": "A moment, please", "message": error.message, "kind": "again"}
    return render(request, "auth/over.html", context, status=error.status, headers=headers)


def _changed(request: Request, is_signed_in: bool, email: str) -> Response:
    if is_signed_in:
        return redirect("/app/account", toast=f"Your address is {email} now")
    return redirect(f"/sign-in?email={quote(email)}", toast="Your new address is confirmed")


def _reset_again(
    request: Request, token: str, goal: str, errors: dict[str, str], status: int
) -> Response:
    context = {"token": token, "errors": errors, "next": own_path(goal)}
    return render(request, "auth/reset.html", context, status=status)


def _over(request: Request, kind: Kind | None) -> Response:
    context = {
        "title": "This link is over",
        "message": "It was used already, or its time has passed. Each link works once.",
        "kind": kind.value if kind else "",
    }
    return render(request, "auth/over.html", context, status=410)


def _kind(text: str) -> Kind | None:
    known = (Kind.SIGNUP, Kind.INVITE, Kind.MAGICLINK, Kind.EMAIL_CHANGE)
    return next((kind for kind in known if kind == text), None)
