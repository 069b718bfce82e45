"""What the tables of money and numbers promise, whoever writes to them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, User, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

TABLES = (
    "ai_usage_logs",
    "analytics_daily_summary",
    "channel_costs",
    "financial_sync_config",
    "financial_transactions",
    "revenue_events",
    "revenue_products",
    "revenue_reconciliations",
    "vendor_channel_rules",
)
DAY = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant with its owner, somebody who works there, and the service that acts for it."""

    id: UUID
    owner: User
    member: Person
    service: Service


@pytest.fixture
async def business(database: Database, people: People) -> Business:
    tenant_id = await people.tenant()
    owner = await people.user(tenant_id=tenant_id)
    async with database.acting_as(Root()) as tx:
        await tx.execute("update public.profiles set role = 'owner' where id = $1", owner.id)
    member = await people.user(tenant_id=tenant_id)
    return Business(tenant_id, owner.actor, member, Service(Writer.GTM_SYSTEM, tenant_id=tenant_id))


async def add(tx: Tx, table: str, **values: Any) -> UUID:
    """Insert a row and return its id."""
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({', '.join(values)}) values ({marks}) returning id",
        *values.values(),
    )
    return row_id


async def add_revenue(tx: Tx, business: Business, **values: Any) -> UUID:
    payment = {
        "tenant_id": business.id,
        "stripe_event_id": f"evt_{uuid4().hex}",
        "event_type": "payment",
        "amount_cents": 4900,
        "stripe_created_at": datetime.now(UTC),
    }
    return await add(tx, "revenue_events", **(payment | values))


async def add_transaction(tx: Tx, business: Business, **values: Any) -> UUID:
    line = {
        "tenant_id": business.id,
        "external_id": uuid4().hex,
        "vendor_name": "Cloud",
        "amount_cents": 1200,
        "transaction_date": DAY,
    }
    return await add(tx, "financial_transactions", **(line | values))


async def fill(database: Database, business: Business) -> None:
    """Put a row into every table."""
    async with database.acting_as(business.service) as tx:
        await add_revenue(tx, business)
        await add_transaction(tx, business)
        tenant = {"tenant_id": business.id}
        await add(tx, "ai_usage_logs", **tenant, caller="write_post", model="offline")
        await add(tx, "analytics_daily_summary", **tenant, date=DAY)
        await add(
            tx,
            "channel_costs",
            **tenant,
            channel="heyreach",
            cost_type="usage",
            amount_cents=100,
            period_start=DAY,
            period_end=DAY,
        )
        await add(tx, "financial_sync_config", **tenant)
        await add(
            tx,
            "revenue_products",
            **tenant,
            stripe_product_id=uuid4().hex,
            name="Club",
            category="saas",
        )
        await add(
            tx, "revenue_reconciliations", **tenant, date=DAY, stripe_cents=100, recorded_cents=90
        )
        await add(tx, "vendor_channel_rules", **tenant, vendor_pattern="cloud")


async def seen_tables(database: Database, actor: User | Student) -> set[str]:
    async with database.acting_as(actor) as tx:
        return {
            table for table in TABLES if await tx.fetchval(f"select count(*) from public.{table}")
        }


class TestReaders:
    async def test_the_owner_of_the_business_reads_everything(
        self, database: Database, business: Business
    ) -> None:
        await fill(database, business)
        assert await seen_tables(database, business.owner) == set(TABLES)

    async def test_an_ordinary_member_reads_nothing(
        self, database: Database, business: Business
    ) -> None:
        await fill(database, business)
        assert await seen_tables(database, business.member.actor) == set()

    async def test_another_business_reads_nothing(
        self, database: Database, business: Business, people: People
    ) -> None:
        await fill(database, business)
        stranger = await people.user(tenant_id=await people.tenant())
        async with database.acting_as(Root()) as tx:
            await tx.execute("update public.profiles set role = 'admin' where id = $1", stranger.id)
        assert await seen_tables(database, stranger.actor) == set()

    async def test_students_read_nothing(self, database: Database, business: Business) -> None:
        await fill(database, business)
        assert await seen_tables(database, Student(uuid4())) == set()

    async def test_visitors_are_refused(self, database: Database) -> None:
        for table in TABLES:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(Visitor()) as tx:
                    await tx.fetch(f"select from public.{table}")

    async def test_a_service_writes_for_its_tenant_alone(
        self, database: Database, business: Business, people: People
    ) -> None:
        elsewhere = Service(Writer.GTM_SYSTEM, tenant_id=await people.tenant())
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(elsewhere) as tx:
                await add_revenue(tx, business)


class TestRevenue:
    async def test_an_event_is_recorded_once(self, database: Database, business: Business) -> None:
        event_id = f"evt_{uuid4().hex}"
        async with database.acting_as(business.service) as tx:
            await add_revenue(tx, business, stripe_event_id=event_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_revenue(tx, business, stripe_event_id=event_id)

    @pytest.mark.parametrize("key", ["stripe_invoice_id", "stripe_charge_id"])
    async def test_the_same_money_under_another_event_counts_once(
        self, database: Database, business: Business, key: str
    ) -> None:
        money = {key: uuid4().hex}
        async with database.acting_as(business.service) as tx:
            await add_revenue(tx, business, **money)
            await add_revenue(tx, business, **money, classification="excluded")
            await add_revenue(
                tx, business, **money, event_type="subscription_created", amount_cents=0
            )
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_revenue(tx, business, **money)

    async def test_a_refund_is_negative(self, database: Database, business: Business) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.service) as tx:
                await add_revenue(tx, business, event_type="refund", amount_cents=100)

    async def test_the_owner_says_what_was_sold_and_not_for_how_much(
        self, database: Database, business: Business
    ) -> None:
        await fill(database, business)
        async with database.acting_as(business.owner) as tx:
            status = await tx.execute(
                "update public.revenue_events set attribution_channel = 'blueprint',"
                " product_category = 'bootcamp', classification = 'manual'"
            )
            assert status == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.owner) as tx:
                await tx.execute("update public.revenue_events set amount_cents = 1")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.owner) as tx:
                await tx.execute("delete from public.revenue_events")

    async def test_a_tenant_with_money_is_not_deleted(
        self, database: Database, business: Business
    ) -> None:
        await fill(database, business)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(Root()) as tx:
                await tx.execute("delete from public.tenants where id = $1", business.id)


class TestTransactions:
    async def test_a_line_is_kept_once(self, database: Database, business: Business) -> None:
        async with database.acting_as(business.service) as tx:
            await add_transaction(tx, business, external_id="rec1")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_transaction(tx, business, external_id="rec1")

    @pytest.mark.parametrize(
        ("said", "then"),
        [("manual", "ai"), ("manual", "rule"), ("ignored", "ai"), ("ignored", "rule")],
    )
    async def test_what_a_person_said_is_not_taken_back_by_a_machine(
        self, database: Database, business: Business, said: str, then: str
    ) -> None:
        changing = "update public.financial_transactions set classification = $2 where id = $1"
        async with database.acting_as(business.service) as tx:
            line_id = await add_transaction(tx, business)
            await tx.execute(changing, line_id, said)
        with pytest.raises(asyncpg.PostgresError, match=f"from {said} to {then}") as refused:
            async with database.acting_as(business.service) as tx:
                await tx.execute(changing, line_id, then)
        assert refused.value.sqlstate == "LS409"

    async def test_the_amount_is_the_banks(self, database: Database, business: Business) -> None:
        await fill(database, business)
        async with database.acting_as(business.owner) as tx:
            await tx.execute(
                "update public.financial_transactions set classification = 'manual', channel = 'x'"
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.owner) as tx:
                await tx.execute("update public.financial_transactions set amount_cents = 0")


class TestRulesAndCosts:
    async def test_a_pattern_is_one_rule_in_any_case(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.owner) as tx:
            await add(tx, "vendor_channel_rules", vendor_pattern="Cloud*")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.owner) as tx:
                await add(tx, "vendor_channel_rules", vendor_pattern="CLOUD*")

    @pytest.mark.parametrize(
        "wrong", [{"amount_cents": -1}, {"period_end": date(2026, 2, 1)}, {"cost_type": "gift"}]
    )
    async def test_refuses_what_is_not_a_cost(
        self, database: Database, business: Business, wrong: dict[str, Any]
    ) -> None:
        cost = {
            "channel": "heyreach",
            "cost_type": "ad_spend",
            "amount_cents": 100,
            "period_start": DAY,
            "period_end": DAY,
        }
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.owner) as tx:
                await add(tx, "channel_costs", **(cost | wrong))

    async def test_a_day_has_one_row_per_channel(
        self, database: Database, business: Business
    ) -> None:
        values = {"tenant_id": business.id, "date": DAY, "source_channel": "heyreach"}
        async with database.acting_as(business.service) as tx:
            await add(tx, "analytics_daily_summary", **values)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add(tx, "analytics_daily_summary", **values)

    async def test_a_tenant_has_one_source_of_a_kind(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            await add(tx, "financial_sync_config", tenant_id=business.id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add(tx, "financial_sync_config", tenant_id=business.id)
