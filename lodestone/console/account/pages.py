"""The signed-in person's profile: name, picture, public name, e-mail, and their new funnels."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import AccountHolder, CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.auth.profiles import service
from lodestone.auth.profiles.models import FunnelDefaultsUpdate
from lodestone.auth.service import rename_account
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_body, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

ACCOUNT = "/app/account"
DEFAULTS = f"{ACCOUNT}/funnels"
_MOST_UPLOAD_BYTES = 2 * service.MOST_AVATAR_BYTES

router = APIRouter(include_in_schema=False, prefix=ACCOUNT)
add_entry(
    Entry(
        "Account", ACCOUNT, "user", "Settings", order=10,
        keywords="profile name picture avatar e-mail username public name",
    )
)  # fmt: skip
add_entry(
    Entry("Change the look of new funnels", DEFAULTS, "page", is_action=True, keywords="defaults")
)


@router.get("")
async def show_account(request: Request, user: CurrentUser) -> Response:
    return await _page(request, user)


@router.post("")
async def save_profile(
    request: Request,
    user: AccountHolder,
    name: Annotated[str, Form()] = "",
    username: Annotated[str, Form()] = "",
) -> Response:
    try:
        # Its own transaction: a refused name has to leave it before the page is drawn.
        async with runtime.acting_as(user.actor) as tx:
            await rename_account(tx, user=user, name=name, username=username)
    except InvalidInput as error:
        values = {"name": name, "username": username}
        return await _page(request, user, errors=error.fields, values=values)
    return redirect(ACCOUNT, toast="Profile saved")


@router.get("/username")
async def check_username(user: AccountHolder, name: str = "") -> Response:
    """Answer whether a public name is free, while it is typed."""
    found = await service.check_username(user, username=name)
    return JSONResponse(found.model_dump(mode="json"), headers={"cache-control": "no-store"})


@router.post("/former-names/{username}/release")
async def release_former_name(user: AccountHolder, tx: UserTx, username: str) -> Response:
    await service.release_former_name(tx, user=user, username=username)
    return redirect(ACCOUNT, toast=f"{username} is free again")


@router.post("/avatar")
async def save_avatar(request: Request, user: AccountHolder) -> Response:
    await read_body(request, most_bytes=_MOST_UPLOAD_BYTES)
    async with request.form(max_files=1, max_fields=5) as form:
        given = form.get("avatar")
        body = b"" if given is None or isinstance(given, str) else await given.read()
    try:
        await service.keep_avatar(user, body=body)
    except InvalidInput as error:
        return await _page(request, user, errors=error.fields)
    return redirect(ACCOUNT, toast="Picture saved")


@router.post("/avatar/remove")
async def remove_avatar(user: AccountHolder) -> Response:
    await service.remove_avatar(user)
    return redirect(ACCOUNT, toast="Picture removed")


@router.post("/email")
async def change_email(
    request: Request,
    user: AccountHolder,
    email: Annotated[str, Form()] = "",
    current_password: Annotated[str, Form()] = "",
) -> Response:
    try:
        await service.request_email_change(
            user,
            email=email,
            password=current_password,
            address=request.client.host if request.client else "",
        )
    except InvalidInput as error:
        return await _page(request, user, errors=error.fields, values={"email": email})
    toast = f"Open the link that we sent to {email.strip()}"
    return redirect(ACCOUNT, toast=toast, tone="info")


@router.get("/funnels")
async def show_defaults(request: Request, user: CurrentUser, tx: OneTx) -> Response:
    defaults = await service.get_funnel_defaults(tx, user_id=user.user_id)
    context = {"values": defaults.model_dump(), "errors": {}, "user": user}
    return render(request, "account_funnels.html", context)


@router.post("/funnels")
async def save_defaults(request: Request, user: AccountHolder) -> Response:
    form = await read_form(request)
    try:
        given = parse(FunnelDefaultsUpdate, {key: value or None for key, value in form.items()})
    except InvalidInput as error:
        context = {"values": _shown(form), "errors": error.fields, "user": user}
        return render(request, "account_funnels.html", context, status=422)
    async with runtime.acting_as(user.actor) as tx:
        await service.revise_funnel_defaults(tx, user=user, given=given)
    return redirect(DEFAULTS, toast="New funnels start like this")


def _shown(form: dict[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in FunnelDefaultsUpdate.model_fields}


async def _page(
    request: Request,
    user: SignedIn,
    *,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    profile = await service.get_profile(user)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        former = await service.list_former_names(tx, user=user)
        billing = await identity.get_summary(tx, user_id=user.user_id)
    shown = {"name": profile.name, "username": profile.username, "email": ""}
    context: dict[str, Any] = {
        "user": user,
        "profile": profile,
        "billing": billing,
        "former": [(one, quote(one.username, safe="")) for one in former],
        "errors": errors or {},
        "values": shown | (values or {}),
        "host": runtime.current().base_url.partition("://")[2],
    }
    return render(request, "account.html", context, status=422 if errors else 200)
