"""The screens of surveys: the library of forms, and the editor of questions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.forms import drafting, editing, service
from lodestone.domains.funnels.forms.models import (
    MOST_OPTIONS,
    AnswerType,
    FormCreate,
    Owner,
    Question,
)
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/forms"
SURVEY = "/app/funnels/{funnel_page_id}/survey"

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Forms",
        PATH,
        "check-circle",
        "Capture",
        order=27,
        keywords="survey questions qualification quiz answers",
    )
)
funnels.add_tab(
    funnels.Tab("survey", "Survey", "/app/funnels/{id}/survey", 60, funnels.PageType.THANKYOU)
)


@router.get(PATH)
async def list_forms(
    request: Request, scope: identity.CurrentScope, tx: ReadTx, q: str = ""
) -> Response:
    rows = await service.list_forms(tx, scope=scope, search=q.strip()[:200] or None)
    return render(request, "funnels/forms/list.html", {"rows": rows, "q": q, "errors": {}})


@router.post(PATH)
async def create_form(
    request: Request, user: CurrentUser, scope: identity.CurrentScope
) -> Response:
    form = await read_form(request)
    try:
        given = parse(FormCreate, form)
    except InvalidInput as refusal:
        async with runtime.reading_as(user.actor) as tx:
            rows = await service.list_forms(tx, scope=scope)
        context = {"rows": rows, "q": "", "errors": refusal.fields}
        return render(request, "funnels/forms/list.html", context, status=422)
    async with runtime.acting_as(user.actor) as tx:
        form_id = await service.create_form(tx, user_id=user.user_id, scope=scope, name=given.name)
    return redirect(f"{PATH}/{form_id}", toast="Made. Now add the questions")


@router.get(PATH + "/{form_id}")
async def show_form(request: Request, _: CurrentUser, tx: OneTx, form_id: UUID) -> Response:
    return await _show_form(request, tx, form_id)


@router.post(PATH + "/{form_id}")
async def rename_form(request: Request, user: CurrentUser, form_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = parse(FormCreate, form)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _show_form(request, tx, form_id, errors=refusal.fields)
    async with runtime.acting_as(user.actor) as tx:
        await service.rename_form(tx, form_id=form_id, name=given.name)
    return redirect(f"{PATH}/{form_id}", toast="Renamed")


@router.post(PATH + "/{form_id}/delete")
async def delete_form(_: CurrentUser, tx: UserTx, form_id: UUID) -> Response:
    await service.delete_form(tx, form_id=form_id)
    return redirect(PATH, toast="Deleted. Answers that were given stay with their leads")


@router.post(PATH + "/{form_id}/questions")
async def add_question_to_form(request: Request, user: CurrentUser, form_id: UUID) -> Response:
    return await _add(request, user, Owner(form_id=form_id))


@router.post(PATH + "/{form_id}/starter")
async def add_starter_to_form(_: CurrentUser, tx: UserTx, form_id: UUID) -> Response:
    await service.add_starter_set(tx, owner=Owner(form_id=form_id))
    return redirect(f"{PATH}/{form_id}", toast="Added. Make them yours")


@router.post(PATH + "/{form_id}/order")
async def order_form(
    request: Request,
    _: CurrentUser,
    tx: UserTx,
    form_id: UUID,
    ids: Annotated[list[UUID], Form()],
) -> Response:
    await service.order_questions(tx, owner=Owner(form_id=form_id), question_ids=ids)
    return redirect(_back(request, f"{PATH}/{form_id}"))


@router.get(SURVEY)
async def show_survey(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _show_survey(request, tx, funnel_page_id)


@router.post(SURVEY + "/form")
async def choose_form(
    _: CurrentUser, tx: UserTx, funnel_page_id: UUID, form_id: Annotated[str, Form()] = ""
) -> Response:
    chosen = _uuid(form_id) if form_id else None
    await service.choose_form(tx, funnel_page_id=funnel_page_id, form_id=chosen)
    toast = "This funnel asks the form's questions" if chosen else "This funnel asks its own"
    return redirect(f"/app/funnels/{funnel_page_id}/survey", toast=toast)


@router.post(SURVEY + "/share")
async def share_questions(
    user: CurrentUser,
    scope: identity.CurrentScope,
    tx: UserTx,
    funnel_page_id: UUID,
    name: Annotated[str, Form(max_length=200)],
) -> Response:
    await service.make_form_of_page(
        tx,
        user_id=user.user_id,
        scope=scope,
        funnel_page_id=funnel_page_id,
        name=parse(FormCreate, {"name": name}).name,
    )
    return redirect(f"/app/funnels/{funnel_page_id}/survey", toast="Other funnels can use it now")


@router.post(SURVEY + "/questions")
async def add_question(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        owner = await _owner_of_page(tx, funnel_page_id)
    return await _add(request, user, owner, funnel_page_id=funnel_page_id)


@router.post(SURVEY + "/starter")
async def add_starter(_: CurrentUser, tx: UserTx, funnel_page_id: UUID) -> Response:
    await service.add_starter_set(tx, owner=await _owner_of_page(tx, funnel_page_id))
    return redirect(f"/app/funnels/{funnel_page_id}/survey", toast="Added. Make them yours")


@router.post(SURVEY + "/draft")
async def draft_quiz(user: CurrentUser, funnel_page_id: UUID) -> Response:
    added, is_offline = await drafting.draft_quiz(user, funnel_page_id=funnel_page_id)
    by = "by rule, for no model is set up" if is_offline else "by the model"
    toast = f"{added} questions drafted {by}. Read them before people do"
    return redirect(f"/app/funnels/{funnel_page_id}/survey", toast=toast)


@router.post(SURVEY + "/order")
async def order_survey(
    _: CurrentUser, tx: UserTx, funnel_page_id: UUID, ids: Annotated[list[UUID], Form()]
) -> Response:
    owner = await _owner_of_page(tx, funnel_page_id)
    await service.order_questions(tx, owner=owner, question_ids=ids)
    return redirect(f"/app/funnels/{funnel_page_id}/survey")


@router.post("/app/questions/{question_id}")
async def save_question(request: Request, user: CurrentUser, question_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = editing.read_question(form)
    except InvalidInput as refusal:
        return await _refuse(request, user, question_id, form, refusal)
    async with runtime.acting_as(user.actor) as tx:
        owner = await service.revise_question(tx, question_id=question_id, given=given)
    return redirect(_home(owner, form.get("page")), toast="Saved")


@router.post("/app/questions/{question_id}/delete")
async def remove_question(
    _: CurrentUser, tx: UserTx, question_id: UUID, page: Annotated[str, Form()] = ""
) -> Response:
    owner = await service.remove_question(tx, question_id=question_id)
    return redirect(_home(owner, page), toast="Removed. Answers to it keep their question")


async def _add(
    request: Request, user: SignedIn, owner: Owner, *, funnel_page_id: UUID | None = None
) -> Response:
    form = await read_form(request)
    try:
        given = editing.read_question(form)
        async with runtime.acting_as(user.actor) as tx:
            await service.add_question(tx, owner=owner, given=given)
    except InvalidInput as refusal:
        draft = {"values": editing.values_given(form), "errors": refusal.fields}
        shown = Owner(funnel_page_id=funnel_page_id) if funnel_page_id else owner
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _show_owner(request, tx, shown, draft=draft)
    page = str(funnel_page_id) if funnel_page_id else None
    return redirect(_home(owner, page), toast="Added")


async def _refuse(
    request: Request,
    user: SignedIn,
    question_id: UUID,
    form: dict[str, str],
    refusal: InvalidInput,
) -> Response:
    refused = {question_id: {"values": editing.values_given(form), "errors": refusal.fields}}
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        owner = await service.get_owner(tx, question_id=question_id)
        shown = Owner(funnel_page_id=_uuid(form["page"])) if form.get("page") else owner
        return await _show_owner(request, tx, shown, refused=refused)


async def _show_owner(
    request: Request,
    tx: Tx,
    owner: Owner,
    *,
    draft: dict[str, Any] | None = None,
    refused: dict[UUID, dict[str, Any]] | None = None,
) -> Response:
    if owner.form_id is not None:
        return await _show_form(request, tx, owner.form_id, draft=draft, refused=refused)
    if owner.funnel_page_id is not None:
        return await _show_survey(request, tx, owner.funnel_page_id, draft=draft, refused=refused)
    raise NotFound("There is no such survey.")


async def _show_form(
    request: Request,
    tx: Tx,
    form_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    draft: dict[str, Any] | None = None,
    refused: dict[UUID, dict[str, Any]] | None = None,
) -> Response:
    form = await service.get_form(tx, form_id=form_id)
    scope = identity.enter_workspace(request, team_id=form.team_id)
    rows = await service.list_forms(tx, scope=scope)
    questions = await service.list_questions(tx, owner=Owner(form_id=form_id))
    context = {
        "form": form,
        "funnels": next((row.funnels for row in rows if row.id == form_id), 0),
        "errors": errors or {},
        **_editor(questions, f"{PATH}/{form_id}", None, draft, refused),
    }
    status = 422 if errors or draft or refused else 200
    return render(request, "funnels/forms/show.html", context, status=status)


async def _show_survey(
    request: Request,
    tx: Tx,
    funnel_page_id: UUID,
    *,
    draft: dict[str, Any] | None = None,
    refused: dict[UUID, dict[str, Any]] | None = None,
) -> Response:
    shell = await funnels.get_shell(tx, funnel_page_id=funnel_page_id, tab="survey")
    scope = identity.enter_workspace(request, team_id=shell.page.team_id)
    survey = await service.get_page_survey(tx, funnel_page_id=funnel_page_id)
    library = await service.list_forms(tx, scope=scope)
    base = f"/app/funnels/{funnel_page_id}/survey"
    context = {
        "shell": shell,
        "missing": [],
        "survey": survey,
        "library": [(str(form.id), form.name) for form in library],
        "shared_by": next(
            (row.funnels for row in library if survey.form and row.id == survey.form.id), 0
        ),
        **_editor(survey.questions, base, funnel_page_id, draft, refused),
    }
    status = 422 if draft or refused else 200
    return render(request, "funnels/forms/survey_tab.html", context, status=status)


def _editor(
    questions: list[Question],
    base: str,
    page_id: UUID | None,
    draft: dict[str, Any] | None,
    refused: dict[UUID, dict[str, Any]] | None,
) -> dict[str, Any]:
    """Return what `editor.html` draws: each question with its form, and a blank one."""
    drawn = []
    for number, question in enumerate(questions):
        stored = {"values": editing.values_of(question), "errors": {}}
        shown = (refused or {}).get(question.id, stored)
        drawn.append({"question": question, "number": number + 1, **shown})
    return {
        "editor": {
            "base": base,
            "page": str(page_id) if page_id else "",
            "questions": drawn,
            "ids": [str(question.id) for question in questions],
            "draft": draft or {"values": editing.values_blank(), "errors": {}},
            "is_adding": draft is not None or not questions,
            "types": [(kind.value, kind.label) for kind in AnswerType],
            "most_options": MOST_OPTIONS,
            "blank_options": editing.BLANK_OPTIONS,
        }
    }


async def _owner_of_page(tx: Tx, funnel_page_id: UUID) -> Owner:
    """Return whose questions a page asks: those are edited in its builder."""
    survey = await service.get_page_survey(tx, funnel_page_id=funnel_page_id)
    if survey.form is not None:
        return Owner(form_id=survey.form.id)
    return Owner(funnel_page_id=funnel_page_id)


def _home(owner: Owner, page: str | None) -> str:
    """Return the page that a question was edited on."""
    page_id = _uuid(page) if page else owner.funnel_page_id
    return f"/app/funnels/{page_id}/survey" if page_id else f"{PATH}/{owner.form_id}"


def _back(request: Request, otherwise: str) -> str:
    page = request.query_params.get("page")
    return f"/app/funnels/{_uuid(page)}/survey" if page else otherwise


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("This is not an id.", fields={"page": "This is not an id."}) from error
