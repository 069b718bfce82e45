"""What the blueprint tables promise, whoever writes to them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Student, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

RUN = (
    "scraping_profile",
    "scraping_posts",
    "pending_enrichment",
    "enriching",
    "enrichment_complete",
    "generating_posts",
    "complete",
)


@dataclass(frozen=True, slots=True)
class Agency:
    """A tenant, one of its people, and the service that makes its blueprints."""

    id: UUID
    member: Person
    service: Service


@pytest.fixture
async def agency(people: People) -> Agency:
    tenant_id = await people.tenant(name="Agency")
    member = await people.user(tenant_id=tenant_id)
    return Agency(tenant_id, member, Service(Writer.LEADMAGNET_BACKEND, tenant_id=tenant_id))


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user(tenant_id=await people.tenant(name="Elsewhere"))


@pytest.fixture
async def prospect(database: Database, agency: Agency) -> UUID:
    async with database.acting_as(agency.service) as tx:
        return await add_prospect(tx, slug=f"ada-{uuid4().hex}")


async def add_prospect(tx: Tx, **columns: Any) -> UUID:
    values = {"full_name": "Ada", "email": "ada@example.com", "status": "pending_scrape"} | columns
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    prospect_id: UUID = await tx.fetchval(
        f"insert into public.prospects ({names}) values ({places}) returning id", *values.values()
    )
    return prospect_id


async def move(tx: Tx, prospect_id: UUID, *states: str) -> None:
    for state in states:
        await tx.execute(
            "update public.prospects set status = $2 where id = $1", prospect_id, state
        )


async def slug_of(tx: Tx, prospect_id: UUID) -> str:
    slug: str = await tx.fetchval("select slug from public.prospects where id = $1", prospect_id)
    return slug


class TestProspects:
    async def test_a_profile_is_audited_once_per_tenant(
        self, database: Database, agency: Agency, people: People
    ) -> None:
        url = "https://www.linkedin.com/in/ada"
        elsewhere = Service(Writer.LEADMAGNET_BACKEND, tenant_id=await people.tenant())
        for service in (agency.service, elsewhere):
            async with database.acting_as(service) as tx:
                await add_prospect(tx, normalized_linkedin_url=url)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await add_prospect(tx, normalized_linkedin_url=url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://www.linkedin.com/in/ada",
            "https://linkedin.com/in/ada",
            "https://www.linkedin.com/in/ada/",
            "https://www.linkedin.com/in/ada?trk=1",
            "https://www.linkedin.com/in/Ada",
        ],
    )
    async def test_refuses_a_profile_that_is_not_normalised(
        self, database: Database, agency: Agency, url: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(agency.service) as tx:
                await add_prospect(tx, normalized_linkedin_url=url)

    @pytest.mark.parametrize("slug", ["resources", "thank-you", "call-booked"])
    async def test_pages_of_the_product_keep_their_addresses(
        self, database: Database, agency: Agency, slug: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(agency.service) as tx:
                await add_prospect(tx, slug=slug)

    @pytest.mark.parametrize(
        ("score", "value"),
        [("authority_score", 101), ("authority_score", 0), ("score_social_proof", 11)],
    )
    async def test_refuses_scores_out_of_range(
        self, database: Database, agency: Agency, score: str, value: int
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(agency.service) as tx:
                await add_prospect(tx, **{score: value})

    async def test_a_new_prospect_belongs_to_the_tenant_of_the_service(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(Root()) as tx:
            owner = await tx.fetchval(
                "select tenant_id from public.prospects where id = $1", prospect
            )
        assert owner == agency.id

    async def test_members_read_prospects_and_only_the_service_writes(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(agency.member.actor) as tx:
            assert await tx.fetchval("select count(*) from public.prospects") == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(agency.member.actor) as tx:
                await tx.execute("update public.prospects set offer_unlocked = true")

    async def test_strangers_and_visitors_see_no_prospects(
        self, database: Database, stranger: Person, prospect: UUID
    ) -> None:
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval("select count(*) from public.prospects") == 0
            assert await tx.fetchval("select count(*) from public.blueprint_reports") == 0
        for relation in ("prospects", "posts", "blueprint_reports", "blueprint_report_posts"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(Visitor()) as tx:
                    await tx.fetch(f"select * from public.{relation}")


class TestRunStates:
    async def test_a_run_goes_step_by_step(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            await move(tx, prospect, *RUN)

    @pytest.mark.parametrize(
        "restart", ["pending_scrape", "pending_enrichment", "enrichment_complete"]
    )
    @pytest.mark.parametrize("end", ["complete", "error"])
    async def test_an_ended_run_starts_again_from_each_step(
        self, database: Database, agency: Agency, end: str, restart: str
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            prospect = await add_prospect(tx, status=end)
            await move(tx, prospect, restart)

    @pytest.mark.parametrize(
        ("start", "goal"),
        [
            ("pending_scrape", "complete"),
            ("complete", "error"),
            ("enriching", "pending_scrape"),
            ("error", "complete"),
        ],
    )
    async def test_refuses_every_other_move(
        self, database: Database, agency: Agency, start: str, goal: str
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            prospect = await add_prospect(tx, status=start)
        with pytest.raises(asyncpg.PostgresError, match=f"from {start} to {goal}"):
            async with database.acting_as(agency.service) as tx:
                await move(tx, prospect, goal)


class TestReports:
    async def test_a_visitor_reads_a_blueprint_by_its_address(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            slug = await slug_of(tx, prospect)
        async with database.acting_as(Visitor()) as tx:
            report = await tx.fetchrow("select * from public.blueprint_report($1)", slug)
            assert report is not None
            assert report["full_name"] == "Ada"
            assert await tx.fetch("select * from public.blueprint_report('nobody')") == []
        private = {"email", "phone", "monthly_income", "raw_profile_json", "fit_score", "error_log"}
        assert private.isdisjoint(report.keys())

    async def test_a_locked_offer_shows_neither_advice_nor_note(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            slug = await slug_of(tx, prospect)
            await tx.execute(
                "update public.prospects set recommended_offer = 'gc', offer_note = 'For you'"
                " where id = $1",
                prospect,
            )
        offer = "select recommended_offer, offer_note from public.blueprint_report($1)"
        async with database.acting_as(Visitor()) as tx:
            assert tuple(await tx.fetchrow(offer, slug) or ()) == (None, None)
        async with database.acting_as(agency.service) as tx:
            await tx.execute(
                "update public.prospects set offer_unlocked = true where id = $1", prospect
            )
        async with database.acting_as(Visitor()) as tx:
            assert tuple(await tx.fetchrow(offer, slug) or ()) == ("gc", "For you")

    async def test_posts_show_once_the_blueprint_is_complete(
        self, database: Database, agency: Agency, prospect: UUID
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            slug = await slug_of(tx, prospect)
            await tx.execute(
                "insert into public.posts (prospect_id, number, post_content, finalized_content)"
                " values ($1, 2, 'Second', null), ($1, 1, 'First', 'First, better')",
                prospect,
            )
            await move(tx, prospect, *RUN[:-1])
        shown = "select content from public.blueprint_report_posts($1)"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetch(shown, slug) == []
        async with database.acting_as(agency.service) as tx:
            await move(tx, prospect, "complete")
        async with database.acting_as(Visitor()) as tx:
            contents = [row["content"] for row in await tx.fetch(shown, slug)]
        assert contents == ["First, better", "Second"]


class TestPosts:
    @pytest.fixture
    async def post(self, database: Database, agency: Agency, prospect: UUID) -> UUID:
        async with database.acting_as(agency.service) as tx:
            post_id: UUID = await tx.fetchval(
                "insert into public.posts (prospect_id, number, post_content, to_fix)"
                " values ($1, 1, 'Draft', true) returning id",
                prospect,
            )
        return post_id

    @pytest.fixture
    async def student(self, database: Database, agency: Agency, prospect: UUID) -> Student:
        async with database.acting_as(Root()) as tx:
            student_id = await tx.fetchval(
                "insert into public.bootcamp_students (tenant_id, email, prospect_id)"
                " values ($1, $2, $3) returning id",
                agency.id,
                f"{uuid4().hex}@example.com",
                prospect,
            )
        return Student(student_id)

    async def test_a_place_in_the_calendar_holds_one_post(
        self, database: Database, agency: Agency, prospect: UUID, post: UUID
    ) -> None:
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await tx.execute(
                    "insert into public.posts (prospect_id, number) values ($1, 1)", prospect
                )

    async def test_the_linked_student_finishes_a_post_and_changes_nothing_else(
        self, database: Database, student: Student, post: UUID
    ) -> None:
        finish = (
            "update public.posts set finalized_content = 'Mine', to_fix = false, post_ready = true"
            " where id = $1"
        )
        async with database.acting_as(student) as tx:
            assert await tx.execute(finish, post) == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(student) as tx:
                await tx.execute("update public.posts set post_content = 'x' where id = $1", post)

    async def test_another_student_and_strangers_see_no_posts(
        self, database: Database, stranger: Person, post: UUID
    ) -> None:
        for actor in (Student(uuid4()), stranger.actor):
            async with database.acting_as(actor) as tx:
                assert (
                    await tx.fetchval("select count(*) from public.posts where id = $1", post) == 0
                )

    async def test_a_prospect_with_posts_is_not_deleted(
        self, database: Database, prospect: UUID, post: UUID
    ) -> None:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(Root()) as tx:
                await tx.execute("delete from public.prospects where id = $1", prospect)


class TestPages:
    async def test_a_tenant_has_one_row_of_settings_and_needs_to_name_no_key(
        self, database: Database, agency: Agency
    ) -> None:
        saved = "insert into public.blueprint_settings (cal_booking_link) values ('team/call')"
        async with database.acting_as(agency.service) as tx:
            await tx.execute(saved)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await tx.execute(saved)
        async with database.acting_as(Visitor()) as tx:
            link = await tx.fetchval(
                "select cal_booking_link from public.blueprint_settings where tenant_id = $1",
                agency.id,
            )
        assert link == "team/call"

    async def test_visitors_read_visible_blocks_and_logos_alone(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            await tx.execute(
                "insert into public.blueprint_content_blocks (block_key, block_type, is_visible)"
                " values ('faq', 'faq', true), ('draft', 'cta', false)"
            )
            await tx.execute(
                "insert into public.client_logos (name, image_url, is_visible)"
                " values ('A', 'https://example.com/a.png', true),"
                " ('B', 'https://example.com/b.png', false)"
            )
        async with database.acting_as(Visitor()) as tx:
            blocks = await tx.fetch(
                "select block_key from public.blueprint_content_blocks where tenant_id = $1",
                agency.id,
            )
            logos = await tx.fetch(
                "select name from public.client_logos where tenant_id = $1", agency.id
            )
        assert [row["block_key"] for row in blocks] == ["faq"]
        assert [row["name"] for row in logos] == ["A"]

    async def test_settings_of_the_pipeline_are_for_services(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            await tx.execute("insert into public.settings (key, value) values ('model', 'offline')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(agency.member.actor) as tx:
                await tx.fetch("select * from public.settings")


class TestDeadLetters:
    async def test_closing_one_says_who_and_why(self, database: Database, agency: Agency) -> None:
        async with database.acting_as(agency.service) as tx:
            letter = await tx.fetchval(
                "insert into public.dead_letter_queue (job_type, job_id, payload)"
                " values ('scrape-prospect', $1, '{}') returning id",
                uuid4().hex,
            )
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(agency.service) as tx:
                await tx.execute(
                    "update public.dead_letter_queue set resolved_at = now() where id = $1", letter
                )
        async with database.acting_as(agency.service) as tx:
            await tx.execute(
                "update public.dead_letter_queue set resolved_at = now(), resolved_by = 'Ada',"
                " resolution_notes = 'Ran again' where id = $1",
                letter,
            )
