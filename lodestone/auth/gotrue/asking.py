"""What a request says: its body, who asks, where to lead back, which challenge it holds."""

import json
import re
from typing import Any
from uuid import UUID

from starlette.requests import Request

from lodestone.auth.clients import service as clients
from lodestone.auth.clients.models import ClientSession
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.one_time.models import Challenge
from lodestone.platform import runtime, telemetry
from lodestone.platform.errors import Forbidden
from lodestone.platform.tokens import TokenRefused

LARGEST_BODY = 65_536
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


async def read_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request, empty when there is none. Raises: GoTrueError."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise GoTrueError("The body is too large.", code="validation_failed", status=413)
        parts.append(part)
    raw = b"".join(parts)
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
    except ValueError:
        raise GoTrueError("Could not parse request body as JSON", code="bad_json") from None
    if not isinstance(found, dict):
        raise GoTrueError("Could not parse request body as JSON", code="bad_json")
    try:
        text_of_all = json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: no text that could be stored or hashed.
        raise GoTrueError("Could not parse request body as JSON", code="bad_json") from None
    if b"\\u0000" in text_of_all:
        raise GoTrueError("A text may hold no zero character.")
    return found


def text(body: dict[str, Any], name: str) -> str | None:
    """Return a text of the body, None when it is missing or empty. Raises: GoTrueError."""
    value = body.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise GoTrueError(f"{name} has to be a text")
    return value


def required(body: dict[str, Any], name: str, message: str) -> str:
    """Return a text that has to be there. Raises: GoTrueError."""
    value = text(body, name)
    if value is None:
        raise GoTrueError(message)
    return value


def flag(body: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """Return a boolean of the body. Raises: GoTrueError."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise GoTrueError(f"{name} has to be true or false")
    return value


def mapping(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return an object of the body, None when it is missing. Raises: GoTrueError."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise GoTrueError(f"{name} has to be an object")
    return value


def identifier(value: str, name: str) -> UUID:
    """Return an id of the address. Raises: GoTrueError."""
    try:
        return UUID(value)
    except ValueError:
        raise GoTrueError(f"{name} must be an UUID", status=404) from None


def challenge_of(values: dict[str, Any]) -> Challenge | None:
    """Return the challenge that a client holds the answer to (PKCE). Raises: GoTrueError."""
    value, method = values.get("code_challenge"), values.get("code_challenge_method")
    if not value and not method:
        return None
    if not isinstance(value, str) or not isinstance(method, str) or not value or not method:
        raise GoTrueError(
            "PKCE flow requires code_challenge_method and code_challenge", code="validation_failed"
        )
    plain = method.lower()
    if plain not in {"s256", "plain"} or not _CHALLENGE.fullmatch(value):
        raise GoTrueError("code challenge is not valid")
    return Challenge(value, plain)


def refuse_phone(body: dict[str, Any]) -> None:
    """Raise GoTrueError for what only a telephone could do."""
    if body.get("phone") and not body.get("email"):
        raise GoTrueError("Phone signups are disabled", code="phone_provider_disabled")


def address_of(request: Request) -> str:
    """Return the network address that asks; a trusted proxy's word for it is in there already."""
    return request.client.host if request.client else ""


def lead_to(request: Request, body: dict[str, Any]) -> str | None:
    """Return where the client wants to be led back to, not yet looked at."""
    return request.query_params.get("redirect_to") or text(body, "redirect_to")


async def session_of(request: Request) -> ClientSession:
    """Return the session of the bearer. Raises: Unauthorized, Forbidden."""
    session = await clients.identify(_bearer(request))
    telemetry.bind_caller(user_id=session.account.id)
    return session


def require_service_key(request: Request) -> None:
    """Let the holder of the service key pass. Raises: Unauthorized, Forbidden (not_admin)."""
    try:
        claims = runtime.current().tokens.verify(_bearer(request))
    except TokenRefused as error:
        message = "invalid JWT: unable to parse or verify signature"
        raise Forbidden(message, code="bad_jwt") from error
    if claims.get("role") != "service_role":
        raise Forbidden("User not allowed", code="not_admin")


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise clients.unauthorized()
    return token.strip()
