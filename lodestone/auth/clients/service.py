"""Open, renew and end the sessions of clients that hold tokens."""

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

from lodestone.auth import service as sessions
from lodestone.auth.clients import queries
from lodestone.auth.clients.models import ClientSession, ClientTokens
from lodestone.auth.one_time.models import Challenge
from lodestone.auth.users import queries as user_queries
from lodestone.auth.users import service as users
from lodestone.auth.users.models import Account
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Forbidden, LodestoneError, NotFound, Unauthorized
from lodestone.platform.secrets import hash_token, new_token
from lodestone.platform.tokens import TokenRefused

ACCESS_SECONDS = 3600
REUSE_SECONDS = 10
CODE_SECONDS = 300
AUDIENCE = "authenticated"

_ROOT = Root()


class RefreshRefused(LodestoneError):
    """The refresh token is not one, is used up, or its session has ended."""

    code = "refresh_token_not_found"
    status = 400


class BadCode(LodestoneError):
    """The client's code is not one, or what it sent does not fit its challenge."""

    code = "flow_state_not_found"
    status = 404


async def open_client(
    tx: Tx,
    *,
    user_id: UUID,
    method: str,
    user_agent: str | None = None,
) -> ClientTokens:
    """Sign somebody in with a client. Raises: AccountBarred, NotFound."""
    account = await users.get_account(tx, user_id=user_id)
    if account.is_barred:
        raise sessions.AccountBarred
    await user_queries.touch_sign_in(tx, user_id=user_id)
    account = await users.get_account(tx, user_id=user_id)
    amr = [{"method": method, "timestamp": int(time.time())}]
    session_id = await queries.insert_session(
        tx,
        user_id=user_id,
        user_agent=user_agent[:400] if user_agent else None,
        aal="aal1",
        amr=amr,
        lifetime_seconds=sessions.LIFETIME_SECONDS,
    )
    return await _hand_out(tx, ClientSession(session_id, account, "aal1", amr), parent_id=None)


async def refresh(refresh_token: str) -> ClientTokens:
    """Return new tokens for a refresh token, which is then used up.

    Used again within ten seconds it works once more, for a client that asked twice at once. Later
    somebody has a copy: the session ends for everybody. Raises: RefreshRefused, AccountBarred.
    """
    async with runtime.acting_as(_ROOT) as tx:
        found = await queries.lock_refresh_token(
            tx,
            token_hash=hash_token(refresh_token),
            idle_seconds=sessions.IDLE_SECONDS,
            reuse_seconds=REUSE_SECONDS,
        )
        if found is None:
            raise RefreshRefused("Invalid Refresh Token: Refresh Token Not Found")
        is_replay: bool = found["is_replay"]
        if is_replay:
            await queries.delete_session(tx, session_id=found["session_id"])
        elif not found["is_session_live"]:
            raise RefreshRefused("Invalid Refresh Token: Session Expired", code="session_expired")
        else:
            session = await _get_session(tx, session_id=found["session_id"])
            if session.account.is_barred:
                raise sessions.AccountBarred
            await queries.replace_refresh_token(tx, token_id=found["id"])
            return await _hand_out(tx, session, parent_id=found["id"])
    # After the commit, so that the end of the session stays.
    raise RefreshRefused("Invalid Refresh Token: Already Used", code="refresh_token_already_used")


async def renew(session_id: UUID) -> ClientTokens:
    """Return new tokens of a session that was raised, and end the earlier ones."""
    async with runtime.acting_as(_ROOT) as tx:
        session = await _get_session(tx, session_id=session_id)
        await queries.end_refresh_tokens(tx, session_id=session_id)
        return await _hand_out(tx, session, parent_id=None)


async def identify(access_token: str) -> ClientSession:
    """Return the session of an access token.

    Raises: Forbidden (bad_jwt, session_not_found, user_not_found); AccountBarred.
    """
    try:
        claims = runtime.current().tokens.verify(access_token)
        session_id, user_id = UUID(str(claims["session_id"])), UUID(str(claims["sub"]))
    except (TokenRefused, KeyError, ValueError) as error:
        message = "invalid JWT: unable to parse or verify signature"
        raise Forbidden(message, code="bad_jwt") from error
    async with runtime.acting_as(_ROOT, readonly=True) as tx:
        try:
            session = await _get_session(tx, session_id=session_id)
        except NotFound as error:
            raise Forbidden(
                "Session from session_id claim in JWT does not exist", code="session_not_found"
            ) from error
    if session.account.id != user_id:
        raise Forbidden("User from sub claim in JWT does not exist", code="user_not_found")
    if session.account.is_barred:
        raise sessions.AccountBarred
    return session


async def sign_out(session: ClientSession, *, scope: str) -> None:
    """End this session (local), every other (others) or all of the person (global)."""
    async with runtime.acting_as(_ROOT) as tx:
        if scope == "local":
            await queries.delete_session(tx, session_id=session.id)
            return
        keep = session.id if scope == "others" else None
        await user_queries.delete_sessions(tx, user_id=session.account.id, keep=keep)


async def issue_code(
    tx: Tx,
    *,
    user_id: UUID,
    method: str,
    challenge: Challenge,
    provider_secrets: str | None = None,
) -> str:
    """Return a code that the client with the challenge's answer redeems, once."""
    code = new_token()
    await queries.insert_flow(
        tx,
        user_id=user_id,
        session_id=None,
        purpose="client",
        method=method,
        provider=None,
        state_hash=None,
        auth_code_hash=hash_token(code),
        code_challenge=challenge.value,
        code_challenge_method=challenge.method,
        provider_secrets=provider_secrets,
        redirect_to="",
        lifetime_seconds=CODE_SECONDS,
    )
    return code


async def redeem_code(*, code: str, verifier: str) -> tuple[UUID, str, str | None]:
    """Return who signs in, how, and the provider's tokens (encrypted), for a client's code.

    The code is used up by the first try, good or bad. Raises: BadCode.
    """
    async with runtime.acting_as(_ROOT) as tx:
        flow = await queries.use_auth_code(tx, auth_code_hash=hash_token(code))
    if flow is None:
        raise BadCode("invalid flow state, no valid flow state found")
    if flow["is_expired"]:
        raise BadCode("invalid flow state, flow state has expired", code="flow_state_expired")
    challenge = Challenge(flow["code_challenge"], flow["code_challenge_method"])
    if not answers(challenge, verifier):
        raise BadCode(
            "code challenge does not match previously saved code verifier",
            code="bad_code_verifier",
            status=400,
        )
    return flow["user_id"], flow["method"], flow["provider_secrets"]


def answers(challenge: Challenge, verifier: str) -> bool:
    """Say whether a verifier is the answer to a challenge.

    Source: https://www.rfc-editor.org/rfc/rfc7636#section-4.6
    """
    given = verifier
    if challenge.method == "s256":
        digest = hashlib.sha256(verifier.encode()).digest()
        given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(given.encode(), challenge.value.encode())


async def _get_session(tx: Tx, *, session_id: UUID) -> ClientSession:
    row = await queries.find_live_session(
        tx, session_id=session_id, idle_seconds=sessions.IDLE_SECONDS
    )
    if row is None:
        raise NotFound("There is no such session.")
    account = await users.get_account(tx, user_id=row["user_id"])
    return ClientSession(row["id"], account, row["aal"], row["amr"])


async def _hand_out(tx: Tx, session: ClientSession, *, parent_id: UUID | None) -> ClientTokens:
    refresh_token = new_token()
    await queries.insert_refresh_token(
        tx, session_id=session.id, token_hash=hash_token(refresh_token), parent_id=parent_id
    )
    return ClientTokens(
        access_token=access_token(session),
        refresh_token=refresh_token,
        expires_in=ACCESS_SECONDS,
        expires_at=int(time.time()) + ACCESS_SECONDS,
        account=session.account,
    )


def access_token(session: ClientSession) -> str:
    """Return the signed claims of a session, good for an hour."""
    return runtime.current().tokens.sign(_claims(session), ACCESS_SECONDS)


def _claims(session: ClientSession) -> dict[str, Any]:
    account = session.account
    return {
        "iss": f"{runtime.current().base_url}/auth/v1",
        "sub": str(account.id),
        "aud": AUDIENCE,
        "role": _role(account, session.aal),
        "email": account.email,
        "phone": "",
        "app_metadata": account.app_metadata,
        "user_metadata": account.user_metadata,
        "aal": session.aal,
        "amr": session.amr,
        "session_id": str(session.id),
        "is_anonymous": False,
    }


def _role(account: Account, aal: str) -> str:
    """Until the second factor is given, the token sees what a visitor sees."""
    return "anon" if account.has_second_factor and aal != "aal2" else "authenticated"


def with_provider_tokens(
    tokens: ClientTokens, *, token: str | None, refresh_token: str | None
) -> ClientTokens:
    """Return the tokens with those of the provider that the person came from."""
    return replace(tokens, provider_token=token, provider_refresh_token=refresh_token)


def unauthorized() -> Unauthorized:
    """Say that a request came without an access token."""
    return Unauthorized("This endpoint requires a Bearer token", code="no_authorization")
