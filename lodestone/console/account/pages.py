"""The signed-in person's profile, password and sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import service
from lodestone.auth.dependencies import CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.console.account import rules
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.pages import Entry, add_entry, redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/account")
add_entry(
    Entry(
        "Account", "/app/account", "user", "Settings",
        keywords="profile password sessions devices username sign out",
    )
)  # fmt: skip


@router.get("")
async def show_account(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post("")
async def save_profile(
    request: Request,
    user: CurrentUser,
    name: Annotated[str, Form()] = "",
    username: Annotated[str, Form()] = "",
) -> Response:
    try:
        # Its own transaction: a refused name has to leave it before the page is drawn.
        async with runtime.acting_as(user.actor) as tx:
            await service.rename_account(tx, user=user, name=name, username=username)
    except InvalidInput as error:
        values = {"name": name, "username": username}
        return await _page(request, user, errors=error.fields, values=values)
    return redirect("/app/account", toast="Profile saved")


@router.post("/password")
async def change_password(
    request: Request,
    user: CurrentUser,
    current_password: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    try:
        await service.change_password(user, current=current_password, new=password)
    except InvalidInput as error:
        return await _page(request, user, errors=error.fields)
    return redirect("/app/account", toast="Password changed. Other sessions were signed out.")


@router.post("/sessions/{session_id}/end")
async def end_session(user: CurrentUser, session_id: UUID) -> Response:
    await service.end_session(user, session_id=session_id)
    return redirect("/app/account", toast="Signed out there")


@router.post("/sessions/end-others")
async def end_other_sessions(user: CurrentUser) -> Response:
    await service.end_other_sessions(user)
    return redirect("/app/account", toast="Signed out everywhere else")


async def _page(
    request: Request,
    user: SignedIn,
    *,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    context: dict[str, Any] = {
        "user": user,
        "errors": errors or {},
        "values": values or {"name": user.name, "username": user.username},
        "host": runtime.current().base_url.partition("://")[2],
        "sessions": [
            (session, rules.describe_browser(session.user_agent))
            for session in await service.list_sessions(user)
        ],
    }
    return render(request, "account.html", context, status=422 if errors else 200)
