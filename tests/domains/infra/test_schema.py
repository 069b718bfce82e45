"""What the tables of outreach infrastructure promise, whoever writes to them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person
from tests.rows import add, change, remove, sees

DENIED = asyncpg.InsufficientPrivilegeError
TIER = {"name": "Starter", "domain_count": 3, "setup_fee_cents": 9700, "monthly_fee_cents": 4700}


@dataclass(frozen=True, slots=True)
class School:
    """A tenant, its operator, its service and one of its students."""

    id: UUID
    operator: Person
    service: Service
    student: Student


async def open_school(database: Database, people: People) -> School:
    tenant_id = await people.tenant()
    operator = await people.user(tenant_id=tenant_id)
    service = Service(Writer.GTM_SYSTEM, tenant_id=tenant_id)
    async with database.acting_as(service) as tx:
        student = await add_student(tx, tenant_id)
    return School(tenant_id, operator, service, student)


async def add_student(tx: Tx, tenant_id: UUID) -> Student:
    email = f"{uuid4().hex}@example.org"
    return Student(await add(tx, "bootcamp_students", email=email, tenant_id=tenant_id))


@pytest.fixture
async def school(database: Database, people: People) -> School:
    return await open_school(database, people)


@pytest.fixture
async def stranger(database: Database, people: People) -> School:
    return await open_school(database, people)


async def add_provision(tx: Tx, school: School, **values: Any) -> UUID:
    return await add(tx, "infra_provisions", student_id=school.student.student_id, **values)


async def add_domain(tx: Tx, provision_id: UUID, name: str, **values: Any) -> UUID:
    return await add(tx, "infra_domains", provision_id=provision_id, domain_name=name, **values)


class TestPrices:
    async def test_everybody_sees_what_is_for_sale(
        self, database: Database, school: School, stranger: School
    ) -> None:
        async with database.acting_as(school.operator.actor) as tx:
            open_id = await add(tx, "infra_tiers", **TIER, slug="starter")
            hidden_id = await add(tx, "infra_tiers", **TIER, slug="old", is_active=False)
        for actor in (Visitor(), school.student):
            async with database.acting_as(actor) as tx:
                assert await sees(tx, "infra_tiers", open_id)
                assert not await sees(tx, "infra_tiers", hidden_id)
        async with database.acting_as(stranger.student) as tx:
            assert not await sees(tx, "infra_tiers", open_id)

    async def test_visitors_read_prices_and_nothing_of_the_payment_service(
        self, database: Database
    ) -> None:
        with pytest.raises(DENIED):
            async with database.acting_as(Visitor()) as tx:
                await tx.fetchval("select stripe_setup_price_id from public.infra_tiers")

    async def test_only_operators_set_prices(
        self, database: Database, school: School, stranger: School
    ) -> None:
        async with database.acting_as(school.operator.actor) as tx:
            tier_id = await add(tx, "infra_tiers", **TIER, slug="starter")
        for actor in (school.student, stranger.operator.actor):
            async with database.acting_as(actor) as tx:
                cheaper = await change(tx, "infra_tiers", tier_id, setup_fee_cents=0)
            assert cheaper == "UPDATE 0"

    async def test_one_price_of_the_tools_is_active(
        self, database: Database, school: School
    ) -> None:
        async with database.acting_as(school.operator.actor) as tx:
            await add(tx, "infra_outreach_pricing", is_active=False)
            await add(tx, "infra_outreach_pricing", monthly_fee_cents=4700)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.operator.actor) as tx:
                await add(tx, "infra_outreach_pricing", monthly_fee_cents=5700)

    async def test_a_tier_that_was_bought_stays(self, database: Database, school: School) -> None:
        async with database.acting_as(school.service) as tx:
            tier_id = await add(tx, "infra_tiers", **TIER, slug="starter")
            await add_provision(tx, school, tier_id=tier_id)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(school.operator.actor) as tx:
                await remove(tx, "infra_tiers", tier_id)


class TestProvisions:
    async def test_a_student_has_each_product_once(
        self, database: Database, school: School
    ) -> None:
        async with database.acting_as(school.service) as tx:
            await add_provision(tx, school)
            await add_provision(tx, school, product_type="outreach_tools")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.service) as tx:
                await add_provision(tx, school)

    @pytest.mark.parametrize(
        "values",
        [
            {"mailbox_pattern_1": "ada", "mailbox_pattern_2": "ada"},
            {"mailbox_pattern_1": ".ada"},
            {"mailbox_pattern_1": "Ada"},
            {"mailbox_pattern_1": "a" * 65},
            {"service_provider": "YAHOO"},
            {"product_type": "outreach_tools", "mailbox_pattern_1": "ada"},
        ],
    )
    async def test_refuses_an_order_that_can_not_be_built(
        self, database: Database, school: School, values: dict[str, str]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(school.service) as tx:
                await add_provision(tx, school, **values)

    async def test_a_student_sees_their_own_without_its_secrets(
        self, database: Database, school: School, stranger: School
    ) -> None:
        async with database.acting_as(school.service) as tx:
            provision_id = await add_provision(tx, school, plusvibe_client_password="sealed")
            domain_id = await add_domain(tx, provision_id, "ada-mail.com")
            classmate = await add_student(tx, school.id)
        for actor in (school.student, school.operator.actor):
            async with database.acting_as(actor) as tx:
                assert await sees(tx, "infra_provisions", provision_id)
                assert await sees(tx, "infra_domains", domain_id)
            for column in ("plusvibe_client_password", "zapmail_workspace_key"):
                with pytest.raises(DENIED):
                    async with database.acting_as(actor) as tx:
                        await tx.fetchval(f"select {column} from public.infra_provisions")
        for actor in (classmate, stranger.student, stranger.operator.actor):
            async with database.acting_as(actor) as tx:
                assert not await sees(tx, "infra_provisions", provision_id)
                assert not await sees(tx, "infra_domains", domain_id)

    async def test_nobody_orders_past_the_checkout(
        self, database: Database, school: School
    ) -> None:
        for actor in (school.student, school.operator.actor):
            with pytest.raises(DENIED):
                async with database.acting_as(actor) as tx:
                    await add_provision(tx, school, status="active")

    async def test_a_replayed_payment_changes_nothing(
        self, database: Database, school: School
    ) -> None:
        paid = (
            "update public.infra_provisions set status = 'provisioning'"
            " where id = $1 and status = 'pending_payment'"
        )
        async with database.acting_as(school.service) as tx:
            provision_id = await add_provision(tx, school)
            assert await tx.execute(paid, provision_id) == "UPDATE 1"
            for state in ("failed", "provisioning", "active", "upgrading", "active"):
                await change(tx, "infra_provisions", provision_id, status=state)
            assert await tx.execute(paid, provision_id) == "UPDATE 0"
        with pytest.raises(asyncpg.PostgresError, match="from active to provisioning") as refused:
            async with database.acting_as(school.service) as tx:
                await change(tx, "infra_provisions", provision_id, status="provisioning")
        assert refused.value.sqlstate == "LS409"

    async def test_a_cancelled_order_can_be_made_again(
        self, database: Database, school: School
    ) -> None:
        async with database.acting_as(school.service) as tx:
            provision_id = await add_provision(tx, school)
            for state in ("cancelled", "pending_payment"):
                await change(tx, "infra_provisions", provision_id, status=state)

    async def test_a_quote_is_the_students_to_see(
        self, database: Database, school: School, stranger: School
    ) -> None:
        async with database.acting_as(school.service) as tx:
            quote_id = await tx.fetchval(
                "insert into public.infra_quotes"
                " (student_id, products, one_time_cents, monthly_cents, expires_at)"
                " values ($1, '{email_infra}', 12000, 4700, now() + interval '15 minutes')"
                " returning id",
                school.student.student_id,
            )
        async with database.acting_as(school.student) as tx:
            assert await sees(tx, "infra_quotes", quote_id)
        async with database.acting_as(stranger.student) as tx:
            assert not await sees(tx, "infra_quotes", quote_id)


class TestDomains:
    async def test_a_live_domain_exists_once(
        self, database: Database, school: School, stranger: School
    ) -> None:
        name = f"{uuid4().hex}.com"
        chosen = []
        for each in (school, stranger):
            async with database.acting_as(each.service) as tx:
                chosen.append(await add_domain(tx, await add_provision(tx, each), name))
        async with database.acting_as(school.service) as tx:
            await change(tx, "infra_domains", chosen[0], status="purchasing")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(stranger.service) as tx:
                await change(tx, "infra_domains", chosen[1], status="purchasing")
        async with database.acting_as(stranger.service) as tx:
            await change(tx, "infra_domains", chosen[1], status="failed")

    @pytest.mark.parametrize("name", ["Ada.com", "ada", "-ada.com", "ada .com", "https://ada.com"])
    async def test_refuses_what_is_not_a_domain(
        self, database: Database, school: School, name: str
    ) -> None:
        async with database.acting_as(school.service) as tx:
            provision_id = await add_provision(tx, school)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(school.service) as tx:
                await add_domain(tx, provision_id, name)
