"""The screens of the wizard: the drafts, and the six steps of one."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets.background_jobs import service as background
from lodestone.domains.lead_magnets.background_jobs.service import Kind, Status, writer_for
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.brand_kits.models import Context, ReadSource
from lodestone.domains.lead_magnets.wizard import forms, jobs, rules, service, work
from lodestone.domains.lead_magnets.wizard.models import (
    MOST_ANSWER,
    MOST_MESSAGES,
    ChatMessage,
    IdeationResult,
    WizardState,
    WizardStep,
)
from lodestone.domains.lead_magnets.wizard.views import view_step
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/drafts"
MOST_BYTES = 4 * 1024 * 1024

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Lead magnet wizard",
        PATH,
        "sparkle",
        is_action=True,
        keywords="drafts ideas interview guided create",
    )
)


@router.get("")
async def list_drafts(request: Request, scope: identity.CurrentScope, tx: OneTx) -> Response:
    drafts = await service.list_drafts(tx, scope=scope)
    reached = await identity.find_reached_limit(
        tx, billing_user_id=scope.billing_user_id, what=identity.Resource.LEAD_MAGNETS
    )
    context = {"drafts": drafts, "new_id": uuid4(), "steps": STEPS, "reached": reached}
    return render(request, "lead_magnets/wizard/drafts.html", context)


@router.post("")
async def start_draft(
    user: CurrentUser, scope: identity.CurrentScope, tx: UserTx, draft_id: Annotated[UUID, Form()]
) -> Response:
    kit = await brand_kits.find_kit(tx, user_id=user.user_id, team_id=scope.team_id)
    await service.start_draft(
        tx, draft_id=draft_id, user_id=user.user_id, team_id=scope.team_id, kit=kit
    )
    return redirect(f"{PATH}/{draft_id}")


STEPS = [
    (WizardStep.CONTEXT, "You", "What you do, for whom"),
    (WizardStep.IDEAS, "Idea", "Ten to choose from"),
    (WizardStep.ANSWERS, "Answers", "What only you know"),
    (WizardStep.CONTENT, "Content", "Put in order"),
    (WizardStep.POSTS, "Posts", "To tell people"),
    (WizardStep.PUBLISH, "Finish", "Make it real"),
]


@router.get("/{draft_id}")
async def show_draft(
    request: Request, user: CurrentUser, tx: OneTx, draft_id: UUID, step: str = ""
) -> Response:
    draft = await service.get_draft(tx, draft_id=draft_id)
    identity.enter_workspace(request, team_id=draft.team_id)
    is_open = step.isdecimal() and int(step) in rules.open_steps(draft.state)
    wanted = WizardStep(int(step)) if is_open else draft.state.current_step
    if wanted not in rules.open_steps(draft.state):
        wanted = max(rules.open_steps(draft.state))
    return await _page(request, user, draft, wanted)


async def _page(
    request: Request,
    user: SignedIn,
    draft: service.Draft,
    step: WizardStep,
    *,
    errors: dict[str, str] | None = None,
    status: int | None = None,
) -> Response:
    context: dict[str, Any] = {
        "draft": draft,
        "state": draft.state,
        "step": step,
        "steps": STEPS,
        "open_steps": rules.open_steps(draft.state),
        "version": draft.version.isoformat(),
        "errors": errors or {},
        "waiting": await _find_waiting(user, draft),
        "has_model": has_model(),
        "offline": prompts.OFFLINE,
        **await view_step(user, draft, step),
    }
    template = f"lead_magnets/wizard/{step.name.lower()}.html"
    return render(request, template, context, status=status or (422 if errors else 200))


def has_model() -> bool:
    """Say whether a model is set up: else rules do its work."""
    return runtime.current().ai.serves(prompts.USUAL_MODEL)


async def _find_waiting(user: SignedIn, draft: service.Draft) -> dict[str, Any] | None:
    """Return how the work stands that the draft waits for; of a colleague's, only that it does."""
    pending = draft.state.pending_job
    if pending is None:
        return None
    async with runtime.acting_as(writer_for(user.user_id), readonly=True) as tx:
        job = await background.find_job(tx, job_id=pending.job_id)
    if job is None:
        is_stale = (datetime.now(UTC) - pending.started_at).total_seconds() > 1_800
        return {"kind": pending.job_type, "is_mine": False, "is_stale": is_stale, "status": None}
    found = await background.follow(user.user_id, job_id=pending.job_id)
    return {
        "kind": found.job_type,
        "is_mine": True,
        "is_stale": False,
        "status": found.status,
        "error": found.error,
        "progress": found.progress,
    }


@router.get("/{draft_id}/waiting")
async def check_waiting(user: CurrentUser, tx: OneTx, draft_id: UUID) -> Response:
    draft = await service.get_draft(tx, draft_id=draft_id)
    waiting = await _find_waiting(user, draft)
    is_over = waiting is None or waiting["status"] in {Status.COMPLETED, Status.FAILED}
    body = {"isOver": is_over, "message": (waiting or {}).get("progress")}
    return JSONResponse(body, headers={"cache-control": "no-store"})


@router.post("/{draft_id}/save")
async def save_step(
    request: Request, user: CurrentUser, draft_id: UUID, step: WizardStep
) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    draft = await _save(user, draft_id, form | {"autosave": "yes"}, step)
    return JSONResponse({"version": draft.version.isoformat()})


async def _save(
    user: SignedIn, draft_id: UUID, form: dict[str, str], step: WizardStep
) -> service.Draft:
    """Keep what a step's form says. Raises: DraftChanged, InvalidInput, NotFound."""
    async with runtime.acting_as(user.actor) as tx:
        return await service.revise(
            tx,
            draft_id=draft_id,
            version=_version(form),
            change=lambda state: forms.read_step(step, state, form),
        )


def _version(form: dict[str, str]) -> datetime:
    try:
        version = datetime.fromisoformat(form.get("version", ""))
    except ValueError as error:
        sentence = "Send the draft's version: load the page again."
        raise InvalidInput(sentence, fields={"version": sentence}) from error
    return version if version.tzinfo else version.replace(tzinfo=UTC)


async def _begin(
    user: SignedIn, draft: service.Draft, kind: Kind, given: dict[str, Any] | None = None
) -> None:
    async with runtime.acting_as(writer_for(user.user_id)) as tx:
        await jobs.begin(
            tx,
            draft_id=draft.id,
            team_id=draft.team_id,
            user_id=user.user_id,
            kind=kind,
            given=given,
        )


@router.post("/{draft_id}/context")
async def finish_context(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    draft = await _save(user, draft_id, form, WizardStep.CONTEXT)
    act = form.get("act", "ideas")
    try:
        if act == "read":
            source = parse(
                ReadSource,
                {
                    "kind": form.get("source_kind") or "other",
                    "text": form.get("source_text", ""),
                    "url": form.get("source_url", ""),
                },
            )
            brand_kits.check_source(source)
            given = {"source": source.model_dump(mode="json")}
            await _begin(user, draft, Kind.BRAND_CONTEXT, given)
        elif act in {"listen", "dissect"}:
            await _begin_source(user, draft, act)
        else:
            await _leave_context(user, draft, act)
    except InvalidInput as refusal:
        return await _page(request, user, draft, WizardStep.CONTEXT, errors=refusal.fields)
    if act == "own":
        return redirect(f"{PATH}/{draft_id}?step={WizardStep.IDEAS.value}&own=yes")
    return _to_draft(draft_id)


def _to_draft(draft_id: UUID) -> Response:
    """Lead to where the draft stands: its work may be done before the page is asked for."""
    return redirect(f"{PATH}/{draft_id}")


async def _begin_source(user: SignedIn, draft: service.Draft, act: str) -> None:
    sources = draft.state.ideation_sources
    kind, field = (
        (Kind.TRANSCRIPT, "transcript") if act == "listen" else (Kind.COMPETITOR, "competitor")
    )
    text = sources.call_transcript if act == "listen" else sources.competitor_inspiration
    if len(text.raw) < 50:
        sentence = "Paste at least 50 characters first."
        raise InvalidInput(sentence, fields={field: sentence})
    await _begin(user, draft, kind)


async def _leave_context(user: SignedIn, draft: service.Draft, act: str) -> None:
    """Keep the context on the kit, then go on: new ideas, the kept ones, or the author's own."""
    given = parse(Context, {key: value for key, value in draft.state.brand_kit.items() if value})
    async with runtime.acting_as(writer_for(user.user_id)) as tx:
        await service.save_context(tx, draft=draft, user_id=user.user_id, given=given)
    if act == "ideas":
        await _begin(user, draft, Kind.IDEATION)
        return
    async with runtime.acting_as(user.actor) as tx:
        kit = await brand_kits.find_kit(tx, user_id=user.user_id, team_id=draft.team_id)
        kept = kit.saved_ideation_result if kit else None
        if act == "reuse" and kept is None:
            raise Conflict("No ideas have been kept yet.")

        def change(state: WizardState) -> WizardState:
            update: dict[str, Any] = {"current_step": WizardStep.IDEAS}
            if act == "reuse":
                update["ideation_result"] = IdeationResult.model_validate(kept)
            elif state.ideation_result is None:
                update["ideation_result"] = IdeationResult()
            return state.model_copy(update=update)

        await service.revise(tx, draft_id=draft.id, version=draft.version, change=change)


@router.post("/{draft_id}/idea")
async def choose_idea(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request)
    index = form.get("index", "")

    def change(state: WizardState) -> WizardState:
        if form.get("act") == "own":
            return rules.choose_own(state, forms.own_idea(form))
        return rules.choose_idea(state, index=int(index) if index.isdecimal() else -1)

    try:
        async with runtime.acting_as(user.actor) as tx:
            draft = await service.revise(
                tx, draft_id=draft_id, version=_version(form), change=change
            )
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            draft = await service.get_draft(tx, draft_id=draft_id)
        return await _page(request, user, draft, WizardStep.IDEAS, errors=refusal.fields)
    # The standard wording is there at once; only a model can make it fit, and that takes a while.
    if not draft.state.questions and runtime.current().ai.serves(prompts.SMALL_MODEL):
        await _begin(user, draft, Kind.QUESTIONS)
    return _to_draft(draft_id)


@router.post("/{draft_id}/ideas")
async def think_again(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        draft = await service.get_draft(tx, draft_id=draft_id)
    await _begin(user, draft, Kind.IDEATION)
    return _to_draft(draft_id)


@router.post("/{draft_id}/answers")
async def finish_answers(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    draft = await _save(user, draft_id, form, WizardStep.ANSWERS)
    try:
        rules.require_answers(draft.state)
    except InvalidInput as refusal:
        return await _page(request, user, draft, WizardStep.ANSWERS, errors=refusal.fields)
    await _begin(user, draft, Kind.EXTRACTION)
    return _to_draft(draft_id)


@router.post("/{draft_id}/chat")
async def say_in_chat(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    message = form.get("message", "").strip()[:MOST_ANSWER]
    draft = await _save(user, draft_id, form, WizardStep.ANSWERS)
    said = [ChatMessage(role="user", content=message)] if message else []
    lines = [*draft.state.chat_messages, *said]
    draft.state.chat_messages = lines[-MOST_MESSAGES:]
    answer = ChatMessage(
        role="assistant", content=await work.follow_up(draft, user_id=user.user_id)
    )
    kept = [*lines, answer][-MOST_MESSAGES:]
    async with runtime.acting_as(user.actor) as tx:
        draft = await service.revise(
            tx,
            draft_id=draft_id,
            version=draft.version,
            change=lambda state: state.model_copy(update={"chat_messages": kept}),
        )
    if "application/json" not in request.headers.get("accept", ""):
        return redirect(f"{PATH}/{draft_id}?step={WizardStep.ANSWERS.value}#chat")
    body = {"version": draft.version.isoformat(), "reply": answer.content}
    return JSONResponse(body)


@router.post("/{draft_id}/content")
async def finish_content(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    draft = await _save(user, draft_id, form, WizardStep.CONTENT)
    if form.get("act") == "again":
        await _begin(user, draft, Kind.EXTRACTION)
        return _to_draft(draft_id)
    if draft.state.post_result is None:
        await _begin(user, draft, Kind.POSTS)
        return _to_draft(draft_id)
    return redirect(f"{PATH}/{draft_id}?step={WizardStep.POSTS.value}")


@router.post("/{draft_id}/posts")
async def finish_posts(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request, most_bytes=MOST_BYTES)
    draft = await _save(user, draft_id, form, WizardStep.POSTS)
    if form.get("act") == "again":
        await _begin(user, draft, Kind.POSTS)
        return _to_draft(draft_id)
    return redirect(f"{PATH}/{draft_id}?step={WizardStep.PUBLISH.value}")


@router.post("/{draft_id}/publish")
async def publish_draft(request: Request, user: CurrentUser, draft_id: UUID) -> Response:
    form = await read_form(request)
    title = " ".join(form.get("title", "").split())
    if not 1 <= len(title) <= 200:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            draft = await service.get_draft(tx, draft_id=draft_id)
        errors = {"title": "A title has 1 to 200 characters."}
        return await _page(request, user, draft, WizardStep.PUBLISH, errors=errors)
    try:
        async with runtime.acting_as(writer_for(user.user_id)) as tx:
            lead_magnet_id = await service.publish(
                tx, draft_id=draft_id, user_id=user.user_id, title=title, version=_version(form)
            )
    except identity.UsageLimitExceeded as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            draft = await service.get_draft(tx, draft_id=draft_id)
        errors = {"title": f"{refusal.message} The draft stays until there is room."}
        step = WizardStep.PUBLISH
        return await _page(request, user, draft, step, errors=errors, status=403)
    toast = "Made: now draft the page that gives it away"
    return redirect(f"/app/lead-magnets/{lead_magnet_id}", toast=toast)


@router.post("/{draft_id}/job")
async def steer_job(
    user: CurrentUser, draft_id: UUID, act: Annotated[str, Form()], step: Annotated[int, Form()] = 1
) -> Response:
    async with runtime.acting_as(writer_for(user.user_id)) as tx:
        draft = await service.get_draft(tx, draft_id=draft_id)
        pending = draft.state.pending_job
        if pending is not None and act == "retry":
            await jobs.retry(tx, job_id=pending.job_id)
        elif pending is not None:
            await background.cancel(tx, job_id=pending.job_id)
            await service.stop_waiting(tx, draft_id=draft_id)
    return redirect(f"{PATH}/{draft_id}?step={step}")


@router.post("/{draft_id}/delete")
async def put_away(_: CurrentUser, tx: UserTx, draft_id: UUID) -> Response:
    await service.put_away(tx, draft_id=draft_id)
    return redirect(PATH, toast="Draft deleted", undo=f"{PATH}/{draft_id}/restore")


@router.post("/{draft_id}/restore")
async def restore(_: CurrentUser, tx: UserTx, draft_id: UUID) -> Response:
    await service.restore(tx, draft_id=draft_id)
    return redirect(PATH, toast="Brought back")
