"""What the DM tables promise, whoever writes to them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person
from tests.rows import add, change, remove, sees

DENIED = asyncpg.InsufficientPrivilegeError
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant, one of its people, and the service that acts for it."""

    id: UUID
    member: Person
    service: Service


async def open_business(people: People) -> Business:
    tenant_id = await people.tenant()
    member = await people.user(tenant_id=tenant_id)
    return Business(tenant_id, member, Service(Writer.GTM_SYSTEM, tenant_id=tenant_id))


@pytest.fixture
async def business(people: People) -> Business:
    return await open_business(people)


@pytest.fixture
async def stranger(people: People) -> Business:
    return await open_business(people)


async def add_contact(tx: Tx, **values: Any) -> UUID:
    return await add(tx, "dm_contacts", **{"linkedin_uid": uuid4().hex, **values})


async def add_message(tx: Tx, contact_id: UUID, **values: Any) -> UUID:
    given = {"content": "Hello", "direction": "inbound", "sent_at": NEW_YEAR, **values}
    return await add(tx, "dm_messages", contact_id=contact_id, **given)


async def transitions(tx: Tx, contact_id: UUID) -> list[tuple[str, str, str]]:
    rows = await tx.fetch(
        "select from_stage, to_stage, source from public.dm_stage_transitions"
        " where contact_id = $1 order by recorded_at, transitioned_at",
        contact_id,
    )
    return [(row["from_stage"], row["to_stage"], row["source"]) for row in rows]


class TestContacts:
    async def test_a_person_is_one_contact_of_a_tenant(
        self, database: Database, business: Business, stranger: Business
    ) -> None:
        for each in (business, stranger):
            async with database.acting_as(each.service) as tx:
                await add_contact(tx, linkedin_uid="urn:ada")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_contact(tx, linkedin_uid="urn:ada")

    async def test_keeps_a_word_of_the_inbox_that_is_new_to_us(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            await add_contact(tx, conversation_status="snoozed_by_robot")

    @pytest.mark.parametrize(
        "values",
        [
            {"pipeline_stage": "lost"},
            {"icp_status": "maybe"},
            {"priority_score": 101},
            {"flag": "blocked"},
            {"ai_stage": "closing"},
        ],
    )
    async def test_refuses_a_value_that_means_nothing(
        self, database: Database, business: Business, values: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.service) as tx:
                await add_contact(tx, **values)

    async def test_people_work_on_a_contact_but_do_not_compute_it(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
        async with database.acting_as(business.member.actor) as tx:
            await change(tx, "dm_contacts", contact_id, flag="vip", snoozed_until=NEW_YEAR)
        with pytest.raises(DENIED):
            async with database.acting_as(business.member.actor) as tx:
                await change(tx, "dm_contacts", contact_id, priority_score=100)
        with pytest.raises(DENIED):
            async with database.acting_as(business.member.actor) as tx:
                await remove(tx, "dm_contacts", contact_id)

    async def test_strangers_see_nothing_of_a_conversation(
        self, database: Database, business: Business, stranger: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx, pipeline_stage="opening")
            message_id = await add_message(tx, contact_id)
        async with database.acting_as(business.member.actor) as tx:
            assert await sees(tx, "dm_messages", message_id)
        for actor in (stranger.member.actor, stranger.service):
            async with database.acting_as(actor) as tx:
                assert not await sees(tx, "dm_contacts", contact_id)
                assert not await sees(tx, "dm_messages", message_id)
                assert await transitions(tx, contact_id) == []
                assert await change(tx, "dm_contacts", contact_id, flag="vip") == "UPDATE 0"
        with pytest.raises(DENIED):
            async with database.acting_as(Visitor()) as tx:
                await sees(tx, "dm_contacts", contact_id)

    async def test_a_lead_of_another_tenant_can_not_be_linked(
        self, database: Database, business: Business, stranger: Business
    ) -> None:
        async with database.acting_as(stranger.service) as tx:
            lead_id = await add(tx, "leads", tenant_id=stranger.id, slug=uuid4().hex)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.acting_as(business.member.actor) as tx:
                await add_contact(tx, lead_id=lead_id)


class TestStages:
    async def test_no_stage_changes_without_a_transition(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx, pipeline_stage="opening")
        async with database.acting_as(business.member.actor) as tx:
            await change(tx, "dm_contacts", contact_id, pipeline_stage="qualifying")
        async with database.acting_as(business.service) as tx:
            assert await transitions(tx, contact_id) == [
                ("new", "opening", "system"),
                ("opening", "qualifying", "manual"),
            ]

    async def test_a_move_has_its_time_and_reason(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
            move = "select public.move_dm_contact($1, 'meeting_booked', 'booking', $2)"
            assert await tx.fetchval(move, contact_id, NEW_YEAR) is True
            assert await tx.fetchval(move, contact_id, NEW_YEAR) is False
            row = await tx.fetchrow(
                "select source, transitioned_at from public.dm_stage_transitions"
                " where contact_id = $1",
                contact_id,
            )
            entered = await tx.fetchval(
                "select stage_entered_at from public.dm_contacts where id = $1", contact_id
            )
        assert row is not None
        assert (row["source"], row["transitioned_at"], entered) == ("booking", NEW_YEAR, NEW_YEAR)

    async def test_the_reason_of_one_move_does_not_stick_to_the_next(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
            await tx.execute(
                "select public.move_dm_contact($1, 'opening', 'kondo', $2)", contact_id, NEW_YEAR
            )
            await change(tx, "dm_contacts", contact_id, pipeline_stage="qualifying")
            found = await transitions(tx, contact_id)
        assert sorted(found) == [
            ("new", "opening", "kondo"),
            ("opening", "qualifying", "system"),
        ]

    async def test_what_a_person_moves_is_manual_whatever_they_say(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
        async with database.acting_as(business.member.actor) as tx:
            await tx.execute("select public.move_dm_contact($1, 'client', 'booking')", contact_id)
            row = await tx.fetchrow(
                "select source, moved_by from public.dm_stage_transitions where contact_id = $1",
                contact_id,
            )
        assert row is not None
        assert (row["source"], row["moved_by"]) == ("manual", business.member.id)

    async def test_the_mark_of_the_highest_stage_only_rises(
        self, database: Database, business: Business
    ) -> None:
        mark = "select pipeline_high_water_mark from public.dm_contacts where id = $1"
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
            for stage in ("meeting_proposed", "opening"):
                await change(tx, "dm_contacts", contact_id, pipeline_stage=stage)
            await change(tx, "dm_contacts", contact_id, pipeline_high_water_mark="opening")
            assert await tx.fetchval(mark, contact_id) == "meeting_proposed"

    async def test_what_is_not_there_does_not_move(
        self, database: Database, business: Business, stranger: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
        async with database.acting_as(stranger.member.actor) as tx:
            moved = await tx.fetchval("select public.move_dm_contact($1, 'client')", contact_id)
        assert moved is None

    async def test_the_record_is_not_rewritten(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx, pipeline_stage="opening")
        with pytest.raises(DENIED):
            async with database.acting_as(business.member.actor) as tx:
                await tx.execute(
                    "delete from public.dm_stage_transitions where contact_id = $1", contact_id
                )


class TestMessages:
    async def test_a_message_is_kept_once(self, database: Database, business: Business) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
            await add_message(tx, contact_id)
            await add_message(tx, contact_id, direction="outbound")
            await add_message(tx, contact_id, content="Hello?")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_message(tx, contact_id)

    async def test_a_contact_with_messages_is_not_deleted(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
            await add_message(tx, contact_id)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(Root()) as tx:
                await remove(tx, "dm_contacts", contact_id)

    async def test_people_write_messages_through_the_service_alone(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            contact_id = await add_contact(tx)
        with pytest.raises(DENIED):
            async with database.acting_as(business.member.actor) as tx:
                await add_message(tx, contact_id)


class TestSettings:
    async def test_a_tenant_has_one_pipeline(self, database: Database, business: Business) -> None:
        async with database.acting_as(business.member.actor) as tx:
            await tx.execute("insert into public.dm_pipeline_config default values")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.execute("insert into public.dm_pipeline_config default values")

    @pytest.mark.parametrize(
        "values",
        [
            {"label_stage_map": {"Hot": "burning"}},
            {"label_stage_map": ["opening"]},
            {"followup_rules": {"opening": {"first_bump_hours": -1}}},
            {"daily_capacity_target": 0},
            {"daily_capacity_target": 501},
        ],
    )
    async def test_refuses_a_pipeline_that_can_not_run(
        self, database: Database, business: Business, values: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.member.actor) as tx:
                await add(tx, "dm_pipeline_config", **values)

    async def test_refuses_icp_bounds_that_cross(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.member.actor) as tx:
                await add(tx, "icp_rules", company_size_min=10, company_size_max=5)


class TestRankings:
    async def test_a_run_is_its_owners_alone(
        self, database: Database, people: People, business: Business
    ) -> None:
        owner, other = await people.user(), await people.user()
        async with database.acting_as(owner.actor) as tx:
            run_id = await add(tx, "connection_ranking_runs", user_id=str(owner.id))
        async with database.acting_as(owner.through(Writer.GTM_SYSTEM)) as tx:
            result_id = await add(tx, "connection_ranking_results", run_id=run_id)
        async with database.acting_as(owner.actor) as tx:
            await change(tx, "connection_ranking_results", result_id, user_override="keep")
        for actor in (other.actor, business.member.actor):
            async with database.acting_as(actor) as tx:
                assert not await sees(tx, "connection_ranking_runs", run_id)
                assert not await sees(tx, "connection_ranking_results", result_id)
        with pytest.raises(DENIED):
            async with database.acting_as(other.actor) as tx:
                await add(tx, "connection_ranking_runs", user_id=str(owner.id))
        with pytest.raises(DENIED):
            async with database.acting_as(owner.actor) as tx:
                await change(tx, "connection_ranking_results", result_id, tier="strong_keep")

    async def test_a_student_owns_runs_too_and_takes_them_away(self, database: Database) -> None:
        student_id = uuid4()
        async with database.acting_as(Student(student_id)) as tx:
            run_id = await add(tx, "connection_ranking_runs", user_id=str(student_id))
        async with database.acting_as(Student(uuid4())) as tx:
            assert not await sees(tx, "connection_ranking_runs", run_id)
        async with database.acting_as(Root()) as tx:
            result_id = await add(tx, "connection_ranking_results", run_id=run_id)
        async with database.acting_as(Student(student_id)) as tx:
            await remove(tx, "connection_ranking_runs", run_id)
        async with database.acting_as(Root()) as tx:
            assert not await sees(tx, "connection_ranking_results", result_id)

    async def test_a_paused_run_goes_on_and_a_finished_one_is_over(
        self, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            run_id = await add(tx, "connection_ranking_runs", user_id=str(uuid4()))
            for state in (
                "phase1_running",
                "phase1_complete",
                "phase2_running",
                "paused",
                "phase2_running",
                "phase2_complete",
                "completed",
            ):
                await change(tx, "connection_ranking_runs", run_id, status=state)
        with pytest.raises(asyncpg.PostgresError, match="can't go from completed") as refused:
            async with database.acting_as(Root()) as tx:
                await change(tx, "connection_ranking_runs", run_id, status="pending")
        assert refused.value.sqlstate == "LS409"
