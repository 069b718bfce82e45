"""What the tables of the bootcamp promise, whoever writes to them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

CURRICULUM = ("lms_cohorts", "lms_weeks", "lms_lessons", "lms_content_items", "lms_action_items")
EXPIRED = "access_expires_at = now() - interval '1 day'"
ENDED = "end_date = current_date - 29"

# PostgreSQL 18 has an error of its own for what a foreign key holds back.
HELD = (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)


@dataclass(frozen=True, slots=True)
class School:
    """A tenant, one of its staff, its service, and a course of one week, all of it visible."""

    tenant_id: UUID
    staff: Person
    service: Service
    cohort_id: UUID
    week_id: UUID
    lesson_id: UUID
    item_id: UUID
    task_id: UUID


async def add(tx: Tx, table: str, **values: Any) -> UUID:
    """Insert a row and return its id."""
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({', '.join(values)}) values ({marks}) returning id",
        *values.values(),
    )
    return row_id


async def add_tool(tx: Tx, school: School) -> UUID:
    slug = f"tool-{uuid4().hex}"
    return await add(
        tx, "ai_tools", tenant_id=school.tenant_id, slug=slug, name=slug, system_prompt="Be brief."
    )


async def add_course(tx: Tx, tenant_id: UUID) -> tuple[UUID, UUID, UUID, UUID, UUID]:
    cohort_id = await add(tx, "lms_cohorts", tenant_id=tenant_id, name=uuid4().hex)
    week_id = await add(tx, "lms_weeks", cohort_id=cohort_id, title="Week 1")
    lesson_id = await add(tx, "lms_lessons", week_id=week_id, title="Lesson 1")
    item_id = await add(
        tx,
        "lms_content_items",
        lesson_id=lesson_id,
        title="The account",
        content_type="credentials",
        credentials_data={"username": "class", "password": "encrypted"},
    )
    task_id = await add(tx, "lms_action_items", week_id=week_id, text="Write a post")
    return cohort_id, week_id, lesson_id, item_id, task_id


@pytest.fixture
async def school(database: Database, people: People) -> School:
    tenant_id = await people.tenant(name="School")
    staff = await people.user(tenant_id=tenant_id)
    service = Service(Writer.GTM_SYSTEM, tenant_id=tenant_id)
    async with database.acting_as(service) as tx:
        course = await add_course(tx, tenant_id)
    return School(tenant_id, staff, service, *course)


async def add_student(
    database: Database, school: School, *, enrolled: bool = True, **values: Any
) -> Student:
    async with database.acting_as(school.service) as tx:
        student_id = await add(
            tx,
            "bootcamp_students",
            **({"email": f"{uuid4().hex}@example.com", "tenant_id": school.tenant_id} | values),
        )
        if enrolled:
            await tx.execute(
                "insert into public.student_cohorts (student_id, cohort_id) values ($1, $2)",
                student_id,
                school.cohort_id,
            )
    return Student(student_id)


@pytest.fixture
async def student(database: Database, school: School) -> Student:
    return await add_student(database, school)


async def change(database: Database, table: str, row_id: UUID, assignments: str) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(f"update public.{table} set {assignments} where id = $1", row_id)


async def enrol_until(database: Database, student: Student, assignments: str) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            f"update public.student_cohorts set {assignments} where student_id = $1",
            student.student_id,
        )


async def open_tables(database: Database, student: Student) -> set[str]:
    """Return the tables of the curriculum in which the student sees rows."""
    async with database.acting_as(student) as tx:
        return {
            table
            for table in CURRICULUM
            if await tx.fetchval(f"select count(*) from public.{table}")
        }


async def access_state(database: Database, student: Student) -> str:
    async with database.acting_as(student) as tx:
        return str(await tx.fetchval("select access_state from public.student_profile()"))


class TestStudents:
    async def test_an_address_is_one_student(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.service) as tx:
            email = await tx.fetchval(
                "select email from public.bootcamp_students where id = $1", student.student_id
            )
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_student(database, school, email=email)

    @pytest.mark.parametrize(
        "values",
        [
            {"email": "Ada@Example.com"},
            {"email": "ada@example.com", "status": "pending"},
            {"email": "ada@example.com", "access_level": "Gold"},
            {"email": "ada@example.com", "subscription_status": "trialing"},
        ],
    )
    async def test_refuses_what_is_not_a_student(
        self, database: Database, school: School, values: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await add_student(database, school, **values)

    async def test_a_membership_is_never_forgotten(
        self, database: Database, school: School
    ) -> None:
        member = await add_student(database, school, subscription_status="canceled")
        await change(
            database, "bootcamp_students", member.student_id, "subscription_status = 'active'"
        )
        with pytest.raises(asyncpg.PostgresError, match="from active to none") as refused:
            await change(
                database, "bootcamp_students", member.student_id, "subscription_status = 'none'"
            )
        assert refused.value.sqlstate == "LS409"

    async def test_a_student_with_history_is_not_deleted(
        self, database: Database, school: School, student: Student
    ) -> None:
        with pytest.raises(HELD):
            async with database.acting_as(school.service) as tx:
                await tx.execute(
                    "delete from public.bootcamp_students where id = $1", student.student_id
                )

    async def test_the_profile_leaves_out_what_the_staff_noted(
        self, database: Database, school: School
    ) -> None:
        student = await add_student(database, school, name="Ada", notes="Needs a push")
        async with database.acting_as(student) as tx:
            rows = await tx.fetch("select * from public.student_profile()")
            direct = await tx.fetchval("select count(*) from public.bootcamp_students")
        assert [(row["id"], row["name"]) for row in rows] == [(student.student_id, "Ada")]
        assert "notes" not in dict(rows[0])
        assert direct == 0

    async def test_staff_do_not_set_the_state_of_a_membership(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.staff.actor) as tx:
            await tx.execute(
                "update public.bootcamp_students set notes = 'Keen' where id = $1",
                student.student_id,
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(school.staff.actor) as tx:
                await tx.execute(
                    "update public.bootcamp_students set subscription_status = 'active'"
                )

    async def test_another_tenants_staff_see_no_student(
        self, database: Database, people: People, student: Student
    ) -> None:
        stranger = await people.user(tenant_id=await people.tenant())
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval("select count(*) from public.bootcamp_students") == 0
            assert await tx.fetchval("select count(*) from public.student_cohorts") == 0


class TestAccessState:
    async def test_lasts_without_dates(self, database: Database, student: Student) -> None:
        assert await access_state(database, student) == "active"

    @pytest.mark.parametrize(
        ("end", "state"),
        [
            ("current_date", "active"),
            ("current_date - 22", "expiring"),
            ("current_date - 28", "expired"),
        ],
    )
    async def test_a_course_stays_open_for_28_days_after_its_end(
        self, database: Database, school: School, student: Student, end: str, state: str
    ) -> None:
        await change(database, "lms_cohorts", school.cohort_id, f"end_date = {end}")
        assert await access_state(database, student) == state

    async def test_a_membership_outlasts_every_date(
        self, database: Database, school: School, student: Student
    ) -> None:
        await change(database, "lms_cohorts", school.cohort_id, ENDED)
        await change(
            database, "bootcamp_students", student.student_id, "subscription_status = 'active'"
        )
        assert await access_state(database, student) == "subscribed"

    async def test_time_limited_levels_go_by_their_own_date(
        self, database: Database, school: School
    ) -> None:
        sprint = await add_student(database, school, access_level="Sprint + AI Tools")
        await change(database, "lms_cohorts", school.cohort_id, ENDED)
        await change(
            database,
            "bootcamp_students",
            sprint.student_id,
            "access_expires_at = now() + interval '36 hours'",
        )
        async with database.acting_as(sprint) as tx:
            (profile,) = await tx.fetch("select * from public.student_profile()")
        assert (profile["access_state"], profile["days_left"]) == ("expiring", 2)


class TestCurriculum:
    async def test_enrolment_opens_the_course(self, database: Database, student: Student) -> None:
        assert await open_tables(database, student) == set(CURRICULUM)

    async def test_nothing_is_open_without_enrolment(
        self, database: Database, school: School
    ) -> None:
        assert await open_tables(database, await add_student(database, school, enrolled=False)) == (
            set()
        )

    async def test_nothing_is_open_to_visitors(self, database: Database, school: School) -> None:
        for table in (*CURRICULUM, "bootcamp_students", "bootcamp_invite_codes", "ai_tools"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(Visitor()) as tx:
                    await tx.fetch(f"select from public.{table}")

    @pytest.mark.parametrize("status", ["Draft", "Archived"])
    async def test_only_active_courses_are_seen(
        self, database: Database, school: School, student: Student, status: str
    ) -> None:
        await change(database, "lms_cohorts", school.cohort_id, f"status = '{status}'")
        assert await open_tables(database, student) == set()

    async def test_a_hidden_week_hides_what_is_in_it(
        self, database: Database, school: School, student: Student
    ) -> None:
        await change(database, "lms_weeks", school.week_id, "is_visible = false")
        assert await open_tables(database, student) == {"lms_cohorts"}

    async def test_a_hidden_lesson_hides_its_items(
        self, database: Database, school: School, student: Student
    ) -> None:
        await change(database, "lms_lessons", school.lesson_id, "is_visible = false")
        seen = await open_tables(database, student)
        assert seen == {"lms_cohorts", "lms_weeks", "lms_action_items"}

    async def test_a_task_for_another_student_is_not_seen(
        self, database: Database, school: School, student: Student
    ) -> None:
        await change(
            database, "lms_action_items", school.task_id, "assigned_to_email = 'eve@example.com'"
        )
        assert "lms_action_items" not in await open_tables(database, student)

    async def test_a_lead_magnet_student_sees_granted_weeks_alone(
        self, database: Database, school: School
    ) -> None:
        student = await add_student(database, school, access_level="Lead Magnet")
        assert await open_tables(database, student) == {"lms_cohorts"}
        async with database.acting_as(school.service) as tx:
            await add(
                tx,
                "student_content_grants",
                student_id=student.student_id,
                week_id=str(school.week_id),
            )
        assert await open_tables(database, student) == set(CURRICULUM)

    async def test_an_enrolment_closes_at_its_own_date(
        self, database: Database, student: Student
    ) -> None:
        await enrol_until(database, student, EXPIRED)
        assert await open_tables(database, student) == set()

    async def test_an_expired_sprint_shuts_everything(
        self, database: Database, school: School
    ) -> None:
        sprint = await add_student(database, school, access_level="Sprint + AI Tools")
        assert await open_tables(database, sprint) == set(CURRICULUM)
        await change(database, "bootcamp_students", sprint.student_id, EXPIRED)
        assert await open_tables(database, sprint) == set()

    async def test_a_student_from_before_enrolments_is_in_the_course_they_are_named_after(
        self, database: Database, school: School
    ) -> None:
        async with database.acting_as(Root()) as tx:
            name = await tx.fetchval(
                "select upper(name) from public.lms_cohorts where id = $1", school.cohort_id
            )
        student = await add_student(database, school, enrolled=False, cohort=name)
        assert await open_tables(database, student) == set(CURRICULUM)

    async def test_another_tenants_course_stays_shut_even_with_an_enrolment(
        self, database: Database, school: School, people: People
    ) -> None:
        tenant_id = await people.tenant()
        service = Service(Writer.GTM_SYSTEM, tenant_id=tenant_id)
        async with database.acting_as(service) as tx:
            student_id = await add(
                tx, "bootcamp_students", tenant_id=tenant_id, email=f"{uuid4().hex}@example.com"
            )
            await tx.execute(
                "insert into public.student_cohorts (student_id, cohort_id) values ($1, $2)",
                student_id,
                school.cohort_id,
            )
            await add(
                tx, "student_content_grants", student_id=student_id, week_id=str(school.week_id)
            )
        assert await open_tables(database, Student(student_id)) == set()

    async def test_credentials_are_read_by_the_service_alone(
        self, database: Database, school: School, student: Student
    ) -> None:
        reading = "select credentials_data from public.lms_content_items where id = $1"
        for actor in (student, school.staff.actor):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(actor) as tx:
                    await tx.fetchval(reading, school.item_id)
        async with database.acting_as(school.service) as tx:
            assert (await tx.fetchval(reading, school.item_id))["username"] == "class"

    async def test_links_are_web_addresses(self, database: Database, school: School) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(school.staff.actor) as tx:
                await tx.execute(
                    "update public.lms_content_items set embed_url = 'javascript:alert(1)'"
                )

    async def test_a_week_has_its_title_once_in_a_course(
        self, database: Database, school: School
    ) -> None:
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.staff.actor) as tx:
                await add(tx, "lms_weeks", cohort_id=school.cohort_id, title="Week 1")

    async def test_a_deleted_week_takes_its_lessons_unless_there_is_progress(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(student) as tx:
            progress_id = await add(
                tx,
                "lms_student_lesson_progress",
                student_id=student.student_id,
                lesson_id=school.lesson_id,
            )
        with pytest.raises(HELD):
            async with database.acting_as(school.staff.actor) as tx:
                await tx.execute("delete from public.lms_weeks where id = $1", school.week_id)
        async with database.acting_as(student) as tx:
            await tx.execute(
                "delete from public.lms_student_lesson_progress where id = $1", progress_id
            )
        async with database.acting_as(school.staff.actor) as tx:
            await tx.execute("delete from public.lms_weeks where id = $1", school.week_id)
            assert await tx.fetchval("select count(*) from public.lms_content_items") == 0


class TestProgress:
    async def test_is_kept_once_per_lesson(
        self, database: Database, school: School, student: Student
    ) -> None:
        values = {"student_id": student.student_id, "lesson_id": school.lesson_id}
        async with database.acting_as(student) as tx:
            await add(tx, "lms_student_lesson_progress", **values)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(student) as tx:
                await add(tx, "lms_student_lesson_progress", **values)

    async def test_is_written_for_oneself_alone(
        self, database: Database, school: School, student: Student
    ) -> None:
        other = await add_student(database, school)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(student) as tx:
                await add(
                    tx,
                    "lms_student_action_item_progress",
                    student_id=other.student_id,
                    action_item_id=school.task_id,
                )

    async def test_is_written_for_open_lessons_alone(
        self, database: Database, school: School
    ) -> None:
        outsider = await add_student(database, school, enrolled=False)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(outsider) as tx:
                await add(
                    tx,
                    "lms_student_lesson_progress",
                    student_id=outsider.student_id,
                    lesson_id=school.lesson_id,
                )

    async def test_is_read_only_after_curriculum_only_expired(
        self, database: Database, school: School
    ) -> None:
        student = await add_student(database, school, access_level="Curriculum Only")
        await change(database, "bootcamp_students", student.student_id, EXPIRED)
        assert await open_tables(database, student) == set(CURRICULUM)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(student) as tx:
                await add(
                    tx,
                    "lms_student_lesson_progress",
                    student_id=student.student_id,
                    lesson_id=school.lesson_id,
                )

    async def test_staff_read_it_and_do_not_write_it(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(student) as tx:
            await add(
                tx,
                "lms_student_action_item_progress",
                student_id=student.student_id,
                action_item_id=school.task_id,
                proof_of_work="https://example.com/post",
            )
        reading = "select proof_of_work from public.lms_student_action_item_progress"
        async with database.acting_as(school.staff.actor) as tx:
            assert await tx.fetchval(reading) == "https://example.com/post"
            for writing in ("delete from {}", "update {} set proof_of_work = null"):
                status = await tx.execute(writing.format("public.lms_student_action_item_progress"))
                assert status.endswith(" 0")

    async def test_a_checklist_item_has_its_date_while_complete(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.staff.actor) as tx:
            checklist_id = await add(
                tx,
                "bootcamp_onboarding_checklist",
                tenant_id=school.tenant_id,
                item="Say hello",
                category="Welcome",
            )
        async with database.acting_as(student) as tx:
            progress_id = await add(
                tx,
                "bootcamp_student_progress",
                student_id=student.student_id,
                checklist_item_id=checklist_id,
                status="Complete",
            )
            reading = "select completed_at from public.bootcamp_student_progress where id = $1"
            assert await tx.fetchval(reading, progress_id) is not None
            await tx.execute(
                "update public.bootcamp_student_progress set status = 'In Progress' where id = $1",
                progress_id,
            )
            assert await tx.fetchval(reading, progress_id) is None


class TestTools:
    @pytest.mark.parametrize(
        ("level", "granted", "seen"),
        [
            ("Full Access", False, True),
            ("Curriculum Only", True, False),
            ("Lead Magnet", False, False),
            ("Lead Magnet", True, True),
            ("Sprint + AI Tools", True, True),
        ],
    )
    async def test_are_seen_by_level_and_grant(
        self, database: Database, school: School, level: str, *, granted: bool, seen: bool
    ) -> None:
        student = await add_student(database, school, access_level=level)
        async with database.acting_as(school.service) as tx:
            tool_id = await add_tool(tx, school)
            if granted:
                await add(
                    tx,
                    "student_tool_credits",
                    student_id=student.student_id,
                    tool_id=tool_id,
                    credits_total=10,
                )
        async with database.acting_as(student) as tx:
            assert bool(await tx.fetchval("select count(id) from public.ai_tools")) is seen

    async def test_keep_their_prompt_from_students(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.service) as tx:
            await add_tool(tx, school)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(student) as tx:
                await tx.fetch("select system_prompt from public.ai_tools")

    async def test_a_grant_counts_once_and_is_never_overdrawn(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.service) as tx:
            grant: dict[str, Any] = {
                "student_id": student.student_id,
                "tool_id": await add_tool(tx, school),
                "credits_total": 1,
                "granted_by_code": "SPRING",
            }
            grant_id = await add(tx, "student_tool_credits", **grant)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.service) as tx:
                await add(tx, "student_tool_credits", **grant)
        with pytest.raises(asyncpg.CheckViolationError):
            await change(database, "student_tool_credits", grant_id, "credits_used = 2")

    async def test_a_chat_is_between_the_student_and_the_tool(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.service) as tx:
            conversation_id = await add(
                tx,
                "chat_conversations",
                student_id=student.student_id,
                tool_id=await add_tool(tx, school),
            )
            await add(
                tx, "chat_messages", conversation_id=conversation_id, role="user", content="Hello"
            )
        classmate = await add_student(database, school)
        async with database.acting_as(student) as tx:
            assert await tx.fetchval("select content from public.chat_messages") == "Hello"
            await tx.execute("update public.chat_conversations set title = 'My plan'")
        async with database.acting_as(classmate) as tx:
            assert await tx.fetchval("select count(*) from public.chat_messages") == 0
        for reader in (school.staff.actor, student):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(reader) as tx:
                    await tx.execute(
                        "insert into public.chat_messages (conversation_id, role, content)"
                        " values ($1, 'assistant', 'Forged')",
                        conversation_id,
                    )
        async with database.acting_as(school.staff.actor) as tx:
            assert await tx.fetchval("select count(*) from public.chat_messages") == 0


class TestCodesAndPurchases:
    async def test_a_code_is_upper_case_and_exists_once(
        self, database: Database, school: School
    ) -> None:
        code = uuid4().hex.upper()
        async with database.acting_as(school.staff.actor) as tx:
            await add(tx, "bootcamp_invite_codes", code=code)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.staff.actor) as tx:
                await add(tx, "bootcamp_invite_codes", code=code)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(school.staff.actor) as tx:
                await add(tx, "bootcamp_invite_codes", code=code.lower())

    async def test_nobody_winds_a_code_back(self, database: Database, school: School) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(school.staff.actor) as tx:
                await tx.execute("update public.bootcamp_invite_codes set use_count = 0")

    async def test_a_code_is_redeemed_once_per_student(
        self, database: Database, school: School, student: Student
    ) -> None:
        values = {"student_id": student.student_id, "code": "SPRING"}
        async with database.acting_as(school.service) as tx:
            await add(tx, "student_redeemed_codes", **values)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.service) as tx:
                await add(tx, "student_redeemed_codes", **values)

    async def test_a_stripe_event_is_recorded_once(
        self, database: Database, school: School, student: Student
    ) -> None:
        values = {
            "student_id": student.student_id,
            "event_type": "paid",
            "stripe_event_id": f"evt_{uuid4().hex}",
        }
        async with database.acting_as(school.service) as tx:
            await add(tx, "subscription_events", **values)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(school.service) as tx:
                await add(tx, "subscription_events", **values)

    async def test_a_purchase_is_resolved_by_naming_its_student(
        self, database: Database, school: School
    ) -> None:
        async with database.acting_as(school.service) as tx:
            purchase_id = await add(
                tx,
                "unresolved_purchases",
                tenant_id=school.tenant_id,
                source="thrivecart",
                external_id=uuid4().hex,
                reason="no e-mail",
                payload={"order_id": 1},
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await change(database, "unresolved_purchases", purchase_id, "status = 'resolved'")

    async def test_students_read_the_texts_and_not_the_grants(
        self, database: Database, school: School, student: Student
    ) -> None:
        async with database.acting_as(school.staff.actor) as tx:
            for key in ("welcome_message", "call_grant_config"):
                await add(tx, "bootcamp_settings", key=key, value={"text": "Hello"})
        async with database.acting_as(student) as tx:
            keys = [
                row["key"] for row in await tx.fetch("select key from public.bootcamp_settings")
            ]
        assert keys == ["welcome_message"]
