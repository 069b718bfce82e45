"""The home page: what needs doing, and how the numbers move, for the person who looks."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from lodestone.console.home import rules
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.console.conftest import Browser
from tests.people import Person


async def _insert_page(database: Database, person: Person, *, is_published: bool) -> UUID:
    async with database.acting_as(Root()) as tx:
        magnet_id = await tx.fetchval(
            "insert into lead_magnets (user_id, title) values ($1, 'The audit') returning id",
            person.id,
        )
        page_id: UUID = await tx.fetchval(
            "insert into funnel_pages (user_id, lead_magnet_id, slug, optin_headline, is_published)"
            " values ($1, $2, $3, 'Get the audit', $4) returning id",
            person.id,
            magnet_id,
            f"p{uuid4().hex[:8]}",
            is_published,
        )
    return page_id


async def _insert_visits(
    database: Database, person: Person, page_id: UUID, *, views: int, leads: int, days_ago: int
) -> None:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    async with database.acting_as(Root()) as tx:
        await tx.executemany(
            "insert into page_views (funnel_page_id, visitor_hash, view_date) values ($1, $2, $3)",
            [(page_id, uuid4().hex, at.date()) for _ in range(views)],
        )
        await tx.executemany(
            "insert into funnel_leads (funnel_page_id, user_id, email, created_at)"
            " values ($1, $2, $3, $4)",
            [(page_id, person.id, f"{uuid4().hex}@example.com", at) for _ in range(leads)],
        )


class TestHome:
    async def test_leads_a_new_account_to_its_first_lead(
        self, browser_of: Browser, person: Person
    ) -> None:
        page = await (await browser_of(person)).get("/app")
        assert "Your way to the first lead" in page.text
        assert "1 of 4 done" in page.text
        assert page.text.count("is-next") == 1
        assert "ls-stats" not in page.text

    async def test_says_what_waits(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        await _insert_page(database, person, is_published=False)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into lead_deliveries (user_id, destination, event, event_id, status)"
                " values ($1, 'kit', 'lead.created', 'lead', 'failed')",
                person.id,
            )
        page = await (await browser_of(person)).get("/app")
        assert "1 page not published yet" in page.text
        assert "1 lead did not reach another service" in page.text

    async def test_counts_views_and_leads_against_the_days_before(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        page_id = await _insert_page(database, person, is_published=True)
        await _insert_visits(database, person, page_id, views=8, leads=2, days_ago=3)
        await _insert_visits(database, person, page_id, views=4, leads=1, days_ago=40)
        page = await (await browser_of(person)).get("/app")
        assert '<span class="ls-stat-value">8</span>' in page.text
        assert '<span class="ls-stat-value">25%</span>' in page.text
        assert "100%" in page.text
        assert "Get the audit" in page.text
        assert "Your way to the first lead" not in page.text

    async def test_shows_nothing_of_others(
        self, browser_of: Browser, person: Person, operator: Person, database: Database
    ) -> None:
        page_id = await _insert_page(database, person, is_published=True)
        await _insert_visits(database, person, page_id, views=1, leads=1, days_ago=1)
        page = await (await browser_of(operator)).get("/app")
        assert "Get the audit" not in page.text

    async def test_shows_the_latest_leads(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                """
                insert into leads (tenant_id, slug, email, full_name, opt_in_data)
                select tenant_id, $2, 'grace@example.com', 'Grace <b>Hopper</b>', $3
                from profiles where id = $1
                """,
                person.id,
                uuid4().hex,
                {"touches": [{"lead_magnet_title": "The audit"}]},
            )
        page = await (await browser_of(person)).get("/app")
        assert "Grace &lt;b&gt;Hopper&lt;/b&gt;" in page.text
        assert "The audit" in page.text
        assert "1 new lead since yesterday" in page.text

    async def test_tells_jobs_only_to_whoever_runs_it(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        theirs = await (await browser_of(person)).get("/app")
        assert "/app/jobs" not in theirs.text
        mine = await (await browser_of(operator)).get("/app")
        assert "/app/jobs" in mine.text


class TestRules:
    @pytest.mark.parametrize(
        ("hour", "words"),
        [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening")],
    )
    def test_greets_by_the_time_of_day(self, hour: int, words: str) -> None:
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC)
        assert rules.greeting("Ada Lovelace", moment) == f"Good {words}, Ada"

    def test_greets_people_without_a_name(self) -> None:
        moment = datetime(2026, 1, 1, 9, tzinfo=UTC)
        assert rules.greeting(None, moment) == "Good morning"

    def test_a_rate_of_nothing_is_unknown_and_never_above_all(self) -> None:
        assert rules.rate(0, 0) is None
        assert rules.rate(3, 2) == 1.0

    def test_growth_from_nothing_is_unknown(self) -> None:
        assert rules.change(5, 0) is None
        assert rules.change(3, 2) == 0.5
