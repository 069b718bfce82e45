"""What the operations tables promise, whoever writes to them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

PROCESSING = ("pending", "scraping", "analyzing", "scoring", "composing", "notifying")


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant, one of its people, and the service that acts for it."""

    id: UUID
    member: Person
    service: Service


@pytest.fixture
async def business(people: People) -> Business:
    tenant_id = await people.tenant()
    member = await people.user(tenant_id=tenant_id)
    return Business(tenant_id, member, Service(Writer.GTM_SYSTEM, tenant_id=tenant_id))


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user(tenant_id=await people.tenant(name="Elsewhere"))


async def add_lead(
    tx: Tx,
    business: Business,
    *,
    email: str | None = None,
    linkedin_url: str | None = None,
    status: str = "pending",
) -> UUID:
    lead_id: UUID = await tx.fetchval(
        "insert into public.leads (tenant_id, slug, email, status, opt_in_data)"
        " values ($1, $2, $3, $4, $5) returning id",
        business.id,
        uuid4().hex,
        email,
        status,
        {"source": "organic"} | ({"linkedin_url": linkedin_url} if linkedin_url else {}),
    )
    return lead_id


async def move(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    for state in states:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, state)


class TestLeads:
    async def test_one_person_of_a_tenant_is_one_lead(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            await add_lead(tx, business, email="ada@example.com")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_lead(tx, business, email="ada@example.com")

    async def test_the_same_address_may_be_a_lead_of_two_tenants(
        self, database: Database, business: Business, people: People
    ) -> None:
        other_id = await people.tenant()
        other = Business(other_id, business.member, Service(Writer.GTM_SYSTEM, tenant_id=other_id))
        for each in (business, other):
            async with database.acting_as(each.service) as tx:
                await add_lead(tx, each, email="both@example.com")

    async def test_refuses_an_address_that_is_not_normalised(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(business.service) as tx:
                await add_lead(tx, business, email="Ada@Example.com")

    async def test_without_an_address_the_profile_is_the_person(
        self, database: Database, business: Business
    ) -> None:
        url = "https://www.linkedin.com/in/ada"
        async with database.acting_as(business.service) as tx:
            await add_lead(tx, business, linkedin_url=url)
            await add_lead(tx, business, email="shared@example.com", linkedin_url=url)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await add_lead(tx, business, linkedin_url=url)

    async def test_a_slug_is_taken_once_per_tenant(
        self, database: Database, business: Business
    ) -> None:
        named = "insert into public.leads (tenant_id, slug) values ($1, 'ada')"
        async with database.acting_as(business.service) as tx:
            await tx.execute(named, business.id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await tx.execute(named, business.id)

    async def test_strangers_neither_see_nor_change_nor_add_leads(
        self, database: Database, business: Business, stranger: Person
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business)
        async with database.acting_as(stranger.actor) as tx:
            assert (
                await tx.fetchval("select count(*) from public.leads where id = $1", lead_id) == 0
            )
            changed = "update public.leads set full_name = 'Eve' where id = $1"
            assert await tx.execute(changed, lead_id) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await add_lead(tx, business)

    async def test_members_write_leads_but_not_how_they_are_billed(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.member.actor) as tx:
            lead_id = await tx.fetchval(
                "insert into public.leads (tenant_id, slug) values ($1, 'by-hand') returning id",
                business.id,
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.execute("update public.leads set byok = true where id = $1", lead_id)

    async def test_a_lead_with_a_history_is_not_deleted(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business)
            await move(tx, "leads", lead_id, "qualified")
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(Root()) as tx:
                await tx.execute("delete from public.leads where id = $1", lead_id)

    async def test_other_services_do_not_write_leads(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Service(Writer.MAGNETLAB, tenant_id=business.id)) as tx:
                await add_lead(tx, business)


class TestLeadStates:
    async def test_the_report_goes_step_by_step(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business)
            await move(tx, "leads", lead_id, *PROCESSING[1:], "complete")

    @pytest.mark.parametrize("state", [*PROCESSING, "complete", "error"])
    async def test_a_lead_qualifies_from_every_state_before_the_meeting(
        self, database: Database, business: Business, state: str
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business, status=state)
            await move(tx, "leads", lead_id, "qualified", "meeting_booked", "qualified")

    @pytest.mark.parametrize(
        ("start", "goal"),
        [
            ("pending", "analyzing"),
            ("scraping", "pending"),
            ("complete", "error"),
            ("error", "scraping"),
            ("qualified", "complete"),
            ("meeting_booked", "complete"),
            ("meeting_attended", "qualified"),
            ("qualified", "meeting_attended"),
        ],
    )
    async def test_refuses_every_other_move(
        self, database: Database, business: Business, start: str, goal: str
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business, status=start)
        with pytest.raises(asyncpg.PostgresError, match=f"from {start} to {goal}") as refusal:
            async with database.acting_as(business.service) as tx:
                await move(tx, "leads", lead_id, goal)
        assert refusal.value.sqlstate == "LS409"

    async def test_a_move_and_its_event_are_one_change(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business)
        async with database.acting_as(business.member.actor) as tx:
            await move(tx, "leads", lead_id, "qualified")
            event = await tx.fetchrow(
                "select event_type, event_source, metadata from public.events where lead_id = $1",
                lead_id,
            )
        assert event is not None
        assert event["event_type"] == "status_changed"
        assert event["event_source"] == "user"
        assert event["metadata"] == {
            "from": "pending",
            "to": "qualified",
            "actor": str(business.member.id),
        }


class TestReports:
    async def test_a_finished_report_is_read_by_its_address_alone(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            lead_id = await add_lead(tx, business, status="notifying")
            await tx.execute(
                "update public.leads set slug = 'ada', report_data = $2 where id = $1",
                lead_id,
                {"headline": "Ready"},
            )
        found = "select report_data from public.lead_report($1, 'ada')"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetch(found, business.id) == []
        async with database.acting_as(business.service) as tx:
            await move(tx, "leads", lead_id, "complete")
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(found, business.id) == {"headline": "Ready"}
        for relation in ("leads", "lead_reports"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(Visitor()) as tx:
                    await tx.fetch(f"select * from public.{relation}")


class TestAppendOnly:
    @pytest.mark.parametrize("table", ["events", "audit_log"])
    @pytest.mark.parametrize(
        "statement", ["update public.{} set metadata = null", "delete from public.{}"]
    )
    async def test_what_was_written_stays(
        self, database: Database, business: Business, table: str, statement: str
    ) -> None:
        columns = "event_type, title" if table == "events" else "action, resource_type"
        async with database.acting_as(business.service) as tx:
            await tx.execute(
                f"insert into public.{table} (tenant_id, {columns}) values ($1, 'note', 'Called')",
                business.id,
            )
        for actor in (business.service, Root()):
            with pytest.raises(asyncpg.PostgresError, match="never changed or deleted"):
                async with database.acting_as(actor) as tx:
                    await tx.execute(f"{statement.format(table)} where tenant_id = $1", business.id)

    async def test_people_do_not_invent_events(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.execute(
                    "insert into public.events (tenant_id, event_type, title)"
                    " values ($1, 'payment', 'Paid')",
                    business.id,
                )

    async def test_an_occurrence_is_told_once(self, database: Database, business: Business) -> None:
        told = (
            "insert into public.events (tenant_id, event_type, title, dedupe_key)"
            " values ($1, 'booking_created', 'Booked', 'calcom:1')"
            " on conflict (tenant_id, dedupe_key) where dedupe_key is not null do nothing"
        )
        async with database.acting_as(business.service) as tx:
            assert await tx.execute(told, business.id) == "INSERT 0 1"
            assert await tx.execute(told, business.id) == "INSERT 0 0"

    async def test_network_addresses_are_for_the_writer(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.fetch("select ip_address from public.audit_log")


class TestReplyPipeline:
    async def add_reply(
        self, tx: Tx, business: Business, *, conversation: str | None, email: str | None
    ) -> UUID:
        reply_id: UUID = await tx.fetchval(
            "insert into public.reply_pipeline (tenant_id, source, conversation_id, email)"
            " values ($1, 'heyreach', $2, $3) returning id",
            business.id,
            conversation,
            email,
        )
        return reply_id

    @pytest.mark.parametrize(("conversation", "email"), [("c-1", None), (None, "ada@example.com")])
    async def test_two_answers_at_once_are_one_open_row(
        self, database: Database, business: Business, conversation: str | None, email: str | None
    ) -> None:
        async with database.acting_as(business.service) as tx:
            first = await self.add_reply(tx, business, conversation=conversation, email=email)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await self.add_reply(tx, business, conversation=conversation, email=email)
        async with database.acting_as(business.service) as tx:
            await move(tx, "reply_pipeline", first, "ignored")
            await self.add_reply(tx, business, conversation=conversation, email=email)

    async def test_a_delivered_answer_is_final(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            reply = await self.add_reply(tx, business, conversation="c-2", email=None)
            await move(
                tx, "reply_pipeline", reply,
                "acknowledged", "generating", "generated", "delivering", "delivered",
            )  # fmt: skip
        with pytest.raises(asyncpg.PostgresError, match="from delivered to pending"):
            async with database.acting_as(business.service) as tx:
                await move(tx, "reply_pipeline", reply, "pending")


class TestMachinery:
    async def test_a_webhook_is_claimed_once(self, database: Database, business: Business) -> None:
        claim = (
            "insert into public.webhook_events (event_key, service, tenant_id, payload)"
            " values ($1, 'calcom', $2, '{}') on conflict (event_key) do nothing"
        )
        key = f"calcom:{uuid4()}"
        async with database.acting_as(business.service) as tx:
            assert await tx.execute(claim, key, business.id) == "INSERT 0 1"
            assert await tx.execute(claim, key, business.id) == "INSERT 0 0"

    async def test_a_day_without_campaign_is_counted_once(
        self, database: Database, business: Business
    ) -> None:
        counted = "insert into public.metrics (tenant_id, date) values ($1, '2026-01-01')"
        async with database.acting_as(business.service) as tx:
            await tx.execute(counted, business.id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await tx.execute(counted, business.id)

    async def test_keys_of_services_are_for_the_writer(
        self, database: Database, business: Business
    ) -> None:
        async with database.acting_as(business.service) as tx:
            await tx.execute(
                "insert into public.credentials (tenant_id, service, api_key)"
                " values ($1, 'heyreach', 'sealed')",
                business.id,
            )
        async with database.acting_as(business.member.actor) as tx:
            assert await tx.fetchval("select service from public.credentials") == "heyreach"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.fetch("select api_key from public.credentials")

    async def test_one_open_signal_of_a_type_per_subject(
        self, database: Database, business: Business
    ) -> None:
        noticed = (
            "insert into public.conductor_signals (tenant_id, signal_type, subject, title)"
            " values ($1, 'revenue_down', '', 'Revenue fell')"
        )
        async with database.acting_as(business.service) as tx:
            await tx.execute(noticed, business.id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(business.service) as tx:
                await tx.execute(noticed, business.id)
        async with database.acting_as(business.member.actor) as tx:
            await tx.execute("update public.conductor_signals set resolved_at = now()")
        async with database.acting_as(business.service) as tx:
            await tx.execute(noticed, business.id)

    async def test_members_resolve_signals_and_do_not_reword_them(
        self, database: Database, business: Business
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(business.member.actor) as tx:
                await tx.execute("update public.conductor_signals set severity = 'info'")
