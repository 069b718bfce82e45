"""The screens of teams: the picker, a team's people, its business and what was done."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import AccountHolder, CurrentUser, OneTx, UserTx
from lodestone.auth.entering import own_path
from lodestone.domains.identity.scope import (
    CurrentScope,
    OwnedTeam,
    TeamScope,
    Workspaces,
    choose_workspace,
)
from lodestone.domains.identity.teams import forms, rules, service
from lodestone.domains.identity.teams.catalogue import service as catalogue
from lodestone.domains.identity.teams.invitations import service as invitations
from lodestone.domains.identity.teams.models import Scope, ScopeKind
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError, NotFound
from lodestone.platform.forms import read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Team",
        "/app/teams",
        "users",
        "Settings",
        order=20,
        keywords="workspace people members invite roles persona voice activity client brand",
    )
)
add_entry(Entry("Switch workspace", "/app/workspaces", "layers", is_action=True, keywords="team"))
add_entry(Entry("New team", "/app/teams/new", "plus", is_action=True, keywords="workspace client"))

PER_PAGE = 30
LATEST = 8


@router.get("/app/workspaces")
async def show_workspaces(
    request: Request, user: CurrentUser, scope: CurrentScope, tx: OneTx
) -> Response:
    cards = await service.list_cards(tx, user_id=user.user_id)
    context = {
        "cards": cards,
        "scope": scope,
        "reads_catalogue": await catalogue.reads_any(tx, user_id=user.user_id),
    }
    return render(request, "identity/teams/workspaces.html", context)


@router.post("/app/workspaces")
async def choose(
    request: Request,
    user: CurrentUser,
    _: CurrentScope,
    workspace: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/app",  # noqa: A002
) -> Response:
    workspaces: Workspaces = request.state.workspaces
    goal = workspaces.find(workspace)
    if goal is None:
        raise NotFound("There is no such workspace.")
    if user.viewing is None:
        await service.confirm_workspace(goal)
    response = redirect(own_path(next), toast=f"You work in {goal.name} now")
    choose_workspace(response, goal.key)
    return response


@router.get("/app/teams")
async def show_current_team(
    request: Request, user: CurrentUser, scope: CurrentScope, tx: OneTx
) -> Response:
    return await _people_page(request, tx, scope)


@router.get("/app/teams/new")
async def start_team(request: Request, _: CurrentUser) -> Response:
    return _team_form(request, values=forms.BLANK_TEAM)


@router.post("/app/teams/new")
async def create_team(request: Request, user: AccountHolder) -> Response:
    form = await read_form(request)
    try:
        given = forms.read_new_team(form)
    except InvalidInput as refusal:
        return _team_form(request, values={**forms.BLANK_TEAM, **form}, errors=refusal.fields)
    team_id = await service.create_team(owner_id=user.user_id, given=given)
    response = redirect(f"/app/teams/{team_id}", toast=f"You work in {given.name} now")
    choose_workspace(response, str(team_id))
    return response


@router.get("/app/teams/{team_id}")
async def show_team(request: Request, scope: TeamScope, tx: OneTx) -> Response:
    return await _people_page(request, tx, scope)


@router.get("/app/teams/{team_id}/settings")
async def show_settings(request: Request, scope: TeamScope, tx: OneTx) -> Response:
    return await _settings_page(request, tx, scope)


@router.post("/app/teams/{team_id}/settings")
async def save_business(request: Request, user: CurrentUser, scope: OwnedTeam) -> Response:
    form = await read_form(request)
    try:
        given = forms.read_business(form)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_team(tx, scope=scope, given=given)
    except InvalidInput as refusal:
        return await _refused_settings(request, user.actor, scope, form, refusal.fields)
    return redirect(f"/app/teams/{scope.home_team_id}/settings", toast="Saved")


@router.post("/app/teams/{team_id}/white-label")
async def save_white_label(request: Request, user: CurrentUser, scope: OwnedTeam) -> Response:
    form = await read_form(request)
    try:
        given = forms.read_white_label(form)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_team(tx, scope=scope, given=given)
    except InvalidInput as refusal:
        switches = {name: name in form for name in ("whitelabel_enabled", "hide_branding")}
        values = {**form, **switches}
        return await _refused_settings(request, user.actor, scope, values, refusal.fields)
    return redirect(f"/app/teams/{scope.home_team_id}/settings", toast="Saved")


@router.get("/app/teams/{team_id}/activity")
async def show_activity(request: Request, scope: TeamScope, tx: OneTx, page: int = 1) -> Response:
    page = min(max(page, 1), 10_000)
    rows, total = await service.list_activity(
        tx, scope=scope, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    context = {
        "scope": scope,
        "team": await service.get_team(tx, team_id=service.team_of(scope)),
        "items": _timeline(rows),
        "total": total,
        "page": page,
        "pages": max(1, -(-total // PER_PAGE)),
    }
    return render(request, "identity/teams/activity.html", context)


@router.post("/app/teams/{team_id}/leave")
async def leave_team(_: AccountHolder, scope: TeamScope, tx: UserTx) -> Response:
    await service.leave_team(tx, scope=scope)
    response = redirect("/app/workspaces", toast=f"You left {scope.name}", tone="info")
    choose_workspace(response, "personal")
    return response


@router.post("/app/teams/{team_id}/hand-over")
async def hand_over_team(
    scope: OwnedTeam, tx: UserTx, profile_id: Annotated[UUID, Form()]
) -> Response:
    await service.hand_over_team(tx, scope=scope, profile_id=profile_id)
    return redirect(f"/app/teams/{scope.home_team_id}", toast=f"{scope.name} has a new owner")


@router.get("/app/teams/{team_id}/people/new")
async def start_person(request: Request, scope: OwnedTeam) -> Response:
    return _person_form(request, scope, values=forms.BLANK_PERSON)


@router.post("/app/teams/{team_id}/people/new")
async def invite_person(request: Request, user: AccountHolder, scope: OwnedTeam) -> Response:
    form = await read_form(request)
    try:
        given = forms.read_invite(form)
        profile = await invitations.invite_person(user, scope=scope, given=given)
    except (InvalidInput, Conflict) as refusal:
        errors = refusal.fields if isinstance(refusal, InvalidInput) else {"email": refusal.message}
        return _person_form(
            request, scope, values={**forms.BLANK_PERSON, **form}, errors=errors, cause=refusal
        )
    if profile.email is None:
        path = f"/app/teams/{scope.home_team_id}/people/{profile.id}"
        return redirect(path, toast=f"{profile.full_name} has a voice: describe it")
    is_in = profile.status == "active"
    toast = (
        f"{profile.full_name} is in the team" if is_in else f"Invitation sent to {profile.email}"
    )
    return redirect(f"/app/teams/{scope.home_team_id}", toast=toast)


@router.get("/app/teams/{team_id}/people/{profile_id}")
async def show_person(request: Request, scope: TeamScope, tx: OneTx, profile_id: UUID) -> Response:
    return await _persona_page(request, tx, scope, profile_id)


@router.post("/app/teams/{team_id}/people/{profile_id}")
async def save_person(
    request: Request, user: CurrentUser, scope: TeamScope, profile_id: UUID
) -> Response:
    form = await read_form(request)
    try:
        given = forms.read_persona(form)
        async with runtime.acting_as(user.actor) as tx:
            await service.revise_profile(tx, scope=scope, profile_id=profile_id, given=given)
    except InvalidInput as refusal:
        async with runtime.acting_as(user.actor, readonly=True) as tx:
            return await _persona_page(
                request, tx, scope, profile_id, values=form, errors=refusal.fields
            )
    path = f"/app/teams/{scope.home_team_id}/people/{profile_id}"
    return redirect(path, toast="Persona saved")


@router.post("/app/teams/{team_id}/people/{profile_id}/remove")
async def remove_person(scope: OwnedTeam, profile_id: UUID) -> Response:
    profile = await invitations.remove_person(scope=scope, profile_id=profile_id)
    return redirect(
        f"/app/teams/{scope.home_team_id}",
        toast=f"{profile.full_name} is out of the team. What they made stays.",
        undo=f"/app/teams/{scope.home_team_id}/people/{profile_id}/restore",
    )


@router.post("/app/teams/{team_id}/people/{profile_id}/restore")
async def restore_person(user: AccountHolder, scope: OwnedTeam, profile_id: UUID) -> Response:
    profile = await invitations.restore_person(user, scope=scope, profile_id=profile_id)
    is_in = profile.status == "active"
    toast = f"{profile.full_name} is back" if is_in else f"Invitation sent to {profile.email}"
    return redirect(f"/app/teams/{scope.home_team_id}", toast=toast)


@router.post("/app/teams/{team_id}/people/{profile_id}/resend")
async def resend_invitation(user: AccountHolder, scope: OwnedTeam, profile_id: UUID) -> Response:
    profile = await invitations.resend_invitation(user, scope=scope, profile_id=profile_id)
    toast = f"A new link is on its way to {profile.email}. The earlier one ended."
    return redirect(f"/app/teams/{scope.home_team_id}", toast=toast)


@router.post("/app/teams/{team_id}/people/{profile_id}/default")
async def choose_default(scope: OwnedTeam, profile_id: UUID) -> Response:
    await service.choose_default_profile(scope=scope, profile_id=profile_id)
    return redirect(f"/app/teams/{scope.home_team_id}", toast="This voice speaks for the team now")


async def _people_page(request: Request, tx: Tx, scope: Scope) -> Response:
    profiles = await invitations.list_people(tx, scope=scope)
    latest, total = await service.list_activity(tx, scope=scope, limit=LATEST)
    context = {
        "scope": scope,
        "team": await service.get_team(tx, team_id=service.team_of(scope)),
        "profiles": profiles,
        "items": _timeline(latest),
        "activity_total": total,
        "is_shared": scope.kind is ScopeKind.TEAM,
    }
    return render(request, "identity/teams/people.html", context)


async def _settings_page(
    request: Request,
    tx: Tx,
    scope: Scope,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    team = await service.get_team(tx, team_id=service.team_of(scope))
    profiles = await service.list_profiles(tx, scope=scope)
    successors = [
        (str(each.id), each.full_name)
        for each in profiles
        if each.status == "active" and each.user_id not in (None, team.owner_id)
    ]
    context = {
        "scope": scope,
        "team": team,
        "values": {**team.model_dump(), **(values or {})},
        "errors": errors or {},
        "successors": successors,
        "is_shared": scope.kind is ScopeKind.TEAM,
    }
    status = 422 if errors else 200
    return render(request, "identity/teams/settings.html", context, status=status)


async def _refused_settings(
    request: Request, actor: Any, scope: Scope, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    async with runtime.acting_as(actor, readonly=True) as tx:
        return await _settings_page(request, tx, scope, values=values, errors=errors)


async def _persona_page(
    request: Request,
    tx: Tx,
    scope: Scope,
    profile_id: UUID,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    profile = await service.get_profile(tx, scope=scope, profile_id=profile_id)
    team = await service.get_team(tx, team_id=profile.team_id)
    voice = profile.voice_profile
    shown = {
        **profile.model_dump(),
        "expertise_areas": rules.join_phrases(profile.expertise_areas),
        "tone": voice.tone,
        "storytelling_style": voice.storytelling_style,
        "vocabulary": rules.join_phrases(voice.vocabulary),
        "banned_phrases": rules.join_phrases(voice.banned_phrases),
        "signature_phrases": rules.join_phrases(voice.signature_phrases),
        **(values or {}),
    }
    context = {
        "scope": scope,
        "team": team,
        "profile": profile,
        "values": shown,
        "errors": errors or {},
        "may_edit": service.may_edit(scope, profile),
        "is_shared": scope.kind is ScopeKind.TEAM,
    }
    status = 422 if errors else 200
    return render(request, "identity/teams/persona.html", context, status=status)


def _team_form(
    request: Request, *, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Response:
    context = {"values": values, "errors": errors or {}}
    return render(request, "identity/teams/new.html", context, status=422 if errors else 200)


def _person_form(
    request: Request,
    scope: Scope,
    *,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    cause: LodestoneError | None = None,
) -> Response:
    context = {
        "scope": scope,
        "values": values,
        "errors": errors or {},
        "is_shared": scope.kind is ScopeKind.TEAM,
    }
    return render(
        request, "identity/teams/invite.html", context, status=cause.status if cause else 200
    )


def _timeline(rows: list[Any]) -> list[dict[str, Any]]:
    items = []
    for row in rows:
        icon, words = rules.describe(row.action)
        is_about_self = row.target_type == "profile" and row.subject == row.actor
        if is_about_self:
            words = rules.ABOUT_ONESELF.get(row.action, words)
        needs_no_subject = is_about_self or row.target_type == "team"
        items.append(
            {
                "icon": icon,
                "actor": row.actor,
                "words": words,
                "subject": None if needs_no_subject else row.subject,
                "href": rules.address_of(row.target_type, row.target_id),
                "fields": rules.list_fields(row.fields),
                "at": row.created_at,
            }
        )
    return items
