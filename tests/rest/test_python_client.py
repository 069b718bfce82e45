"""The data API as `postgrest`, the client inside supabase-py, uses it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from postgrest import APIError, AsyncPostgrestClient, CountMethod, ReturnMethod

from lodestone.settings import Settings
from tests.rest.conftest import sign
from tests.rest.serving import serving


@pytest.fixture(scope="module")
def address(
    settings: Settings, library_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A running server on the library."""
    log: Path = tmp_path_factory.mktemp("serve") / "log"
    with serving(settings, library_url, log) as found:
        yield found


@pytest.fixture
async def person(address: str, settings: Settings) -> AsyncIterator[AsyncPostgrestClient]:
    """The client of a signed-in person."""
    token = sign(settings, role="authenticated", sub=str(uuid4()))
    headers = {"apikey": sign(settings, role="anon"), "Authorization": f"Bearer {token}"}
    async with AsyncPostgrestClient(f"{address}/rest/v1", headers=headers) as client:
        yield client


def ids(response: Any) -> list[int]:
    """Return the ids of an answer."""
    return [row["id"] for row in response.data]


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
            ("range_adjacent", ("lent", (9, 12)), [1]),
            ("or_", ("id.eq.1,and(id.gt.2,id.lt.4)",), [1, 3]),
            ("match", ({"id": 1, "shelf": "fiction"},), [1]),
            ("text_search", ("words", "heaven"), [2]),
        ],
    )
    async def test_every_filter(
        self, person: AsyncPostgrestClient, method: str, arguments: Any, expected: list[int]
    ) -> None:
        asked = person.from_("books").select("id").lt("id", 6)
        answer = await getattr(asked, method)(*arguments).order("id").execute()
        assert ids(answer) == expected

    async def test_negation_order_and_pages(self, person: AsyncPostgrestClient) -> None:
        asked = person.from_("books").select("id", count=CountMethod.exact).lt("id", 6)
        asked = asked.not_.in_("id", [1]).order("price", desc=True, nullsfirst=False).limit(2)
        answer = await asked.execute()
        assert (ids(answer), answer.count) == ([3, 2], 4)
        page = person.from_("books").select("id").lt("id", 6).order("id").range(1, 2)
        assert ids(await page.execute()) == [2, 3]

    async def test_embedding(self, person: AsyncPostgrestClient) -> None:
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

    async def test_one_row_and_maybe_one(self, person: AsyncPostgrestClient) -> None:
        answer = await person.from_("books").select("id").eq("id", 1).single().execute()
        assert answer.data == {"id": 1}
        none = person.from_("books").select("id").eq("id", 99).maybe_single()
        assert await none.execute() is None
        with pytest.raises(APIError) as refused:
            await person.from_("books").select("id").single().execute()
        assert refused.value.code == "PGRST116"

    async def test_csv_and_head(self, person: AsyncPostgrestClient) -> None:
        answer = await person.from_("books").select("id,title").eq("id", 3).csv().execute()
        assert answer.data == "id,title\n3,Solaris"
        head = person.from_("books").select("*", count=CountMethod.exact, head=True)
        assert (await head.lt("id", 6).execute()).count == 5


class TestWriting:
    async def test_insert_update_upsert_delete(self, person: AsyncPostgrestClient) -> None:
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
        gone = await authors.delete().gt("id", 500).select("id").execute()
        assert sorted(ids(gone)) == [501, 502, 503]

    async def test_calls_functions(self, person: AsyncPostgrestClient) -> None:
        numbers: Any = {"a": 1}
        assert (await person.rpc("add_them", numbers | {"b": 2}).execute()).data == 3
        author: Any = {"author": 1}
        answer = await person.rpc("books_of", author).select("id").eq("id", 2).execute()
        assert ids(answer) == [2]
        assert (await person.rpc("add_them", numbers, get=True).execute()).data == 11

    async def test_hears_what_is_refused(self, person: AsyncPostgrestClient) -> None:
        with pytest.raises(APIError) as refused:
            await person.from_("authors").insert({"id": 1, "name": "Again"}).execute()
        assert (refused.value.code, refused.value.details) == (
            "23505",
            "Key (id)=(1) already exists.",
        )


class TestStructure:
    async def test_a_new_table_is_known_when_the_database_says_so(
        self, person: AsyncPostgrestClient, library_url: str
    ) -> None:
        with pytest.raises(APIError) as refused:
            await person.from_("arrivals").select("*").execute()
        assert refused.value.code == "PGRST205"
        connection = await asyncpg.connect(library_url)
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
