"""Segments of the list, and tags."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx
from lodestone.domains.email.segments import service
from lodestone.domains.email.segments.models import SegmentCreate
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/segments"
_SHOWN = 8

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry("Segments", PATH, "filter", "Email", order=15, keywords="tags groups audience filter")
)


@router.get("")
async def list_segments(
    request: Request, _: CurrentUser, scope: CurrentScope, tx: OneTx
) -> Response:
    found = await service.list_segments(tx, scope=scope)
    counted = [
        (
            segment,
            await service.count_audience(
                tx, team_id=segment.team_id, group=service.read_filter(segment.filter)
            ),
        )
        for segment in found
    ]
    tags = (await service.list_choices(tx, scope=scope))["tags"] if scope.home_team_id else []
    return render(request, "email/segments/list.html", {"segments": counted, "tags": tags})


@router.post("/count")
async def count_people(
    _: CurrentUser,
    scope: CurrentScope,
    tx: OneTx,
    filter: Annotated[str, Form()] = "{}",  # noqa: A002 -- the form's name for it
) -> Response:
    """Count whom a filter means that nobody has saved."""
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    group = service.read_filter(read_json_filter(filter))
    found = await service.count_audience(tx, team_id=scope.home_team_id, group=group)
    return JSONResponse(found.model_dump())


@router.get("/new")
async def new_segment(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    values = {"name": "", "filter": {"all": []}}
    return await _edit(request, user.actor, scope, values=values)


@router.post("/new")
async def create_segment(request: Request, user: CurrentUser, scope: CurrentScope) -> Response:
    return await _save(request, user.actor, scope, segment_id=None)


@router.post("/tags")
async def tag_people(
    _: CurrentUser,
    scope: CurrentScope,
    ids: Annotated[list[UUID] | None, Form()] = None,
    tag: Annotated[str, Form()] = "",
) -> Response:
    actor, _team, _tenant = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await service.tag_people(tx, scope=scope, subscriber_ids=ids or [], tag=tag)
    return redirect(_back_to(ids), toast="Tagged")


@router.post("/tags/remove")
async def untag_people(
    _: CurrentUser,
    scope: CurrentScope,
    ids: Annotated[list[UUID] | None, Form()] = None,
    tag: Annotated[str, Form()] = "",
) -> Response:
    actor, _team, _tenant = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await service.untag_people(tx, scope=scope, subscriber_ids=ids or [], tag=tag)
    return redirect(_back_to(ids), toast="Tag taken off")


def _back_to(ids: list[UUID] | None) -> str:
    """Return where the tags of one person, or of many, are seen."""
    return f"/app/subscribers/{ids[0]}" if ids and len(ids) == 1 else "/app/subscribers"


@router.get("/{segment_id}")
async def edit_segment(
    request: Request, user: CurrentUser, scope: CurrentScope, segment_id: UUID
) -> Response:
    async with runtime.reading_as(user.actor) as tx:
        found = await service.get_segment(tx, scope=scope, segment_id=segment_id)
    values = {"name": found.name, "filter": found.filter}
    return await _edit(request, user.actor, scope, values=values, segment_id=segment_id)


@router.post("/{segment_id}")
async def change_segment(
    request: Request, user: CurrentUser, scope: CurrentScope, segment_id: UUID
) -> Response:
    return await _save(request, user.actor, scope, segment_id=segment_id)


@router.post("/{segment_id}/delete")
async def delete_segment(user: CurrentUser, scope: CurrentScope, segment_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        await service.get_segment(tx, scope=scope, segment_id=segment_id)
    actor, _, _ = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        await service.delete_segment(tx, scope=scope, segment_id=segment_id)
    return redirect(PATH, toast="Deleted")


def read_json_filter(text: str) -> Any:
    """Return a filter that a form carries. Raises InvalidInput."""
    try:
        return json.loads(text or "{}")
    except ValueError as error:
        raise InvalidInput(
            "This segment can't be read.", fields={"filter": "Build it again."}
        ) from error


async def _save(
    request: Request, user: Actor, scope: Scope, *, segment_id: UUID | None
) -> Response:
    form = await read_form(request)
    filter_: Any = {}
    try:
        filter_ = read_json_filter(form.get("filter", ""))
        given = parse(SegmentCreate, {"name": form.get("name", "").strip(), "filter": filter_})
        if segment_id is not None:
            async with runtime.acting_as(user, readonly=True) as tx:
                await service.get_segment(tx, scope=scope, segment_id=segment_id)
        actor, _, _ = await subscribers.acting_for(scope)
        async with runtime.acting_as(actor) as tx:
            kept = await service.keep_segment(tx, scope=scope, given=given, segment_id=segment_id)
    except InvalidInput as refusal:
        values = {"name": form.get("name", ""), "filter": filter_}
        return await _edit(
            request, user, scope, values=values, segment_id=segment_id, errors=refusal.fields
        )
    return redirect(f"{PATH}/{kept}", toast="Saved")


async def _edit(
    request: Request,
    user: Actor,
    scope: Scope,
    *,
    values: dict[str, Any],
    segment_id: UUID | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    async with runtime.reading_as(user) as tx:
        choices = await service.list_choices(tx, scope=scope)
        people = []
        if not errors and scope.home_team_id is not None:
            people = await service.list_people(
                tx,
                team_id=scope.home_team_id,
                group=service.read_filter(values["filter"]),
                limit=_SHOWN,
            )
    context = {
        "title": values["name"] or "New segment",
        "segment_id": segment_id,
        "values": values,
        "choices": choices,
        "people": people,
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return render(request, "email/segments/edit.html", context, status=status)
