"""Password, second factor with its recovery codes, and the sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import accounts, service
from lodestone.auth.dependencies import AccountHolder, CurrentUser
from lodestone.auth.mfa import service as mfa
from lodestone.auth.mfa.models import Enrolled
from lodestone.auth.mfa.service import WrongCode
from lodestone.auth.models import SignedIn
from lodestone.auth.profiles import service as profiles
from lodestone.auth.recovery_codes import service as recovery_codes
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.console.account import rules
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import InvalidInput, NotFound, RateLimited
from lodestone.platform.pages import Entry, add_entry, redirect, render

SECURITY = "/app/account/security"
_PROVED = "aal2"
"""Whoever has a second factor gave it to get this far: without it a session opens no page."""

router = APIRouter(include_in_schema=False, prefix=SECURITY)
add_entry(
    Entry(
        "Password and second factor", SECURITY, "lock", is_action=True,
        keywords="security two-factor totp authenticator sessions devices sign out recovery codes",
    )
)  # fmt: skip


@router.get("")
async def show_security(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post("/password")
async def change_password(
    request: Request,
    user: AccountHolder,
    current_password: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    try:
        await profiles.change_password(user, current=current_password, new=password)
    except InvalidInput as error:
        return await _page(request, user, errors=error.fields)
    except RateLimited as error:
        fields = {"current_password": error.message}
        return await _page(request, user, errors=fields, status=error.status)
    return redirect(SECURITY, toast="Password changed. Other sessions were signed out.")


@router.post("/factors")
async def set_up_factor(
    request: Request,
    user: AccountHolder,
    own_password: Annotated[str, Form()] = "",
    friendly_name: Annotated[str, Form()] = "",
) -> Response:
    """Show the secret of a new factor, once: it counts after its first code."""
    try:
        await profiles.confirm_password(user, password=own_password)
    except InvalidInput as error:
        fields = {"own_password": error.fields["current_password"]}
        return await _page(request, user, errors=fields)
    enrolled = await mfa.enroll(
        account=await _account(user), aal=_PROVED, friendly_name=friendly_name
    )
    return _setup(request, user, enrolled.id, enrolled=enrolled)


@router.post("/factors/{factor_id}/confirm")
async def confirm_factor(
    request: Request, user: AccountHolder, factor_id: UUID, code: Annotated[str, Form()] = ""
) -> Response:
    """Take the first code of a factor, and show recovery codes when it is the first factor."""
    is_first = not (await _account(user)).has_second_factor
    try:
        await mfa.verify(
            user_id=user.user_id, session_id=user.session_id, factor_id=factor_id, code=code
        )
    except WrongCode:
        sentence = "This is not the code that the app shows now. Try the next one."
        return _setup(request, user, factor_id, error=sentence)
    except RateLimited as error:
        return _setup(request, user, factor_id, error=error.message, status=error.status)
    if not is_first:
        return redirect(SECURITY, toast="Authenticator app added")
    return await _show_codes(request, user, is_new=True)


@router.post("/factors/{factor_id}/remove")
async def remove_factor(
    request: Request,
    user: AccountHolder,
    factor_id: UUID,
    current_password: Annotated[str, Form()] = "",
) -> Response:
    try:
        await profiles.confirm_password(user, password=current_password)
    except InvalidInput as error:
        fields = {f"remove_{factor_id}": error.fields["current_password"]}
        return await _page(request, user, errors=fields)
    await mfa.unenroll(account=await _account(user), aal=_PROVED, factor_id=factor_id)
    if not (await _account(user)).has_second_factor:
        await recovery_codes.forget_codes(user_id=user.user_id)
        return redirect(SECURITY, toast="Two-factor sign-in is off", tone="warning")
    return redirect(SECURITY, toast="Authenticator app removed")


@router.post("/recovery-codes")
async def renew_codes(request: Request, user: AccountHolder) -> Response:
    """Make new recovery codes and show them, once; the earlier ones end."""
    if not (await _account(user)).has_second_factor:
        raise NotFound("Set up an authenticator app first.")
    return await _show_codes(request, user, is_new=False)


@router.post("/sessions/{session_id}/end")
async def end_session(user: AccountHolder, session_id: UUID) -> Response:
    await service.end_session(user, session_id=session_id)
    return redirect(SECURITY, toast="Signed out there")


@router.post("/sessions/end-others")
async def end_other_sessions(user: AccountHolder) -> Response:
    await service.end_other_sessions(user)
    return redirect(SECURITY, toast="Signed out everywhere else")


@router.post("/set-password")
async def mail_password_link(request: Request, user: AccountHolder) -> Response:
    """Mail the link with which an account that came by Google chooses a password."""
    address = request.client.host if request.client else ""
    await accounts.request_recovery(email=user.email, address=address)
    return redirect(SECURITY, toast=f"We sent a link to {user.email}", tone="info")


async def _account(user: SignedIn) -> Account:
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return await users.get_account(tx, user_id=user.user_id)


def _setup(
    request: Request,
    user: SignedIn,
    factor_id: UUID,
    *,
    enrolled: Enrolled | None = None,
    error: str | None = None,
    status: int = 422,
) -> Response:
    context = {"user": user, "factor_id": factor_id, "enrolled": enrolled, "error": error}
    return render(request, "account_factor.html", context, status=status if error else 200)


async def _show_codes(request: Request, user: SignedIn, *, is_new: bool) -> Response:
    codes = await recovery_codes.make_codes(user_id=user.user_id)
    context = {"user": user, "codes": codes, "is_new": is_new}
    return render(request, "account_codes.html", context)


async def _page(
    request: Request,
    user: SignedIn,
    *,
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    account = await _account(user)
    context: dict[str, Any] = {
        "user": user,
        "errors": errors or {},
        "has_password": account.password_hash is not None,
        "factors": [factor for factor in account.factors if factor["status"] == "verified"],
        "codes_left": await recovery_codes.count_left(user_id=user.user_id),
        "identities": account.identities,
        "sessions": [
            (session, rules.describe_browser(session.user_agent))
            for session in await service.list_sessions(user)
        ],
    }
    return render(request, "account_security.html", context, status=status if errors else 200)
