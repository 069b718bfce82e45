"""The routes of `/auth/v1`, each in GoTrue's manner: JSON in, JSON or a redirect out."""

from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lodestone.auth.gotrue import admin, auditing, granting, leading, mailing, person, telling
from lodestone.auth.gotrue.errors import UNEXPECTED, VERSION_HEADER, GoTrueError, refusal
from lodestone.platform.errors import LodestoneError

PREFIX = "/auth/v1"
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": f"x-total-count, link, retry-after, {VERSION_HEADER}",
}
_ALLOWED = "authorization, apikey, content-type, x-client-info, " + VERSION_HEADER

_log = structlog.get_logger(__name__)
_Handler = Callable[[Request], Awaitable[Response]]


def _route(path: str, handlers: dict[str, _Handler]) -> BaseRoute:
    methods = [*handlers, *(["HEAD"] if "GET" in handlers else [])]

    async def respond(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _preflight(request, methods)
        if request.method == "HEAD":
            # Mail servers and browsers look at links with it: it uses nothing up.
            return Response(headers=_CORS)
        response = await _handle(request, handlers)
        response.headers.update(_CORS)
        return response

    return Route(f"{PREFIX}{path}", respond, methods=[*methods, "OPTIONS"])


async def _handle(request: Request, handlers: dict[str, _Handler]) -> Response:
    try:
        return await handlers[request.method](request)
    except LodestoneError as error:
        if error.status >= 500:
            _log.warning("auth_unavailable", code=error.code)
        return refusal(request, error)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        # Fail closed: without the database nobody is let in, and nobody is told why.
        _log.exception("auth_failed")
        return refusal(
            request,
            GoTrueError(
                "Unexpected failure, please check server logs for more information",
                code=UNEXPECTED,
                status=500,
            ),
        )


def _preflight(request: Request, methods: list[str]) -> Response:
    asked = request.headers.get("access-control-request-headers", _ALLOWED)
    headers = {
        **_CORS,
        "access-control-allow-methods": ", ".join(methods),
        "access-control-allow-headers": asked,
        "access-control-max-age": "3600",
    }
    return Response(status_code=204, headers=headers)


routes: list[BaseRoute] = [
    _route("/health", {"GET": telling.health}),
    _route("/settings", {"GET": telling.settings}),
    _route("/.well-known/jwks.json", {"GET": telling.keys}),
    _route("/signup", {"POST": mailing.sign_up}),
    _route("/otp", {"POST": mailing.send_otp}),
    _route("/magiclink", {"POST": mailing.send_otp}),
    _route("/recover", {"POST": mailing.recover}),
    _route("/resend", {"POST": mailing.resend}),
    _route("/verify", {"GET": mailing.follow_link, "POST": mailing.verify}),
    _route("/token", {"POST": granting.grant}),
    _route("/logout", {"POST": granting.sign_out}),
    _route("/user", {"GET": person.show, "PUT": person.change}),
    _route("/reauthenticate", {"GET": person.reauthenticate, "POST": person.reauthenticate}),
    _route("/user/identities/authorize", {"GET": person.link_identity}),
    _route("/user/identities/{identity_id}", {"DELETE": person.unlink_identity}),
    _route("/factors", {"POST": person.enroll_factor}),
    _route("/factors/{factor_id}", {"DELETE": person.unenroll_factor}),
    _route("/factors/{factor_id}/challenge", {"POST": person.challenge_factor}),
    _route("/factors/{factor_id}/verify", {"POST": person.verify_factor}),
    _route("/authorize", {"GET": leading.authorize}),
    _route("/callback", {"GET": leading.come_back}),
    _route("/sso", {"POST": telling.sso_disabled}),
    _route("/invite", {"POST": admin.invite}),
    _route("/admin/users", {"GET": admin.list_users, "POST": admin.create_user}),
    _route(
        "/admin/users/{user_id}",
        {"GET": admin.get_user, "PUT": admin.update_user, "DELETE": admin.delete_user},
    ),
    _route("/admin/users/{user_id}/factors", {"GET": admin.list_factors}),
    _route("/admin/users/{user_id}/factors/{factor_id}", {"DELETE": admin.delete_factor}),
    _route("/admin/audit", {"GET": auditing.list_entries}),
    _route("/admin/generate_link", {"POST": admin.generate_link}),
]
