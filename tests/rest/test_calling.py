"""Calling functions."""

import pytest

from tests.rest.conftest import Api


class TestValues:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/rpc/add_them?a=1", 11),
            ("/rpc/add_them?a=1&b=2", 3),
            ("/rpc/describe?name=x", "text x"),
            ("/rpc/describe?name=x&age=3", "aged x3"),
            ("/rpc/letters", ["a", "b", "c"]),
            ("/rpc/letters?limit=1&offset=1", ["b"]),
            ("/rpc/sum_list?numbers={1,2,3}", 6),
            ("/rpc/total_of?numbers=1&numbers=2", 3),
            ("/rpc/total_of?numbers={1,2,4}", 7),
        ],
    )
    async def test_takes_arguments_of_the_address(
        self, anon: Api, path: str, expected: object
    ) -> None:
        assert await anon.rows(path) == expected

    @pytest.mark.parametrize(
        ("function", "arguments", "expected"),
        [
            ("add_them", {"a": 1}, 11),
            ("add_them", {"b": 1, "a": 1}, 2),
            ("describe", {"name": "it's"}, "text it's"),
            ("sum_list", {"numbers": [1, 2, 3]}, 6),
            ("total_of", {"numbers": [1, 2]}, 3),
            ("echo", {"any": ["thing", {"x": None}]}, {"any": ["thing", {"x": None}]}),
            ("echo", [1, 2], [1, 2]),
            ("letters", {}, ["a", "b", "c"]),
        ],
    )
    async def test_takes_arguments_of_the_body(
        self, anon: Api, function: str, arguments: object, expected: object
    ) -> None:
        response = await anon.ask("POST", f"/rpc/{function}", json=arguments)
        assert (response.status_code, response.json()) == (200, expected)

    async def test_acts_as_the_caller(self, user: Api) -> None:
        found = await user.rows("/rpc/who_am_i")
        assert found["role"] == found["claims"]["role"] == "authenticated"

    async def test_answers_nothing_for_nothing(self, user: Api) -> None:
        response = await user.ask("POST", "/rpc/forget")
        assert (response.status_code, response.content) == (204, b"")


class TestRows:
    async def test_filters_selects_and_embeds(self, anon: Api) -> None:
        path = "/rpc/books_of?author=1&select=id,authors!author_id(name)&title=like.*Lathe*"
        assert await anon.rows(path) == [{"id": 2, "authors": {"name": "Ursula"}}]
        path = "/rpc/books_of?select=id&order=id.desc&limit=1"
        response = await anon.ask("POST", path, json={"author": 1}, prefer="count=exact")
        assert (response.status_code, response.json()) == (206, [{"id": 2}])
        assert response.headers["content-range"] == "0-0/2"

    async def test_answers_one_row_as_an_object(self, anon: Api) -> None:
        assert await anon.rows("/rpc/one_book?book=3&select=title") == {"title": "Solaris"}

    async def test_knows_the_columns_of_a_table_function(self, anon: Api) -> None:
        rows = await anon.rows("/rpc/page_counts?select=book&count=gt.300&order=count")
        assert rows == [{"book": "The Dispossessed"}, {"book": 'A "quoted", (odd) title'}]

    async def test_answers_csv_and_single_objects(self, anon: Api) -> None:
        response = await anon.get(
            "/rpc/books_of?author=2&select=id,title", headers={"accept": "text/csv"}
        )
        assert response.text == "id,title\n3,Solaris"
        headers = {"accept": "application/vnd.pgrst.object+json"}
        response = await anon.get("/rpc/books_of?author=1", headers=headers)
        assert (response.status_code, response.json()["code"]) == (406, "PGRST116")


class TestWriting:
    async def test_changes_things_by_post_alone(self, user: Api) -> None:
        response = await user.get("/rpc/buy?title=Bought")
        assert (response.status_code, response.json()["code"]) == (405, "PGRST101")
        body = {"title": "Bought"}
        response = await user.ask("POST", "/rpc/buy", json=body, prefer="tx=rollback")
        assert response.status_code == 200
        assert await user.column("/books?title=eq.Bought") == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/rpc/nothing", 404, "PGRST202"),
            ("/rpc/add_them", 404, "PGRST202"),
            ("/rpc/add_them?a=one", 400, "22P02"),
            ("/rpc/fail_with?state=P0001", 400, "P0001"),
            ("/rpc/fail_with?state=PT418", 418, "PT418"),
            ("/rpc/fail_with?state=LS409", 409, "LS409"),
            ("/rpc/fail_with?state=XX000", 500, "XX000"),
        ],
    )
    async def test_says_why(self, anon: Api, path: str, status: int, code: str) -> None:
        response = await anon.get(path)
        assert (response.status_code, response.json()["code"]) == (status, code)

    async def test_passes_details_and_hint(self, anon: Api) -> None:
        response = await anon.get("/rpc/fail_with?state=P0001")
        assert response.json() == {
            "code": "P0001",
            "message": "as asked",
            "details": "a detail",
            "hint": "a hint",
        }

    async def test_a_function_needs_a_grant(self, anon: Api) -> None:
        response = await anon.ask("POST", "/rpc/forget")
        assert (response.status_code, response.json()["code"]) == (401, "42501")

    async def test_stops_what_takes_too_long(self, user: Api) -> None:
        response = await user.ask("POST", "/rpc/sleep", json={"seconds": 30})
        assert (response.status_code, response.json()["code"]) == (500, "57014")


class TestForms:
    async def test_fill_in_the_arguments(self, user: Api) -> None:
        response = await user.ask("POST", "/rpc/add_them", data={"a": "3", "b": "4"})
        assert (response.status_code, response.json()) == (200, 7)
        response = await user.ask(
            "POST", "/rpc/add_them", content="a,b", headers={"content-type": "text/csv"}
        )
        assert (response.status_code, response.json()["code"]) == (415, "PGRST107")


class TestPreferences:
    async def test_a_bound_needs_rows_to_count(self, user: Api) -> None:
        bounded = "handling=strict, max-affected=1"
        body = {"author": 1}
        response = await user.ask("POST", "/rpc/books_of", json=body, prefer=bounded)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST124")
        response = await user.ask("POST", "/rpc/add_them", json={"a": 1}, prefer=bounded)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST128")

    async def test_what_is_only_tried_says_so(self, user: Api) -> None:
        body = {"title": "Only tried"}
        response = await user.ask("POST", "/rpc/buy", json=body, prefer="tx=rollback")
        assert response.headers["preference-applied"] == "tx=rollback"
        assert await user.rows("/books?title=eq.Only tried") == []


class TestHints:
    async def test_name_a_function_that_the_caller_may_call(self, user: Api, anon: Api) -> None:
        response = await user.get("/rpc/add_then?a=1")
        assert response.json()["hint"] == "Perhaps you meant to call the function public.add_them"
        response = await anon.get("/rpc/forgot")
        assert "public.forget" not in str(response.json()["hint"])
