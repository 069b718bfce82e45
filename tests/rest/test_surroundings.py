"""What functions know of a request and say about its answer, how long they may take, and plans."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from lodestone.platform.runtime import Runtime, set_current
from tests.rest.conftest import Api


class TestWhatFunctionsKnow:
    async def test_the_method_the_path_headers_and_cookies(self, user: Api) -> None:
        headers = {"X-Shelf": 'it\'s "fiction"', "Cookie": "reader=ann; other=1"}
        found = (await user.get("/rpc/seen", headers=headers)).json()
        assert found == {
            "method": "GET",
            "path": "/rest/v1/rpc/seen",
            "header": 'it\'s "fiction"',
            "cookie": "ann",
        }
        assert (await user.ask("POST", "/rpc/seen", json={})).json() == {
            "method": "POST",
            "path": "/rest/v1/rpc/seen",
            "header": None,
            "cookie": None,
        }


class TestWhatFunctionsSay:
    async def say(self, user: Api, status: str, headers: Any) -> Any:
        body = {"status": status, "headers": json.dumps(headers)}
        return await user.ask("POST", "/rpc/answer_with", json=body)

    async def test_the_status_and_headers(self, user: Api) -> None:
        cookies = [{"Set-Cookie": "a=1"}, {"Set-Cookie": "b=2"}, {"Content-Type": "text/tea"}]
        response = await self.say(user, "418", cookies)
        assert (response.status_code, response.json()) == (418, "short and stout")
        assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert response.headers.get_list("content-type") == ["text/tea"]
        assert response.headers["content-length"] == str(len(response.content))
        assert (await user.get("/rpc/letters")).status_code == 200

    @pytest.mark.parametrize(
        ("status", "headers", "code"),
        [
            ("a lot", [], "PGRST112"),
            ("42", [], "PGRST112"),
            ("200", {"a": "b"}, "PGRST111"),
            ("200", [{"a": 1}], "PGRST111"),
            ("200", [{"a": "b\r\nset-cookie: c"}], "PGRST111"),
            ("200", [{"a b": "c"}], "PGRST111"),
            ("200", ["a"], "PGRST111"),
        ],
    )
    async def test_nonsense_is_refused(
        self, user: Api, status: str, headers: Any, code: str
    ) -> None:
        response = await self.say(user, status, headers)
        assert (response.status_code, response.json()["code"]) == (500, code)

    async def test_a_refusal_of_its_own(self, user: Api) -> None:
        message = {"code": "beans", "message": "Out of beans", "hint": "Tea?"}
        detail = {"status": 402, "headers": {"X-Beans": "none"}}
        body = {"message": json.dumps(message), "detail": json.dumps(detail)}
        response = await user.ask("POST", "/rpc/refuse_as", json=body)
        assert (response.status_code, response.headers["x-beans"]) == (402, "none")
        assert response.json() == {**message, "details": None}
        for broken in ({"message": "x", "detail": body["detail"]}, {**body, "detail": "{}"}):
            response = await user.ask("POST", "/rpc/refuse_as", json=broken)
            assert (response.status_code, response.json()["code"]) == (500, "PGRST121")


class TestTimeZone:
    async def test_is_followed(self, user: Api) -> None:
        path = "/books?select=added_at&id=eq.1"
        response = await user.get(path, prefer="timezone=America/Los_Angeles")
        assert response.json() == [{"added_at": "2026-01-01T19:04:05-08:00"}]
        assert response.headers["preference-applied"] == "timezone=America/Los_Angeles"
        assert await user.rows(path) == [{"added_at": "2026-01-02T03:04:05+00:00"}]

    async def test_that_there_is_not_is_ignored_or_refused(self, user: Api) -> None:
        response = await user.get("/books?limit=1", prefer="timezone=Jupiter/Red_Spot")
        assert (response.status_code, "preference-applied" in response.headers) == (200, False)
        strict = "handling=strict, timezone=Jupiter/Red_Spot"
        response = await user.get("/books?limit=1", prefer=strict)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST122")


class TestTimeouts:
    async def test_each_role_has_its_own(self, user: Api, anon: Api) -> None:
        response = await user.ask("POST", "/rpc/sleep", json={"seconds": 0.6})
        assert response.status_code == 204
        response = await anon.ask("POST", "/rpc/sleep", json={"seconds": 0.6})
        assert (response.status_code, response.json()) == (
            500,
            {
                "code": "57014",
                "message": "canceling statement due to statement timeout",
                "details": None,
                "hint": None,
            },
        )

    async def test_a_function_may_have_its_own(self, user: Api) -> None:
        began = time.monotonic()
        response = await user.ask("POST", "/rpc/nap", json={"seconds": 30})
        assert (response.status_code, response.json()["code"]) == (500, "57014")
        assert time.monotonic() - began < 2


class TestPlans:
    async def test_say_how_a_request_would_be_answered(self, user: Api) -> None:
        accept = 'application/vnd.pgrst.plan+json; for="application/json"; options=verbose|analyze;'
        response = await user.get("/books?id=eq.1", headers={"accept": accept})
        assert response.status_code == 200
        assert response.headers["content-type"] == (
            'application/vnd.pgrst.plan+json; for="application/json"; options=analyze|verbose;'
            " charset=utf-8"
        )
        (plan,) = response.json()
        assert plan["Plan"]["Node Type"] == "Aggregate"
        assert "Execution Time" in plan

    async def test_are_text_where_nothing_else_is_said(self, user: Api) -> None:
        for path in ("/books", "/rpc/books_of?author=1"):
            accept = {"accept": "application/vnd.pgrst.plan"}
            response = await user.get(path, headers=accept)
            assert response.text.startswith("Aggregate"), path

    async def test_change_nothing_by_themselves(self, user: Api) -> None:
        accept = {"accept": "application/vnd.pgrst.plan+text"}
        response = await user.ask("DELETE", "/loans?book_id=eq.1", headers=accept)
        assert "Delete on public.loans" in response.text or "Delete on loans" in response.text
        assert len(await user.rows("/loans?book_id=eq.1")) == 2

    async def test_are_off_by_default(self, user: Api, on_library: Runtime) -> None:
        limits = replace(on_library.api_limits, show_plans=False)
        set_current(replace(on_library, api_limits=limits))
        accept = {"accept": "application/vnd.pgrst.plan+json"}
        response = await user.get("/books", headers=accept)
        assert (response.status_code, response.json()["code"]) == (406, "PGRST107")


class TestEveryAnswer:
    async def test_is_protected_counted_and_named(self, user: Api) -> None:
        for path in ("/books", "/nowhere", "/rpc/nowhere", "/"):
            response = await user.get(path, headers={"x-request-id": "shelf-0001"})
            assert response.headers["x-request-id"] == "shelf-0001"
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["access-control-allow-origin"] == "*"
        metrics = (await user.client.get("/metrics")).text
        assert 'route="/rest/v1/{table}",status="404"' in metrics
        assert 'route="/rest/v1/rpc/{function}",status="404"' in metrics

    async def test_says_which_methods_there_are(self, user: Api) -> None:
        response = await user.ask("OPTIONS", "/books")
        assert response.headers["allow"] == "OPTIONS, GET, HEAD, POST, PATCH, PUT, DELETE"
        response = await user.ask("DELETE", "/rpc/letters")
        assert (response.status_code, response.json()["code"]) == (405, "PGRST117")

    async def test_hints_at_a_table_that_the_caller_may_read(self, user: Api) -> None:
        response = await user.get("/bookz")
        assert response.json()["hint"] == "Perhaps you meant the table 'public.books'"
        response = await user.get("/books/1")
        assert (response.status_code, response.json()["code"]) == (404, "PGRST125")

    async def test_follows_what_the_caller_likes_best(self, user: Api) -> None:
        accept = {"accept": "text/csv;q=0.5, application/json"}
        response = await user.get("/readers?limit=1", headers=accept)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        response = await user.get("/readers?limit=1", headers={"accept": "text/csv, */*;q=0.1"})
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
