"""What the tables promise that say where leads go: services, webhooks, domains, mails."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Writer
from lodestone.platform.database import Database, Tx
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead, add_row, move
from tests.people import People, Person


class TestIntegrations:
    async def map_funnel(self, tx: Tx, funnel: Funnel, user: Person, provider: str = "kit") -> UUID:
        return await add_row(
            tx,
            "funnel_integrations",
            funnel_page_id=funnel.id,
            user_id=user.id,
            provider=provider,
            list_id="1",
        )

    async def test_a_funnel_sends_once_to_each_provider(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            await self.map_funnel(tx, funnel, funnel.author)
            with pytest.raises(asyncpg.UniqueViolationError):
                await self.map_funnel(tx, funnel, funnel.author)

    async def test_a_member_does_not_use_anothers_credentials(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        async with database.acting_as(creator.actor) as tx:
            funnel = await add_funnel(tx, creator, team_id=team_id)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(member.actor) as tx:
                await self.map_funnel(tx, funnel, creator)
        async with database.acting_as(member.actor) as tx:
            mapping_id = await self.map_funnel(tx, funnel, member)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(member.actor) as tx:
                await tx.execute(
                    "update public.funnel_integrations set user_id = $2 where id = $1",
                    mapping_id,
                    creator.id,
                )

    async def test_credentials_are_for_the_service_alone(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            integration_id = await add_row(
                tx, "user_integrations", user_id=creator.id, service="kit", api_key="sealed"
            )
        query = "select service from public.user_integrations where id = $1"
        async with database.acting_as(creator.actor) as tx:
            assert await tx.fetchval(query, integration_id) == "kit"
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(query, integration_id) is None
        for column in ("api_key", "webhook_secret"):
            for reader in (creator.actor, creator.through(Writer.COPY_OF_GTM_OS)):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with database.acting_as(reader) as tx:
                        await tx.fetch(f"select {column} from public.user_integrations")

    async def test_a_service_is_connected_once(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            await add_row(tx, "user_integrations", user_id=creator.id, service="kit")
            with pytest.raises(asyncpg.UniqueViolationError):
                await add_row(tx, "user_integrations", user_id=creator.id, service="kit")


class TestWebhooks:
    async def add_webhook(self, tx: Tx, owner: Person) -> UUID:
        return await add_row(
            tx, "webhook_configs", user_id=owner.id, name="Mine", url="https://hooks.example.com"
        )

    async def add_delivery(
        self, tx: Tx, webhook_id: UUID, owner: Person, lead_id: UUID | None = None
    ) -> UUID:
        return await add_row(
            tx,
            "webhook_deliveries",
            webhook_config_id=webhook_id,
            user_id=owner.id,
            funnel_lead_id=lead_id,
            event="lead.created",
            url="https://hooks.example.com",
            payload={"event": "lead.created"},
        )

    async def test_tell_of_a_lead_once(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.service) as tx:
            webhook_id = await self.add_webhook(tx, funnel.author)
            lead_id = await add_lead(tx, funnel)
            await self.add_delivery(tx, webhook_id, funnel.author, lead_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(funnel.service) as tx:
                await self.add_delivery(tx, webhook_id, funnel.author, lead_id)

    async def test_leave_a_log_that_their_owner_reads(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        service = creator.through(Writer.MAGNETLAB)
        async with database.acting_as(service) as tx:
            webhook_id = await self.add_webhook(tx, creator)
            delivery_id = await self.add_delivery(tx, webhook_id, creator)
        query = "select status from public.webhook_deliveries where id = $1"
        async with database.acting_as(creator.actor) as tx:
            await tx.execute("delete from public.webhook_configs where id = $1", webhook_id)
            assert await tx.fetchval(query, delivery_id) == "pending"
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(query, delivery_id) is None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await move(tx, "webhook_deliveries", delivery_id, "delivered")

    async def test_can_be_sent_again_after_failing(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            delivery_id = await self.add_delivery(tx, await self.add_webhook(tx, creator), creator)
            await tx.execute(
                "update public.webhook_deliveries set status = 'failed', next_attempt_at = null"
                " where id = $1",
                delivery_id,
            )
            await tx.execute(
                "update public.webhook_deliveries set status = 'pending', next_attempt_at = now()"
                " where id = $1",
                delivery_id,
            )
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
                await move(tx, "webhook_deliveries", delivery_id, "failed")

    async def test_signing_secret_is_for_the_service_alone(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            await self.add_webhook(tx, creator)
        for statement in (
            "select signing_secret from public.webhook_configs",
            "update public.webhook_configs set signing_secret = 'mine'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(creator.actor) as tx:
                    await tx.execute(statement)


class TestDomains:
    async def test_are_seen_by_the_owner_of_the_team_alone(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        for table in ("team_domains", "team_email_domains"):
            async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
                await add_row(tx, table, team_id=team_id, domain=f"{uuid4().hex}.example.com")
            query = f"select count(*) from public.{table} where team_id = $1"
            async with database.acting_as(creator.actor) as tx:
                assert await tx.fetchval(query, team_id) == 1
            async with database.acting_as(member.actor) as tx:
                assert await tx.fetchval(query, team_id) == 0

    async def test_belong_to_one_team(
        self, database: Database, people: People, creator: Person
    ) -> None:
        domain = f"{uuid4().hex}.example.com"
        one, other = await people.team(creator), await people.team(creator)
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            await add_row(tx, "team_domains", team_id=one, domain=domain)
            with pytest.raises(asyncpg.UniqueViolationError):
                await add_row(tx, "team_domains", team_id=other, domain=domain)

    @pytest.mark.parametrize("domain", ["Example.com", "https://example.com", "-a.com", "local"])
    async def test_are_plain_host_names(
        self, database: Database, people: People, creator: Person, domain: str
    ) -> None:
        team_id = await people.team(creator)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
                await add_row(tx, "team_domains", team_id=team_id, domain=domain)


class TestConversions:
    async def add_conversion(self, tx: Tx, owner: Person) -> UUID:
        return await add_row(
            tx,
            "tracking_pixel_events",
            user_id=owner.id,
            provider="meta",
            event_name="Lead",
            dedupe_key=f"meta:Lead:{owner.id}",
        )

    async def test_are_told_once(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            await self.add_conversion(tx, creator)
            with pytest.raises(asyncpg.UniqueViolationError):
                await self.add_conversion(tx, creator)

    async def test_once_sent_are_not_sent_again(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            event_id = await self.add_conversion(tx, creator)
            await move(tx, "tracking_pixel_events", event_id, "failed", "sent")
            with pytest.raises(asyncpg.PostgresError, match="can't go from sent") as told:
                await move(tx, "tracking_pixel_events", event_id, "pending")
        assert told.value.sqlstate == "LS409"


class TestEnrolments:
    async def test_a_lead_gets_a_sequence_once(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.service) as tx:
            lead_id = await add_lead(tx, funnel)
            sequence_id = await add_row(
                tx, "email_sequences", user_id=funnel.author.id, lead_magnet_id=funnel.magnet_id
            )
        enrolment = {"email_sequence_id": sequence_id, "funnel_lead_id": lead_id}
        async with database.acting_as(funnel.author.through(Writer.GTM_SYSTEM)) as tx:
            await add_row(tx, "email_sequence_enrolments", **enrolment)
            with pytest.raises(asyncpg.UniqueViolationError):
                await add_row(tx, "email_sequence_enrolments", **enrolment)
