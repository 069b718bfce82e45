"""The demo business: made once and whole, and seen by its people alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient

from lodestone import demo
from lodestone.app import create_app
from lodestone.auth import service as auth
from lodestone.demo.cast import MAGNETS
from lodestone.domains.identity.teams import service as teams
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import runtime as runtimes
from lodestone.platform.actors import Actor, Root, User, Visitor
from lodestone.platform.database import Database
from lodestone.platform.errors import Conflict
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from lodestone.settings import Settings
from tests.conftest import BASE_URL
from tests.demo.conftest import Seeded
from tests.people import People

FURNISHED = (
    "ai_usage_logs", "brand_kits", "conductor_goals", "conductor_tasks", "cp_call_transcripts",
    "cp_pipeline_posts", "dfy_deliverables", "dfy_engagements", "dm_messages", "email_outbox",
    "email_subscribers", "enrichment_lead_status", "events", "financial_transactions",
    "funnel_leads", "funnel_pages", "lead_magnets", "leads", "lms_lessons", "page_views",
    "proposals", "revenue_events", "student_cohorts", "tam_companies", "team_profiles",
    "webhook_deliveries",
)  # fmt: skip
ADDRESSES = (
    ("users", "email"),
    ("funnel_leads", "email"),
    ("leads", "email"),
    ("email_subscribers", "email"),
    ("email_outbox", "recipient"),
    ("dfy_engagements", "client_email"),
    ("bootcamp_students", "email"),
)


async def count_rows(database: Database) -> dict[str, int]:
    """Count the rows of every table, and the jobs that wait."""
    async with database.acting_as(Root()) as tx:
        names = [row[0] for row in await tx.fetch("select table_name from access.ownership")]
        counts = {name: await tx.fetchval(f"select count(*) from public.{name}") for name in names}
        counts["jobs"] = await tx.fetchval("select count(*) from platform.jobs")
        return counts


async def see(actor: Actor, query: str) -> Any:
    """Return one value as an actor sees it."""
    async with runtimes.reading_as(actor) as tx:
        return await tx.fetchval(query)


class TestSeeding:
    async def test_the_second_time_changes_nothing(self, seeded: Seeded) -> None:
        before = await count_rows(seeded.runtime.database)
        assert await demo.seed() == seeded.account
        assert await count_rows(seeded.runtime.database) == before

    async def test_tells_of_the_days_until_now(self, seeded: Seeded) -> None:
        past = "select max(created_at) < now() and max(created_at) > now() - interval '1 day'"
        for table in ("page_views", "events", "funnel_leads"):
            assert await see(Root(), f"{past} from {table}"), table
        days = "select count(distinct view_date) from page_views"
        assert 58 <= await see(Root(), days) <= 61

    async def test_leaves_nothing_behind_when_it_fails(self, empty: Runtime) -> None:
        async with runtimes.acting_as(Root()) as tx:
            await auth.create_user(
                tx, email="other@example.com", password=None, name="Ada", username=demo.USERNAME
            )
        before = await count_rows(empty.database)
        with pytest.raises(Conflict):
            await demo.seed()
        assert await count_rows(empty.database) == before

    @pytest.mark.parametrize(
        ("base_url", "runs_it"),
        [
            ("http://127.0.0.1:8000", True),
            ("http://localhost", True),
            ("https://gtm.example.com", False),
        ],
    )
    async def test_lets_its_owner_run_an_installation_of_this_machine_alone(
        self, empty: Runtime, base_url: str, runs_it: bool
    ) -> None:
        runtimes.set_current(replace(empty, base_url=base_url))
        account = await demo.seed()
        query = "select is_super_admin from users where email = 'ada@example.com'"
        assert await see(User(account.user_id), query) is runs_it

    async def test_writes_to_reserved_domains_alone(self, seeded: Seeded) -> None:
        for table, column in ADDRESSES:
            query = rf"select count(*) from {table} where {column} !~ '[@.]example\.(com|org)$'"
            assert await see(Root(), query) == 0, table

    async def test_tells_no_address_outside(self, seeded: Seeded) -> None:
        assert await see(Root(), "select count(*) from webhook_configs where is_active") == 0


class TestItsPeople:
    async def test_the_owner_finds_every_room_furnished(self, seeded: Seeded) -> None:
        owner = User(seeded.account.user_id)
        empty = [
            table for table in FURNISHED if not await see(owner, f"select count(*) from {table}")
        ]
        assert empty == []

    async def test_the_owner_finds_files_and_what_was_done_as_admin(self, seeded: Seeded) -> None:
        owner = User(seeded.account.user_id)
        kinds = "select count(distinct bucket_id) from storage.objects"
        assert await see(owner, kinds) == 2
        looks = "select count(*) from admin_audit_log where action like 'view.%'"
        assert await see(Root(), looks) == 3

    async def test_the_owner_sees_each_lead_and_its_trail(self, seeded: Seeded) -> None:
        owner = User(seeded.account.user_id)
        opt_ins = "select count(*) from funnel_leads"
        assert await see(owner, opt_ins) == await see(Root(), opt_ins) > 150
        assert await see(owner, "select count(*) from leads") == 154
        trailless = (
            "from leads as l where not exists (select from events as e where e.lead_id = l.id)"
        )
        assert await see(owner, f"select count(*) {trailless}") == 0

    async def test_a_stranger_sees_none_of_it(self, seeded: Seeded) -> None:
        people = People(seeded.runtime.database)
        stranger = await people.user(tenant_id=await people.tenant())
        for table in ("funnel_leads", "leads", "email_outbox", "financial_transactions"):
            assert await see(stranger.actor, f"select count(*) from {table}") == 0, table

    async def test_the_printed_password_opens_the_door(self, seeded: Seeded) -> None:
        account = seeded.account
        user_id = await auth.check_password(
            email=account.email, password=account.password, address="127.0.0.1"
        )
        assert user_id == account.user_id


class TestItsPages:
    @pytest.fixture
    async def visitor(self, settings: Settings, seeded: Seeded) -> AsyncIterator[AsyncClient]:
        app = create_app(settings, runtimes.current())
        transport = ASGITransport(app=app, client=("127.0.0.1", 50000))
        async with AsyncClient(transport=transport, base_url=BASE_URL) as opened:
            yield opened

    async def test_a_visitor_reads_the_published_ones_and_no_draft(
        self, seeded: Seeded, visitor: AsyncClient
    ) -> None:
        async with runtimes.reading_as(User(seeded.account.user_id)) as tx:
            pages = await tx.fetch("select slug, is_published, optin_headline from funnel_pages")
        assert sorted(page["is_published"] for page in pages) == [False, True, True, True]
        for page in pages:
            answer = await visitor.get(f"/p/{seeded.account.username}/{page['slug']}")
            assert answer.status_code == (200 if page["is_published"] else 404)
            assert (page["optin_headline"] in answer.text) == page["is_published"]

    async def test_every_magnet_is_worth_reading(self, seeded: Seeded) -> None:
        async with runtimes.reading_as(User(seeded.account.user_id)) as tx:
            workspaces = await teams.find_workspaces(
                tx, user_id=seeded.account.user_id, named="personal", chosen=None
            )
            rows, total = await lead_magnets.list_lead_magnets(tx, scope=workspaces.current)
            assert total == len(MAGNETS)
            for row in rows:
                magnet = await lead_magnets.get_lead_magnet(tx, lead_magnet_id=row.id)
                content = lead_magnets.PolishedContent.model_validate(magnet.polished_content)
                assert len(content.sections) >= 6
                assert content.metadata.word_count > 400

    async def test_the_worker_brings_in_the_three_who_came_last(
        self, empty: Runtime, fresh_database_url: str
    ) -> None:
        await demo.seed()
        sent = "select count(*) from email_outbox where status = 'sent'"
        leads = "select count(*) from leads"
        before = await see(Root(), sent), await see(Root(), leads)
        await work_off(fresh_database_url)
        assert (await see(Root(), sent), await see(Root(), leads)) == (before[0] + 3, before[1] + 3)
        assert await see(Root(), "select count(*) from platform.jobs") == 0

    async def test_nobody_outside_sees_who_opted_in(self, seeded: Seeded) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await see(Visitor(), "select count(*) from funnel_leads")
