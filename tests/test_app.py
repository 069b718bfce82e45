"""What holds for every request: headers, origins, failures, and commits before answers."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from lodestone.app import create_app
from lodestone.auth import service
from lodestone.auth.dependencies import COOKIE, UserTx
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import Conflict, RateLimited
from lodestone.platform.pages import static_url
from lodestone.platform.runtime import Runtime
from lodestone.settings import Settings
from tests.people import People

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def failing_app(settings: Settings, runtime: Runtime) -> FastAPI:
    """The real application with routes that fail in every way."""
    app = create_app(settings, runtime)

    @app.post("/api/probe/commit")
    async def fail_to_commit(tx: UserTx) -> dict[str, bool]:
        await tx.execute(
            "create temp table probe (id int unique deferrable initially deferred) on commit drop"
        )
        await tx.execute("insert into probe values (1), (1)")
        return {"is_done": True}

    @app.get("/api/probe/typed/{number}")
    async def need_numbers(number: int, limit: int) -> dict[str, int]:
        return {"number": number, "limit": limit}

    @app.get("/probe/{kind}")
    @app.get("/api/probe/{kind}")
    async def fail(request: Request, kind: str) -> None:
        raise {
            "conflict": Conflict("Somebody was faster.", hint="Look again."),
            "limited": RateLimited("Too many.", retry_after_seconds=7),
            "database": asyncpg.UniqueViolationError("duplicate key value"),
            "broken": asyncpg.InternalServerError("secret detail of the server"),
            "defect": ValueError("secret detail of the code"),
        }[kind]

    return app


@pytest.fixture
def failing(failing_app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(
        app=failing_app, raise_app_exceptions=False, client=("127.0.0.1", 50000)
    )
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


class TestCommits:
    async def test_a_failing_commit_is_never_answered_with_success(
        self, failing: httpx.AsyncClient, database: Database, people: People
    ) -> None:
        person = await people.user()
        async with database.acting_as(Root()) as tx:
            token = await service.open_session(tx, user_id=person.id)
        failing.cookies.set(COOKIE, token)
        answer = await failing.post("/api/probe/commit")
        assert answer.status_code == 409
        assert answer.json()["code"] == "23505"


class TestFailures:
    async def test_programs_get_one_shape(self, failing: httpx.AsyncClient) -> None:
        answer = await failing.get("/api/probe/conflict")
        assert answer.status_code == 409
        assert answer.json() == {
            "code": "conflict",
            "message": "Somebody was faster.",
            "details": None,
            "hint": "Look again.",
        }

    async def test_people_get_a_page(self, failing: httpx.AsyncClient) -> None:
        answer = await failing.get("/probe/conflict", headers=HTML)
        assert answer.status_code == 409
        assert "Somebody was faster." in answer.text
        assert "Look again." in answer.text

    async def test_a_limit_says_when_to_come_back(self, failing: httpx.AsyncClient) -> None:
        answer = await failing.get("/api/probe/limited")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")

    async def test_a_refusal_of_the_database_is_translated(
        self, failing: httpx.AsyncClient
    ) -> None:
        answer = await failing.get("/api/probe/database")
        assert (answer.status_code, answer.json()["code"]) == (409, "23505")

    @pytest.mark.parametrize("kind", ["broken", "defect"])
    @pytest.mark.parametrize("prefix", ["", "/api"])
    async def test_a_defect_tells_nothing_and_is_still_protected(
        self, failing: httpx.AsyncClient, kind: str, prefix: str
    ) -> None:
        answer = await failing.get(f"{prefix}/probe/{kind}", headers=HTML)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_bad_input_names_every_field(self, failing: httpx.AsyncClient) -> None:
        answer = await failing.get("/api/probe/typed/x")
        assert answer.status_code == 422
        body = answer.json()
        assert body["code"] == "invalid_input"
        assert set(body["details"]["fields"]) == {"number", "limit"}

    async def test_an_unknown_address_is_404_for_both(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/nowhere", headers=HTML)
        assert page.status_code == 404
        assert "Nothing here" in page.text
        program = await client.get("/api/nowhere")
        assert program.status_code == 404
        assert program.json()["code"] == "not_found"

    async def test_a_wrong_method_says_which_are_right(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete("/sign-in")
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


class TestHeaders:
    async def test_a_page_runs_only_our_scripts(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/sign-in")
        policy = answer.headers["content-security-policy"]
        rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in rules["script-src"]
        assert "unsafe" not in rules["style-src"]
        assert rules["frame-ancestors"] == "'none'"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert answer.headers["cache-control"] == "private, no-store"

    async def test_each_answer_has_its_own_nonce(self, client: httpx.AsyncClient) -> None:
        policies = {
            (await client.get("/sign-in")).headers["content-security-policy"] for _ in range(3)
        }
        assert len(policies) == 3

    @pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/nowhere", "/app"])
    async def test_every_answer_is_protected(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-request-id"]


class TestOrigins:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
        ],
    )
    async def test_refuses_writes_from_other_sites(
        self, client: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        answer = await client.post("/sign-out", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "cross_site_request"

    @pytest.mark.parametrize(
        "headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://localhost"}, {}]
    )
    async def test_takes_writes_from_here_and_from_programs(
        self, client: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        answer = await client.post("/sign-out", headers=headers)
        assert answer.status_code == 303

    async def test_lets_anybody_read(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/sign-in", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200


class TestOperations:
    async def test_health_asks_the_database(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/healthz")
        assert answer.json() == {"status": "ok"}

    async def test_metrics_are_for_neighbours(
        self, client: httpx.AsyncClient, app: FastAPI
    ) -> None:
        assert "lodestone_requests_total" in (await client.get("/metrics")).text
        proxied = await client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"})
        assert proxied.status_code == 404
        transport = httpx.ASGITransport(app=app, client=("8.8.8.8", 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as far:
            assert (await far.get("/metrics")).status_code == 404

    async def test_believes_only_the_proxies_of_the_settings(
        self, settings: Settings, runtime: Runtime
    ) -> None:
        behind = settings.model_copy(update={"trusted_proxies": ("10.0.0.0/8",)})
        app = create_app(behind, runtime)

        @app.get("/api/probe/address")
        async def tell_address(request: Request) -> str:
            return request.client.host if request.client else ""

        told = {}
        for address in ("10.1.1.1", "203.0.113.9"):
            transport = httpx.ASGITransport(app=app, client=(address, 4000))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as one:
                answer = await one.get(
                    "/api/probe/address", headers={"x-forwarded-for": "198.51.100.7"}
                )
                told[address] = answer.json()
        assert told == {"10.1.1.1": "198.51.100.7", "203.0.113.9": "203.0.113.9"}

    async def test_the_application_starts_and_stops(
        self, settings: Settings, runtime: Runtime, database_url: str
    ) -> None:
        here = settings.model_copy(update={"database_url": database_url})
        app = create_app(here, runtime)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as one:
                assert (await one.get("/healthz")).status_code == 200


class TestStaticFiles:
    @pytest.mark.parametrize(
        "name", ["console/tokens.css", "console/lists.js", "vendor/tabler.css", "auth/sign_in.css"]
    )
    async def test_are_kept_for_ever_under_their_hash(
        self, client: httpx.AsyncClient, name: str
    ) -> None:
        answer = await client.get(static_url(name))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"

    async def test_an_outdated_address_gets_the_file_of_today(
        self, client: httpx.AsyncClient
    ) -> None:
        answer = await client.get("/static/000000000000/console/tokens.css")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"

    async def test_an_unchanged_file_is_not_sent_again(self, client: httpx.AsyncClient) -> None:
        url = static_url("console/tokens.css")
        etag = (await client.get(url)).headers["etag"]
        answer = await client.get(url, headers={"if-none-match": etag})
        assert (answer.status_code, answer.content) == (304, b"")

    @pytest.mark.parametrize(
        "name",
        [
            "console/../templates/layout.html",
            "console/%2e%2e/pages.py",
            "vendor/jquery.min.js",
            "console/nothing.css",
            "console/",
            "..%2f..%2fetc/passwd",
            "vendor/../__init__.py",
        ],
    )
    async def test_nothing_else_is_served(self, client: httpx.AsyncClient, name: str) -> None:
        assert (await client.get(f"/static/0/{name}")).status_code == 404
