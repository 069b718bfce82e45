"""POST /token and /logout: sessions begin, go on and end."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import limits
from lodestone.auth import service as sessions
from lodestone.auth.clients import service as clients
from lodestone.auth.clients.models import ClientTokens
from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import answer, session_body
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.providers import service as providers
from lodestone.platform import runtime
from lodestone.platform.actors import Root

SCOPES = ("global", "local", "others")


async def grant(request: Request) -> Response:
    """POST /token?grant_type=…"""
    handler = _GRANTS.get(request.query_params.get("grant_type", ""))
    if handler is None:
        raise GoTrueError("unsupported_grant_type", code="invalid_credentials")
    return answer(session_body(await handler(request)))


async def _by_password(request: Request) -> ClientTokens:
    body = await asking.read_body(request)
    asking.refuse_phone(body)
    user_id = await sessions.check_password(
        email=asking.required(body, "email", "missing email or phone"),
        password=asking.text(body, "password") or "",
        address=asking.address_of(request),
    )
    return await _open(request, user_id, "password")


async def _by_refresh_token(request: Request) -> ClientTokens:
    body = await asking.read_body(request)
    token = asking.required(body, "refresh_token", "refresh_token required")
    await limits.take_refresh(asking.address_of(request))
    return await clients.refresh(token)


async def _by_code(request: Request) -> ClientTokens:
    body = await asking.read_body(request)
    words = "invalid request: both auth code and code verifier should be non-empty"
    await limits.take_verify(asking.address_of(request))
    user_id, method, sealed = await clients.redeem_code(
        code=asking.required(body, "auth_code", words),
        verifier=asking.required(body, "code_verifier", words),
    )
    tokens = await _open(request, user_id, method)
    if sealed is None:
        return tokens
    secrets = providers.open_secrets(sealed)
    return clients.with_provider_tokens(
        tokens, token=secrets["token"], refresh_token=secrets["refresh_token"]
    )


async def _by_id_token(request: Request) -> ClientTokens:
    body = await asking.read_body(request)
    issuer = runtime.current().accounts.google_issuer
    if body.get("provider") not in (providers.GOOGLE, issuer):
        raise GoTrueError("Custom OIDC provider not allowed")
    await limits.take_verify(asking.address_of(request))
    user_id = await providers.sign_in_with_id_token(
        id_token=asking.required(body, "id_token", "id_token required"),
        nonce=asking.text(body, "nonce"),
    )
    return await _open(request, user_id, "oauth")


_GRANTS = {
    "password": _by_password,
    "refresh_token": _by_refresh_token,
    "pkce": _by_code,
    "id_token": _by_id_token,
}


async def _open(request: Request, user_id: UUID, method: str) -> ClientTokens:
    async with runtime.acting_as(Root()) as tx:
        return await clients.open_client(
            tx, user_id=user_id, method=method, user_agent=request.headers.get("user-agent")
        )


async def sign_out(request: Request) -> Response:
    """POST /logout?scope=global|local|others."""
    scope = request.query_params.get("scope", "global")
    if scope not in SCOPES:
        raise GoTrueError(f'Unsupported logout scope "{scope}"')
    session = await asking.session_of(request)
    await clients.sign_out(session, scope=scope)
    return Response(status_code=204)
