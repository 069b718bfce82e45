"""The mails of a flow: written, tried, put in order."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.domains.email import service as email
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows import service, writing
from lodestone.domains.email.flows.models import StepDraft
from lodestone.domains.email.flows.pages import CONDITION_ROWS, PATH, render_editor
from lodestone.domains.email.sending.jobs import SendMessage, send_message
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False)
FRAME_HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "img-src https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups",
    "x-frame-options": "SAMEORIGIN",
}


@router.post(f"{PATH}/{{flow_id}}/generate")
async def write_steps(
    user: CurrentUser,
    scope: CurrentScope,
    flow_id: UUID,
    count: Annotated[int, Form(ge=1, le=writing.MOST)] = writing.USUAL,
) -> Response:
    actor, team_id, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        brief = await service.brief_series(tx, scope=scope, flow_id=flow_id, count=count)
    outcome = await writing.write_series(
        brief, user_id=user.user_id, team_id=team_id, tenant_id=tenant_id
    )
    async with runtime.acting_as(actor) as tx:
        await service.replace_steps(tx, scope=scope, flow_id=flow_id, written=outcome.value.steps)
    by_template = "Written by the built-in template: no model is connected"
    toast = by_template if outcome.model == "offline" else "Written. Read them before you start"
    return redirect(f"{PATH}/{flow_id}", toast=toast)


def _step(form: dict[str, str]) -> StepDraft:
    """Read a step of its form: conditions come in rows, of which blank ones are left out."""
    conditions = []
    for row in range(CONDITION_ROWS):
        fact, _, event = form.get(f"fact_{row}", "").partition(":")
        if fact:
            conditions.append(
                {
                    "fact": fact,
                    "value": event or form.get(f"value_{row}", ""),
                    "is_true": form.get(f"is_true_{row}", "true") == "true",
                }
            )
    names = ("subject", "preheader", "body", "delay_days", "wait_otherwise")
    given: dict[str, Any] = {name: form[name] for name in names if name in form}
    for name in ("design_id", "wait_for"):
        given[name] = form.get(name) or None
    return parse(StepDraft, {**given, "only_if": conditions})


@router.post(f"{PATH}/{{flow_id}}/steps")
async def add_step(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    form = await read_form(request)
    actor = (await subscribers.acting_for(scope))[0]
    try:
        given = _step(form)
        async with runtime.acting_as(actor) as tx:
            step_id = await service.add_step(tx, scope=scope, flow_id=flow_id, given=given)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await render_editor(
                request,
                tx,
                scope,
                flow_id,
                errors=refusal.fields,
                open_step="new",
                values=form,
            )
    return redirect(f"{PATH}/{flow_id}?step={step_id}#step-{step_id}", toast="Added")


@router.post(f"{PATH}/{{flow_id}}/steps/preview")
async def preview_step(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID
) -> Response:
    form = await read_form(request)
    try:
        given = _step(form)
        reader = _reader(form.get("subscriber_id"))
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            filled = await service.preview_step(
                tx,
                scope=scope,
                flow_id=flow_id,
                given=given,
                subscriber_id=reader,
            )
    except InvalidInput as refusal:
        context = {"sentences": list(refusal.fields.values()) or [refusal.message]}
        answer = render(request, "email/designs/no_preview.html", context, status=422)
        answer.headers.update(FRAME_HEADERS)
        return answer
    return HTMLResponse(filled.html, headers=FRAME_HEADERS)


def _reader(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        sentence = "Choose a reader of the list."
        raise InvalidInput(sentence, fields={"subscriber_id": sentence}) from None


@router.post(f"{PATH}/{{flow_id}}/steps/{{step_id}}")
async def change_step(
    request: Request, user: CurrentUser, scope: CurrentScope, flow_id: UUID, step_id: UUID
) -> Response:
    form = await read_form(request)
    actor = (await subscribers.acting_for(scope))[0]
    try:
        given = _step(form)
        async with runtime.acting_as(actor) as tx:
            await service.change_step(
                tx, scope=scope, flow_id=flow_id, step_id=step_id, given=given
            )
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            return await render_editor(
                request,
                tx,
                scope,
                flow_id,
                errors=refusal.fields,
                open_step=str(step_id),
                values=form,
            )
    return redirect(f"{PATH}/{flow_id}#step-{step_id}", toast="Saved")


@router.post(f"{PATH}/{{flow_id}}/steps/{{step_id}}/move")
async def move_step(
    _: CurrentUser, scope: CurrentScope, flow_id: UUID, step_id: UUID, to: Annotated[int, Form()]
) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        await service.move_step(tx, scope=scope, flow_id=flow_id, step_id=step_id, to=to)
    return redirect(f"{PATH}/{flow_id}#step-{step_id}", toast="Moved")


@router.post(f"{PATH}/{{flow_id}}/steps/{{step_id}}/delete")
async def remove_step(
    _: CurrentUser, scope: CurrentScope, flow_id: UUID, step_id: UUID
) -> Response:
    actor = (await subscribers.acting_for(scope))[0]
    async with runtime.acting_as(actor) as tx:
        await service.remove_step(tx, scope=scope, flow_id=flow_id, step_id=step_id)
    return redirect(f"{PATH}/{flow_id}", toast="Deleted")


@router.post(f"{PATH}/{{flow_id}}/steps/{{step_id}}/test")
async def send_test(
    user: CurrentUser, scope: CurrentScope, flow_id: UUID, step_id: UUID
) -> Response:
    """Mail a saved step to whoever asks."""
    actor, team_id, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        step = await service.get_step(tx, scope=scope, flow_id=flow_id, step_id=step_id)
        filled = await service.preview_step(
            tx, scope=scope, flow_id=flow_id, given=step, subscriber_id=None
        )
    message = designs.test_message(
        filled, recipient=user.email, team_id=team_id, tenant_id=tenant_id, user_id=user.user_id
    )
    async with runtime.acting_as(actor) as tx:
        message_id = await email.queue_message(tx, message=message)
        await send_message.enqueue(tx, SendMessage(message_id, user.user_id))
    return redirect(f"{PATH}/{flow_id}#step-{step_id}", toast=f"Sent to {user.email}")
