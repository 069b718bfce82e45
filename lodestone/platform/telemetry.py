"""What happened, for those who run it: structured logs, request ids, metrics.

Logs carry ids and facts, never bodies, credentials or addresses of people.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any, TextIO
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "X-Request-ID"
CONTEXT_KEYS = frozenset({"request_id", "user_id", "tenant_id"})
"""What a job inherits from the request that enqueued it."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|credential", re.IGNORECASE
)
_SECRET_PARAMETER = re.compile(r"token|code|secret|key|signature|password", re.IGNORECASE)
_QUIET_PATHS = ("/healthz", "/metrics", "/static/")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HIDDEN = "…"
_LEVELS = {logging.INFO: "info", logging.ERROR: "error"}

registry = CollectorRegistry()
_request_log = logging.getLogger("lodestone.requests")
_requests = Counter(
    "lodestone_requests_total", "HTTP requests", ["method", "route", "status"], registry=registry
)
_request_seconds = Histogram(
    "lodestone_request_seconds",
    "Time to the end of the answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)
_requests_running = Gauge("lodestone_requests_running", "Requests now", registry=registry)
_job_attempts = Counter(
    "lodestone_job_attempts_total",
    "Attempts by how they ended: done, retried, failed",
    ["job", "outcome"],
    registry=registry,
)
_job_seconds = Histogram(
    "lodestone_job_seconds",
    "Time of attempts that ended well",
    ["job"],
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600),
    registry=registry,
)


def configure_logging(*, as_json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log, ours and the libraries', to one stream in one form: JSON lines or text.

    Raises: ValueError for an unknown level.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        # Plain tracebacks: rich ones show local variables, and with them passwords in addresses.
        else [
            structlog.dev.ConsoleRenderer(
                colors=(stream or sys.stderr).isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    global _writes_json  # noqa: PLW0603 -- there is one logging configuration in a process
    _writes_json = as_json
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Our own request line says more; and httpx logs URLs, which carry keys.
    for chatty in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes the lines of requests as they were made, and all others through the processors."""

    def format(self, record: logging.LogRecord) -> str:
        line: str | None = getattr(record, "line", None)
        return super().format(record) if line is None else line


_writes_json = False


def hide_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of keys that sound like secrets (a structlog processor)."""
    for key in event:
        if _sounds_secret(key):
            event[key] = _HIDDEN
    return event


@lru_cache(maxsize=1024)
def _sounds_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def bind_caller(*, user_id: UUID | None = None, tenant_id: UUID | None = None) -> None:
    """Name who acts in the logs of this request or job, and in the jobs that it enqueues."""
    ids = {"user_id": user_id, "tenant_id": tenant_id}
    structlog.contextvars.bind_contextvars(
        **{key: str(value) for key, value in ids.items() if value is not None}
    )


def current_request_id() -> str | None:
    """Return the id of the request at hand, or of the one that enqueued the job at hand."""
    value = structlog.contextvars.get_contextvars().get("request_id")
    return None if value is None else str(value)


def count_job(name: str, outcome: str, seconds: float | None = None) -> None:
    """Count an attempt at a job: done, retried or failed."""
    _job_attempts.labels(name, outcome).inc()
    if seconds is not None:
        _job_seconds.labels(name).observe(seconds)


def render_metrics() -> tuple[bytes, str]:
    """Return this process's metrics for Prometheus, and their content type."""
    return generate_latest(registry), CONTENT_TYPE_LATEST


class RequestTelemetry:
    """ASGI middleware, the outermost: a request id, one log line and the metrics of a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        structlog.contextvars.clear_contextvars()
        request_id = choose_request_id(Headers(scope=scope).get(REQUEST_ID_HEADER))
        structlog.contextvars.bind_contextvars(request_id=request_id)
        outside = scope.get("root_path", "")
        status = 500  # what the server answers when the application raises
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        _requests_running.inc()
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _requests_running.dec()
            _record(scope, outside, status, time.perf_counter() - started)


def choose_request_id(given: str | None) -> str:
    """Return the id that a request brings along, if it is one, or a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def _record(scope: Scope, outside: str, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = _route_template(scope, outside)
    count_request(method, route, status, seconds)
    level = _level_of(scope["path"], status)
    # Lines that nobody will read aren't made: that costs more than most requests.
    if not _request_log.isEnabledFor(level):
        return
    path = _without_secrets(scope["path"], scope.get("path_params") or {})
    facts = {
        "method": method,
        "path": path,
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    if _writes_json:
        _write_line(level, facts)
    else:
        structlog.get_logger(_request_log.name).log(level, "request", **facts)


def note_request(
    method: str, path: str, route: str, *, status: int, seconds: float, request_id: str
) -> None:
    """Count and log a request that `RequestTelemetry` does not see: the same line, made faster."""
    known_method = method if method in _METHODS else "OTHER"
    count_request(known_method, route, status, seconds)
    level = logging.ERROR if status >= 500 else logging.INFO
    if not _request_log.isEnabledFor(level):
        return
    milliseconds = round(seconds * 1000, 1)
    if not _writes_json:
        structlog.get_logger(_request_log.name).log(
            level,
            "request",
            method=known_method,
            path=path,
            route=route,
            status=status,
            milliseconds=milliseconds,
            request_id=request_id,
        )
        return
    _emit(
        level,
        f'{{"method": "{known_method}", "path": {encode_basestring_ascii(path)},'
        f' "route": "{route}", "status": {status}, "milliseconds": {milliseconds},'
        f' "request_id": "{request_id}", "event": "request", "level": "{_LEVELS[level]}",'
        f' "logger": "{_request_log.name}", "timestamp": "{_now()}"}}',
    )


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _write_line(level: int, facts: Mapping[str, object]) -> None:
    """Log a request as the processors would, at a third of their price: there is one for each."""
    line = json.dumps(
        {
            **facts,
            **structlog.contextvars.get_contextvars(),
            "event": "request",
            "level": logging.getLevelName(level).lower(),
            "logger": _request_log.name,
            "timestamp": _now(),
        }
    )
    _emit(level, line)


def _emit(level: int, line: str) -> None:
    record = logging.LogRecord(_request_log.name, level, __file__, 0, "request", None, None)
    record.line = line
    _request_log.handle(record)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer; `route` is the path as declared."""
    counter, histogram = _metrics_of(method, route, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=4096)
def _metrics_of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(method, route, str(status)), _request_seconds.labels(method, route)


def _route_template(scope: Scope, outside: str) -> str:
    """Return the path as declared, `/things/{id}`: there are few of them, and no data in them."""
    route = scope.get("route")
    path = str(getattr(route, "path", ""))
    if path and not isinstance(route, Mount):
        path = str(scope.get("root_path", "")).removeprefix(outside) + path
    return path or "unmatched"


def _level_of(path: str, status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.DEBUG if path.startswith(_QUIET_PATHS) and status < 400 else logging.INFO


def _without_secrets(path: str, parameters: Mapping[str, Any]) -> str:
    """Return the path with parameters that grant something (tokens in links) blotted out."""
    for name, value in parameters.items():
        if _SECRET_PARAMETER.search(name) and str(value):
            path = path.replace(str(value), _HIDDEN)
    return path
