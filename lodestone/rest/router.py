"""The data API as an application of its own: who asks, for what; one transaction per request.

It stands in front of everything else, for its requests are many and short, and gives by itself what
the layers behind it give to others: a request id, a log line, metrics and the headers that protect.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import asyncpg
import structlog
from starlette.types import Message, Receive, Scope, Send

from lodestone.platform import runtime as runtimes
from lodestone.platform.lanes import Lane
from lodestone.platform.runtime import Runtime
from lodestone.platform.telemetry import choose_request_id, note_request
from lodestone.rest import calling, openapi, reading, writing
from lodestone.rest.answers import CORS, PREFLIGHT, Answer, answer, raw, refusal
from lodestone.rest.asking import Ask
from lodestone.rest.catalog import Catalog
from lodestone.rest.catalogs import get_catalog
from lodestone.rest.errors import RestError, from_database
from lodestone.rest.kept import Kept
from lodestone.rest.keys import ANONYMOUS, Keyring
from lodestone.rest.payload import Gone

PREFIX = "/rest/v1"

_log = structlog.get_logger(__name__)
_Handler = Callable[[Ask], Awaitable[Answer]]

_TABLE: Mapping[str, _Handler] = {
    "GET": reading.read_table,
    "HEAD": reading.read_table,
    "POST": writing.insert,
    "PATCH": writing.update,
    "PUT": writing.replace_row,
    "DELETE": writing.delete,
}
_FUNCTION: Mapping[str, _Handler] = {
    "GET": calling.call_by_address,
    "HEAD": calling.call_by_address,
    "POST": calling.call_by_body,
}
_ROOT: Mapping[str, _Handler] = {"GET": openapi.describe, "HEAD": openapi.describe}

_CALL = "rpc/"
_WITHOUT_BODY = (204, 304)
_LENGTH = b"content-length"


class _Place(NamedTuple):
    """What an address means: the name in it, how it is declared, and what answers its methods."""

    name: str
    route: str
    handlers: Mapping[str, _Handler]


class _Parts:
    """What requests to one runtime share."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.limits = runtime.api_limits
        self.keyring = Keyring(runtime.tokens, runtime.api_limits)
        self.lane = Lane(runtime.database.pool)
        self._kept: Kept | None = None

    def kept(self, catalog: Catalog) -> Kept:
        """Return what requests came to while this catalog stood."""
        if self._kept is None or self._kept.catalog is not catalog:
            self._kept = Kept(catalog)
        return self._kept


class DataApi:
    """ASGI: everything below `/rest/v1`; `headers` are those that every answer carries."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = raw({**CORS, **headers})
        self._kept: _Parts | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, log and count a request."""
        started = time.perf_counter()
        method: str = scope["method"]
        path: str = scope["path"]
        headers = _headers(scope)
        request_id = choose_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        place = _find(path)
        status = 499  # what is noted when the caller leaves before the answer
        try:
            found = await self._answer(scope, receive, headers, place, request_id)
            status = found.status
            await send(self._start(found, request_id))
            await send(_body(found, method))
        except Gone:
            return
        finally:
            seconds = time.perf_counter() - started
            note_request(
                method, path, place.route, status=status, seconds=seconds, request_id=request_id
            )

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        headers: Mapping[bytes, bytes],
        place: _Place,
        request_id: str,
    ) -> Answer:
        if scope["method"] == "OPTIONS":
            return _preflight(headers, place.handlers)
        ask: Ask | None = None
        try:
            ask = await self._ask(scope, receive, headers, place.name)
            handler = place.handlers.get(ask.method)
            if handler is None:
                raise _method_refused(ask.method, place.handlers)
            return await handler(ask)
        except RestError as error:
            return refusal(error)
        except asyncpg.PostgresError as error:
            return _refused_by_database(error, ask, request_id)
        except (OSError, asyncpg.InterfaceError) as error:
            _log.error(
                "data_api_cut_off",
                reason=type(error).__name__,
                request_id=request_id,
                exc_info=True,
            )
            lost = "The database can't be reached. Try again in a moment."
            return refusal(RestError(lost, code="PGRST001", status=503))
        except Gone:
            raise
        except Exception:  # noqa: BLE001 -- nothing stands behind us that would note it
            _log.exception("data_api_defect", request_id=request_id)
            broken = "Something went wrong here. It has been noted."
            return refusal(RestError(broken, code="internal_error", status=500))

    async def _ask(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], name: str
    ) -> Ask:
        """Return who asks for what. Raises RestError for a bad key, schema or address."""
        parts = self._parts()
        _check_schema(headers)
        if "/" in name:
            raise _no_such_address()
        session = await parts.keyring.identify(
            headers.get(b"apikey"), headers.get(b"authorization")
        )
        return Ask(
            scope["method"],
            scope["path"],
            name,
            headers,
            scope["query_string"],
            receive,
            session,
            parts.kept(await get_catalog(parts.runtime.database)),
            parts.limits,
            parts.lane,
        )

    def _parts(self) -> _Parts:
        runtime = runtimes.current()
        if self._kept is None or self._kept.runtime is not runtime:
            self._kept = _Parts(runtime)
        return self._kept

    def _start(self, found: Answer, request_id: str) -> Message:
        given = {name for name, _ in found.headers}
        ours = [pair for pair in self._headers if pair[0] not in given]
        length = () if found.status in _WITHOUT_BODY else ((_LENGTH, b"%d" % len(found.body)),)
        headers = [*found.headers, *ours, *length, (b"x-request-id", request_id.encode())]
        return {"type": "http.response.start", "status": found.status, "headers": headers}


def is_data_api(scope: Scope) -> bool:
    """Say whether a request is one for the data API."""
    if scope["type"] != "http":
        return False
    path: str = scope["path"]
    return path.startswith(PREFIX) and path[len(PREFIX) :][:1] in ("", "/")


def _body(found: Answer, method: str) -> Message:
    is_bare = method == "HEAD" or found.status in _WITHOUT_BODY
    return {"type": "http.response.body", "body": b"" if is_bare else found.body}


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    """Return the headers by name; those that came several times as one list."""
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    found = dict(pairs)
    if len(found) < len(pairs):
        found = {}
        for name, value in pairs:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def _find(path: str) -> _Place:
    rest = path[len(PREFIX) + 1 :]
    if not rest:
        return _Place("", f"{PREFIX}/", _ROOT)
    if rest.startswith(_CALL):
        return _Place(rest[len(_CALL) :], f"{PREFIX}/rpc/{{function}}", _FUNCTION)
    return _Place(rest, f"{PREFIX}/{{table}}", _TABLE)


def _check_schema(headers: Mapping[bytes, bytes]) -> None:
    for header in (b"accept-profile", b"content-profile"):
        name = headers.get(header, b"public")
        if name != b"public":
            raise RestError(
                f"Invalid schema: {name.decode('latin-1')}",
                code="PGRST106",
                status=406,
                hint="Only the following schemas are exposed: public",
            )


def _refused_by_database(error: asyncpg.PostgresError, ask: Ask | None, request_id: str) -> Answer:
    if ask is not None and ask.bearer.is_readonly and error.sqlstate == "25006":
        may_only_read = "This API key may read, and change nothing."
        return refusal(RestError(may_only_read, code="42501", status=403))
    is_anonymous = ask is None or ask.role == ANONYMOUS
    translated = from_database(error, is_anonymous=is_anonymous)
    if translated.status >= 500:
        _log.error(
            "data_api_refused",
            sqlstate=error.sqlstate,
            reason=str(error),
            request_id=request_id,
        )
    return refusal(translated)


def _preflight(headers: Mapping[bytes, bytes], handlers: Mapping[str, _Handler]) -> Answer:
    asked = headers.get(b"access-control-request-headers", b"*").decode("latin-1")
    allowed = ", ".join(("OPTIONS", *handlers))
    return answer(204, {**PREFLIGHT, "access-control-allow-headers": asked, "allow": allowed})


def _method_refused(method: str, handlers: Mapping[str, _Handler]) -> RestError:
    return RestError(
        f"Unsupported HTTP method: {method}",
        code="PGRST117",
        status=405,
        hint=f"Use one of {', '.join(handlers)}.",
    )


def _no_such_address() -> RestError:
    return RestError("Invalid path specified in request URL", code="PGRST125", status=404)
