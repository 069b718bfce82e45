"""The e-mail tab of a funnel: the welcome mails of its lead magnet."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx
from lodestone.domains.email.designs import fields
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows.people import service as people
from lodestone.domains.email.sequences import rules, service
from lodestone.domains.email.sequences.models import MOST_MAILS, WelcomeMail
from lodestone.domains.funnels import service as funnels
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import redirect, render

PATH = "/app/funnels/{funnel_page_id}/email"
KNOWN = {**fields.FALLBACKS, **fields.RESOURCE_FIELDS}
_FRAME_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "img-src https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups",
    "x-frame-options": "SAMEORIGIN",
}
_NO_MAGNET = "This funnel gives away no lead magnet, so there is nothing to write about."

router = APIRouter(include_in_schema=False)
funnels.add_tab(funnels.Tab("email", "E-mail", "/app/funnels/{id}/email", 70))


@router.get(PATH)
async def show_sequence(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _tab(request, tx, funnel_page_id)


async def _tab(
    request: Request,
    tx: Tx,
    funnel_page_id: UUID,
    *,
    mails: list[dict[str, Any]] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    shell = await funnels.get_shell(tx, funnel_page_id=funnel_page_id, tab="email")
    identity.enter_workspace(request, team_id=shell.page.team_id)
    magnet_id = shell.page.lead_magnet_id
    sequence = flow_id = None
    enrolled: dict[str, int] = {}
    stats: dict[int, dict[str, int]] = {}
    if magnet_id is not None:
        sequence = await service.find_sequence(tx, lead_magnet_id=magnet_id)
        flow_id = await people.find_active_flow(tx, lead_magnet_id=magnet_id)
    if sequence is not None:
        enrolled = await service.count_enrolments(tx, sequence_id=sequence.id)
        stats = await service.list_mail_stats(tx, sequence_id=sequence.id)
    if mails is None:
        mails = [mail.model_dump() for mail in sequence.emails] if sequence else []
    context = {
        "shell": shell,
        "missing": [],
        "sequence": sequence,
        "mails": mails,
        "gaps": rules.list_placeholders(sequence.emails) if sequence else [],
        "flow_id": flow_id,
        "has_magnet": magnet_id is not None,
        "enrolled": enrolled,
        "stats": stats,
        "fields": [(name, fields.LABELS[name]) for name in KNOWN],
        "errors": errors or {},
    }
    return render(request, "email/sequences/tab.html", context, status=422 if errors else 200)


async def _magnet_of(user: CurrentUser, funnel_page_id: UUID) -> UUID:
    """Return the magnet that a funnel gives away. Raises NotFound, or Conflict without one."""
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        page = await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
    if page.lead_magnet_id is None:
        raise Conflict(_NO_MAGNET)
    return page.lead_magnet_id


@router.post(f"{PATH}/generate")
async def write_sequence(user: CurrentUser, scope: CurrentScope, funnel_page_id: UUID) -> Response:
    magnet_id = await _magnet_of(user, funnel_page_id)
    is_of_model = await service.write_sequence(
        user_id=user.user_id,
        tenant_id=await _tenant_of(user),
        lead_magnet_id=magnet_id,
    )
    toast = (
        "Written. Read them before you switch them on"
        if is_of_model
        else "Written by the built-in template: no model is connected"
    )
    return redirect(_path(funnel_page_id), toast=toast)


async def _tenant_of(user: CurrentUser) -> UUID | None:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        return (await identity.get_workspace(tx, user_id=user.user_id)).tenant_id


@router.post(PATH)
async def save_mails(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    magnet_id = await _magnet_of(user, funnel_page_id)
    form = await read_form(request)
    given = _mails(form)
    try:
        emails = [_mail(number, mail) for number, mail in enumerate(given)]
        await service.save_mails(user_id=user.user_id, lead_magnet_id=magnet_id, emails=emails)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _tab(request, tx, funnel_page_id, mails=given, errors=refusal.fields)
    return redirect(_path(funnel_page_id), toast="Saved as a draft")


def _mails(form: dict[str, str]) -> list[dict[str, Any]]:
    """Return the mails of a form, in their order; those that are marked to go are left out."""
    return [
        {
            "day": form.get(f"day_{number}", ""),
            "subject": form.get(f"subject_{number}", ""),
            "body": form.get(f"body_{number}", ""),
            "reply_trigger": form.get(f"reply_{number}", ""),
        }
        for number in range(MOST_MAILS)
        if f"subject_{number}" in form and f"gone_{number}" not in form
    ]


def _mail(number: int, given: dict[str, Any]) -> WelcomeMail:
    """Read one mail. Raises InvalidInput whose fields carry its number."""
    try:
        return parse(WelcomeMail, given)
    except InvalidInput as refusal:
        fields_of_mail = {f"{name}_{number}": text for name, text in refusal.fields.items()}
        raise InvalidInput(refusal.message, fields=fields_of_mail) from refusal


@router.post(f"{PATH}/activate")
async def activate(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    magnet_id = await _magnet_of(user, funnel_page_id)
    try:
        await service.activate_sequence(user_id=user.user_id, lead_magnet_id=magnet_id)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await _tab(request, tx, funnel_page_id, errors=refusal.fields)
    return redirect(_path(funnel_page_id), toast="On: new opt-ins get these mails")


@router.post(f"{PATH}/deactivate")
async def deactivate(user: CurrentUser, funnel_page_id: UUID) -> Response:
    magnet_id = await _magnet_of(user, funnel_page_id)
    await service.deactivate_sequence(user_id=user.user_id, lead_magnet_id=magnet_id)
    path = _path(funnel_page_id)
    return redirect(path, toast="Off: nobody gets these mails", undo=f"{path}/activate")


@router.post(f"{PATH}/preview")
async def preview(
    request: Request, user: CurrentUser, scope: CurrentScope, funnel_page_id: UUID
) -> Response:
    form = await read_form(request)
    number = next((int(n[5:]) for n in form if n.startswith("show_") and n[5:].isdecimal()), 0)
    try:
        mail = _mail(
            number,
            {
                "day": 0,
                "subject": form.get(f"subject_{number}"),
                "body": form.get(f"body_{number}"),
            },
        )
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
            filled = await _filled(tx, scope, mail)
    except InvalidInput as refusal:
        context = {"sentences": list(refusal.fields.values()) or [refusal.message]}
        answer = render(request, "email/designs/no_preview.html", context, status=422)
        answer.headers.update(_FRAME_HEADERS)
        return answer
    return HTMLResponse(filled.html, headers=_FRAME_HEADERS)


async def _filled(tx: Tx, scope: Scope, mail: WelcomeMail) -> designs.Filled:
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    designs.check_fields({"subject": mail.subject, "body": mail.body}, with_resource=True)
    brand = await designs.find_brand(tx, team_id=scope.home_team_id)
    compiled = await designs.compile_design(
        tx,
        team_id=scope.home_team_id,
        letter=designs.Letter(subject=mail.subject, body=mail.body),
        brand=brand,
    )
    return compiled.fill(await designs.sample_values(tx, scope, brand, None))


def _path(funnel_page_id: UUID) -> str:
    return f"/app/funnels/{funnel_page_id}/email"
