"""The settings of mail."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.domains.email.sending import setup
from lodestone.domains.email.sending.setup import SendingSettings
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput, Unavailable
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/email/settings"
_SWITCHES = ("is_active", "append_ps_to_flows", "is_warming_up", "tracks_opens", "tracks_clicks")
_ZONES = (
    *("America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York"),
    *("America/Sao_Paulo", "UTC", "Europe/London", "Europe/Berlin", "Europe/Athens"),
    *("Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo"),
    *("Australia/Sydney", "Pacific/Auckland"),
)

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Mail settings",
        PATH,
        "settings",
        "Email",
        order=90,
        keywords="sender domain resend key warm-up frequency tracking postal address",
    )
)


@router.get("")
async def show_settings(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    return await _page(request, user.actor, scope)


@router.post("")
async def save_settings(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    form = await read_form(request)
    given = {**dict.fromkeys(_SWITCHES, "false"), **form}
    try:
        parsed = parse(SendingSettings, given)
        if given["is_active"] == "true" and not parsed.is_active:
            raise InvalidInput(
                "There is no sender yet.",
                fields={"from_email": "Give an address before you switch sending on."},
            )
        await setup.save_settings(scope=scope, given=parsed)
    except InvalidInput as refusal:
        return await _page(request, user.actor, scope, errors=refusal.fields, values=form)
    is_double = form.get("double_opt_in") == "true"
    await subscribers.set_double_opt_in(scope=scope, double_opt_in=is_double)
    return redirect(PATH, toast="Saved")


@router.post("/key")
async def connect_key(
    request: Request, user: CurrentUser, scope: CurrentScope, key: Annotated[str, Form()] = ""
) -> Response:
    try:
        await setup.connect_key(scope=scope, key=key)
    except InvalidInput as refusal:
        return await _page(request, user.actor, scope, errors=refusal.fields)
    except Unavailable as silence:
        return await _page(request, user.actor, scope, errors={"key": silence.message})
    return redirect(PATH, toast="Your Resend account carries your mail from now on")


@router.post("/key/remove")
async def disconnect_key(_: CurrentUser, scope: CurrentScope) -> Response:
    await setup.disconnect_key(scope=scope)
    return redirect(PATH, toast="Disconnected")


@router.post("/webhook")
async def keep_signing_secret(
    request: Request, user: CurrentUser, scope: CurrentScope, secret: Annotated[str, Form()] = ""
) -> Response:
    try:
        await setup.keep_signing_secret(scope=scope, secret=secret)
    except InvalidInput as refusal:
        return await _page(request, user.actor, scope, errors=refusal.fields)
    return redirect(PATH, toast="Reports of your account are taken from now on")


@router.post("/domain")
async def add_domain(
    request: Request, user: CurrentUser, scope: CurrentScope, domain: Annotated[str, Form()] = ""
) -> Response:
    try:
        await setup.add_domain(scope=scope, name=domain)
    except InvalidInput as refusal:
        return await _page(request, user.actor, scope, errors=refusal.fields)
    return redirect(PATH, toast="Set the records, then check")


@router.post("/domain/check")
async def check_domain(_: CurrentUser, scope: CurrentScope) -> Response:
    status = await setup.check_domain(scope=scope)
    words = {
        "verified": "Verified: mail may come from this domain",
        "failed": "The records are not right yet",
    }
    return redirect(PATH, toast=words.get(status, "Not seen yet. Records take up to a day."))


@router.post("/domain/remove")
async def remove_domain(_: CurrentUser, scope: CurrentScope) -> Response:
    await setup.remove_domain(scope=scope)
    return redirect(PATH, toast="Removed")


async def _page(
    request: Request,
    actor: Any,
    scope: Scope,
    *,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    found = await setup.read_setup(scope)
    async with runtime.reading_as(actor) as tx:
        is_double = await subscribers.is_double_opt_in(tx, scope=scope)
    shown: dict[str, Any] = {**found.settings.model_dump(), "double_opt_in": is_double}
    if shown["from_email"] == setup.PLACEHOLDER:
        shown["from_email"] = ""
    if values is not None:
        shown.update({name: values.get(name, "") for name in shown if name not in _SWITCHES})
        shown.update({name: name in values for name in (*_SWITCHES, "double_opt_in")})
    zones = sorted({*_ZONES, found.settings.timezone})
    context = {
        "setup": found,
        "values": shown,
        "zones": [(zone, zone.replace("_", " ")) for zone in zones],
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return render(request, "email/sending/settings.html", context, status=status)
