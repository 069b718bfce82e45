"""Aggregates: of a table, inside a relation, and of a relation spread into the row around it."""

import pytest

from tests.rest.conftest import Api


class TestOfASpreadRelation:
    async def test_sums_up_the_rows_around_it(self, anon: Api) -> None:
        rows = await anon.rows(
            "/books?select=shelf,...authors!author_id(oldest:born.min(),born.max()::text)"
            "&order=shelf&shelf=in.(fiction,history)"
        )
        assert rows == [
            {"shelf": "fiction", "oldest": "1921-09-12", "max": "1929-10-21"},
            {"shelf": "history", "oldest": None, "max": None},
        ]

    async def test_groups_by_its_columns(self, anon: Api) -> None:
        path = "/books?select=pages.sum(),...authors!author_id(name)&author_id=lt.3"
        rows = sorted(await anon.rows(path), key=lambda row: str(row["name"]))
        assert rows == [{"sum": 204, "name": "Stanislaw"}, {"sum": 525, "name": "Ursula"}]

    async def test_counts_the_rows_that_have_one(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=books:count(),...covers(covered:count())")
        assert rows == [{"books": 5, "covered": 2}]

    async def test_reaches_through_several(self, anon: Api) -> None:
        rows = await anon.rows("/covers?select=...books(...authors!author_id(born.min()))")
        assert rows == [{"min": "1921-09-12"}]

    async def test_has_a_cast_before_and_behind(self, anon: Api) -> None:
        path = "/covers?select=...books(notes->seen::text.max(),price::int.sum()::text)"
        assert await anon.rows(path) == [{"max": "true", "sum": "18"}]

    async def test_groups_by_json_and_by_lists(self, anon: Api) -> None:
        path = '/books?select=id.count(),notes,...readers("Full Name")&id=lte.2&order=notes'
        rows = sorted(await anon.rows(path.replace("&order=notes", "")), key=str)
        assert rows == [
            {"count": 1, "notes": None, "Full Name": []},
            {"count": 1, "notes": {"seen": True}, "Full Name": ["Ann Reader", "Bob Reader"]},
        ]

    @pytest.mark.parametrize("relation", ["loans(days.sum())", "readers(count())"])
    async def test_is_refused_for_many(self, anon: Api, relation: str) -> None:
        response = await anon.get(f"/books?select=id,...{relation}")
        assert (response.status_code, response.json()["code"]) == (400, "PGRST127")
