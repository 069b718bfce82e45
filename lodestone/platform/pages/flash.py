"""Toasts that survive one redirect, in a cookie that the next page shows and clears."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

COOKIE = "lodestone_toast"
TONES = frozenset({"success", "info", "warning", "danger"})


@dataclass(frozen=True, slots=True)
class Toast:
    """One sentence about what just happened; `undo_path` is posted to when the person undoes it."""

    message: str
    tone: str = "success"
    undo_path: str | None = None


def redirect(
    path: str, *, toast: str | Toast | None = None, tone: str = "success", undo: str | None = None
) -> RedirectResponse:
    """Answer a form with 303 to a path of ours, and have the next page show the toast."""
    response = RedirectResponse(path, status_code=303)
    if isinstance(toast, str):
        toast = Toast(toast, tone, undo)
    if toast is not None:
        body = json.dumps(asdict(toast), separators=(",", ":")).encode()
        value = base64.urlsafe_b64encode(body).decode()
        response.set_cookie(COOKIE, value, max_age=60, httponly=True, samesite="lax", path="/")
    return response


def take(request: Request) -> Toast | None:
    """Return the toast that the last answer left; anything that is not one is nothing."""
    value = request.cookies.get(COOKIE)
    if not value:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(value))
        toast = Toast(str(found["message"]), str(found["tone"]), found["undo_path"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    if toast.tone not in TONES or (toast.undo_path and not _is_own_path(toast.undo_path)):
        return None
    return toast


def clear(response: Response) -> None:
    """Forget the toast, once a page has shown it."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def _is_own_path(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//")
