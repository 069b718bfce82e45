"""The screens of the super-admin area. To everybody else there is nothing at these addresses."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentLook, CurrentSuperAdmin
from lodestone.auth.models import SignedIn
from lodestone.domains.identity.administration import rules, service
from lodestone.domains.identity.administration.models import AccountQuery, AccountState, Plan
from lodestone.domains.identity.scope import COOKIE as WORKSPACE_COOKIE
from lodestone.platform.errors import InvalidInput
from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    csv_response,
    redirect,
    render,
)

router = APIRouter(include_in_schema=False, prefix="/app/admin")
add_entry(
    Entry(
        "Admin", "/app/admin", "lock", "Operate", order=5, for_admins=True,
        keywords="users accounts super admin audit plans suspend service keys beta switches",
    )
)  # fmt: skip

COLUMNS = [
    Column("name", "Person", sortable=True),
    Column("plan", "Plan", sortable=True),
    Column("state", "Status", sortable=True, hide="sm"),
    Column("last_seen_at", "Last seen", sortable=True, hide="md"),
    Column("created_at", "Joined", sortable=True, hide="lg"),
]
FILTERS = [
    Filter("plan", "Plan", [(plan.value, plan.value.title()) for plan in Plan]),
    Filter("state", "Status", [(state.value, state.value.title()) for state in AccountState]),
    Filter("rank", "Rank", [("admin", "Super admins"), ("person", "Everybody else")]),
]
AUDIT_COLUMNS = [
    Column("action", "What"),
    Column("actor", "Who", hide="sm"),
    Column("subject", "Whose account", hide="md"),
    Column("created_at", "When", sortable=True),
]
AUDIT_FILTERS = [Filter("kind", "Kind", list(rules.KINDS.items()))]


def tabs(active: str) -> list[tuple[str, str, bool, int | None]]:
    """Return the parts of the area for the tabs above each."""
    parts = [
        ("Users", "/app/admin"),
        ("Audit", "/app/admin/audit"),
        ("Plans and limits", "/app/admin/plans"),
        ("Service keys", "/app/admin/services"),
        ("Installation", "/app/admin/installation"),
    ]
    return [(label, path, label == active, None) for label, path in parts]


@router.get("")
async def list_accounts(request: Request, admin: CurrentSuperAdmin) -> Response:
    listing, query = _listing(request)
    rows, total = await service.list_accounts(
        admin, query, limit=listing.limit, offset=listing.offset
    )
    context = {
        "listing": listing,
        "rows": rows,
        "total": total,
        "totals": await service.get_totals(admin),
        "tabs": tabs("Users"),
        "export": listing.url(page=None).replace("/app/admin", "/app/admin/users.csv", 1),
    }
    return render(request, "identity/administration/accounts.html", context)


@router.get("/users.csv")
async def export_accounts(request: Request, admin: CurrentSuperAdmin) -> Response:
    _, query = _listing(request)
    rows, _ = await service.list_accounts(admin, query, limit=service.MOST_EXPORTED)
    header = ["email", "name", "username", "plan", "plan_status", "status", "super_admin"]
    return csv_response(
        "users.csv",
        [*header, "last_seen_at", "created_at"],
        (
            (
                row.email,
                row.name,
                row.username,
                row.plan,
                row.plan_status,
                row.state,
                "yes" if row.is_super_admin else "no",
                row.last_seen_at.isoformat() if row.last_seen_at else None,
                row.created_at.isoformat(),
            )
            for row in rows
        ),
    )


@router.get("/users/{user_id}")
async def show_account(request: Request, admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    return await _account_page(request, admin, user_id)


@router.post("/users/{user_id}/plan")
async def change_plan(
    admin: CurrentSuperAdmin, user_id: UUID, plan: Annotated[Plan, Form()]
) -> Response:
    await service.change_plan(admin, user_id=user_id, plan=plan)
    return redirect(_path(user_id), toast=f"The plan is {plan.value} now")


@router.post("/users/{user_id}/suspend")
async def suspend(
    request: Request, admin: CurrentSuperAdmin, user_id: UUID, reason: Annotated[str, Form()] = ""
) -> Response:
    try:
        await service.suspend(admin, user_id=user_id, reason=reason)
    except InvalidInput as error:
        return await _account_page(request, admin, user_id, suspend_error=error.message)
    return redirect(
        _path(user_id),
        toast="Suspended, and signed out everywhere",
        undo=f"{_path(user_id)}/unsuspend",
    )


@router.post("/users/{user_id}/unsuspend")
async def unsuspend(admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    await service.unsuspend(admin, user_id=user_id)
    return redirect(_path(user_id), toast="They can sign in again")


@router.post("/users/{user_id}/sessions/end")
async def end_sessions(admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    count = await service.end_sessions(admin, user_id=user_id)
    return redirect(_path(user_id), toast=f"Sessions ended: {count}")


@router.post("/users/{user_id}/sessions/{session_id}/end")
async def end_session(admin: CurrentSuperAdmin, user_id: UUID, session_id: UUID) -> Response:
    await service.end_sessions(admin, user_id=user_id, session_id=session_id)
    return redirect(_path(user_id), toast="Signed out there")


@router.post("/users/{user_id}/password-link")
async def send_password_link(admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    address = await service.send_password_link(admin, user_id=user_id)
    return redirect(_path(user_id), toast=f"A link is on its way to {address}")


@router.post("/users/{user_id}/super-admin/grant")
async def grant_super_admin(admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    await service.grant_super_admin(admin, user_id=user_id)
    return redirect(_path(user_id), toast="A super admin now")


@router.post("/users/{user_id}/super-admin/revoke")
async def revoke_super_admin(admin: CurrentSuperAdmin, user_id: UUID) -> Response:
    await service.revoke_super_admin(admin, user_id=user_id)
    if user_id == admin.user_id:
        return redirect("/app", toast="You are no super admin any more")
    return redirect(_path(user_id), toast="No super admin any more")


@router.post("/users/{user_id}/look")
async def start_look(
    request: Request, admin: CurrentSuperAdmin, user_id: UUID, reason: Annotated[str, Form()] = ""
) -> Response:
    try:
        await service.start_look(admin, user_id=user_id, reason=reason)
    except InvalidInput as error:
        return await _account_page(request, admin, user_id, look_error=error.message)
    return _as_somebody_else("/app")


@router.post("/view/allow-changes")
async def allow_changes(look: CurrentLook) -> Response:
    await service.allow_changes(look)
    return redirect("/app", toast="You can change things now. All of it is noted.", tone="warning")


@router.post("/view/end")
async def end_look(look: CurrentLook) -> Response:
    user_id = await service.end_look(look)
    return _as_somebody_else(_path(user_id), toast="You are yourself again")


@router.get("/audit")
async def list_audit(
    request: Request, admin: CurrentSuperAdmin, subject: UUID | None = None
) -> Response:
    listing = Listing.read(request, columns=AUDIT_COLUMNS, filters=AUDIT_FILTERS)
    rows, total = await service.list_audit(
        admin,
        search=listing.q or None,
        kind=listing.value("kind"),
        subject_id=subject,
        direction="desc" if listing.descending else "asc",
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total, "tabs": tabs("Audit")}
    return render(request, "identity/administration/audit.html", context | _words())


@router.get("/audit.csv")
async def export_audit(request: Request, admin: CurrentSuperAdmin) -> Response:
    listing = Listing.read(request, columns=AUDIT_COLUMNS, filters=AUDIT_FILTERS)
    rows, _ = await service.list_audit(
        admin,
        search=listing.q or None,
        kind=listing.value("kind"),
        limit=service.MOST_EXPORTED,
    )
    return csv_response(
        "audit.csv",
        ["when", "action", "who", "whose_account", "details"],
        (
            (
                row.created_at.isoformat(),
                row.action,
                row.actor,
                row.subject,
                rules.tell_details(row.details),
            )
            for row in rows
        ),
    )


@router.get("/installation")
async def show_installation(request: Request, admin: CurrentSuperAdmin) -> Response:
    context = {"is_beta": await service.is_beta(admin), "tabs": tabs("Installation")}
    return render(request, "identity/administration/installation.html", context)


@router.post("/installation/beta")
async def switch_beta(admin: CurrentSuperAdmin, is_on: Annotated[bool, Form()]) -> Response:
    await service.switch_beta(admin, is_on=is_on)
    said = "Everything is unlimited for everybody" if is_on else "Plans and their limits hold again"
    return redirect("/app/admin/installation", toast=said)


async def _account_page(
    request: Request,
    admin: SignedIn,
    user_id: UUID,
    *,
    look_error: str | None = None,
    suspend_error: str | None = None,
) -> Response:
    page = await service.get_account(admin, user_id=user_id)
    context: dict[str, Any] = {
        "page": page,
        "account": page.account,
        "plans": [(plan.value, plan.value.title()) for plan in Plan],
        "look_error": look_error,
        "suspend_error": suspend_error,
        "is_me": user_id == admin.user_id,
        "minutes": rules.LOOK_MINUTES,
    }
    status = 422 if look_error or suspend_error else 200
    return render(
        request, "identity/administration/account.html", context | _words(), status=status
    )


def _as_somebody_else(path: str, *, toast: str | None = None) -> Response:
    """Go on as another person: neither what was cached nor the chosen workspace is theirs."""
    response = redirect(path, toast=toast)
    response.delete_cookie(WORKSPACE_COOKIE, path="/", httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache"'
    return response


def _words() -> dict[str, Any]:
    return {
        "describe": rules.describe,
        "icon_of": rules.icon_of,
        "tell_details": rules.tell_details,
    }


def _listing(request: Request) -> tuple[Listing, AccountQuery]:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS)
    plan, state, rank = (listing.value(key) for key in ("plan", "state", "rank"))
    query = AccountQuery(
        search=listing.q or None,
        plan=Plan(plan) if plan else None,
        state=AccountState(state) if state else None,
        is_super_admin=None if rank is None else rank == "admin",
        sort=listing.sort_key,
        descending=listing.descending,
    )
    return listing, query


def _path(user_id: UUID) -> str:
    return f"/app/admin/users/{user_id}"
