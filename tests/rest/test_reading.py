"""Reading a table: columns, filters, order, pages, forms."""

import pytest

from tests.rest.conftest import Api

FILTERS = [
    ("id=eq.1", [1]),
    ("id=neq.1", [2, 3, 4, 5]),
    ("id=gt.3", [4, 5]),
    ("id=gte.4", [4, 5]),
    ("id=lt.2", [1]),
    ("id=lte.2", [1, 2]),
    ("title=like.The*", [1, 2]),
    ("title=ilike.*KIN*", [4]),
    ("title=match.^The", [1, 2]),
    ("title=imatch.^the", [1, 2]),
    ("title=like(any).{Sol*,Kin*}", [3, 4]),
    ("title=like(all).{The*,*Heaven}", [2]),
    ("id=eq(any).{1,3}", [1, 3]),
    ("id=gt(all).{1,3}", [4, 5]),
    ("author_id=is.null", [5]),
    ("author_id=is.not_null", [1, 2, 3, 4]),
    ("author_id=not.is.null", [1, 2, 3, 4]),
    ("author_id=isdistinct.1", [3, 4, 5]),
    ("id=in.(1,3)", [1, 3]),
    ("id=not.in.(1,3)", [2, 4, 5]),
    ("id=in.()", []),
    ('title=in.(Solaris,"A \\"quoted\\", (odd) title")', [3, 5]),
    ("shelf=eq.history", [4]),
    ("shelf=in.(history,science)", [4, 5]),
    ("tags=cs.{dreams}", [2, 3]),
    ("tags=cd.{dreams,ocean}", [2, 3, 4]),
    ("tags=ov.{moon,ocean}", [1, 3]),
    ("tags=eq.{dreams}", [2]),
    ("lent=cs.[2,4)", [1]),
    ("lent=ov.[5,25)", [1, 2]),
    ("lent=sl.[15,18)", [1]),
    ("lent=sr.[15,18)", [2]),
    ("lent=nxr.[1,10)", [1]),
    ("lent=nxl.[20,30)", [2]),
    ("lent=adj.[10,12)", [1]),
    ('details=cs.{"isbn":"a1"}', [1]),
    ("details->>isbn=eq.b2", [2]),
    ("details->prints->0=eq.1974", [1]),
    ("details->prints->>-1=eq.1999", [1]),
    ("details->maker->>city=eq.New York", [1]),
    ("notes->>seen=eq.true", [1]),
    ("words=fts.heaven", [2]),
    ("title=fts(english).heavens", [2]),
    ("title=plfts(english).the heavens", [2]),
    ("title=phfts(english).lathe of heaven", [2]),
    ("title=wfts(english).lathe -solaris", [2]),
    ("or=(id.eq.1,id.eq.2)", [1, 2]),
    ("and=(id.gt.1,id.lt.4)", [2, 3]),
    ("not.or=(id.eq.1,id.eq.2)", [3, 4, 5]),
    ("not.and=(id.gt.1,id.lt.5)", [1, 5]),
    ("or=(id.eq.1,and(id.gt.2,not.or(id.eq.3,id.eq.5)))", [1, 4]),
    ('or=(title.eq."A \\"quoted\\", (odd) title",id.in.(1,2))', [1, 2, 5]),
    ("or=(tags.cs.{dreams,ocean},details->>isbn.eq.a1)", [1, 3]),
    ("or=(id.not.lt.5,author_id.eq(any).{2,3})", [3, 4, 5]),
    ("id=gt.1&id=lt.3", [2]),
    ("title_and_pages=eq.Solaris (204)", [3]),
]


class TestFilters:
    @pytest.mark.parametrize(("condition", "expected"), FILTERS)
    async def test_finds_the_rows(self, anon: Api, condition: str, expected: list[int]) -> None:
        assert await anon.column(f"/books?select=id&order=id&{condition}") == expected

    @pytest.mark.parametrize(
        ("condition", "code"),
        [
            ("id=foo.1", "PGRST100"),
            ("id=1", "PGRST100"),
            ("id=in.1", "PGRST100"),
            ("id=is.maybe", "PGRST100"),
            ("or=(id.eq.1", "PGRST100"),
            ("or=()", "PGRST100"),
            ("order=id.sideways", "PGRST100"),
            ("select=id,(", "PGRST100"),
            ("select=id.median()", "PGRST100"),
            ("limit=ten", "PGRST100"),
            ("colour=eq.red", "42703"),
            ("select=colour", "42703"),
            ("select=id::nonsense", "42704"),
            ("id=eq.one", "22P02"),
            ("shelf=eq.nowhere", "22P02"),
            ("authors.name=eq.x", "PGRST108"),
            ("select=readers(*)&readers=eq.x", "PGRST120"),
            ("select=nothing(*)", "PGRST200"),
            ("or=" + "(or" * 60 + "(id.eq.1)" + ")" * 60, "PGRST100"),
        ],
    )
    async def test_says_what_makes_no_sense(self, anon: Api, condition: str, code: str) -> None:
        response = await anon.get(f"/books?{condition}")
        body = response.json()
        assert (response.status_code, body["code"]) == (400, code)
        assert set(body) == {"code", "message", "details", "hint"}


class TestSelecting:
    async def test_renames_and_casts(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=number:id::text,title&id=eq.1")
        assert rows == [{"number": "1", "title": "The Dispossessed"}]

    async def test_reaches_into_json(self, anon: Api) -> None:
        select = "details->>isbn,details->prints->0,city:details->maker->>city,tags->0"
        assert await anon.rows(f"/books?select={select}&id=eq.1") == [
            {"isbn": "a1", "prints": 1974, "city": "New York", "tags": "utopia"}
        ]

    async def test_star_is_what_the_role_may_read(self, anon: Api, service: Api) -> None:
        seen = (await anon.rows("/authors?id=eq.1"))[0]
        assert set(seen) == {"id", "name", "born", "mentor_id"}
        assert "secret" in (await service.rows("/authors?id=eq.1"))[0]

    async def test_refuses_a_hidden_column(self, anon: Api) -> None:
        response = await anon.get("/authors?select=secret")
        assert (response.status_code, response.json()["code"]) == (401, "42501")

    async def test_reads_a_column_with_a_space(self, anon: Api) -> None:
        rows = await anon.rows('/readers?select="Full Name"&"Full Name"=like.Ann*')
        assert rows == [{"Full Name": "Ann Reader"}]
        assert await anon.column("/readers?Full Name=eq.Bob Reader") == [2]

    async def test_reads_a_computed_column(self, anon: Api) -> None:
        rows = await anon.rows("/books?select=title_and_pages&id=eq.3")
        assert rows == [{"title_and_pages": "Solaris (204)"}]

    async def test_sums_up_in_groups(self, anon: Api) -> None:
        rows = await anon.rows(
            "/books?select=shelf,count(),pages.sum(),dear:price.max()::text&order=shelf"
        )
        assert rows[0] == {"shelf": "fiction", "count": 3, "sum": 729, "dear": "9.50"}
        assert len(rows) == 3
        assert await anon.rows("/books?select=id.count(),pages.avg()::int") == [
            {"count": 5, "avg": 403}
        ]

    async def test_does_not_know_other_tables(self, anon: Api) -> None:
        response = await anon.get("/nothing")
        assert (response.status_code, response.json()["code"]) == (404, "PGRST205")


class TestOrder:
    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ("id.desc", [5, 4, 3, 2, 1]),
            ("price", [5, 2, 3, 1, 4]),
            ("price.nullsfirst", [4, 5, 2, 3, 1]),
            ("price.desc", [4, 1, 3, 2, 5]),
            ("price.desc.nullslast", [1, 3, 2, 5, 4]),
            ("shelf.desc,id.desc", [4, 5, 3, 2, 1]),
            ("details->>isbn.asc.nullslast,id", [1, 2, 3, 4, 5]),
            ("title_and_pages", [5, 4, 3, 1, 2]),
        ],
    )
    async def test_orders(self, anon: Api, order: str, expected: list[int]) -> None:
        assert await anon.column(f"/books?select=id&order={order}") == expected


class TestPages:
    async def test_cuts_a_page(self, anon: Api) -> None:
        response = await anon.get("/books?select=id&order=id&limit=2&offset=1")
        assert [row["id"] for row in response.json()] == [2, 3]
        assert (response.status_code, response.headers["content-range"]) == (200, "1-2/*")

    @pytest.mark.parametrize("how", ["exact", "estimated"])
    async def test_counts(self, anon: Api, how: str) -> None:
        response = await anon.get("/books?select=id&limit=2&id=gt.1", prefer=f"count={how}")
        assert (response.status_code, response.headers["content-range"]) == (206, "0-1/4")
        assert response.headers["preference-applied"] == f"count={how}"

    async def test_asks_the_planner(self, anon: Api) -> None:
        response = await anon.get("/books?select=id&limit=1", prefer="count=planned")
        assert response.headers["content-range"].startswith("0-0/")
        assert int(response.headers["content-range"].split("/")[1]) > 0

    async def test_counts_all_with_200(self, anon: Api) -> None:
        response = await anon.get("/books?id=lt.3", prefer="count=exact")
        assert (response.status_code, response.headers["content-range"]) == (200, "0-1/2")

    async def test_follows_the_range_header(self, anon: Api) -> None:
        headers = {"range": "1-2", "range-unit": "items"}
        response = await anon.get("/books?select=id&order=id", headers=headers)
        assert [row["id"] for row in response.json()] == [2, 3]

    async def test_refuses_a_page_past_the_end(self, anon: Api) -> None:
        response = await anon.get("/books?offset=9", prefer="count=exact")
        assert (response.status_code, response.json()["code"]) == (416, "PGRST103")
        response = await anon.get("/books", headers={"range": "5-2"})
        assert response.status_code == 416

    async def test_an_empty_page_has_no_range(self, anon: Api) -> None:
        response = await anon.get("/books?id=gt.99", prefer="count=exact")
        assert (response.json(), response.headers["content-range"]) == ([], "*/0")


class TestForms:
    async def test_answers_one_object(self, anon: Api) -> None:
        headers = {"accept": "application/vnd.pgrst.object+json"}
        response = await anon.get("/books?select=id&id=eq.1", headers=headers)
        assert response.json() == {"id": 1}
        for condition in ("id=gt.1", "id=gt.99"):
            response = await anon.get(f"/books?{condition}", headers=headers)
            assert (response.status_code, response.json()["code"]) == (406, "PGRST116")

    async def test_answers_csv(self, anon: Api) -> None:
        response = await anon.get("/books?select=id,title&id=gt.3", headers={"accept": "text/csv"})
        assert response.headers["content-type"].startswith("text/csv")
        assert response.text == 'id,title\n4,Kindred\n5,"A ""quoted"", (odd) title"'

    async def test_strips_nulls(self, anon: Api) -> None:
        headers = {"accept": "application/vnd.pgrst.array+json;nulls=stripped"}
        response = await anon.get("/books?select=id,price&id=eq.4", headers=headers)
        assert response.json() == [{"id": 4}]

    async def test_answers_head_without_a_body(self, anon: Api) -> None:
        response = await anon.ask("HEAD", "/books", prefer="count=exact")
        assert (response.content, response.headers["content-range"]) == (b"", "0-4/5")

    async def test_refuses_other_forms(self, anon: Api) -> None:
        response = await anon.get("/books", headers={"accept": "image/png"})
        assert (response.status_code, response.json()["code"]) == (406, "PGRST107")


class TestSchemas:
    async def test_only_public_is_there(self, service: Api) -> None:
        response = await service.get("/books", headers={"accept-profile": "platform"})
        assert (response.status_code, response.json()["code"]) == (406, "PGRST106")
        rows = await service.rows("/books?id=eq.1", headers={"accept-profile": "public"})
        assert len(rows) == 1


class TestBrowsers:
    async def test_lets_other_origins_ask(self, anon: Api) -> None:
        asked = {"access-control-request-headers": "apikey, x-client-info"}
        response = await anon.ask("OPTIONS", "/books", headers=asked)
        assert response.headers["access-control-allow-headers"] == "apikey, x-client-info"
        assert (await anon.get("/books")).headers["access-control-allow-origin"] == "*"
