"""What the holder of the service key does with accounts: /admin/*, /invite."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import accounts, letters, passwords, redirects
from lodestone.auth import service as sessions
from lodestone.auth.endings import service as endings
from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import AUDIENCE, answer, user_body
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.gotrue.paging import read_page
from lodestone.auth.mfa import service as mfa
from lodestone.auth.one_time.models import Issued, Kind
from lodestone.auth.users import queries
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict

_UNIT_SECONDS = {"ms": 0.001, "us": 1e-6, "ns": 1e-9, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|ns|h|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)")
_LONGEST_BAN = timedelta(days=365 * 200)
_EXISTS = "A user with this email address has already been registered"


async def list_users(request: Request) -> Response:
    """GET /admin/users?page=&per_page=&filter=."""
    asking.require_service_key(request)
    page = read_page(request)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found, total = await users.list_accounts(
            tx,
            filter_text=request.query_params.get("filter") or None,
            limit=page.size,
            offset=page.offset,
        )
    body = {"users": [user_body(account) for account in found], "aud": AUDIENCE}
    return answer(body, headers=page.headers("/admin/users", total))


async def get_user(request: Request) -> Response:
    """GET /admin/users/{user_id}."""
    asking.require_service_key(request)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return answer(user_body(await users.get_account(tx, user_id=_user_id(request))))


async def create_user(request: Request) -> Response:
    """POST /admin/users."""
    asking.require_service_key(request)
    body = await asking.read_body(request)
    _refuse_unknown_role(body)
    email = sessions.clean_email(
        asking.required(body, "email", "Cannot create a user without either an email or phone")
    )
    metadata = asking.mapping(body, "user_metadata") or {}
    users.refuse_large(metadata)
    wanted = asking.text(body, "id")
    password_hash = await _given_password(body, email)
    async with runtime.acting_as(Root()) as tx:
        await queries.lock_email(tx, email=email)
        try:
            user_id = await sessions.create_user(
                tx,
                email=email,
                password=None,
                password_hash=password_hash,
                name=accounts.display_name(None, metadata, email),
                user_id=UUID(wanted) if wanted and asking.identifier(wanted, "id") else None,
                may_run=False,
            )
        except asyncpg.UniqueViolationError as error:
            raise Conflict("A user with this id exists already", code="conflict") from error
        await queries.update_after_sign_up(
            tx,
            user_id=user_id,
            user_metadata=metadata,
            must_confirm_email=not asking.flag(body, "email_confirm"),
        )
        await _write_common(tx, body, user_id)
        return answer(user_body(await users.get_account(tx, user_id=user_id)))


async def update_user(request: Request) -> Response:
    """PUT /admin/users/{user_id}."""
    asking.require_service_key(request)
    body = await asking.read_body(request)
    _refuse_unknown_role(body)
    user_id = _user_id(request)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        account = await users.get_account(tx, user_id=user_id)
    email = asking.text(body, "email")
    new_email = sessions.clean_email(email) if email else account.email
    password_hash = await _given_password(body, new_email)
    metadata = asking.mapping(body, "user_metadata")
    async with runtime.acting_as(Root()) as tx:
        await queries.lock_user(tx, user_id=user_id)
        if new_email != account.email:
            await _move(tx, user_id=user_id, email=new_email)
        if password_hash is not None:
            await queries.update_password(tx, user_id=user_id, password_hash=password_hash)
            await queries.delete_sessions(tx, user_id=user_id)
        if metadata is not None:
            await users.write_user_metadata(tx, user_id=user_id, values=metadata)
        await _write_common(tx, body, user_id)
        return answer(user_body(await users.get_account(tx, user_id=user_id)))


async def delete_user(request: Request) -> Response:
    """DELETE /admin/users/{user_id}: as the console deletes accounts, or closed on demand."""
    asking.require_service_key(request)
    body = await asking.read_body(request)
    user_id = _user_id(request)
    async with runtime.acting_as(Root()) as tx:
        await queries.lock_user(tx, user_id=user_id)
        await users.get_account(tx, user_id=user_id)
        if asking.flag(body, "should_soft_delete"):
            await users.close_account(tx, user_id=user_id)
        else:
            await endings.delete_account(tx, user_id=user_id)
    return answer({})


async def invite(request: Request) -> Response:
    """POST /invite: makes an account and mails its link."""
    asking.require_service_key(request)
    body = await asking.read_body(request)
    email = asking.required(body, "email", "An email address is required")
    metadata = asking.mapping(body, "data") or {}
    users.refuse_large(metadata)
    via = accounts.Via(redirect_to=asking.lead_to(request, body), is_client=True)
    async with runtime.acting_as(Root()) as tx:
        return answer(user_body(await accounts.invite(tx, email=email, metadata=metadata, via=via)))


async def generate_link(request: Request) -> Response:
    """POST /admin/generate_link: a link that the caller delivers; nothing is mailed."""
    asking.require_service_key(request)
    body = await asking.read_body(request)
    email = sessions.clean_email(asking.required(body, "email", "An email address is required"))
    target = redirects.allowed(asking.lead_to(request, body))
    kind = body.get("type")
    chosen = await _given_password(body, email) if kind == "signup" else None
    async with runtime.acting_as(Root()) as tx:
        await queries.lock_email(tx, email=email)
        known = await users.find_account_by_email(tx, email=email)
        if known is None and kind == "magiclink":
            kind = "signup"
        user_id, shown, issued = await _link(
            tx, body, kind=kind, email=email, known=known, password_hash=chosen
        )
        account = await users.get_account(tx, user_id=user_id)
    return answer(
        {
            **user_body(account),
            "action_link": letters.client_link(shown, issued.token, target),
            "email_otp": issued.code,
            "hashed_token": issued.token,
            "verification_type": kind,
            "redirect_to": target,
        }
    )


async def _link(
    tx: Tx,
    body: dict[str, Any],
    *,
    kind: object,
    email: str,
    known: Account | None,
    password_hash: str | None,
) -> tuple[UUID, Kind, Issued]:
    metadata = asking.mapping(body, "data") or {}
    users.refuse_large(metadata)
    if kind in ("signup", "invite"):
        shown = Kind(str(kind))
        user_id = await accounts.invited_account(
            tx, email=email, metadata=metadata, is_invited=shown is Kind.INVITE
        )
        issued = await accounts.issue_link(
            tx, user_id=user_id, kind=shown, email=email, password_hash=password_hash
        )
        return user_id, shown, issued
    if known is None or known.is_barred:
        raise GoTrueError("User with this email not found", code="user_not_found", status=404)
    if kind in ("magiclink", "recovery"):
        shown, target = Kind(str(kind)), email
    elif kind in ("email_change_current", "email_change_new"):
        shown = Kind.EMAIL_CHANGE
        target = sessions.clean_email(
            asking.required(body, "new_email", "An email address is required")
        )
        if await users.find_account_by_email(tx, email=target) is not None:
            raise Conflict(_EXISTS, code="email_exists", status=422)
    else:
        raise GoTrueError(f"Invalid email action link type requested: {kind}")
    issued = await accounts.issue_link(tx, user_id=known.id, kind=shown, email=target)
    return known.id, shown, issued


async def list_factors(request: Request) -> Response:
    """GET /admin/users/{user_id}/factors."""
    asking.require_service_key(request)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return answer((await users.get_account(tx, user_id=_user_id(request))).factors)


async def delete_factor(request: Request) -> Response:
    """DELETE /admin/users/{user_id}/factors/{factor_id}."""
    asking.require_service_key(request)
    user_id = _user_id(request)
    factor_id = asking.identifier(request.path_params["factor_id"], "factor_id")
    async with runtime.acting_as(Root()) as tx:
        factor = await mfa.get_factor(tx, user_id=user_id, factor_id=factor_id)
        await mfa.remove(
            tx,
            user_id=user_id,
            factor_id=factor_id,
            is_verified=factor["status"] == "verified",
        )
    return answer({"id": str(factor_id)})


async def _write_common(tx: Tx, body: dict[str, Any], user_id: UUID) -> None:
    if asking.flag(body, "email_confirm"):
        await accounts.confirm_email(tx, user_id=user_id)
    app_metadata = asking.mapping(body, "app_metadata")
    if app_metadata is not None:
        await users.write_app_metadata(tx, user_id=user_id, values=app_metadata)
    ban = asking.text(body, "ban_duration")
    if ban is not None:
        until = _ban_end(ban)
        await queries.update_banned_until(tx, user_id=user_id, banned_until=until)
        if until is not None:
            await queries.delete_sessions(tx, user_id=user_id)


async def _move(tx: Tx, *, user_id: UUID, email: str) -> None:
    """Give the account another address, which nobody has proved to read yet."""
    try:
        await queries.assign_email(tx, user_id=user_id, email=email)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(_EXISTS, code="email_exists", status=422) from error


async def _given_password(body: dict[str, Any], email: str) -> str | None:
    """Return the hash to store: of a password, or one that was made elsewhere."""
    password, made_elsewhere = asking.text(body, "password"), asking.text(body, "password_hash")
    if password is not None and made_elsewhere is not None:
        raise GoTrueError("Only a password or a password hash should be provided")
    if password is not None:
        passwords.refuse_weak(password, email=email)
        return await passwords.hash_password(password)
    if made_elsewhere is not None and not passwords.is_known_form(made_elsewhere):
        raise GoTrueError("Password hash is not argon2id or bcrypt")
    return made_elsewhere


def _refuse_unknown_role(body: dict[str, Any]) -> None:
    if body.get("role") not in (None, "", AUDIENCE):
        raise GoTrueError("The role of an account is authenticated, and no other")
    if body.get("phone"):
        raise GoTrueError("Phone signups are disabled", code="phone_provider_disabled")


def _ban_end(text: str) -> datetime | None:
    if text == "none":
        return None
    if not _DURATION.fullmatch(text):
        raise GoTrueError(f"invalid format for ban duration: {text!r}")
    seconds = sum(
        float(amount) * _UNIT_SECONDS[unit] for amount, unit in _DURATION_PART.findall(text)
    )
    return datetime.now(UTC) + min(timedelta(seconds=min(seconds, 1e10)), _LONGEST_BAN)


def _user_id(request: Request) -> UUID:
    return asking.identifier(request.path_params["user_id"], "user_id")
