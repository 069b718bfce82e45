"""What a signed-in person does with their own account: /user, /reauthenticate, /factors."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth import accounts, passwords, redirects
from lodestone.auth import service as sessions
from lodestone.auth.clients import service as clients
from lodestone.auth.clients.models import ClientSession
from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import answer, session_body, user_body
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.mfa import service as mfa
from lodestone.auth.providers import service as providers
from lodestone.auth.users import service as users
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import Conflict, Unauthorized

FRESH_SECONDS = 24 * 3600
"""A session that proved itself within a day may change the password without a code."""


async def show(request: Request) -> Response:
    """GET /user."""
    return answer(user_body((await asking.session_of(request)).account))


async def change(request: Request) -> Response:
    """PUT /user: password, metadata, address."""
    session = await asking.session_of(request)
    body = await asking.read_body(request)
    _refuse_change(body, session)
    account, address = session.account, asking.address_of(request)
    password = asking.text(body, "password")
    data = asking.mapping(body, "data")
    email = asking.text(body, "email")
    new_email = sessions.clean_email(email) if email else account.email
    if password is not None:
        passwords.refuse_weak(password, email=account.email)
        await _prove(session, body, address)
    async with runtime.acting_as(Root()) as tx:
        if password is not None:
            await accounts.set_password(
                tx, user_id=account.id, new=password, keep_session=session.id
            )
        if data is not None:
            await users.write_user_metadata(tx, user_id=account.id, values=data)
    if new_email != account.email:
        await accounts.request_email_change(
            user_id=account.id,
            new_email=new_email,
            address=address,
            via=accounts.Via(
                redirect_to=asking.lead_to(request, {}),
                is_client=True,
                challenge=asking.challenge_of(body),
            ),
        )
    async with runtime.acting_as(Root(), readonly=True) as tx:
        return answer(user_body(await users.get_account(tx, user_id=account.id)))


def _refuse_change(body: dict[str, Any], session: ClientSession) -> None:
    if body.get("phone"):
        raise GoTrueError("Phone signups are disabled", code="phone_provider_disabled")
    if body.get("app_metadata") is not None:
        raise GoTrueError(
            "Updating app_metadata requires admin privileges", code="not_admin", status=403
        )
    changes_way_in = body.get("password") or body.get("email")
    if changes_way_in and session.account.has_second_factor and session.aal != "aal2":
        raise Unauthorized(
            "AAL2 session is required to update email or password when MFA is enabled.",
            code="insufficient_aal",
        )


async def _prove(session: ClientSession, body: dict[str, Any], address: str) -> None:
    """Ask for a mailed code, or the current password, unless somebody signed in lately."""
    nonce, current = asking.text(body, "nonce"), asking.text(body, "current_password")
    if nonce is not None:
        await accounts.verify_reauthentication(account=session.account, code=nonce, address=address)
        return
    if current is not None:
        await sessions.check_password(
            email=session.account.email, password=current, address=address
        )
        return
    latest = max((int(each["timestamp"]) for each in session.amr), default=0)
    if latest < time.time() - FRESH_SECONDS and session.account.password_hash is not None:
        raise GoTrueError(
            "Password update requires reauthentication", code="reauthentication_needed"
        )


async def reauthenticate(request: Request) -> Response:
    """GET /reauthenticate: mails the code that `nonce` carries back."""
    session = await asking.session_of(request)
    await accounts.request_reauthentication(
        account=session.account, address=asking.address_of(request)
    )
    return answer({})


async def link_identity(request: Request) -> Response:
    """GET /user/identities/authorize: the way to a provider, for the account that asks."""
    session = await asking.session_of(request)
    query = dict(request.query_params)
    if query.get("provider") != providers.GOOGLE:
        raise GoTrueError("Unsupported provider: provider is not enabled")
    departure = await providers.begin(
        purpose=providers.Purpose.LINK,
        redirect_to=redirects.allowed(query.get("redirect_to")),
        challenge=asking.challenge_of(query),
        account=session.account,
        session_id=session.id,
    )
    if query.get("skip_http_redirect") == "true":
        return answer({"url": departure.url})
    return RedirectResponse(departure.url, status_code=302)


async def unlink_identity(request: Request) -> Response:
    """DELETE /user/identities/{identity_id}."""
    session = await asking.session_of(request)
    identity_id = asking.identifier(request.path_params["identity_id"], "identity_id")
    if not session.account.identities:
        raise Conflict(
            "User must have at least 1 identity after unlinking",
            code="single_identity_not_deletable",
            status=422,
        )
    await providers.unlink(account=session.account, identity_id=identity_id)
    return answer({})


async def enroll_factor(request: Request) -> Response:
    """POST /factors."""
    session = await asking.session_of(request)
    body = await asking.read_body(request)
    if body.get("factor_type") == "phone":
        raise GoTrueError(
            "MFA enroll is disabled for Phone", code="mfa_phone_enroll_not_enabled", status=422
        )
    if body.get("factor_type") != mfa.METHOD:
        raise GoTrueError("factor_type needs to be totp")
    enrolled = await mfa.enroll(
        account=session.account,
        aal=session.aal,
        friendly_name=asking.text(body, "friendly_name") or "",
        issuer=asking.text(body, "issuer") or "",
    )
    totp = {"qr_code": enrolled.qr_code, "secret": enrolled.secret, "uri": enrolled.uri}
    return answer(
        {
            "id": str(enrolled.id),
            "type": mfa.METHOD,
            "friendly_name": enrolled.friendly_name,
            "totp": totp,
        }
    )


async def challenge_factor(request: Request) -> Response:
    """POST /factors/{factor_id}/challenge."""
    session = await asking.session_of(request)
    asked = await mfa.challenge(
        user_id=session.account.id,
        factor_id=asking.identifier(request.path_params["factor_id"], "factor_id"),
    )
    return answer(
        {
            "id": str(asked.id),
            "type": asked.factor_type,
            "expires_at": int(asked.expires_at.timestamp()),
        }
    )


async def verify_factor(request: Request) -> Response:
    """POST /factors/{factor_id}/verify: answers with a session of aal2."""
    session = await asking.session_of(request)
    body = await asking.read_body(request)
    await mfa.verify(
        user_id=session.account.id,
        session_id=session.id,
        factor_id=asking.identifier(request.path_params["factor_id"], "factor_id"),
        challenge_id=asking.identifier(
            asking.required(body, "challenge_id", "challenge_id required"), "challenge_id"
        ),
        code=asking.required(body, "code", "code required"),
    )
    return answer(session_body(await clients.renew(session.id)))


async def unenroll_factor(request: Request) -> Response:
    """DELETE /factors/{factor_id}."""
    session = await asking.session_of(request)
    factor_id = asking.identifier(request.path_params["factor_id"], "factor_id")
    await mfa.unenroll(account=session.account, aal=session.aal, factor_id=factor_id)
    return answer({"id": str(factor_id)})
