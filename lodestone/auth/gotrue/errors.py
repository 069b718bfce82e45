"""Refusals in GoTrue's shapes: `{code, message}`, or `{code, error_code, msg}` without a version.

Source: https://supabase.com/docs/guides/auth/debugging/error-codes
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth import service
from lodestone.auth.passwords import WeakPassword
from lodestone.platform.errors import InvalidInput, LodestoneError, RateLimited, Unauthorized

VERSION_HEADER = "x-supabase-api-version"
VERSION = "2024-01-01"
UNEXPECTED = "unexpected_failure"

_MAILS = ("signup", "otp", "magiclink", "recover", "resend", "reauthenticate", "user", "invite")
_WORDS = {
    "wrong_credentials": (400, "invalid_credentials", "Invalid login credentials"),
    "email_not_confirmed": (400, "email_not_confirmed", "Email not confirmed"),
    "user_banned": (403, "user_banned", "User is banned"),
    "otp_expired": (403, "otp_expired", "Email link is invalid or has expired"),
    "email_provider_disabled": (422, "email_provider_disabled", "Email signups are disabled"),
    "signup_disabled": (422, "signup_disabled", "Signups not allowed for this instance"),
    "user_already_exists": (422, "user_already_exists", "User already registered"),
    "email_exists": (422, "email_exists", ""),
    "not_found": (404, "user_not_found", ""),
    "email_taken": (
        422,
        "email_exists",
        "A user with this email address has already been registered",
    ),
}


class GoTrueError(LodestoneError):
    """A refusal that only this contract knows; the code is GoTrue's."""

    code = "validation_failed"
    status = 400


def refusal(request: Request, error: LodestoneError) -> Response:
    """Return the answer of a refusal, as the version that the client asked for has it."""
    status, code, message = _translate(request, error)
    headers = {"cache-control": "no-store"}
    if isinstance(error, RateLimited):
        headers["retry-after"] = str(error.retry_after_seconds)
    body: dict[str, Any]
    if request.headers.get(VERSION_HEADER, "") >= VERSION:
        headers[VERSION_HEADER] = VERSION
        body = {"code": code, "message": message}
    else:
        body = {"code": status, "error_code": code, "msg": message}
        if request.url.path.endswith("/token"):
            body |= {"error": "invalid_grant", "error_description": message}
    if isinstance(error, WeakPassword):
        body["weak_password"] = {"reasons": error.reasons}
    return JSONResponse(body, status_code=status, headers=headers)


def told(request: Request, error: LodestoneError) -> dict[str, str]:
    """Return a refusal as the parameters with which a browser is sent back."""
    status, code, message = _translate(request, error)
    kind = "server_error" if status >= 500 else "access_denied"
    return {"error": kind, "error_code": code, "error_description": message}


def _translate(request: Request, error: LodestoneError) -> tuple[int, str, str]:
    if isinstance(error, WeakPassword):
        return 422, "weak_password", error.message
    if isinstance(error, RateLimited):
        asks_for_mail = request.url.path.rpartition("/")[2] in _MAILS
        code = "over_email_send_rate_limit" if asks_for_mail else "over_request_rate_limit"
        seconds = error.retry_after_seconds
        return (
            429,
            code,
            (f"For security purposes, you can only request this after {seconds} seconds."),
        )
    if isinstance(error, InvalidInput):
        is_email = "email" in error.fields
        words = "Unable to validate email address: invalid format" if is_email else error.message
        return 400, "validation_failed", words
    status, code, words = _WORDS.get(error.code, (error.status, error.code, ""))
    if isinstance(error, Unauthorized | service.AccountBarred) and "/token" in request.url.path:
        status = 400
    return status, code, words or error.message
