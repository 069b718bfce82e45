"""`/data`: every table on a screen, with no more rights than the person has anyway."""

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from lodestone.rest import inside
from tests.console.conftest import Browser
from tests.domains.accounts import open_browser
from tests.people import People, Person

LIST = "/data/lead_magnets/list"


async def token(browser: httpx.AsyncClient) -> dict[str, str]:
    """Return what a form of the screens sends along."""
    await browser.get("/data/")
    return {"X-CSRFToken": browser.cookies["starlette_admin_csrftoken"]}


async def create(browser: httpx.AsyncClient, **given: str) -> httpx.Response:
    headers = await token(browser)
    return await browser.post("/data/lead_magnets/create", data=given, headers=headers)


async def upload(
    browser: httpx.AsyncClient, csv: str, *, is_trial: bool
) -> dict[str, list[dict[str, str]] | int]:
    answer = await browser.post(
        "/data/_api/lead_magnets/import" + ("?preview=1" if is_trial else ""),
        files={"file": ("magnets.csv", csv.encode(), "text/csv")},
        data={"format": "csv"},
        headers=await token(browser),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, list[dict[str, str]] | int] = answer.json()
    return found


@pytest.fixture
async def browser(browser_of: Browser, person: Person) -> httpx.AsyncClient:
    return await browser_of(person)


class TestScreens:
    async def test_are_for_whoever_is_signed_in(self, app: FastAPI) -> None:
        async with open_browser(app) as visitor:
            answer = await visitor.get(LIST)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={LIST}"

    async def test_there_is_one_of_every_table_that_people_may_read(
        self, browser: httpx.AsyncClient, database: Database
    ) -> None:
        first = (await browser.get("/data/")).text
        tables = (await inside.catalog()).tables.values()
        readable = [one for one in tables if one.readable("authenticated") and one.primary_key]
        assert len(readable) > 150
        for table in readable:
            if table.is_view:
                continue
            assert f"/data/{table.name}/list" in first, table.name
            answer = await browser.get(f"/data/{table.name}/list?q=%25a%22,)")
            assert answer.status_code == 200, (table.name, answer.text[:500])


class TestRows:
    async def test_are_those_of_the_person_alone(
        self, browser: httpx.AsyncClient, browser_of: Browser, person: Person, people: People
    ) -> None:
        given = {"user_id": str(person.id), "title": "The quiet quarter"}
        assert (await create(browser, **given)).status_code == 303
        assert "The quiet quarter" in (await browser.get(LIST)).text
        stranger = await browser_of(await people.user())
        assert "The quiet quarter" not in (await stranger.get(LIST)).text
        [row] = (await inside.read(person.actor, "lead_magnets", [("title", "like.*quarter")])).rows
        page = f"/data/lead_magnets/detail?pk={row['id']}"
        assert (await browser.get(page)).status_code == 200
        assert (await stranger.get(page)).status_code == 404

    async def test_are_found_by_search_and_by_conditions(
        self, browser: httpx.AsyncClient, person: Person
    ) -> None:
        for title in ("Fifty % more calls", "Fifty less calls", 'A "quoted", (odd) one'):
            await create(browser, user_id=str(person.id), title=title)
        for asked, found in (
            ({"q": "50"}, []),
            ({"q": "fifty"}, ["less", "more"]),
            ({"q": "% more"}, ["more"]),
            ({"q": '"quoted", ('}, ["odd"]),
            ({"filter": 'title__contains="% more"'}, ["more"]),
            ({"filter": "title__startswith=fifty AND status__in=draft"}, ["less", "more"]),
            ({"filter": "status__in=archived"}, []),
        ):
            text = (await browser.get(LIST, params=asked)).text
            rows = text[text.index("<tbody") : text.index("</tbody")]
            shown = [word for word in ("less", "more", "odd") if word in rows]
            assert shown == found, asked

    async def test_what_the_database_refuses_is_told_at_its_field(
        self, browser: httpx.AsyncClient, person: Person, people: People
    ) -> None:
        long = await create(browser, user_id=str(person.id), title="x" * 201)
        assert long.status_code == 422
        assert "lead_magnets_title_check" in long.text
        other = await people.user()
        theirs = await create(browser, user_id=str(other.id), title="Not mine to give")
        assert theirs.status_code == 422
        assert "row-level security" in theirs.text


class TestExport:
    async def test_holds_nothing_that_a_spreadsheet_would_run(
        self, browser: httpx.AsyncClient, person: Person
    ) -> None:
        await create(browser, user_id=str(person.id), title="=1+2")
        answer = await browser.post(
            "/data/_api/lead_magnets/action",
            params={"name": "export", "all": "1"},
            data={"format": "csv", "scope": "all", "fields": ["title"]},
            headers=await token(browser),
        )
        assert answer.text.splitlines()[1:] == ["'=1+2"]


class TestImport:
    async def test_a_dry_run_asks_the_database_and_keeps_nothing(
        self, browser: httpx.AsyncClient, person: Person
    ) -> None:
        rows = [f"{person.id},First", f"{person.id},{'x' * 201}", f"{person.id},Third"]
        csv = "\n".join(["user_id,title", *rows])
        tried = await upload(browser, csv, is_trial=True)
        assert (tried["rows_total"], tried["rows_new"]) == (3, 2)
        assert [error["row"] for error in tried["errors"]] == [2]  # type: ignore[union-attr]
        assert (await inside.read(person.actor, "lead_magnets", [])).rows == []
        done = await upload(browser, csv, is_trial=False)
        assert done["rows_created"] == 2
        kept = await inside.read(person.actor, "lead_magnets", [("select", "title")])
        assert sorted(row["title"] for row in kept.rows) == ["First", "Third"]
