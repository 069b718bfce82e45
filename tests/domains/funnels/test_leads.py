"""The list of leads: found in pages, exported whole, merged and taken apart again."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.domains.funnels.leads import merging, rules, service
from lodestone.domains.funnels.leads.models import Cursor, Narrowing, Sort
from lodestone.domains.identity.service import Scope, ScopeKind, TeamRole
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import Conflict, InvalidInput
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead
from tests.people import People, Person

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def account(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def other(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Other")


def person_of(account: Account) -> Person:
    return Person(account.id, account.email, account.username)


def scope_of(person: Person) -> Scope:
    return Scope(
        kind=ScopeKind.USER,
        user_id=person.id,
        billing_user_id=person.id,
        role=TeamRole.OWNER,
        name="Personal",
    )


async def add_page(database: Database, person: Person) -> Funnel:
    async with database.acting_as(person.actor) as tx:
        return await add_funnel(tx, person, is_published=True)


async def add(database: Database, funnel: Funnel, **values: Any) -> UUID:
    async with database.acting_as(Root()) as tx:
        return await add_lead(tx, funnel, **values)


async def read(database: Database, funnel: Funnel) -> dict[UUID, dict[str, Any]]:
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch("select * from funnel_leads where user_id = $1", funnel.author.id)
    return {row["id"]: dict(row) for row in rows}


class TestPages:
    @given(
        days=st.lists(st.integers(0, 3), min_size=1, max_size=9),
        limit=st.integers(1, 4),
        order=st.tuples(st.sampled_from(Sort), st.booleans()),
    )
    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_show_everybody_once_there_and_back(
        self,
        database: Database,
        people: People,
        days: list[int],
        limit: int,
        order: tuple[Sort, bool],
    ) -> None:
        sort, descending = order
        person = await people.user()
        funnel = await add_page(database, person)
        for day in days:
            name = f"N{day}" if day else None
            await add(database, funnel, created_at=NOW - timedelta(days=day), name=name)
        seen: list[UUID] = []
        pages: list[list[UUID]] = []
        cursor: Cursor | None = None
        async with database.acting_as(person.actor, readonly=True) as tx:
            while True:
                leads, has_more = await service.list_leads(
                    tx,
                    scope=scope_of(person),
                    given=Narrowing(),
                    sort=sort,
                    descending=descending,
                    cursor=cursor,
                    limit=limit,
                )
                pages.append([lead.id for lead in leads])
                seen += pages[-1]
                if not has_more:
                    break
                cursor = service.cursor_of(leads[-1], sort)
            assert len(seen) == len(set(seen)) == len(days)
            if len(pages) > 1:
                back = service.cursor_of(leads[0], sort, is_before=True)
                again, _ = await service.list_leads(
                    tx,
                    scope=scope_of(person),
                    given=Narrowing(),
                    sort=sort,
                    descending=descending,
                    cursor=back,
                    limit=limit,
                )
                assert [lead.id for lead in again] == pages[-2]

    @given(st.text(max_size=40), st.uuids())
    def test_know_their_place(self, value: str, lead_id: UUID) -> None:
        value = value.encode("utf-8", "replace").decode()
        cursor = Cursor(value, lead_id)
        assert rules.read_cursor(rules.write_cursor(cursor)) == cursor
        assert rules.read_cursor(value + "!") is None


class TestList:
    async def test_finds_by_everything_it_offers(
        self, account: Account, database: Database
    ) -> None:
        funnel = await add_page(database, person_of(account))
        await add(database, funnel, email="anna@firm.example", name="Anna Find", is_qualified=True)
        await add(
            database,
            funnel,
            email="bo@firm.example",
            utm_source="linkedin",
            created_at=NOW - timedelta(days=100),
        )
        for query, found in (
            ({"q": "anna"}, "anna"),
            ({"qualified": "yes"}, "anna"),
            ({"source": "linkedin"}, "bo"),
            ({"source": "direct"}, "anna"),
            ({"to": "2026-03-01"}, "bo"),
            ({"from": "2026-03-01"}, "anna"),
            ({"qualified": "unanswered", "magnet": str(funnel.magnet_id)}, "bo"),
        ):
            whole = {"funnel": str(funnel.id), **query}
            answer = await account.browser.get(f"/app/opt-ins?{urlencode(whole)}")
            others = {"anna", "bo"} - {found}
            assert f"{found}@firm.example" in answer.text, query
            assert all(f"{name}@firm.example" not in answer.text for name in others), query
        damaged = await account.browser.get("/app/opt-ins?after=%00x&from=soon&sort=secret&cols=x")
        assert damaged.status_code == 200

    async def test_exports_all_that_is_listed_and_runs_no_formula(
        self, account: Account, database: Database
    ) -> None:
        funnel = await add_page(database, person_of(account))
        question = str(uuid4())
        lead_id = await add(
            database,
            funnel,
            name="=cmd()",
            qualification_answers={question: "Ten"},
            qualification_questions={question: "How many?"},
            is_qualified=False,
        )
        await add(database, funnel)
        answer = await account.browser.get(f"/app/opt-ins.csv?funnel={funnel.id}")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(rows) == 2
        row = next(each for each in rows if each["name"])
        assert row["name"] == "'=cmd()"
        assert row["answers"] == "How many?: Ten"
        assert row["qualified"] == "no"
        chosen = await account.browser.post("/app/opt-ins.csv", data={"ids": [str(lead_id)]})
        assert chosen.text.count("\n") == 2
        empty = await account.browser.get("/app/opt-ins.csv?q=nobody-of-this-name")
        assert empty.status_code == 404

    async def test_puts_leads_away_and_back(self, account: Account, database: Database) -> None:
        funnel = await add_page(database, person_of(account))
        lead_id = await add(database, funnel, email="away@firm.example")
        path = f"/app/opt-ins?funnel={funnel.id}"
        await account.browser.post("/app/opt-ins/archive", data={"ids": [str(lead_id)]})
        assert "away@firm.example" not in (await account.browser.get(path)).text
        assert "away@firm.example" in (await account.browser.get(f"{path}&shown=archived")).text
        at = (await read(database, funnel))[lead_id]["archived_at"]
        undo = f"/app/opt-ins/archive/undo?{urlencode({'at': at.isoformat()})}"
        await account.browser.post(undo)
        assert "away@firm.example" in (await account.browser.get(path)).text

    async def test_shows_nothing_to_strangers_and_takes_nothing_from_them(
        self, account: Account, other: Account, database: Database
    ) -> None:
        funnel = await add_page(database, person_of(account))
        one = await add(database, funnel, email=f"{uuid4().hex}@secret.example")
        two = await add(database, funnel, email=f"{uuid4().hex}@secret.example")
        before = await read(database, funnel)
        ids = {"ids": [str(one), str(two)]}
        browser = other.browser
        assert "secret.example" not in (await browser.get("/app/opt-ins")).text
        assert (await browser.get(f"/app/opt-ins/{one}")).status_code == 404
        assert (await browser.post("/app/opt-ins.csv", data=ids)).status_code == 404
        for path, data in (
            ("/app/opt-ins/booked", ids),
            (f"/app/opt-ins/{one}/outcomes", {"kind": "booked"}),
            ("/app/opt-ins/merge", {**ids, "kept_id": str(one)}),
            (f"/app/opt-ins/merges/{uuid4()}/undo", {}),
            (f"/api/funnels/leads/{one}/outcomes", None),
        ):
            body = {"json": {"kind": "booked"}} if data is None else {"data": data}
            assert (await browser.post(path, **body)).status_code == 404, path
        await browser.post("/app/opt-ins/archive", data=ids)
        assert await read(database, funnel) == before


class TestOneLead:
    async def test_tells_what_became_of_it(self, account: Account, database: Database) -> None:
        funnel = await add_page(database, person_of(account))
        lead_id = await add(
            database, funnel, partial_answers={str(uuid4()): "Much"}, partial_at=NOW
        )
        path = f"/app/opt-ins/{lead_id}"
        assert "Stopped half way" in (await account.browser.get(path)).text
        for data in (
            {"kind": "booked"},
            {"kind": "revenue", "amount": "1200.50", "currency": "EUR"},
            {"kind": "revenue", "amount": "-200", "currency": "EUR"},
        ):
            assert (await account.browser.post(f"{path}/outcomes", data=data)).status_code == 303
        for data in ({"kind": "revenue", "amount": "much"}, {"kind": "revenue"}, {"kind": "gift"}):
            assert (await account.browser.post(f"{path}/outcomes", data=data)).status_code == 422
        told = {"kind": "revenue", "amount_cents": 50, "key": "order-7"}
        answers = [
            await account.browser.post(f"/api/funnels/leads/{lead_id}/outcomes", json=told)
            for _ in range(2)
        ]
        assert [each.json()["is_new"] for each in answers] == [True, False]
        lead = (await read(database, funnel))[lead_id]
        assert lead["booked_at"] is not None
        assert lead["revenue_cents"] == 100_100
        shown = await account.browser.get(path)
        assert "EUR 1200.50" in shown.text


class TestMerging:
    async def test_is_offered_shown_done_and_undone(
        self, account: Account, database: Database
    ) -> None:
        first = await add_page(database, person_of(account))
        second = await add_page(database, person_of(account))
        email = f"{uuid4().hex}@firm.example"
        one = await add(database, first, email=email, created_at=NOW - timedelta(days=2))
        two = await add(database, second, email=email, name="Ann Merge")
        profile = "https://www.linkedin.com/in/ann-merge"
        three = await add(database, first, name="Ann  merge", email="am@firm.example")
        await add(database, second, linkedin_url=f"{profile}/", email="x@mail.example")
        await add(database, first, linkedin_url=f"{profile}?trk=1", email="y@mail.example")
        offered = await account.browser.get("/app/opt-ins/duplicates")
        for reason in ("Same address", "Same name at the same company", "Same LinkedIn profile"):
            assert reason in offered.text
        ids = [str(one), str(two)]
        preview = await account.browser.get("/app/opt-ins/merge", params={"ids": ids})
        assert "Filled in from the others" not in preview.text
        before = await read(database, first)
        merged = await account.browser.post(
            "/app/opt-ins/merge", data={"ids": ids, "kept_id": str(one)}
        )
        assert merged.status_code == 303
        after = await read(database, first)
        assert after[one]["name"] == "Ann Merge"
        assert after[two]["merged_into_id"] == one
        shown = await account.browser.get(f"/app/opt-ins/{one}")
        assert "Also this person" in shown.text
        # A second merge takes the first along, and has to be undone first.
        await account.browser.post(
            "/app/opt-ins/merge", data={"ids": [str(one), str(three)], "kept_id": str(three)}
        )
        assert (await read(database, first))[two]["merged_into_id"] == three
        async with database.acting_as(person_of(account).actor) as tx:
            [earlier] = await merging.list_merges(tx, lead_id=one)
            [later] = await merging.list_merges(tx, lead_id=three)
        early = await account.browser.post(f"/app/opt-ins/merges/{earlier.id}/undo")
        assert early.status_code == 409
        for merge in (later, earlier):
            undone = await account.browser.post(f"/app/opt-ins/merges/{merge.id}/undo")
            assert undone.status_code == 303
        assert await read(database, first) == before

    @given(
        names=st.lists(st.sampled_from([None, "Ann", "Bo"]), min_size=3, max_size=6),
        steps=st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=4), max_size=4),
    )
    @settings(max_examples=9, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_leaves_nothing_behind_when_undone(
        self, database: Database, people: People, names: list[str | None], steps: list[list[int]]
    ) -> None:
        person = await people.user()
        funnel = await add_page(database, person)
        leads = [await add(database, funnel, name=name) for name in names]
        states = [await read(database, funnel)]
        merges: list[UUID] = []
        for step in steps:
            chosen = list(dict.fromkeys(leads[at % len(leads)] for at in step))
            try:
                async with database.acting_as(funnel.service) as tx:
                    merge_id = await merging.merge_leads(tx, kept_id=chosen[0], lead_ids=chosen)
            except (Conflict, InvalidInput):
                continue
            merges.append(merge_id)
            states.append(await read(database, funnel))
        for merge_id, before in zip(reversed(merges), reversed(states[:-1]), strict=True):
            async with database.acting_as(funnel.service) as tx:
                await merging.undo_merge(tx, merge_id=merge_id)
            assert await read(database, funnel) == before
