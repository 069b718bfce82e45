"""What the tables of done-for-you work promise, whoever writes to them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Client, Root, Service, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person
from tests.rows import add, change, remove, sees

DENIED = asyncpg.InsufficientPrivilegeError
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
WHOLE = {
    "headline": "Grow",
    "executive_summary": "How",
    "services": [{"name": "Content"}],
    "pricing": {"total": "$3,000"},
    "monthly_rate_cents": 300_000,
}
OFFER_STATES = (
    "created",
    "payment_received",
    "provisioning",
    "interview_pending",
    "fulfilling",
    "review",
    "delivered",
    "handed_off",
)


@dataclass(frozen=True, slots=True)
class Agency:
    """A tenant, one of its operators, and the service that acts for it."""

    id: UUID
    operator: Person
    service: Service


async def open_agency(people: People) -> Agency:
    tenant_id = await people.tenant()
    operator = await people.user(tenant_id=tenant_id)
    return Agency(tenant_id, operator, Service(Writer.GTM_SYSTEM, tenant_id=tenant_id))


@pytest.fixture
async def agency(people: People) -> Agency:
    return await open_agency(people)


@pytest.fixture
async def stranger(people: People) -> Agency:
    return await open_agency(people)


async def add_proposal(tx: Tx, **values: Any) -> UUID:
    return await add(
        tx,
        "proposals",
        **{
            "slug": f"ada-acme-{uuid4().hex[:12]}",
            "client_name": "Ada",
            "client_company": "Acme",
            "headline": "",
            "executive_summary": "",
            **values,
        },
    )


async def add_engagement(tx: Tx, **values: Any) -> UUID:
    return await add(
        tx,
        "dfy_engagements",
        **{
            "client_name": "Ada",
            "client_email": "ada@example.org",
            "portal_slug": uuid4().hex,
            **values,
        },
    )


async def walk(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    for state in states:
        await change(tx, table, row_id, status=state)


class TestProposals:
    @pytest.mark.parametrize("missing", list(WHOLE))
    async def test_is_published_whole(
        self, database: Database, agency: Agency, missing: str
    ) -> None:
        empty: dict[str, Any] = {"services": [], "pricing": {}, "monthly_rate_cents": None}
        async with database.acting_as(agency.operator.actor) as tx:
            proposal_id = await add_proposal(tx, **{**WHOLE, missing: empty.get(missing, " ")})
        with pytest.raises(asyncpg.CheckViolationError, match="published with"):
            async with database.acting_as(agency.operator.actor) as tx:
                await change(tx, "proposals", proposal_id, status="published")

    async def test_a_visitor_reads_what_is_published_by_its_link(
        self, database: Database, agency: Agency
    ) -> None:
        slug = f"ada-acme-{uuid4().hex[:12]}"
        async with database.acting_as(agency.operator.actor) as tx:
            proposal_id = await add_proposal(
                tx, **WHOLE, slug=slug, transcript_text="What was said"
            )
        read = "select * from public.published_proposal($1)"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetch(read, slug) == []
        async with database.acting_as(agency.operator.actor) as tx:
            await change(tx, "proposals", proposal_id, status="published")
        async with database.acting_as(Visitor()) as tx:
            row = await tx.fetchrow(read, slug)
        assert row is not None
        assert row["headline"] == "Grow"
        assert "transcript_text" not in row

    async def test_nobody_lists_the_proposals_of_others(
        self, database: Database, agency: Agency, stranger: Agency
    ) -> None:
        async with database.acting_as(agency.operator.actor) as tx:
            proposal_id = await add_proposal(tx, **WHOLE, status="published")
        async with database.acting_as(stranger.operator.actor) as tx:
            assert not await sees(tx, "proposals", proposal_id)
        with pytest.raises(DENIED):
            async with database.acting_as(Visitor()) as tx:
                await sees(tx, "proposals", proposal_id)

    async def test_stays_as_it_was_signed(self, database: Database, agency: Agency) -> None:
        async with database.acting_as(agency.service) as tx:
            proposal_id = await add_proposal(tx, **WHOLE)
            await walk(tx, "proposals", proposal_id, "published", "signed")
            await change(tx, "proposals", proposal_id, view_count=1)
        with pytest.raises(asyncpg.PostgresError, match="stays as it was signed") as refused:
            async with database.acting_as(agency.operator.actor) as tx:
                await change(tx, "proposals", proposal_id, monthly_rate_cents=1)
        assert refused.value.sqlstate == "LS409"
        with pytest.raises(asyncpg.PostgresError, match="can't go from signed to draft"):
            async with database.acting_as(agency.operator.actor) as tx:
                await change(tx, "proposals", proposal_id, status="draft")


class TestEngagements:
    async def test_a_proposal_is_signed_once_unless_that_was_cancelled(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            proposal_id = await add_proposal(tx, **WHOLE)
            first_id = await add_engagement(tx, proposal_id=proposal_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await add_engagement(tx, proposal_id=proposal_id)
        async with database.acting_as(agency.service) as tx:
            await change(tx, "dfy_engagements", first_id, status="cancelled")
            await add_engagement(tx, proposal_id=proposal_id)

    async def test_the_evidence_of_a_signature_is_written_once(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx)
            await tx.execute(
                "update public.dfy_engagements"
                " set signed_name = 'Ada', signed_at = now(), signed_ip = '192.0.2.1'"
                " where id = $1",
                engagement_id,
            )
        for evidence in ({"signed_name": "Eve"}, {"signed_at": NEW_YEAR}, {"signed_ip": None}):
            with pytest.raises(asyncpg.PostgresError, match="written once"):
                async with database.acting_as(agency.service) as tx:
                    await change(tx, "dfy_engagements", engagement_id, **evidence)

    async def test_goes_from_signature_to_work_and_rests(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx)
            await walk(
                tx,
                "dfy_engagements",
                engagement_id,
                "pending_payment",
                "onboarding",
                "active",
                "paused",
                "active",
                "completed",
            )

    @pytest.mark.parametrize(
        ("start", "goal"),
        [
            ("pending_signature", "active"),
            ("pending_payment", "churned"),
            ("paused", "completed"),
            ("cancelled", "active"),
            ("churned", "onboarding"),
        ],
    )
    async def test_refuses_a_shortcut(
        self, database: Database, agency: Agency, start: str, goal: str
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx, status=start)
        with pytest.raises(asyncpg.PostgresError, match=f"from {start} to {goal}"):
            async with database.acting_as(agency.service) as tx:
                await change(tx, "dfy_engagements", engagement_id, status=goal)

    async def test_operators_see_neither_password_nor_address_of_a_client(
        self, database: Database, agency: Agency, stranger: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx)
        async with database.acting_as(agency.operator.actor) as tx:
            assert await sees(tx, "dfy_engagements", engagement_id)
        async with database.acting_as(stranger.operator.actor) as tx:
            assert not await sees(tx, "dfy_engagements", engagement_id)
        for column in ("portal_password_hash", "signed_ip"):
            with pytest.raises(DENIED):
                async with database.acting_as(agency.operator.actor) as tx:
                    await tx.fetchval(f"select {column} from public.dfy_engagements")
        with pytest.raises(DENIED):
            async with database.acting_as(agency.operator.actor) as tx:
                await change(tx, "dfy_engagements", engagement_id, signed_name="Ada")

    async def test_a_name_is_one_deliverable_and_one_run_is_open(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx)
            deliverable_id = await add(
                tx, "dfy_deliverables", engagement_id=engagement_id, name="Calendar"
            )
            run = {
                "engagement_id": engagement_id,
                "deliverable_id": deliverable_id,
                "automation_type": "content_calendar",
            }
            run_id = await add(tx, "dfy_automation_runs", **run)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await add(tx, "dfy_automation_runs", **run)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await add(tx, "dfy_deliverables", engagement_id=engagement_id, name="Calendar")
        async with database.acting_as(agency.service) as tx:
            await walk(tx, "dfy_automation_runs", run_id, "running", "failed")
            await add(tx, "dfy_automation_runs", **run)


class TestPortal:
    async def test_a_client_sees_what_is_theirs_and_ready(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id, other_id = await add_engagement(tx), await add_engagement(tx)
            mine = await add(tx, "dfy_deliverables", engagement_id=engagement_id, name="Mine")
            other = await add(tx, "dfy_deliverables", engagement_id=other_id, name="Other")
            run_id = await add(
                tx,
                "dfy_automation_runs",
                engagement_id=engagement_id,
                deliverable_id=mine,
                automation_type="profile_rewrite",
                status="completed",
            )
            shown, hidden = [
                await add(
                    tx,
                    "dfy_activity_log",
                    engagement_id=engagement_id,
                    action="note_added",
                    client_visible=visible,
                )
                for visible in (True, False)
            ]
        client = Client(engagement_id)
        async with database.acting_as(client) as tx:
            assert await sees(tx, "dfy_engagements", engagement_id)
            assert not await sees(tx, "dfy_engagements", other_id)
            assert await sees(tx, "dfy_deliverables", mine)
            assert not await sees(tx, "dfy_deliverables", other)
            assert await sees(tx, "dfy_activity_log", shown)
            assert not await sees(tx, "dfy_activity_log", hidden)
            assert not await sees(tx, "dfy_automation_runs", run_id)
        async with database.acting_as(agency.service) as tx:
            await change(tx, "dfy_deliverables", mine, status="review")
        async with database.acting_as(client) as tx:
            assert await sees(tx, "dfy_automation_runs", run_id)

    async def test_a_client_writes_nothing_directly(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            engagement_id = await add_engagement(tx)
            deliverable_id = await add(
                tx, "dfy_deliverables", engagement_id=engagement_id, name="Mine"
            )
        async with database.acting_as(Client(engagement_id)) as tx:
            approved = await change(tx, "dfy_deliverables", deliverable_id, status="approved")
            assert approved == "UPDATE 0"
            assert await remove(tx, "dfy_deliverables", deliverable_id) == "DELETE 0"

    async def test_a_session_is_kept_as_a_hash_that_nobody_reads(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            session = {
                "engagement_id": await add_engagement(tx),
                "email": "ada@example.org",
                "expires_at": NEW_YEAR,
            }
            await add(tx, "dfy_client_sessions", **session, token=uuid4().hex * 2)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(agency.service) as tx:
                await add(tx, "dfy_client_sessions", **session, token="plain-token")
        with pytest.raises(DENIED):
            async with database.acting_as(agency.operator.actor) as tx:
                await tx.fetchval("select token from public.dfy_client_sessions")


class TestIntroOffers:
    async def test_goes_step_by_step_with_its_parts(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            offer_id = await add(tx, "intro_offers", notes="First")
            part_id = await add(
                tx, "intro_offer_deliverables", offer_id=offer_id, type="posts", title="Ten posts"
            )
            await walk(tx, "intro_offers", offer_id, *OFFER_STATES[1:5])
            await walk(tx, "intro_offer_deliverables", part_id, "in_progress", "completed")
            await walk(tx, "intro_offers", offer_id, "review")
            await walk(tx, "intro_offer_deliverables", part_id, "delivered")
            await walk(tx, "intro_offers", offer_id, "delivered", "handed_off")

    @pytest.mark.parametrize("number", range(len(OFFER_STATES) - 2))
    async def test_skips_no_step(self, database: Database, agency: Agency, number: int) -> None:
        async with database.acting_as(agency.service) as tx:
            offer_id = await add(tx, "intro_offers", status=OFFER_STATES[number])
        with pytest.raises(asyncpg.PostgresError, match="can't go from"):
            async with database.acting_as(agency.service) as tx:
                await change(tx, "intro_offers", offer_id, status=OFFER_STATES[number + 2])

    async def test_one_failed_part_holds_the_review_back(
        self, database: Database, agency: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            offer_id = await add(tx, "intro_offers", status="fulfilling")
            for kind, status in (("posts", "completed"), ("funnel", "error")):
                await add(
                    tx,
                    "intro_offer_deliverables",
                    offer_id=offer_id,
                    type=kind,
                    title=kind,
                    status=status,
                )
        with pytest.raises(asyncpg.PostgresError, match="Not every deliverable"):
            async with database.acting_as(agency.service) as tx:
                await change(tx, "intro_offers", offer_id, status="review")

    async def test_strangers_see_no_offer(
        self, database: Database, agency: Agency, stranger: Agency
    ) -> None:
        async with database.acting_as(agency.service) as tx:
            offer_id = await add(tx, "intro_offers", notes="First")
            part_id = await add(
                tx, "intro_offer_deliverables", offer_id=offer_id, type="posts", title="Ten posts"
            )
        async with database.acting_as(stranger.operator.actor) as tx:
            assert not await sees(tx, "intro_offers", offer_id)
            assert not await sees(tx, "intro_offer_deliverables", part_id)


class TestThreads:
    async def test_an_issue_has_one_thread(self, database: Database, agency: Agency) -> None:
        thread = {"linear_issue_id": "ACME-1", "slack_message_ts": "1.2", "slack_channel_id": "C1"}
        async with database.acting_as(agency.service) as tx:
            await add(tx, "linear_slack_threads", **thread)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(agency.service) as tx:
                await add(tx, "linear_slack_threads", **thread)


async def test_an_engagement_with_a_history_is_not_deleted(
    database: Database, agency: Agency
) -> None:
    async with database.acting_as(agency.service) as tx:
        engagement_id = await add_engagement(tx)
        await add(tx, "dfy_activity_log", engagement_id=engagement_id, action="note_added")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with database.acting_as(Root()) as tx:
            await remove(tx, "dfy_engagements", engagement_id)
