"""What the enrichment tables promise, whoever writes to them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

MakeStudent = Callable[[], Awaitable[Student]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A tenant, one of its people, and the service that enriches for it."""

    id: UUID
    member: Person
    service: Service


@pytest.fixture
async def operation(people: People) -> Operation:
    tenant_id = await people.tenant(name="Outreach")
    member = await people.user(tenant_id=tenant_id)
    return Operation(tenant_id, member, Service(Writer.GTM_SYSTEM, tenant_id=tenant_id))


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user(tenant_id=await people.tenant(name="Elsewhere"))


@pytest.fixture
def make_student(database: Database, operation: Operation) -> MakeStudent:
    async def make() -> Student:
        async with database.acting_as(Root()) as tx:
            student_id = await tx.fetchval(
                "insert into public.bootcamp_students (tenant_id, email) values ($1, $2)"
                " returning id",
                operation.id,
                f"{uuid4().hex}@example.com",
            )
        return Student(student_id)

    return make


async def insert(tx: Tx, table: str, **columns: Any) -> UUID:
    names = ", ".join(columns)
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({names}) values ({places}) returning id", *columns.values()
    )
    return row_id


async def move(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    for state in states:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, state)


async def add_run(tx: Tx, operation: Operation, **columns: Any) -> UUID:
    return await insert(tx, "enrichment_runs", tenant_id=str(operation.id), **columns)


class TestLeadPool:
    async def test_plain_names_write_the_headers_of_the_export(
        self, database: Database, operation: Operation
    ) -> None:
        url = f"https://www.linkedin.com/in/{uuid4().hex}"
        upsert = (
            "insert into public.lead_pool (linkedin_url, full_name, company_domain, email)"
            " values ($1, $2, 'example.com', 'ada@example.com')"
            " on conflict (linkedin_url) do update set full_name = excluded.full_name"
        )
        async with database.acting_as(operation.service) as tx:
            await tx.execute(upsert, url, "Ada")
            await tx.execute(upsert, url, "Ada Lovelace")
            row = await tx.fetchrow(
                'select "Full Name", "Company Website Short", "Email" from public.all_leads'
                ' where "LinkedIn Link" = $1',
                url,
            )
        assert tuple(row or ()) == ("Ada Lovelace", "example.com", "ada@example.com")

    async def test_every_column_of_the_pool_has_a_plain_name(self, database: Database) -> None:
        async with database.acting_as(Root()) as tx:
            names = await tx.fetch(
                "select a.attname, c.relname from pg_attribute as a"
                " join pg_class as c on c.oid = a.attrelid"
                " where c.oid in ('public.all_leads'::regclass, 'public.lead_pool'::regclass)"
                " and a.attnum > 0"
            )
        plain = [row["attname"] for row in names if row["relname"] == "lead_pool"]
        assert len(plain) == len(names) - len(plain) == 54
        assert all(name == name.lower() and " " not in name for name in plain)

    async def test_words_find_a_lead(self, database: Database, operation: Operation) -> None:
        word = f"w{uuid4().hex}"
        async with database.acting_as(operation.service) as tx:
            await tx.execute(
                "insert into public.lead_pool (linkedin_url, full_name, title)"
                " values ($1, $2, 'Head of Growth')",
                f"https://www.linkedin.com/in/{word}",
                f"Ada {word}",
            )
            found = await tx.fetchval(
                "select count(*) from public.lead_pool"
                " where platform.search_words(full_name, company_name, title)"
                " @@ to_tsquery('simple', $1)",
                f"{word[:20]}:* & growth",
            )
        assert found == 1

    @pytest.mark.parametrize("relation", ["all_leads", "dead_leads", "lead_pool"])
    async def test_people_do_not_read_the_pool(
        self, database: Database, operation: Operation, relation: str
    ) -> None:
        for actor in (operation.member.actor, Visitor()):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(actor) as tx:
                    await tx.fetch(f"select * from public.{relation}")


class TestRecipes:
    async def test_a_slug_is_taken_once_per_tenant(
        self, database: Database, operation: Operation
    ) -> None:
        async with database.acting_as(operation.member.actor) as tx:
            await insert(tx, "enrichment_recipes", tenant_id=operation.id, name="A", slug="a")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(operation.member.actor) as tx:
                await insert(tx, "enrichment_recipes", tenant_id=operation.id, name="B", slug="a")

    async def test_strangers_see_no_recipes(
        self, database: Database, operation: Operation, stranger: Person
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            await insert(tx, "enrichment_recipes", tenant_id=operation.id, name="A", slug="a")
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval("select count(*) from public.enrichment_recipes") == 0

    async def test_a_recipe_with_runs_is_not_deleted(
        self, database: Database, operation: Operation
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            recipe = await insert(
                tx, "enrichment_recipes", tenant_id=operation.id, name="A", slug="a"
            )
            await add_run(tx, operation, recipe_id=recipe, recipe_slug="a")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(operation.member.actor) as tx:
                await tx.execute("delete from public.enrichment_recipes where id = $1", recipe)


class TestRuns:
    async def test_a_lead_is_once_in_a_run(self, database: Database, operation: Operation) -> None:
        async with database.acting_as(operation.service) as tx:
            run = await add_run(tx, operation)
            await insert(tx, "enrichment_lead_status", run_id=run, linkedin_url="ada")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(operation.service) as tx:
                await insert(tx, "enrichment_lead_status", run_id=run, linkedin_url="ada")

    async def test_members_follow_their_runs_and_only_the_service_writes(
        self, database: Database, operation: Operation
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            run = await add_run(tx, operation)
            await insert(tx, "enrichment_lead_status", run_id=run, linkedin_url="ada")
        async with database.acting_as(operation.member.actor) as tx:
            assert await tx.fetchval("select count(*) from public.enrichment_runs") == 1
            assert await tx.fetchval("select count(*) from public.enrichment_lead_status") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(operation.member.actor) as tx:
                await tx.execute("update public.enrichment_lead_status set status = 'pushed'")

    async def test_strangers_see_neither_runs_nor_leads(
        self, database: Database, operation: Operation, stranger: Person
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            run = await add_run(tx, operation)
            await insert(tx, "enrichment_lead_status", run_id=run, linkedin_url="ada")
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval("select count(*) from public.enrichment_runs") == 0
            assert await tx.fetchval("select count(*) from public.enrichment_lead_status") == 0

    @pytest.mark.parametrize(
        ("start", "goal"),
        [("cancelled", "running"), ("completed", "pending"), ("running", "pending")],
    )
    async def test_refuses_moves_that_a_run_does_not_make(
        self, database: Database, operation: Operation, start: str, goal: str
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            run = await add_run(tx, operation, status=start)
        with pytest.raises(asyncpg.PostgresError, match=f"from {start} to {goal}"):
            async with database.acting_as(operation.service) as tx:
                await move(tx, "enrichment_runs", run, goal)

    async def test_a_lead_whose_lease_ran_out_is_pending_again(
        self, database: Database, operation: Operation
    ) -> None:
        async with database.acting_as(operation.service) as tx:
            run = await add_run(tx, operation)
            lead = await insert(tx, "enrichment_lead_status", run_id=run, linkedin_url="ada")
            await move(
                tx,
                "enrichment_lead_status",
                lead,
                "processing",
                "pending",
                "processing",
                "enriched",
            )
            await move(tx, "enrichment_lead_status", lead, "pushed")
        with pytest.raises(asyncpg.PostgresError, match="from pushed to pending"):
            async with database.acting_as(operation.service) as tx:
                await move(tx, "enrichment_lead_status", lead, "pending")

    async def test_leads_keep_no_time_of_their_last_change(self, database: Database) -> None:
        async with database.acting_as(Root()) as tx:
            columns = await tx.fetchval(
                "select array_agg(attname::text) from pg_attribute"
                " where attrelid = 'public.enrichment_lead_status'::regclass and attnum > 0"
            )
        assert "created_at" in columns
        assert "updated_at" not in columns


class TestEmailFinder:
    async def test_only_the_owner_reads_a_file_and_its_results(
        self, database: Database, operation: Operation, stranger: Person
    ) -> None:
        owner = operation.member
        async with database.acting_as(Service(Writer.GTM_SYSTEM, user_id=owner.id)) as tx:
            run = await insert(tx, "enrichment_batch_runs", user_id=str(owner.id))
            await insert(tx, "enrichment_batch_leads", run_id=run, first_name="Ada")
        for actor, seen in ((owner.actor, 1), (stranger.actor, 0)):
            async with database.acting_as(actor) as tx:
                count = await tx.fetchval(
                    "select count(*) from public.enrichment_batch_leads where run_id = $1", run
                )
            assert count == seen
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("update public.enrichment_batch_leads set status = 'found'")


class TestStudents:
    async def test_a_student_keeps_lists_and_contacts_of_their_own(
        self, database: Database, make_student: MakeStudent
    ) -> None:
        ada, eve = await make_student(), await make_student()
        async with database.acting_as(ada) as tx:
            mine = await insert(
                tx, "bootcamp_contact_lists", student_id=ada.student_id, name="Mine"
            )
            await insert(
                tx, "bootcamp_contacts", student_id=ada.student_id, list_id=mine, first_name="Bo"
            )
        async with database.acting_as(eve) as tx:
            assert await tx.fetchval("select count(*) from public.bootcamp_contact_lists") == 0
            assert await tx.fetchval("select count(*) from public.bootcamp_contacts") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(eve) as tx:
                await insert(tx, "bootcamp_contacts", student_id=eve.student_id, list_id=mine)

    async def test_a_student_does_not_set_what_the_recipe_makes(
        self, database: Database, make_student: MakeStudent
    ) -> None:
        student = await make_student()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(student) as tx:
                await tx.execute("update public.bootcamp_contacts set enrichment_status = 'done'")

    @pytest.mark.parametrize("step", [{"type": "website_scrape"}, {"type": "find_email"}, {}])
    async def test_refuses_steps_that_cost_lookups(
        self, database: Database, make_student: MakeStudent, step: dict[str, str]
    ) -> None:
        student = await make_student()
        recipe = {"student_id": student.student_id, "name": "R", "slug": "r"}
        async with database.acting_as(student) as tx:
            await insert(tx, "bootcamp_recipes", **recipe, steps=[{"type": "ai_prompt"}])
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(student) as tx:
                await tx.execute("update public.bootcamp_recipes set steps = $1", [step])

    async def test_a_slug_is_taken_once_per_student(
        self, database: Database, make_student: MakeStudent
    ) -> None:
        student = await make_student()
        recipe = {"student_id": student.student_id, "name": "R", "slug": "r"}
        async with database.acting_as(student) as tx:
            await insert(tx, "bootcamp_recipes", **recipe)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(student) as tx:
                await insert(tx, "bootcamp_recipes", **recipe)
