"""What a request that fails is answered: one JSON shape for programs, a page for people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from lodestone.platform.errors import (
    InvalidInput,
    LodestoneError,
    RateLimited,
    Unauthorized,
    UpgradeNeeded,
    from_postgres,
)
from lodestone.platform.pages.rendering import render
from lodestone.platform.pages.security import protect

SIGN_IN = "/sign-in"
PROGRAM_PREFIXES = ("/api/", "/rest/", "/auth/", "/storage/", "/hooks/", "/mcp", "/metrics")

_log = structlog.get_logger(__name__)
_TITLES = {
    400: "That request made no sense",
    401: "Sign in first",
    403: "Not yours to see",
    404: "Nothing here",
    405: "That can't be done here",
    409: "Something changed meanwhile",
    410: "This link is over",
    413: "Too large",
    422: "Something is missing",
    429: "Too many at once",
    503: "Not available right now",
}
_UPGRADE = "Your plan doesn't hold this"


def install(app: FastAPI) -> None:
    """Have every failure of the application answered here."""
    app.add_exception_handler(LodestoneError, _answer_ours)
    app.add_exception_handler(asyncpg.PostgresError, _answer_postgres)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_defect)


def is_for_program(request: Request) -> bool:
    """Say whether JSON is expected: an API's path, or a caller that takes JSON and no HTML."""
    accept = request.headers.get("accept", "")
    wants_json = "application/json" in accept and "text/html" not in accept
    return wants_json or request.url.path.startswith(PROGRAM_PREFIXES)


async def _answer_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, LodestoneError):
        raise error
    return _answer(request, error)


async def _answer_postgres(request: Request, error: Exception) -> Response:
    if not isinstance(error, asyncpg.PostgresError):
        raise error
    translated = from_postgres(error)
    if translated.status >= 500:
        _log.error("database_refused", sqlstate=error.sqlstate, exc_info=error)
    return _answer(request, translated)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = {_field_of(each["loc"]): _sayable(each["msg"]) for each in error.errors()}
    names = ", ".join(fields)
    return _answer(request, InvalidInput(f"Please check: {names}.", fields=fields))


async def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTPStatus(error.status_code).name.lower()
    message = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and error.detail == "Not Found":
        message = "There is nothing at this address."
    translated = LodestoneError(message, code=code, status=error.status_code)
    return _answer(request, translated, headers=error.headers)


async def _answer_defect(request: Request, error: Exception) -> Response:
    _log.error("request_failed", path=request.url.path, exc_info=error)
    response = _answer(request, LodestoneError("Something went wrong on our side."))
    # This answer does not pass through the middleware, which the error has left already.
    protect(response.headers, nonce=getattr(request.state, "nonce", ""))
    return response


def _answer(
    request: Request, error: LodestoneError, *, headers: Mapping[str, str] | None = None
) -> Response:
    extra = dict(headers or {})
    if isinstance(error, RateLimited):
        extra["retry-after"] = str(error.retry_after_seconds)
    if is_for_program(request):
        return JSONResponse(error.to_json(), status_code=error.status, headers=extra)
    if isinstance(error, Unauthorized):
        return RedirectResponse(f"{SIGN_IN}?next={quote(_return_path(request))}", status_code=303)
    fields = error.fields if isinstance(error, InvalidInput) else {}
    upgrade = error.upgrade if isinstance(error, UpgradeNeeded) else None
    context: dict[str, Any] = {
        "title": _UPGRADE if upgrade else _TITLES.get(error.status, "Something went wrong"),
        "message": error.message,
        "hint": error.hint,
        "status": error.status,
        "fields": fields,
        "upgrade": upgrade,
    }
    return render(request, "error.html", context, status=error.status, headers=extra)


def _return_path(request: Request) -> str:
    if request.method not in ("GET", "HEAD"):
        return "/app"
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _field_of(location: Sequence[str | int]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return _sayable(".".join(parts)) or "body"


def _sayable(text: str) -> str:
    """Return text that can be sent: JSON lets half of a surrogate pair in, UTF-8 lets none out."""
    return text.encode("utf-8", "replace").decode()
