"""Related rows inside the answer."""

import pytest

from tests.rest.conftest import Api


class TestEmbedding:
    async def test_embeds_the_one_it_belongs_to(self, anon: Api) -> None:
        rows = await anon.rows(
            "/books?select=id,author:authors!author_id(name)&id=in.(1,5)&order=id"
        )
        assert rows == [{"id": 1, "author": {"name": "Ursula"}}, {"id": 5, "author": None}]

    async def test_embeds_by_column_or_constraint(self, anon: Api) -> None:
        for name in ("author_id", "books_author_id_fkey", "authors!books_author_id_fkey"):
            rows = await anon.rows(f"/books?select=by:{name}(name)&id=eq.3")
            assert rows == [{"by": {"name": "Stanislaw"}}]

    async def test_embeds_the_many(self, anon: Api) -> None:
        rows = await anon.rows("/authors?select=name,books!author_id(id)&id=lt.3&order=id")
        assert rows == [
            {"name": "Ursula", "books": [{"id": 1}, {"id": 2}]},
            {"name": "Stanislaw", "books": [{"id": 3}]},
        ]

    async def test_embeds_one_to_one(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=id,covers(colour)&id=in.(1,2)&order=id")
        assert rows == [{"id": 1, "covers": {"colour": "red"}}, {"id": 2, "covers": None}]

    async def test_embeds_through_a_junction(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=id,readers(id)&id=in.(1,2)&order=id&readers.order=id")
        assert rows == [{"id": 1, "readers": [{"id": 1}, {"id": 2}]}, {"id": 2, "readers": []}]
        rows = await anon.rows("/readers?select=id,books!loans(title)&id=eq.2")
        assert rows == [{"id": 2, "books": [{"title": "The Dispossessed"}]}]

    async def test_goes_three_levels_deep(self, anon: Api) -> None:
        select = "name,books!author_id(title,loans(days,readers(id)))"
        rows = await anon.rows(f"/authors?select={select}&id=eq.2")
        assert rows == [
            {
                "name": "Stanislaw",
                "books": [{"title": "Solaris", "loans": [{"days": 21, "readers": {"id": 1}}]}],
            }
        ]

    async def test_refuses_to_go_deeper_than_the_limit(self, anon: Api) -> None:
        select = "authors!author_id(books!author_id(authors!author_id(books!author_id(id))))"
        response = await anon.get(f"/books?select={select}")
        assert (response.status_code, response.json()["code"]) == (400, "embedding_too_deep")

    async def test_follows_a_reference_to_itself_both_ways(self, anon: Api) -> None:
        rows = await anon.rows("/authors?select=id,mentor:mentor_id(name)&id=eq.2")
        assert rows == [{"id": 2, "mentor": {"name": "Ursula"}}]
        rows = await anon.rows("/authors?select=id,pupils:authors!mentor_id(id)&id=eq.1")
        assert rows == [{"id": 1, "pupils": [{"id": 2}, {"id": 3}]}]

    async def test_says_when_several_are_meant(self, anon: Api) -> None:
        response = await anon.get("/books?select=authors(*)")
        body = response.json()
        assert (response.status_code, body["code"]) == (300, "PGRST201")
        assert "authors!books_editor_id_fkey" in body["hint"]
        assert {one["cardinality"] for one in body["details"]} == {"many-to-one"}

    async def test_embeds_what_a_view_shows(self, anon: Api) -> None:
        rows = await anon.rows("/long_books?select=id,authors(name)&order=id")
        assert rows == [{"id": 1, "authors": {"name": "Ursula"}}, {"id": 5, "authors": None}]
        rows = await anon.rows("/authors?select=id,long_books(title)&id=eq.1")
        assert rows == [{"id": 1, "long_books": [{"title": "The Dispossessed"}]}]

    async def test_embeds_what_a_function_relates(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=id,other_books(id,author_id(name))&id=eq.1")
        assert rows == [{"id": 1, "other_books": [{"id": 2, "author_id": {"name": "Ursula"}}]}]


class TestRestricting:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("select=id,loans!inner(days)&loans.days=gt.7", [1, 3]),
            ("select=id,loans!left(days)&loans.days=gt.7&id=lt.4", [1, 2, 3]),
            ("select=id,readers!inner()&readers.id=eq.2", [1]),
            ("select=id,loans()&loans=is.null", [2, 4, 5]),
            ("select=id,loans()&loans=not.is.null", [1, 3]),
            ("select=id,loans(),covers()&or=(loans.is.null,covers.not.is.null)", [1, 2, 3, 4, 5]),
            ("select=id,loans!inner(readers!inner(id))&loans.readers.id=eq.1", [1, 3]),
            ("select=id,a:authors!author_id!inner(name)&a.name=eq.Ursula", [1, 2]),
            ("select=id,a:authors!author_id!inner(name)&a.or=(name.eq.Octavia,id.eq.2)", [3, 4]),
        ],
    )
    async def test_keeps_the_rows_with_a_relation(
        self, anon: Api, query: str, expected: list[int]
    ) -> None:
        response = await anon.get(f"/books?{query}&order=id", prefer="count=exact")
        assert [row["id"] for row in response.json()] == expected
        assert response.headers["content-range"].endswith(f"/{len(expected)}")

    async def test_filters_orders_and_cuts_inside(self, anon: Api) -> None:
        rows = await anon.rows(
            "/authors?select=id,b:books!author_id(id)&id=eq.1&b.order=id.desc&b.limit=1"
        )
        assert rows == [{"id": 1, "b": [{"id": 2}]}]
        rows = await anon.rows(
            "/authors?select=id,books!author_id(id)&id=eq.1&books.title=like.*Lathe*"
        )
        assert rows == [{"id": 1, "books": [{"id": 2}]}]

    async def test_orders_by_a_relation(self, anon: Api) -> None:
        query = "select=id,author:authors!author_id(name)&order=author(name).desc.nullslast,id"
        assert await anon.column(f"/books?{query}") == [1, 2, 3, 4, 5]
        response = await anon.get("/books?select=id,loans(days)&order=loans(days)")
        assert (response.status_code, response.json()["code"]) == (400, "PGRST118")


class TestSpreading:
    async def test_lifts_columns_of_the_one(self, anon: Api) -> None:
        rows = await anon.rows(
            "/books?select=id,...authors!author_id(author:name)&id=in.(1,5)&order=id"
        )
        assert rows == [{"id": 1, "author": "Ursula"}, {"id": 5, "author": None}]

    async def test_lifts_lists_of_the_many(self, anon: Api) -> None:
        rows = await anon.rows(
            "/books?select=id,...loans(days)&id=in.(1,2)&order=id&loans.order=days"
        )
        assert rows == [{"id": 1, "days": [7, 14]}, {"id": 2, "days": []}]


class TestSummingUp:
    async def test_counts_related_rows(self, anon: Api) -> None:
        rows = await anon.rows("/authors?select=id,books!author_id(count)&order=id&limit=1")
        assert rows == [{"id": 1, "books": [{"count": 2}]}]

    async def test_sums_related_rows(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=id,loans(total:days.sum())&id=eq.1")
        assert rows == [{"id": 1, "loans": [{"total": 21}]}]

    async def test_groups_beside_a_relation(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=authors!author_id(name),count()&author_id=eq.1")
        assert rows == [{"authors": {"name": "Ursula"}, "count": 2}]


class TestHints:
    async def test_name_a_relation_that_there_is(self, anon: Api) -> None:
        response = await anon.get("/books?select=id,loanz(days)")
        assert (response.status_code, response.json()["code"]) == (400, "PGRST200")
        assert response.json()["hint"] == "Perhaps you meant 'loans' instead of 'loanz'."
