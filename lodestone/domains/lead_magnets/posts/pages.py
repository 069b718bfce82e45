"""The posts of a magnet, and the quick way to a page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.background_jobs import service as background
from lodestone.domains.lead_magnets.background_jobs.service import writer_for
from lodestone.domains.lead_magnets.posts import jobs, service
from lodestone.domains.lead_magnets.posts.models import PromotionUpdate
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/lead-magnets/{lead_magnet_id}/posts")


@router.get("")
async def show_posts(
    request: Request,
    user: CurrentUser,
    tx: OneTx,
    lead_magnet_id: UUID,
    writing: UUID | None = None,
) -> Response:
    return await _page(request, user.user_id, tx, lead_magnet_id, writing=writing)


async def _page(
    request: Request,
    user_id: UUID,
    tx: OneTx,
    lead_magnet_id: UUID,
    *,
    writing: UUID | None = None,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    promotion = await service.get_promotion(tx, lead_magnet_id=lead_magnet_id)
    identity.enter_workspace(request, team_id=promotion.team_id)
    job = await background.follow(user_id, job_id=writing) if writing else None
    chosen = promotion.chosen or ""
    values = {
        "post": chosen,
        "dm_template": promotion.dm_template or "",
        "cta_word": promotion.cta_word or "",
        **(form or {}),
    }
    context = {
        "promotion": promotion,
        "values": values,
        "errors": errors or {},
        "job": job,
        "chosen_index": next(
            (i for i, each in enumerate(promotion.variations) if each.post == chosen), None
        ),
    }
    return render(request, "lead_magnets/posts/show.html", context, status=422 if errors else 200)


@router.post("")
async def save_post(request: Request, user: CurrentUser, lead_magnet_id: UUID) -> Response:
    form = await read_form(request)
    given = {key: value for key, value in form.items() if key in PromotionUpdate.model_fields}
    try:
        update = parse(PromotionUpdate, {key: value for key, value in given.items() if value})
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _page(
                request, user.user_id, tx, lead_magnet_id, form=given, errors=refusal.fields
            )
    async with runtime.acting_as(user.actor) as tx:
        await service.revise_promotion(tx, lead_magnet_id=lead_magnet_id, given=update)
    return redirect(f"/app/lead-magnets/{lead_magnet_id}/posts", toast="Saved")


@router.post("/write")
async def write_posts(user: CurrentUser, lead_magnet_id: UUID) -> Response:
    async with runtime.acting_as(writer_for(user.user_id)) as tx:
        job = await jobs.begin(tx, lead_magnet_id=lead_magnet_id, user_id=user.user_id)
    return redirect(f"/app/lead-magnets/{lead_magnet_id}/posts?writing={job.id}")


@router.post("/choose")
async def choose_post(
    _: CurrentUser, tx: UserTx, lead_magnet_id: UUID, index: Annotated[int, Form()]
) -> Response:
    await service.choose_post(tx, lead_magnet_id=lead_magnet_id, index=index)
    return redirect(
        f"/app/lead-magnets/{lead_magnet_id}/posts", toast="Chosen: edit it as you like"
    )
