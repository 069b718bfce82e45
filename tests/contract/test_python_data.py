"""The data API as supabase-py uses it; the sync client is generated from this asynchronous one."""

import asyncio
import inspect
from typing import Any

import asyncpg
import postgrest
import pytest
from postgrest import APIError, CountMethod, ReturnMethod
from postgrest._async import request_builder
from supabase import AsyncClient

from tests.contract.conftest import Place, connecting
from tests.contract.reflection import named, offered

UNSUPPORTED = {"from_table"}
"""By the client itself, which warns of it."""


def ids(response: Any) -> list[int]:
    """Return the ids of an answer."""
    return [row["id"] for row in response.data]


async def refusal(asked: Any) -> str | None:
    """Return the code with which a request is refused."""
    with pytest.raises(APIError) as refused:
        await asked.execute()
    return refused.value.code


class TestEveryMethod:
    def test_of_every_builder_is_called_below(self) -> None:
        builders = [
            kind
            for _, kind in inspect.getmembers(request_builder, inspect.isclass)
            if kind.__module__ == request_builder.__name__
        ]
        assert len(builders) > 6
        methods = offered(*builders, postgrest.AsyncPostgrestClient)
        assert methods - named(__file__) - UNSUPPORTED == set()


class TestReading:
    @pytest.mark.parametrize(
        ("method", "arguments", "expected"),
        [
            ("eq", ("title", "Solaris"), [3]),
            ("neq", ("id", 1), [2, 3, 4, 5]),
            ("gt", ("id", 3), [4, 5]),
            ("gte", ("id", 4), [4, 5]),
            ("lt", ("id", 2), [1]),
            ("lte", ("id", 2), [1, 2]),
            ("is_", ("author_id", None), [5]),
            ("like", ("title", "The%"), [1, 2]),
            ("ilike", ("title", "%KIN%"), [4]),
            ("like_any_of", ("title", "Sol%,Kin%"), [3, 4]),
            ("filter", ("details->>isbn", "eq", "b2"), [2]),
            ("adj", ("lent", (9, 12)), [1]),
            ("cd", ("tags", ["dreams", "ocean"]), [2, 3, 4]),
            ("cs", ("tags", ["dreams"]), [2, 3]),
            ("ov", ("tags", ["moon", "ocean"]), [1, 3]),
            ("sl", ("lent", (15, 18)), [1]),
            ("sr", ("lent", (15, 18)), [2]),
            ("nxl", ("lent", (15, 18)), [2]),
            ("nxr", ("lent", (15, 18)), [1]),
            ("fts", ("words", "heaven & lathe"), [2]),
            ("plfts", ("words", "the heaven"), [2]),
            ("phfts", ("words", "lathe of heaven"), [2]),
            ("wfts", ("words", "heaven or solaris"), [2, 3]),
            ("like_all_of", ("title", "The%,%Heaven"), [2]),
            ("ilike_any_of", ("title", "sol%,kin%"), [3, 4]),
            ("ilike_all_of", ("title", "the%,%heaven"), [2]),
            ("in_", ("id", [1, 3]), [1, 3]),
            ("in_", ("title", ["Solaris", 'A "quoted", (odd) title']), [3, 5]),
            ("contains", ("tags", ["dreams"]), [2, 3]),
            ("contains", ("details", {"isbn": "a1"}), [1]),
            ("contained_by", ("tags", ["dreams", "ocean"]), [2, 3, 4]),
            ("overlaps", ("tags", ["moon", "ocean"]), [1, 3]),
            ("range_lt", ("lent", (15, 18)), [1]),
            ("range_gt", ("lent", (15, 18)), [2]),
            ("range_gte", ("lent", (15, 18)), [2]),
            ("range_lte", ("lent", (15, 18)), [1]),
            ("range_adjacent", ("lent", (9, 12)), [1]),
            ("or_", ("id.eq.1,and(id.gt.2,id.lt.4)",), [1, 3]),
            ("match", ({"id": 1, "shelf": "fiction"},), [1]),
            ("text_search", ("words", "heaven"), [2]),
        ],
    )
    async def test_every_filter(
        self, person: AsyncClient, method: str, arguments: Any, expected: list[int]
    ) -> None:
        asked = person.from_("books").select("id").lt("id", 6)
        answer = await getattr(asked, method)(*arguments).order("id").execute()
        assert ids(answer) == expected

    async def test_negation_order_and_pages(self, person: AsyncClient) -> None:
        asked = person.from_("books").select("id", count=CountMethod.exact).lt("id", 6)
        asked = asked.not_.in_("id", [1]).order("price", desc=True, nullsfirst=False).limit(2)
        answer = await asked.execute()
        assert (ids(answer), answer.count) == ([3, 2], 4)
        page = person.from_("books").select("id").lt("id", 6).order("id").range(1, 2)
        assert ids(await page.execute()) == [2, 3]
        rest = person.from_("books").select("id").lt("id", 6).order("id").limit(2).offset(3)
        assert ids(await rest.execute()) == [4, 5]

    async def test_without_nulls_and_by_other_names(self, person: AsyncClient) -> None:
        asked = person.table("books").select("id,price").eq("id", 4)
        assert (await asked.strip_nulls().execute()).data == [{"id": 4}]
        public = person.postgrest.schema("public")
        for table in (public.table, public.from_):
            one = table("books").select("id").eq("id", 4).retry(False)
            assert ids(await one.execute()) == [4]

    async def test_what_is_not_spoken_is_refused_by_its_code(self, person: AsyncClient) -> None:
        with pytest.raises(APIError) as refused:
            await person.from_("books").select("id").explain().execute()
        assert refused.value.code == "PGRST107"
        elsewhere = person.schema("platform").from_("jobs").select("id")
        assert await refusal(elsewhere) == "PGRST106"

    async def test_embedding(self, person: AsyncClient) -> None:
        answer = await (
            person.from_("authors")
            .select("name, books!author_id(title, loans!inner(days))")
            .gt("books.loans.days", 14)
            .order("title", foreign_table="books")
            .eq("id", 2)
            .execute()
        )
        assert answer.data == [
            {"name": "Stanislaw", "books": [{"title": "Solaris", "loans": [{"days": 21}]}]}
        ]

    async def test_one_row_and_maybe_one(self, person: AsyncClient) -> None:
        answer = await person.from_("books").select("id").eq("id", 1).single().execute()
        assert answer.data == {"id": 1}
        none = person.from_("books").select("id").eq("id", 99).maybe_single()
        assert await none.execute() is None
        with pytest.raises(APIError) as refused:
            await person.from_("books").select("id").single().execute()
        assert refused.value.code == "PGRST116"

    async def test_csv_and_head(self, person: AsyncClient) -> None:
        answer = await person.from_("books").select("id,title").eq("id", 3).csv().execute()
        assert answer.data == "id,title\n3,Solaris"
        head = person.from_("books").select("*", count=CountMethod.exact, head=True)
        assert (await head.lt("id", 6).execute()).count == 5


class TestWriting:
    async def test_insert_update_upsert_delete(self, person: AsyncClient) -> None:
        authors = person.from_("authors")
        made = await authors.insert({"id": 501, "name": "A"}).select("id,name").execute()
        assert made.data == [{"id": 501, "name": "A"}]
        rows: list[dict[str, Any]] = [{"id": 502, "name": "B"}, {"id": 503, "name": "C"}]
        many = await authors.insert(rows, returning=ReturnMethod.minimal).execute()
        assert many.data == []
        merged = await authors.upsert([{"id": 501, "name": "AA"}]).select("name").execute()
        assert merged.data == [{"name": "AA"}]
        again = authors.upsert({"id": 501, "name": "X"}, on_conflict="id", ignore_duplicates=True)
        assert (await again.select("name").execute()).data == []
        changes = authors.update({"born": "1950-01-01"}).gt("id", 500).select("id,born")
        assert len((await changes.execute()).data) == 3
        too_many = authors.update({"born": None}).gt("id", 500).max_affected(1)
        assert await refusal(too_many) == "PGRST124"
        gone = await authors.delete().gt("id", 500).select("id").execute()
        assert sorted(ids(gone)) == [501, 502, 503]

    async def test_calls_functions(self, person: AsyncClient) -> None:
        numbers: Any = {"a": 1}
        assert (await person.rpc("add_them", numbers | {"b": 2}).execute()).data == 3
        author: Any = {"author": 1}
        answer = await person.rpc("books_of", author).select("id").eq("id", 2).execute()
        assert ids(answer) == [2]
        assert (await person.rpc("add_them", numbers, get=True).execute()).data == 11
        counted = person.rpc("books_of", author, count=CountMethod.exact, head=True)
        assert (await counted.execute()).count == 2

    async def test_hears_what_is_refused(self, person: AsyncClient) -> None:
        with pytest.raises(APIError) as refused:
            await person.from_("authors").insert({"id": 1, "name": "Again"}).execute()
        assert (refused.value.code, refused.value.details) == (
            "23505",
            "Key (id)=(1) already exists.",
        )


class TestVectors:
    async def test_are_written_read_and_searched(self, person: AsyncClient) -> None:
        rows: list[dict[str, Any]] = [
            {"id": 51, "body": "cats", "embedding": [1, 0, 0]},
            {"id": 52, "body": "ships", "embedding": "[0,0,1]"},
        ]
        written: Any = await person.table("passages").insert(rows).select("embedding").execute()
        assert [row["embedding"] for row in written.data] == ["[1,0,0]", "[0,0,1]"]
        near: Any = {"query_embedding": [0.9, 0.1, 0], "match_threshold": 0.5, "match_count": 5}
        found = await person.rpc("match_passages", near).select("body").execute()
        assert found.data == [{"body": "cats"}]


class TestAStranger:
    async def test_neither_sees_nor_changes_what_is_somebodys(
        self, person: AsyncClient, stranger: AsyncClient
    ) -> None:
        await person.table("diaries").insert({"id": 51, "entry": "Mine"}).execute()
        theirs = stranger.table("diaries")
        assert (await theirs.select("*").execute()).data == []
        changed = await theirs.update({"entry": "Yours"}).eq("id", 51).select("id").execute()
        assert changed.data == []
        assert (await theirs.delete().eq("id", 51).select("id").execute()).data == []
        assert await refusal(theirs.upsert({"id": 51, "entry": "Yours"})) == "42501"
        near: Any = {"query_embedding": [1, 0, 0], "match_threshold": -1, "match_count": 5}
        assert (await stranger.rpc("match_passages", near).execute()).data == []
        kept = await person.table("diaries").select("entry").eq("id", 51).single().execute()
        assert kept.data == {"entry": "Mine"}

    async def test_without_an_account_reads_what_is_public_alone(
        self, visitor: AsyncClient
    ) -> None:
        public = await visitor.table("books").select("id").eq("id", 3).execute()
        assert public.data == [{"id": 3}]
        for asked in (
            visitor.table("diaries").select("*"),
            visitor.table("authors").select("secret"),
            visitor.table("books").delete().eq("id", 1),
            visitor.rpc("forget", {}),
        ):
            assert await refusal(asked) == "42501"

    async def test_becomes_somebody_by_a_token(self, place: Place, visitor: AsyncClient) -> None:
        api = visitor.postgrest
        who: Any = await api.rpc("who_am_i", {}).execute()
        assert who.data["role"] == "anon"
        api.auth(place.token())
        who = await api.rpc("who_am_i", {}).execute()
        assert who.data["role"] == "authenticated"
        await api.aclose()

    async def test_with_a_forged_token_is_refused(self, place: Place) -> None:
        async with connecting(place, place.token()[:-4] + "AAAA") as client:
            assert await refusal(client.table("books").select("id")) == "PGRST301"


class TestStructure:
    async def test_a_new_table_is_known_when_the_database_says_so(
        self, person: AsyncClient, place: Place
    ) -> None:
        with pytest.raises(APIError) as refused:
            await person.from_("arrivals").select("*").execute()
        assert refused.value.code == "PGRST205"
        connection = await asyncpg.connect(place.database_url)
        try:
            await connection.execute(
                "create table public.arrivals (id int);"
                " grant select on public.arrivals to authenticated; notify pgrst, 'reload schema'"
            )
            async with asyncio.timeout(5):
                while True:
                    try:
                        answer = await person.from_("arrivals").select("*").execute()
                        break
                    except APIError:
                        await asyncio.sleep(0.02)
            assert answer.data == []
        finally:
            await connection.execute("drop table if exists public.arrivals; notify pgrst")
            await connection.close()
