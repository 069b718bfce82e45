"""What the tables of market lists promise, whoever writes to them."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person
from tests.rows import add, change, remove, sees

DENIED = asyncpg.InsufficientPrivilegeError


@pytest.fixture
async def owner(people: People) -> Person:
    return await people.user(tenant_id=await people.tenant())


@pytest.fixture
def worker(owner: Person) -> Service:
    return owner.through(Writer.GTM_SYSTEM)


@pytest.fixture
async def project_id(database: Database, owner: Person) -> UUID:
    async with database.acting_as(owner.actor) as tx:
        return await add(tx, "tam_projects", user_id=str(owner.id), name="Market")


async def add_company(tx: Tx, project_id: UUID, **values: Any) -> UUID:
    return await add(tx, "tam_companies", **{"project_id": project_id, "name": "Acme", **values})


class TestProjects:
    async def test_a_colleague_sees_nothing_of_it(
        self, database: Database, people: People, owner: Person, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            company_id = await add_company(tx, project_id)
            contact_id = await add(tx, "tam_contacts", project_id=project_id, company_id=company_id)
            job_id = await add(tx, "tam_job_queue", project_id=project_id, job_type="qualify")
            tenant_id = await tx.fetchval(
                "select tenant_id from public.tam_projects where id = $1", project_id
            )
        rows = {
            "tam_projects": project_id,
            "tam_companies": company_id,
            "tam_contacts": contact_id,
            "tam_job_queue": job_id,
        }
        colleague = await people.user(tenant_id=tenant_id)
        for table, row_id in rows.items():
            async with database.acting_as(owner.actor) as tx:
                assert await sees(tx, table, row_id)
            async with database.acting_as(colleague.actor) as tx:
                assert not await sees(tx, table, row_id)
            with pytest.raises(DENIED):
                async with database.acting_as(Visitor()) as tx:
                    await sees(tx, table, row_id)

    async def test_nobody_makes_one_for_somebody_else(
        self, database: Database, people: People, owner: Person
    ) -> None:
        other = await people.user()
        with pytest.raises(DENIED):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "tam_projects", user_id=str(other.id), name="Market")

    async def test_a_student_owns_projects_too(
        self, database: Database, people: People, owner: Person
    ) -> None:
        student_id = uuid4()
        async with database.acting_as(Root()) as tx:
            project_id = await add(
                tx,
                "tam_projects",
                user_id=str(student_id),
                name="Market",
                tenant_id=await people.tenant(),
            )
        async with database.acting_as(Student(student_id)) as tx:
            assert await sees(tx, "tam_projects", project_id)
            renamed = await change(tx, "tam_projects", project_id, name="Mine")
            assert renamed == "UPDATE 1"
        for actor in (Student(uuid4()), owner.actor):
            async with database.acting_as(actor) as tx:
                assert not await sees(tx, "tam_projects", project_id)

    async def test_takes_what_was_found_along_when_it_is_deleted(
        self, database: Database, owner: Person, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            company_id = await add_company(tx, project_id)
            await add(tx, "tam_contacts", project_id=project_id, company_id=company_id)
        async with database.acting_as(owner.actor) as tx:
            assert await remove(tx, "tam_projects", project_id) == "DELETE 1"
        async with database.acting_as(Root()) as tx:
            assert not await sees(tx, "tam_companies", company_id)

    async def test_people_do_not_say_how_far_it_is(
        self, database: Database, owner: Person, project_id: UUID
    ) -> None:
        with pytest.raises(DENIED):
            async with database.acting_as(owner.actor) as tx:
                await change(tx, "tam_projects", project_id, status="complete")

    async def test_never_becomes_a_draft_again(
        self, database: Database, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            for state in ("sourcing", "enriching", "complete", "sourcing"):
                await change(tx, "tam_projects", project_id, status=state)
        with pytest.raises(asyncpg.PostgresError, match="from sourcing to draft") as refused:
            async with database.acting_as(worker) as tx:
                await change(tx, "tam_projects", project_id, status="draft")
        assert refused.value.sqlstate == "LS409"


class TestCompanies:
    @pytest.mark.parametrize(
        ("first", "again"),
        [
            ({"domain": "acme.com"}, {"domain": "acme.com", "name": "ACME Inc"}),
            ({"location": "Berlin"}, {"name": "acme", "location": "berlin"}),
            ({}, {"name": "ACME"}),
        ],
    )
    async def test_a_company_is_in_a_project_once(
        self,
        database: Database,
        worker: Service,
        project_id: UUID,
        first: dict[str, str],
        again: dict[str, str],
    ) -> None:
        async with database.acting_as(worker) as tx:
            await add_company(tx, project_id, **first)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(worker) as tx:
                await add_company(tx, project_id, **again)

    async def test_two_of_one_name_differ_by_place(
        self, database: Database, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            await add_company(tx, project_id, location="Berlin")
            await add_company(tx, project_id, location="Paris")

    async def test_the_owner_decides_but_does_not_invent(
        self, database: Database, owner: Person, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            company_id = await add_company(tx, project_id)
        async with database.acting_as(owner.actor) as tx:
            await change(
                tx,
                "tam_companies",
                company_id,
                qualification_status="qualified",
                qualification_reason="Known to us",
                feedback="liked",
            )
        with pytest.raises(DENIED):
            async with database.acting_as(owner.actor) as tx:
                await change(tx, "tam_companies", company_id, similarity_score=1.0)
        with pytest.raises(DENIED):
            async with database.acting_as(owner.actor) as tx:
                await add_company(tx, project_id, domain="invented.com")


class TestContacts:
    @pytest.mark.parametrize(
        ("first", "again"),
        [
            ({"email": "ada@acme.com"}, {"email": "Ada@acme.com"}),
            (
                {"linkedin_url": "https://www.linkedin.com/in/ada"},
                {"linkedin_url": "https://www.linkedin.com/in/Ada"},
            ),
        ],
    )
    async def test_a_person_is_in_a_project_once(
        self,
        database: Database,
        worker: Service,
        project_id: UUID,
        first: dict[str, str],
        again: dict[str, str],
    ) -> None:
        async with database.acting_as(worker) as tx:
            at = {"project_id": project_id, "company_id": await add_company(tx, project_id)}
            await add(tx, "tam_contacts", **at, **first)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(worker) as tx:
                await add(tx, "tam_contacts", **at, **again)

    async def test_works_at_a_company_of_the_same_project(
        self, database: Database, owner: Person, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            other_id = await add(tx, "tam_projects", user_id=str(owner.id), name="Other")
            company_id = await add_company(tx, other_id)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.acting_as(worker) as tx:
                await add(tx, "tam_contacts", project_id=project_id, company_id=company_id)


class TestJobs:
    async def test_one_job_of_a_kind_is_active(
        self, database: Database, worker: Service, project_id: UUID
    ) -> None:
        waiting = {"project_id": project_id, "job_type": "qualify"}
        async with database.acting_as(worker) as tx:
            job_id = await add(tx, "tam_job_queue", **waiting, status="awaiting_approval")
            await add(tx, "tam_job_queue", project_id=project_id, job_type="find_contacts")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(worker) as tx:
                await add(tx, "tam_job_queue", **waiting)
        async with database.acting_as(worker) as tx:
            await tx.execute(
                "update public.tam_job_queue set status = 'failed', completed_at = now()"
                " where id = $1",
                job_id,
            )
            await add(tx, "tam_job_queue", **waiting)

    async def test_an_end_has_its_time(
        self, database: Database, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            job_id = await add(tx, "tam_job_queue", project_id=project_id, job_type="qualify")
            await change(tx, "tam_job_queue", job_id, status="running")
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(worker) as tx:
                await change(tx, "tam_job_queue", job_id, status="completed")

    async def test_a_gate_is_not_passed_without_a_yes(
        self, database: Database, worker: Service, project_id: UUID
    ) -> None:
        async with database.acting_as(worker) as tx:
            job_id = await add(
                tx,
                "tam_job_queue",
                project_id=project_id,
                job_type="qualify",
                status="awaiting_approval",
            )
        with pytest.raises(asyncpg.PostgresError, match="from awaiting_approval to running"):
            async with database.acting_as(worker) as tx:
                await change(tx, "tam_job_queue", job_id, status="running")
        with pytest.raises(DENIED):
            async with database.acting_as(Service(Writer.MAGNETLAB)) as tx:
                await change(tx, "tam_job_queue", job_id, status="pending")
