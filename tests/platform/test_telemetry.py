"""Logs, request ids and metrics, seen from outside: through HTTP, and as the lines written."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest
import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from lodestone.platform.telemetry import (
    RequestTelemetry,
    bind_caller,
    configure_logging,
    current_request_id,
    note_request,
    registry,
    render_metrics,
)

USER = UUID("00000000-0000-4000-8000-000000000001")
TENANT = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Log as JSON into a text, and put logging back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    text = io.StringIO()
    configure_logging(as_json=True, level="info", stream=text)
    yield text
    root.handlers[:], root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def parsed(text: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.getvalue().splitlines()]


api = FastAPI()


@api.get("/things/{thing_id}")
async def get_thing(thing_id: int) -> dict[str, str | None]:
    """Answer with the request's id."""
    bind_caller(user_id=USER, tenant_id=TENANT)
    return {"request_id": current_request_id()}


async def unsubscribe(request: Request) -> Response:
    return PlainTextResponse("bye")


async def explode(request: Request) -> Response:
    raise LookupError("boom")


api.mount("/pages", Starlette(routes=[Route("/inner/{name}", unsubscribe)]))
app = RequestTelemetry(
    Starlette(
        routes=[
            Route("/unsubscribe/{token}", unsubscribe),
            Route("/explode", explode),
            Route("/healthz", unsubscribe),
            Mount("/", api),
        ]
    )
)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class TestRequests:
    async def test_get_an_id_that_the_answer_carries(self, http: httpx.AsyncClient) -> None:
        first, second = await http.get("/things/1"), await http.get("/things/1")
        assert first.headers["X-Request-ID"] == first.json()["request_id"]
        assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]

    @pytest.mark.parametrize(
        ("given", "is_kept"),
        [("0123-abc.DEF_9", True), ("short", False), ("a" * 65, False), ("spaces in it", False)],
    )
    async def test_keep_a_sane_id_that_they_came_with(
        self, http: httpx.AsyncClient, given: str, is_kept: bool
    ) -> None:
        answer = await http.get("/things/1", headers={"X-Request-ID": given})
        assert (answer.headers["X-Request-ID"] == given) is is_kept

    async def test_leave_one_line_with_who_what_and_how_long(
        self, http: httpx.AsyncClient, lines: io.StringIO
    ) -> None:
        await http.get("/things/7?api_key=abc", headers={"X-Request-ID": "request-1"})
        (line,) = parsed(lines)
        assert line["event"] == "request"
        assert (line["method"], line["path"], line["status"]) == ("GET", "/things/7", 200)
        assert (line["user_id"], line["tenant_id"]) == (str(USER), str(TENANT))
        assert line["request_id"] == "request-1"
        assert isinstance(line["milliseconds"], float)
        assert "abc" not in lines.getvalue()

    async def test_do_not_inherit_who_acted_in_the_one_before(
        self, http: httpx.AsyncClient, lines: io.StringIO
    ) -> None:
        await http.get("/things/7")
        await http.get("/unsubscribe/abc")
        assert "user_id" not in parsed(lines)[1]

    async def test_hide_what_a_link_grants(
        self, http: httpx.AsyncClient, lines: io.StringIO
    ) -> None:
        await http.get("/unsubscribe/eyJsZWFkIjoxfQ")
        assert parsed(lines)[0]["path"] == "/unsubscribe/…"

    async def test_are_logged_as_errors_when_they_fail(
        self, http: httpx.AsyncClient, lines: io.StringIO
    ) -> None:
        await http.get("/explode")
        line = next(one for one in parsed(lines) if one["event"] == "request")
        assert (line["status"], line["level"]) == (500, "error")

    async def test_stay_quiet_when_they_only_ask_for_health(
        self, http: httpx.AsyncClient, lines: io.StringIO
    ) -> None:
        await http.get("/healthz")
        assert lines.getvalue() == ""


class TestMetrics:
    async def test_count_by_route_and_not_by_path(self, http: httpx.AsyncClient) -> None:
        def count(route: str, status: str) -> float:
            labels = {"method": "GET", "route": route, "status": status}
            return registry.get_sample_value("lodestone_requests_total", labels) or 0.0

        before = count("/things/{thing_id}", "200")
        for number in range(3):
            await http.get(f"/things/{number}")
        assert count("/things/{thing_id}", "200") == before + 3

        before = count("/pages/inner/{name}", "200")
        await http.get("/pages/inner/one")
        assert count("/pages/inner/{name}", "200") == before + 1

        before = count("unmatched", "404")
        await http.get("/nowhere/1")
        await http.get("/nowhere/2")
        assert count("unmatched", "404") == before + 2
        assert b"/nowhere/" not in render_metrics()[0]

    async def test_are_rendered_for_prometheus(self, http: httpx.AsyncClient) -> None:
        await http.get("/things/1")
        body, content_type = render_metrics()
        assert content_type.startswith("text/plain")
        assert b'lodestone_request_seconds_bucket{le="0.001",method="GET"' in body


@contextmanager
def logged(text: io.StringIO, event: str) -> Iterator[dict[str, object]]:
    yield next(one for one in parsed(text) if one["event"] == event)


class TestLogs:
    def test_bring_libraries_into_the_same_form(self, lines: io.StringIO) -> None:
        logging.getLogger("some.library").warning("it is %s", "late")
        with logged(lines, "it is late") as line:
            assert (line["level"], line["logger"]) == ("warning", "some.library")

    def test_hide_what_sounds_like_a_secret(self, lines: io.StringIO) -> None:
        structlog.get_logger("x").info(
            "signed in", password="hunter2", api_key="k", session_token="t", user="ada"
        )
        with logged(lines, "signed in") as line:
            assert line["user"] == "ada"
            assert {line["password"], line["api_key"], line["session_token"]} == {"…"}

    def test_carry_the_traceback_of_an_error(self, lines: io.StringIO) -> None:
        try:
            raise LookupError("gone")
        except LookupError:
            structlog.get_logger("x").exception("failed")
        with logged(lines, "failed") as line:
            assert "LookupError: gone" in str(line["exception"])

    def test_leave_out_what_is_below_the_level(self, lines: io.StringIO) -> None:
        structlog.get_logger("x").debug("detail")
        assert lines.getvalue() == ""

    def test_read_well_on_a_console(self) -> None:
        root = logging.getLogger()
        before = root.handlers[:], root.level
        text = io.StringIO()
        configure_logging(as_json=False, stream=text)
        structlog.get_logger("x").info("hello", who="ada")
        root.handlers[:], root.level = before
        structlog.reset_defaults()
        assert "hello" in text.getvalue()
        assert "who=ada" in text.getvalue()

    def test_show_no_variables_of_a_failure_on_a_console(self) -> None:
        root = logging.getLogger()
        before = root.handlers[:], root.level
        text = io.StringIO()
        configure_logging(as_json=False, stream=text)
        try:
            _connect(["hun", "ter2"])
        except ConnectionError:
            structlog.get_logger("x").exception("failed")
        root.handlers[:], root.level = before
        structlog.reset_defaults()
        assert "ConnectionError: no answer" in text.getvalue()
        assert "hunter2" not in text.getvalue()


def _connect(halves: list[str]) -> None:
    """Hold a password as a local variable, and fail."""
    password = "".join(halves)
    raise ConnectionError("no answer" if password else "no password")


class TestRequestsThatPassBy:
    @pytest.mark.parametrize("status", [200, 404, 500])
    async def test_leave_the_same_line(
        self, http: httpx.AsyncClient, lines: io.StringIO, status: int
    ) -> None:
        await http.get("/explode" if status == 500 else f"/unsubscribe/{'x' * 9}")
        path = '/rest/v1/a"b\u00e9'
        note_request(
            "GET", path, "/rest/v1/{table}", status=status, seconds=0.00123, request_id="r-1"
        )
        usual, ours = parsed(lines)[-2:]
        assert list(ours) == list(usual)
        assert (ours["path"], ours["milliseconds"]) == ('/rest/v1/a"b\u00e9', 1.2)
        assert (ours["logger"], ours["event"]) == (usual["logger"], usual["event"])
        assert ours["level"] == ("error" if status == 500 else "info")

    async def test_are_logged_for_people_too(self) -> None:
        text = io.StringIO()
        root = logging.getLogger()
        before = root.handlers[:], root.level
        configure_logging(as_json=False, stream=text)
        note_request(
            "PROPFIND", "/rest/v1/x", "/rest/v1/{table}", status=405, seconds=0.1, request_id="r-1"
        )
        root.handlers[:], root.level = before
        assert "method=OTHER" in text.getvalue()
        assert "request_id=r-1" in text.getvalue()
