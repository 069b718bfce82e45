"""Analytics: exact at every moment, before, while and after days are added up."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.domains.funnels.analytics import rules, service
from lodestone.domains.funnels.analytics.models import Span
from lodestone.platform.actors import Root
from lodestone.platform.database import Database, Tx
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.funnels.experiments import BROWSER, new_address
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead
from tests.people import People, Person

NOW = datetime.now(UTC)
SOURCES = [None, "linkedin", "google"]

STEPS = st.one_of(
    st.tuples(st.just("view"), st.integers(0, 5), st.sampled_from(SOURCES)),
    st.tuples(st.just("lead"), st.integers(0, 5), st.sampled_from(SOURCES)),
    st.tuples(st.just("answer"), st.booleans(), st.none()),
    st.tuples(st.just("book"), st.none(), st.none()),
    st.tuples(st.just("learn the source"), st.none(), st.sampled_from(SOURCES)),
    st.tuples(st.just("delete"), st.none(), st.none()),
    st.tuples(st.just("add up"), st.integers(0, 6), st.none()),
    st.tuples(st.just("recount"), st.none(), st.none()),
)


async def _take(tx: Tx, funnel: Funnel, leads: list[UUID], step: tuple[str, Any, Any]) -> None:
    kind, value, source = step
    if kind == "view":
        at = NOW - timedelta(days=value)
        await tx.execute(
            "insert into page_views (funnel_page_id, visitor_hash, view_date, created_at,"
            " utm_source) values ($1, $2, $3, $4, $5)",
            funnel.id,
            uuid4().hex,
            at.date(),
            at,
            source,
        )
    elif kind == "lead":
        at = NOW - timedelta(days=value)
        leads.append(await add_lead(tx, funnel, created_at=at, utm_source=source))
    elif kind == "add up":
        await service.add_up(tx, until=NOW - timedelta(days=value) + timedelta(seconds=1))
    elif kind == "recount":
        await service.recount(tx)
    elif leads:
        statement, values = {
            "answer": ("set is_qualified = $2, answered_at = now()", [value]),
            "book": ("set booked_at = now()", []),
            "learn the source": ("set utm_source = coalesce(utm_source, $2)", [source]),
            "delete": ("", []),
        }[kind]
        if kind == "delete":
            await tx.execute("delete from funnel_leads where id = $1", leads.pop())
        else:
            sql = f"update funnel_leads {statement} where id = $1"
            await tx.execute(sql, leads[-1], *values)


async def _count(tx: Tx, funnel: Funnel) -> dict[tuple[date, str, str], int]:
    """Count every row anew."""
    rows = await tx.fetch(
        """
        select view_date as day, 'optin' as metric, coalesce(utm_source, '') as source
        from page_views where funnel_page_id = $1
        union all
        select (created_at at time zone 'utc')::date, m, coalesce(utm_source, '')
        from funnel_leads
        cross join unnest(array['lead', case when answered_at is not null then 'answered' end,
            case when is_qualified then 'qualified' end,
            case when booked_at is not null then 'booked' end]) as m
        where funnel_page_id = $1 and m is not null
        """,
        funnel.id,
    )
    found: dict[tuple[date, str, str], int] = {}
    for row in rows:
        key = (row["day"], row["metric"], row["source"])
        found[key] = found.get(key, 0) + 1
    return found


async def _read(tx: Tx, funnel: Funnel) -> dict[tuple[date, str, str], int]:
    rows = await tx.fetch(
        "select day, metric, utm_source, sum(amount) as amount from funnel_page_source_counts"
        " where funnel_page_id = $1 group by 1, 2, 3 having sum(amount) <> 0",
        funnel.id,
    )
    return {(row["day"], row["metric"], row["utm_source"]): row["amount"] for row in rows}


class TestSums:
    @given(st.lists(STEPS, max_size=12))
    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_are_what_counting_every_row_gives(
        self, database: Database, people: People, steps: list[tuple[str, Any, Any]]
    ) -> None:
        person = await people.user()
        async with database.acting_as(person.actor) as tx:
            funnel = await add_funnel(tx, person)
        leads: list[UUID] = []
        for step in steps:
            async with database.acting_as(Root()) as tx:
                await _take(tx, funnel, leads, step)
                counted = await _count(tx, funnel)
            async with database.acting_as(person.actor, readonly=True) as tx:
                assert await _read(tx, funnel) == counted, step

    @given(st.integers(0, 10_000), st.integers(0, 10_000))
    def test_rates_are_whole_percents(self, part: int, whole: int) -> None:
        found = rules.percent(part, whole)
        assert found == 0 if whole == 0 else abs(found - 100 * part / whole) <= 0.5


@pytest.fixture(scope="module")
async def account(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


class TestReport:
    async def test_counts_a_campaign_from_the_view_to_the_call(
        self, account: Account, database: Database, app: FastAPI
    ) -> None:
        person = Person(account.id, account.email, account.username)
        async with database.acting_as(person.actor) as tx:
            funnel = await add_funnel(tx, person, is_published=True, optin_headline="Counted")
        campaign = {"utmSource": "linkedin", "utmMedium": "social", "utmCampaign": "spring"}
        for number in range(3):
            async with open_browser(app, address=new_address()) as visitor:
                body = {"funnelPageId": str(funnel.id), "pageType": "optin"}
                given_by = campaign if number < 2 else {}
                viewed = await visitor.post(
                    "/api/public/view", json={**body, **given_by}, headers=BROWSER
                )
                assert viewed.status_code == 204
        async with database.acting_as(Root()) as tx:
            await add_lead(
                tx,
                funnel,
                utm_source="linkedin",
                is_qualified=True,
                answered_at=NOW,
                booked_at=NOW,
            )
        answer = await account.browser.get(f"/api/funnels/analytics?range=7d&funnel={funnel.id}")
        report = answer.json()
        assert report["total"]["views"] == 3
        assert report["total"]["conversion"] == 33
        assert report["total"]["response"] == 0
        [linkedin, direct] = report["sources"]
        assert (linkedin["name"], linkedin["views"], linkedin["conversion"]) == ("linkedin", 2, 50)
        assert (linkedin["qualification"], linkedin["booked"]) == (100, 1)
        assert (direct["name"], direct["views"], direct["leads"]) == ("direct", 1, 0)
        assert len(report["days"]) == Span.WEEK.days
        page = await account.browser.get(
            f"/app/analytics?range=7d&source=direct&funnel={funnel.id}"
        )
        assert "Only direct" in page.text

    async def test_shows_a_stranger_nothing(
        self, account: Account, database: Database, app: FastAPI
    ) -> None:
        person = Person(account.id, account.email, account.username)
        async with database.acting_as(person.actor) as tx:
            funnel = await add_funnel(tx, person, is_published=True, optin_headline="Hidden words")
        async with database.acting_as(Root()) as tx:
            await add_lead(tx, funnel, utm_source="secret-source")
        async with open_browser(app) as browser:
            other = await sign_up(database, browser, name="Eve Other")
            page = await other.browser.get(f"/app/analytics?funnel={funnel.id}")
            assert "Hidden words" not in page.text
            report = await other.browser.get(f"/api/funnels/analytics?funnel={funnel.id}")
            assert report.json()["total"]["leads"] == 0
            assert report.json()["sources"] == []
