"""The routes of the data API: who asks, for what, in which form; one transaction per request."""

import functools
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lodestone.platform import runtime as runtimes
from lodestone.platform.tokens import TokenKeys
from lodestone.rest import calling, openapi, reading, writing
from lodestone.rest.answers import PREFLIGHT, refusal
from lodestone.rest.asking import Ask
from lodestone.rest.catalogs import get_catalog
from lodestone.rest.errors import RestError, from_database
from lodestone.rest.grammar.preferences import parse_preferences
from lodestone.rest.keys import ANONYMOUS, Keyring

PREFIX = "/rest/v1"
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

_log = structlog.get_logger(__name__)
_Handler = Callable[[Ask], Awaitable[Response]]


@functools.lru_cache(maxsize=4)
def _keyring(tokens: TokenKeys) -> Keyring:
    return Keyring(tokens)


async def _ask(request: Request) -> Ask:
    """Return who asks for what. Raises RestError for a bad key or preference."""
    runtime = runtimes.current()
    _check_schema(request)
    bearer = await _keyring(runtime.tokens).identify(request.headers)
    return Ask(
        request=request,
        bearer=bearer,
        catalog=await get_catalog(runtime.database),
        limits=runtime.api_limits,
        database=runtime.database,
        preferences=parse_preferences(request.headers.getlist("prefer")),
        query_string=request.scope["query_string"],
    )


def _check_schema(request: Request) -> None:
    for header in ("accept-profile", "content-profile"):
        name = request.headers.get(header, "public")
        if name != "public":
            raise RestError(
                f"Invalid schema: {name}",
                code="PGRST106",
                status=406,
                hint="Only the following schemas are exposed: public",
            )


def _route(path: str, handlers: dict[str, _Handler]) -> BaseRoute:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _preflight(request)
        ask: Ask | None = None
        try:
            ask = await _ask(request)
            handler = handlers.get(request.method)
            if handler is None:
                raise _method_refused(request.method, list(handlers))
            return await handler(ask)
        except RestError as error:
            return refusal(error)
        except asyncpg.PostgresError as error:
            if ask is not None and ask.bearer.is_readonly and error.sqlstate == "25006":
                return refusal(_may_only_read())
            is_anonymous = ask is None or ask.bearer.role == ANONYMOUS
            translated = from_database(error, is_anonymous=is_anonymous)
            if translated.status >= 500:
                _log.error("data_api_refused", sqlstate=error.sqlstate, reason=str(error))
            return refusal(translated)
        except TimeoutError:
            late = "canceling statement due to statement timeout"
            return refusal(RestError(late, code="57014", status=500))

    return Route(path, answer, methods=list(METHODS))


def _preflight(request: Request) -> Response:
    asked = request.headers.get("access-control-request-headers", "*")
    return Response(status_code=204, headers={**PREFLIGHT, "access-control-allow-headers": asked})


def _may_only_read() -> RestError:
    return RestError("This API key may read, and change nothing.", code="42501", status=403)


def _method_refused(method: str, allowed: list[str]) -> RestError:
    return RestError(
        f"Unsupported HTTP method: {method}",
        code="PGRST117",
        status=405,
        hint=f"Use one of {', '.join(allowed)}.",
    )


_TABLE: dict[str, _Handler] = {
    "GET": reading.read_table,
    "HEAD": reading.read_table,
    "POST": writing.insert,
    "PATCH": writing.update,
    "PUT": writing.replace_row,
    "DELETE": writing.delete,
}

_FUNCTION: dict[str, _Handler] = {
    "GET": calling.call_by_address,
    "HEAD": calling.call_by_address,
    "POST": calling.call_by_body,
}

_ROOT: dict[str, _Handler] = {"GET": openapi.describe, "HEAD": openapi.describe}

routes: list[BaseRoute] = [
    _route(f"{PREFIX}/", _ROOT),
    _route(f"{PREFIX}/rpc/{{function}}", _FUNCTION),
    _route(f"{PREFIX}/{{table}}", _TABLE),
]
