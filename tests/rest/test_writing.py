"""Writing: insert, upsert, update, delete, and what each answers."""

from collections.abc import AsyncIterator
from itertools import count
from uuid import uuid4

import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.rest.conftest import Api

numbers = count(1_000)
FULL = "return=representation"


@pytest.fixture(autouse=True)
async def _tidy(library: Database) -> AsyncIterator[None]:
    yield
    async with library.acting_as(Root()) as tx:
        await tx.execute(
            "delete from public.loans where days > 900; delete from public.books where id > 5;"
            " delete from public.authors where id > 3; delete from public.diaries"
        )


class TestInserting:
    async def test_answers_nothing_by_default(self, user: Api) -> None:
        response = await user.ask("POST", "/books", json={"title": "New"})
        assert (response.status_code, response.content) == (201, b"")
        assert response.headers["content-range"] == "*/*"

    async def test_answers_the_row(self, user: Api) -> None:
        response = await user.ask(
            "POST",
            "/books?select=title,shelf,tags,details,authors!author_id(name),title_and_pages",
            json={
                "title": "New",
                "author_id": 1,
                "shelf": "science",
                "pages": 12,
                "tags": ["a", "b c"],
                "details": {"deep": [1]},
            },
            prefer=FULL,
        )
        assert response.status_code == 201
        assert response.json() == [
            {
                "title": "New",
                "shelf": "science",
                "tags": ["a", "b c"],
                "details": {"deep": [1]},
                "authors": {"name": "Ursula"},
                "title_and_pages": "New (12)",
            }
        ]
        assert response.headers["preference-applied"] == FULL

    async def test_answers_one_object(self, user: Api) -> None:
        headers = {"accept": "application/vnd.pgrst.object+json"}
        response = await user.ask(
            "POST", "/books?select=title", json={"title": "One"}, prefer=FULL, headers=headers
        )
        assert response.json() == {"title": "One"}

    async def test_names_the_new_row_in_a_header(self, user: Api) -> None:
        author = next(numbers)
        row = {"id": author, "name": "Known"}
        response = await user.ask("POST", "/authors", json=row, prefer="return=headers-only")
        assert (response.status_code, response.content) == (201, b"")
        assert response.headers["location"] == f"/authors?id=eq.{author}"

    async def test_inserts_many(self, user: Api) -> None:
        rows = [{"title": f"Book {n}", "pages": n} for n in range(1, 201)]
        response = await user.ask("POST", "/books", json=rows, prefer="count=exact")
        assert (response.status_code, response.headers["content-range"]) == (201, "*/200")

    async def test_gives_back_no_more_than_the_limit_when_read(self, user: Api) -> None:
        rows = [{"title": f"Book {n}"} for n in range(60)]
        await user.ask("POST", "/books", json=rows)
        for path in ("/books?limit=1000", "/books?title=like.Book*"):
            assert len(await user.rows(path)) == 50
        response = await user.get("/books?title=like.Book*", prefer="count=exact")
        assert (response.status_code, response.headers["content-range"]) == (206, "0-49/60")

    async def test_wants_the_same_keys_in_every_row(self, user: Api) -> None:
        rows = [{"title": "A"}, {"pages": 1}]
        response = await user.ask("POST", "/books", json=rows)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST102")

    async def test_takes_only_the_columns_named(self, user: Api) -> None:
        response = await user.ask(
            "POST",
            "/books?columns=title,tags&select=title,pages,tags",
            json=[{"title": "A", "pages": 3, "tags": ["x"]}, {"title": "B", "tags": [], "no": 1}],
            prefer=FULL,
        )
        assert response.json() == [
            {"title": "A", "pages": None, "tags": ["x"]},
            {"title": "B", "pages": None, "tags": []},
        ]

    async def test_fills_in_defaults_when_asked(self, user: Api) -> None:
        rows = [{"title": "A", "tags": ["x"]}, {"title": "B"}]
        path = "/books?columns=title,tags&select=title,tags"
        response = await user.ask("POST", path, json=rows)
        assert (response.status_code, response.json()["code"]) == (400, "23502")
        response = await user.ask("POST", path, json=rows, prefer=f"missing=default,{FULL}")
        assert [row["tags"] for row in response.json()] == [["x"], []]

    async def test_inserts_csv_and_forms(self, user: Api) -> None:
        headers = {"content-type": "text/csv"}
        text = 'title,pages\n"A, b",3\nNothing,NULL\n'
        path = "/books?select=title,pages"
        response = await user.ask("POST", path, content=text, headers=headers, prefer=FULL)
        assert response.json() == [
            {"title": "A, b", "pages": 3},
            {"title": "Nothing", "pages": None},
        ]
        response = await user.ask("POST", path, data={"title": "F", "pages": "7"}, prefer=FULL)
        assert response.json() == [{"title": "F", "pages": 7}]

    async def test_inserts_nothing(self, user: Api) -> None:
        response = await user.ask("POST", "/books", json=[], prefer=FULL)
        assert (response.status_code, response.json()) == (201, [])

    async def test_inserts_defaults_alone(self, user: Api) -> None:
        response = await user.ask("POST", "/diaries", json={})
        assert response.json()["code"] == "23502"

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ('{"title": "x", "colour": 1}', 400, "PGRST204"),
            ('{"title": null}', 400, "23502"),
            ('{"title": "x", "pages": -1}', 400, "23514"),
            ('{"title": "x", "pages": "many"}', 400, "22P02"),
            ('{"title": "x", "author_id": 99}', 409, "23503"),
            ('{"title": "x", "words": "x"}', 400, "428C9"),
            ('{"title": ', 400, "PGRST102"),
            ("[1]", 400, "PGRST102"),
            ('"text"', 400, "PGRST102"),
            ("[" * 5_000, 400, "PGRST102"),
            ('{"title": "\\u0000"}', 400, "22P05"),
        ],
    )
    async def test_says_what_is_wrong(self, user: Api, body: str, status: int, code: str) -> None:
        headers = {"content-type": "application/json"}
        response = await user.ask("POST", "/books", content=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (status, code)

    async def test_refuses_other_types_and_large_bodies(self, user: Api) -> None:
        headers = {"content-type": "text/plain"}
        response = await user.ask("POST", "/books", content=b"x", headers=headers)
        assert (response.status_code, response.json()["code"]) == (415, "PGRST107")
        response = await user.ask("POST", "/books", json={"title": "x" * 100_001})
        assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


class TestUpserting:
    async def test_merges_by_primary_key(self, user: Api) -> None:
        author = next(numbers)
        for name in ("First", "Second"):
            rows = [{"id": author, "name": name}]
            prefer = f"resolution=merge-duplicates,{FULL}"
            path = "/authors?select=id,name&columns=id,name"
            response = await user.ask("POST", path, json=rows, prefer=prefer)
            assert response.json() == [{"id": author, "name": name}]

    async def test_ignores_duplicates(self, user: Api) -> None:
        rows = [{"book_id": 1, "reader_id": 1, "days": 999}]
        prefer = f"resolution=ignore-duplicates,{FULL}"
        response = await user.ask("POST", "/loans", json=rows, prefer=prefer)
        assert (response.status_code, response.json()) == (201, [])
        assert await user.column("/loans?book_id=eq.1&reader_id=eq.1", "days") == [7]

    async def test_merges_by_another_key(self, user: Api) -> None:
        rows = [{"id": 1, "Full Name": "Ann Reader"}]
        prefer = f"resolution=merge-duplicates,{FULL}"
        response = await user.ask(
            "POST", '/readers?on_conflict="Full Name"', json=rows, prefer=prefer
        )
        assert response.json() == [{"id": 1, "Full Name": "Ann Reader"}]

    async def test_refuses_a_duplicate_otherwise(self, user: Api) -> None:
        response = await user.ask("POST", "/authors", json={"id": 1, "name": "Again"})
        assert (response.status_code, response.json()["code"]) == (409, "23505")

    async def test_puts_one_row(self, user: Api) -> None:
        author = next(numbers)
        path = f"/authors?id=eq.{author}"
        response = await user.ask("PUT", path, json={"id": author, "name": "Put"})
        assert (response.status_code, await user.column(path, "name")) == (201, ["Put"])
        response = await user.ask("PUT", path, json={"id": author, "name": "Again"})
        assert (response.status_code, await user.column(path, "name")) == (204, ["Again"])
        response = await user.ask("PUT", path, json={"id": 1, "name": "Put"})
        assert (response.status_code, response.json()["code"]) == (400, "PGRST115")
        response = await user.ask("PUT", "/authors?name=eq.x", json={"id": 1, "name": "x"})
        assert (response.status_code, response.json()["code"]) == (405, "PGRST105")


class TestUpdating:
    async def test_updates_what_the_filters_choose(self, user: Api) -> None:
        made = await user.ask("POST", "/books?select=id", json={"title": "Old"}, prefer=FULL)
        book = made.json()[0]["id"]
        path = f"/books?id=eq.{book}"
        response = await user.ask("PATCH", path, json={"title": "Newer", "tags": ["t"]})
        assert (response.status_code, response.content) == (204, b"")
        response = await user.ask(
            "PATCH",
            f"/books?title=eq.Newer&id=eq.{book}&select=title,tags,title_and_pages",
            json={"title": "Newest"},
            prefer=f"{FULL},count=exact",
        )
        expected = [{"title": "Newest", "tags": ["t"], "title_and_pages": "Newest (0)"}]
        assert (response.status_code, response.json()) == (200, expected)
        assert response.headers["content-range"] == "0-0/1"

    async def test_answers_nothing_found(self, user: Api) -> None:
        response = await user.ask("PATCH", "/books?id=eq.77", json={"title": "x"}, prefer=FULL)
        assert (response.status_code, response.json()) == (200, [])
        response = await user.ask("PATCH", "/books?id=eq.1", json={})
        assert response.status_code == 204

    async def test_undoes_what_reaches_too_far(self, user: Api) -> None:
        response = await user.ask(
            "PATCH", "/books?id=lt.4", json={"price": 0}, prefer="handling=strict,max-affected=2"
        )
        assert (response.status_code, response.json()["code"]) == (400, "PGRST124")
        headers = {"accept": "application/vnd.pgrst.object+json"}
        response = await user.ask(
            "PATCH", "/books?id=lt.4", json={"price": 0}, prefer=FULL, headers=headers
        )
        assert (response.status_code, response.json()["code"]) == (406, "PGRST116")
        assert await user.column("/books?price=eq.0") == []

    async def test_undoes_what_is_only_tried(self, user: Api) -> None:
        response = await user.ask(
            "PATCH",
            "/books?id=eq.1&select=title",
            json={"title": "Tried"},
            prefer=f"tx=rollback,{FULL}",
        )
        assert response.json() == [{"title": "Tried"}]
        assert await user.column("/books?id=eq.1", "title") == ["The Dispossessed"]

    async def test_refuses_strange_preferences_when_strict(self, user: Api) -> None:
        prefer = "handling=strict,colour=red"
        response = await user.ask("PATCH", "/books?id=eq.1", json={"price": 1}, prefer=prefer)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST122")


class TestDeleting:
    async def test_deletes_what_the_filters_choose(self, user: Api) -> None:
        rows = [{"id": next(numbers), "name": "Gone"} for _ in range(2)]
        await user.ask("POST", "/authors", json=rows)
        first = f"/authors?id=eq.{rows[0]['id']}"
        response = await user.ask("DELETE", f"{first}&select=name", prefer=FULL)
        assert (response.status_code, response.json()) == (200, [{"name": "Gone"}])
        response = await user.ask("DELETE", "/authors?name=eq.Gone", prefer="count=exact")
        assert (response.status_code, response.headers["content-range"]) == (204, "0-0/1")

    async def test_keeps_what_others_need(self, user: Api) -> None:
        response = await user.ask("DELETE", "/authors?id=eq.1")
        assert (response.status_code, response.json()["code"]) == (409, "23503")


class TestRights:
    async def test_a_person_sees_and_writes_their_own_rows(self, user: Api, stranger: Api) -> None:
        made = await user.ask("POST", "/diaries", json={"id": 1, "entry": "mine"}, prefer=FULL)
        assert made.status_code == 201
        assert await stranger.rows("/diaries") == []
        response = await stranger.ask("PATCH", "/diaries?id=eq.1", json={"entry": "x"}, prefer=FULL)
        assert response.json() == []
        response = await stranger.ask("DELETE", "/diaries", prefer=f"count=exact,{FULL}")
        assert (response.json(), await user.column("/diaries", "entry")) == ([], ["mine"])

    async def test_nobody_writes_in_another_name(self, user: Api) -> None:
        response = await user.ask("POST", "/diaries", json={"id": 2, "owner": str(uuid4())})
        assert (response.status_code, response.json()["code"]) == (403, "42501")

    async def test_a_visitor_writes_nothing(self, anon: Api) -> None:
        response = await anon.ask("POST", "/books", json={"title": "x"})
        assert (response.status_code, response.json()["code"]) == (401, "42501")
        assert (await anon.get("/diaries")).status_code == 401
