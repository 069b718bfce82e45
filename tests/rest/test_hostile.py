"""Whatever is asked, the answer is rows or a clear refusal, and no defect of ours."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.rest.answers import Media
from lodestone.rest.catalogs import get_catalog
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.address import parse_address
from lodestone.rest.grammar.filters import COMPARISONS, SEARCHES
from lodestone.rest.sql.reads import read_statement
from lodestone.rest.sql.rows import RowBuilder
from tests.rest.conftest import Api

COLUMNS = [
    "id",
    "title",
    "shelf",
    "price",
    "tags",
    "lent",
    "details",
    "notes",
    "added_at",
    "words",
    "details->a",
    "details->>a",
    "details->0->>b",
    "notes->>x",
    "tags->0",
    "nothing",
    "title_and_pages",
    '"id"',
    "id;--",
    "'id'",
]
VALUES = [
    "1",
    "x",
    "null",
    "{a,b}",
    "[1,2)",
    "(1,2)",
    '{"a":1}',
    "",
    "'",
    '"',
    "\\",
    "%",
    "*",
    "::",
    "1;drop table public.books",
    "2026-01-01",
    "true",
    "NaN",
    "🙂",
    "\x00",
    ")",
    "((",
    "{",
    "$1",
]
operators = st.sampled_from(
    [
        *COMPARISONS,
        *SEARCHES,
        "in",
        "is",
        "isdistinct",
        "nope",
        "not.eq",
        "eq(any)",
        "like(all)",
        "fts(english)",
        "fts(nowhere)",
        "not.in",
    ]
)
conditions = st.builds(
    "{}.{}.{}".format, st.sampled_from(COLUMNS), operators, st.sampled_from(VALUES) | st.text()
)
trees = st.recursive(
    conditions,
    lambda inner: st.builds(
        lambda word, parts: f"{word}({','.join(parts)})",
        st.sampled_from(["and", "or", "not.and", "not.or"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
selects = st.sampled_from(
    [
        "*",
        "id",
        "id,authors!author_id(name)",
        "...covers(colour)",
        "count()",
        "shelf,price.sum()",
        "details->a",
        "loans!inner(readers(*))",
        "title::int",
        "id::text",
        "authors(*)",
        "id,",
    ]
) | st.text(max_size=20)
orders = st.sampled_from(
    ["id", "details->>a.desc.nullslast", "id.desc,title", "covers(colour)", "x"]
)
checked = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class TestAnyAddress:
    @checked
    @given(tree=trees, select=selects, order=orders)
    async def test_is_answered_or_refused(
        self, service: Api, tree: str, select: str, order: str
    ) -> None:
        parameters = {"and": f"({tree})", "select": select, "order": order, "limit": "3"}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters.items())
        response = await service.get(f"/books?{query}")
        assert response.status_code < 500, response.text
        if response.status_code >= 300:
            assert set(response.json()) == {"code", "message", "details", "hint"}

    @checked
    @given(key=st.text(max_size=30), value=st.text(max_size=30))
    async def test_of_one_parameter_too(self, service: Api, key: str, value: str) -> None:
        query = f"{quote(key, safe='')}={quote(value, safe='')}"
        for path in ("/books", "/rpc/add_them", "/rpc/books_of"):
            assert (await service.get(f"{path}?{query}")).status_code < 500

    @checked
    @given(value=st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
    async def test_finds_the_very_value(self, service: Api, value: str) -> None:
        quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for condition in (
            f"title=eq.{quote(value, safe='')}",
            f"or=({quote(f'title.eq.{quoted}', safe='')})",
        ):
            response = await service.get(f"/books?{condition}")
            assert response.json() == []

    @checked
    @given(marker=st.text(alphabet="qxz", min_size=12, max_size=12), operator=operators)
    async def test_never_stands_in_the_statement(
        self, library: Database, marker: str, operator: str
    ) -> None:
        catalog = await get_catalog(library)
        table = catalog.tables["books"]
        parameters = [
            ("title", f"{operator}.{marker}"),
            (f"details->{marker}->>{marker}", f"eq.{marker}"),
            ("or", f"(title.{operator}.{marker},notes->>{marker}.eq.{marker})"),
            ("order", f"details->>{marker}"),
        ]
        try:
            query = parse_address(parameters)
        except RestError:
            return
        builder = RowBuilder(catalog, query, role="anon", most_rows=10, deepest=3)
        statement = read_statement(builder, table, query, Media(), count="exact", most=10)
        assert marker not in statement.text


class TestInjection:
    @pytest.mark.parametrize(
        "attempt",
        [
            "/books?select=id;drop table public.books",
            '/books?select="id\\" from public.books; drop table public.books; --"',
            '/books?select=a"; drop table public.books; --:id&limit=1',
            "/books?select=id::text); drop table public.books; --",
            "/books?order=id;drop table public.books",
            "/books?id=eq.1); drop table public.books; --",
            "/books?title=fts(english'); drop table public.books; --).x",
            "/books?details->>a'; drop table public.books; --=eq.1",
            "/books?limit=1; drop table public.books",
            "/books; drop table public.books",
            "/rpc/add_them?a=1); drop table public.books; --",
            "/rpc/add_them(1); drop table public.books; --",
        ],
    )
    async def test_is_a_name_or_a_value(
        self, service: Api, library: Database, attempt: str
    ) -> None:
        response = await service.get(attempt)
        assert response.status_code < 500
        async with library.acting_as(Root()) as tx:
            assert await tx.fetchval("select count(*) from public.books where id < 6") == 5

    async def test_an_alias_is_quoted(self, service: Api) -> None:
        alias = 'a\\" from pg_authid; --'
        rows = await service.rows(f'/books?select="{alias}":id&id=eq.1')
        assert rows == [{'a" from pg_authid; --': 1}]

    async def test_keys_of_a_body_are_columns_or_refused(self, service: Api) -> None:
        body = {'title") select 1; drop table public.books; --': "x"}
        response = await service.ask("POST", "/books", json=body)
        assert (response.status_code, response.json()["code"]) == (400, "PGRST204")
