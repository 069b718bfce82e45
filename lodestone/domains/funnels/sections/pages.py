"""The builder's tab of sections: one list for each page of the funnel, edited in place."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.sections import service
from lodestone.domains.funnels.sections.editors import EDITORS, summarise, unflatten
from lodestone.domains.funnels.sections.models import (
    FOLD,
    Location,
    SectionCreate,
    SectionMove,
    SectionType,
    StoredSection,
)
from lodestone.domains.funnels.sections.rules import Template
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse, read_form, read_json
from lodestone.platform.pages import redirect, render

PATH = "/app/funnels/{funnel_page_id}/sections"
PLACES = [
    (Location.OPTIN, "Opt-in"),
    (Location.THANKYOU, "Thank you"),
    (Location.CONTENT, "Content"),
]
FOLDS = {
    Location.OPTIN: "The form",
    Location.THANKYOU: "The survey, the video and the calendar",
    Location.CONTENT: "The content",
}
TEMPLATES = [
    (Template.MINIMAL, "None"),
    (Template.SOCIAL_PROOF, "Social proof"),
    (Template.AUTHORITY, "Authority"),
    (Template.FULL_SUITE, "Everything"),
]

router = APIRouter(include_in_schema=False)
funnels.add_tab(funnels.Tab("sections", "Sections", "/app/funnels/{id}/sections", 40))


@router.get(PATH)
async def list_sections(
    request: Request,
    _: CurrentUser,
    tx: OneTx,
    funnel_page_id: UUID,
    page: Location = Location.OPTIN,
    edit: UUID | None = None,
) -> Response:
    return await _show(request, tx, funnel_page_id, page, opened=edit)


@router.post(PATH)
async def add_section(
    _: CurrentUser,
    tx: UserTx,
    funnel_page_id: UUID,
    section_type: Annotated[SectionType, Form()],
    page: Annotated[Location, Form()],
    part: Annotated[str, Form()] = "below",
) -> Response:
    given = SectionCreate(section_type=section_type, page_location=page, is_above=part == "above")
    section = await service.add_section(tx, funnel_page_id=funnel_page_id, given=given)
    return redirect(f"{_path(funnel_page_id)}?page={page}&edit={section.id}")


@router.post(PATH + "/order")
async def move_sections(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    """Put the sections of a page into an order; answers the one before, for the way back."""
    given = parse(SectionMove, await read_json(request))
    async with runtime.acting_as(user.actor) as tx:
        standing = [
            section
            for section in await service.list_sections(tx, funnel_page_id=funnel_page_id)
            if section.page_location == given.page_location
        ]
        await service.move_sections(tx, funnel_page_id=funnel_page_id, given=given)
    before = SectionMove(
        page_location=given.page_location,
        ids=[section.id for section in standing],
        above=sum(section.sort_order < FOLD for section in standing),
    )
    return JSONResponse({"before": before.model_dump(mode="json")})


@router.post(PATH + "/restore")
async def restore_section(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    """Put back a section that was removed, as the removal answered it."""
    section = parse(StoredSection, await read_json(request))
    async with runtime.acting_as(user.actor) as tx:
        put = await service.restore_section(tx, funnel_page_id=funnel_page_id, section=section)
    return JSONResponse(put.model_dump(mode="json"), status_code=201)


@router.post(PATH + "/reset")
async def reset_sections(
    user: CurrentUser,
    tx: UserTx,
    funnel_page_id: UUID,
    page: Annotated[Location, Form()],
    template: Annotated[Template, Form()],
) -> Response:
    await funnels.reset_sections(
        tx, funnel_page_id=funnel_page_id, location=page, template=template
    )
    return redirect(f"{_path(funnel_page_id)}?page={page}", toast="The sections are new")


@router.post(PATH + "/{section_id}")
async def fill_section(
    request: Request, user: CurrentUser, funnel_page_id: UUID, section_id: UUID
) -> Response:
    """Write what a section says, from the names of its form: `steps.0.title`."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return await _fill_while_typing(request, user, funnel_page_id, section_id)
    form = await read_form(request)
    errors: dict[str, str] = {}
    try:
        async with runtime.acting_as(user.actor) as tx:
            section = await service.fill_section(
                tx, funnel_page_id=funnel_page_id, section_id=section_id, config=unflatten(form)
            )
        path = f"{_path(funnel_page_id)}?page={section.page_location}&edit={section.id}"
        return redirect(path, toast="Saved")
    except InvalidInput as refusal:
        errors = refusal.fields
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        section = await service.get_section(
            tx, funnel_page_id=funnel_page_id, section_id=section_id
        )
        location = Location(section.page_location)
        return await _show(
            request, tx, funnel_page_id, location, opened=section_id, given=form, errors=errors
        )


async def _fill_while_typing(
    request: Request, user: SignedIn, funnel_page_id: UUID, section_id: UUID
) -> Response:
    given = await read_json(request)
    config = unflatten(given) if isinstance(given, dict) else {}
    async with runtime.acting_as(user.actor) as tx:
        before = await service.get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
        after = await service.fill_section(
            tx, funnel_page_id=funnel_page_id, section_id=section_id, config=config
        )
    return JSONResponse({"before": _tell(before), "after": _tell(after)})


@router.post(PATH + "/{section_id}/put-back")
async def put_back(
    request: Request, user: CurrentUser, funnel_page_id: UUID, section_id: UUID
) -> Response:
    """Write a section as it was before an edit, as the edit answered it."""
    section = parse(StoredSection, await read_json(request))
    async with runtime.acting_as(user.actor) as tx:
        await service.put_back(
            tx, funnel_page_id=funnel_page_id, section_id=section_id, section=section
        )
    return Response(status_code=204)


@router.post(PATH + "/{section_id}/visible")
async def show_section(
    _: CurrentUser,
    tx: UserTx,
    funnel_page_id: UUID,
    section_id: UUID,
    is_visible: Annotated[bool, Form()],
) -> Response:
    section = await service.show_section(
        tx, funnel_page_id=funnel_page_id, section_id=section_id, is_visible=is_visible
    )
    path = f"{_path(funnel_page_id)}?page={section.page_location}"
    return redirect(path, toast="Visitors see it now" if is_visible else "Hidden")


@router.post(PATH + "/{section_id}/remove")
async def remove_section(
    request: Request, _: CurrentUser, tx: UserTx, funnel_page_id: UUID, section_id: UUID
) -> Response:
    section = await service.remove_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(_tell(section))
    return redirect(f"{_path(funnel_page_id)}?page={section.page_location}", toast="Removed")


def _path(funnel_page_id: UUID) -> str:
    return f"/app/funnels/{funnel_page_id}/sections"


def _tell(section: StoredSection) -> dict[str, Any]:
    told: dict[str, Any] = section.model_dump(mode="json")
    return told


async def _show(
    request: Request,
    tx: Tx,
    funnel_page_id: UUID,
    location: Location,
    *,
    opened: UUID | None,
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    shell = await funnels.get_shell(
        tx, funnel_page_id=funnel_page_id, tab="sections", previews=location.value
    )
    identity.enter_workspace(request, team_id=shell.page.team_id)
    stored = await service.list_sections(tx, funnel_page_id=funnel_page_id)
    standing = [section for section in stored if section.page_location == location]
    rows = [
        {
            "section": section,
            "editor": EDITORS[SectionType(section.section_type)],
            "summary": summarise(section.config),
            "config": unflatten(given or {})
            if given is not None and section.id == opened
            else section.config,
            "errors": (errors or {}) if section.id == opened else {},
        }
        for section in standing
    ]
    above = sum(section.sort_order < FOLD for section in standing)
    context = {
        "shell": shell,
        "missing": [],
        "location": location.value,
        "places_tabs": [
            (
                label,
                f"{_path(funnel_page_id)}?page={place}",
                place is location,
                sum(each.page_location == place for each in stored),
            )
            for place, label in PLACES
        ],
        "fold": FOLDS[location],
        "above": rows[:above],
        "below": rows[above:],
        "editors": list(EDITORS.values()),
        "templates": TEMPLATES,
        "opened": opened,
    }
    return render(request, "funnels/builder/sections.html", context, status=422 if errors else 200)
