"""What the routes share: who asks, what the body says, and how a refusal is answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.platform.errors import InvalidInput, LodestoneError
from lodestone.platform.forms import read_json
from lodestone.platform.storage import BlobMissing
from lodestone.storage.callers import Holder, identify
from lodestone.storage.errors import (
    StorageError,
    from_database,
    incomplete,
    invalid_parameter,
    no_such_object,
)
from lodestone.storage.models import Place
from lodestone.storage.serving import CORS

PREFIX = "/storage/v1"
MOST_NAMES = 1_000
MOST_LISTED = 1_000

_PREFLIGHT = {
    **CORS,
    "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "access-control-max-age": "86400",
}

_log = structlog.get_logger(__name__)
Handler = Callable[[Request, Holder], Awaitable[Response]]


def route(path: str, handlers: Mapping[str, Handler]) -> BaseRoute:
    async def respond(request: Request) -> Response:
        if request.method == "OPTIONS":
            asked = request.headers.get("access-control-request-headers", "*")
            return Response(
                status_code=204, headers={**_PREFLIGHT, "access-control-allow-headers": asked}
            )
        try:
            caller = await identify(request.headers)
            return await handlers[request.method](request, caller)
        except (LodestoneError, asyncpg.PostgresError, ClientDisconnect) as error:
            return _refusal(_translated(error))

    return Route(PREFIX + path, respond, methods=[*handlers, "OPTIONS"])


def _translated(error: Exception) -> StorageError:
    if isinstance(error, StorageError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        refusal = from_database(error)
        if refusal.status >= 500:
            _log.error("storage_refused", sqlstate=error.sqlstate, reason=str(error))
        return refusal
    if isinstance(error, BlobMissing):
        return no_such_object()
    if isinstance(error, InvalidInput):
        return StorageError(error.message, code="InvalidRequest")
    if isinstance(error, LodestoneError):
        return StorageError(error.message, code="InternalError", status=error.status)
    return incomplete("the connection was lost")


def _refusal(error: StorageError) -> Response:
    # What the caller did is 400 whatever it was: the clients read the exact status in the body.
    status = error.status if error.status >= 500 else 400
    headers = {**CORS, "cache-control": "no-store"}
    return JSONResponse(error.to_json(), status_code=status, headers=headers)


def json_answer(content: Any) -> Response:
    return JSONResponse(content, headers={**CORS, "cache-control": "no-store"})


def said(text: str) -> Response:
    return json_answer({"message": text})


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body. Raises StorageError when there is none."""
    given = await read_json(request)
    if not isinstance(given, dict):
        raise invalid_parameter("body", "send a JSON object")
    return given


def place_of(request: Request) -> Place:
    return Place(request.path_params["bucket"], request.path_params["name"])


def number(given: Mapping[str, Any], name: str, default: int, *, most: int) -> int:
    """Return a whole number of the query or the body. Raises StorageError."""
    value = given.get(name)
    if value is None:
        return default
    try:
        found = int(value)
    except (TypeError, ValueError):
        raise invalid_parameter(name, "give a whole number") from None
    if found < 0 or isinstance(value, bool):
        raise invalid_parameter(name, "give a whole number")
    return min(found, most)


def text(given: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = given.get(name, default)
    value = default if value is None else value
    if not isinstance(value, str) or "\x00" in value:
        raise invalid_parameter(name, "give a text")
    return value


def flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid_parameter(name, "give true or false")
    return bool(value)


def names_of(given: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of objects' names. Raises StorageError when it is none, or too long."""
    value = given.get(name)
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if not is_list or not isinstance(value, list):
        raise invalid_parameter(name, "give a list of names")
    if not 0 < len(value) <= MOST_NAMES:
        raise invalid_parameter(name, f"give between 1 and {MOST_NAMES} names")
    return [each for each in value if "\x00" not in each]


def order_of(given: Mapping[str, Any], column: str, order: str, known: tuple[str, ...]) -> Any:
    sort, direction = text(given, column, known[0]), text(given, order, "asc")
    if sort not in known:
        raise invalid_parameter(column, f"one of {', '.join(known)}")
    if direction.lower() not in ("asc", "desc"):
        raise invalid_parameter(order, "asc or desc")
    return sort, direction.lower() == "desc"
