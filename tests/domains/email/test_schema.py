"""What the e-mail tables promise, whoever writes to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Service, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person
from tests.rows import add, change, remove, sees

DENIED = asyncpg.InsufficientPrivilegeError


@dataclass(frozen=True, slots=True)
class Workspace:
    """A team in a tenant, its two people, and the service that acts for the owner."""

    team_id: UUID
    tenant_id: UUID
    owner: Person
    member: Person
    service: Service


async def open_workspace(people: People, tenant_id: UUID) -> Workspace:
    owner = await people.user(tenant_id=tenant_id)
    member = await people.user(tenant_id=tenant_id)
    team_id = await people.team(owner, member)
    return Workspace(team_id, tenant_id, owner, member, owner.through(Writer.GTM_SYSTEM))


@pytest.fixture
async def workspace(people: People) -> Workspace:
    return await open_workspace(people, await people.tenant())


@pytest.fixture
async def stranger(people: People) -> Workspace:
    return await open_workspace(people, await people.tenant(name="Elsewhere"))


async def subscribe(
    tx: Tx, workspace: Workspace, email: str = "ada@example.org", **values: Any
) -> UUID:
    return await add(tx, "email_subscribers", team_id=workspace.team_id, email=email, **values)


async def add_flow(tx: Tx, workspace: Workspace, *, steps: int = 1, **values: Any) -> UUID:
    flow_id = await add(
        tx,
        "email_flows",
        **{
            "name": "Welcome",
            "trigger_type": "manual",
            "team_id": workspace.team_id,
            "user_id": workspace.owner.id,
            **values,
        },
    )
    for number in range(steps):
        await add(
            tx, "email_flow_steps", flow_id=flow_id, step_number=number, subject="Hi", body="Hello"
        )
    return flow_id


def message(workspace: Workspace, kind: str, **values: Any) -> dict[str, Any]:
    return {
        "dedupe_key": uuid4().hex,
        "kind": kind,
        "recipient": "ada@example.org",
        "subject": "Hello",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "team_id": str(workspace.team_id),
        "tenant_id": str(workspace.tenant_id),
        "user_id": str(workspace.owner.id),
        **values,
    }


async def enqueue(tx: Tx, given: Mapping[str, Any]) -> UUID:
    queued: UUID = await tx.fetchval("select platform.enqueue_email($1)", dict(given))
    return queued


async def fate(database: Database, message_id: UUID) -> tuple[str, str | None]:
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow(
            "select status, error_message from public.email_outbox where id = $1", message_id
        )
    assert row is not None
    return row["status"], row["error_message"]


class TestSubscribers:
    async def test_an_address_is_on_a_list_once(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.member.actor) as tx:
            await subscribe(tx, workspace)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(workspace.owner.actor) as tx:
                await subscribe(tx, workspace)

    async def test_an_address_may_be_on_the_lists_of_two_teams(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        for each in (workspace, stranger):
            async with database.acting_as(each.owner.actor) as tx:
                await subscribe(tx, each)

    async def test_refuses_an_address_that_is_not_normalised(
        self, database: Database, workspace: Workspace
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(workspace.owner.actor) as tx:
                await subscribe(tx, workspace, email="Ada@Example.org ")

    async def test_without_a_team_goes_to_the_personal_one(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(Root()) as tx:
            personal_id = await add(
                tx, "teams", owner_id=workspace.owner.id, name="Own", is_personal=True
            )
        async with database.acting_as(workspace.owner.actor) as tx:
            row = await tx.fetchrow(
                "insert into public.email_subscribers (email) values ('own@example.org')"
                " returning team_id, tenant_id"
            )
        assert row is not None
        assert (row["team_id"], row["tenant_id"]) == (personal_id, workspace.tenant_id)

    async def test_people_do_not_undo_an_opt_out(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            subscriber_id = await subscribe(tx, workspace)
        for person in (workspace.owner, workspace.member):
            with pytest.raises(DENIED):
                async with database.acting_as(person.actor) as tx:
                    await change(tx, "email_subscribers", subscriber_id, status="active")
            with pytest.raises(DENIED):
                async with database.acting_as(person.actor) as tx:
                    await remove(tx, "email_subscribers", subscriber_id)

    async def test_an_opt_out_has_its_time(self, database: Database, workspace: Workspace) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(workspace.service) as tx:
                await subscribe(tx, workspace, status="unsubscribed")

    @pytest.mark.parametrize(
        ("start", "goal"),
        [("bounced", "active"), ("complained", "active"), ("complained", "unsubscribed")],
    )
    async def test_a_barred_address_stays_barred(
        self, database: Database, workspace: Workspace, start: str, goal: str
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            subscriber_id = await subscribe(tx, workspace, status=start)
        with pytest.raises(asyncpg.PostgresError, match="can't go from") as refused:
            async with database.acting_as(workspace.service) as tx:
                await change(tx, "email_subscribers", subscriber_id, status=goal)
        assert refused.value.sqlstate == "LS409"

    async def test_strangers_neither_see_nor_add(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            subscriber_id = await subscribe(tx, workspace)
        async with database.acting_as(stranger.owner.actor) as tx:
            assert not await sees(tx, "email_subscribers", subscriber_id)
            assert await change(tx, "email_subscribers", subscriber_id, company="X") == "UPDATE 0"
        with pytest.raises(DENIED):
            async with database.acting_as(stranger.owner.actor) as tx:
                await subscribe(tx, workspace, email="eve@example.org")
        with pytest.raises(DENIED):
            async with database.acting_as(Visitor()) as tx:
                await sees(tx, "email_subscribers", subscriber_id)

    async def test_erasure_leaves_a_hash_and_no_address(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            subscriber_id = await subscribe(tx, workspace, email="gone@example.org")
            await remove(tx, "email_subscribers", subscriber_id)
            row = await tx.fetchrow(
                "select reason, identity_hash from public.suppressions where team_id = $1",
                workspace.team_id,
            )
            assert row is not None
            assert row["reason"] == "erased"
            hashed = await tx.fetchval("select platform.identity_hash(' Gone@example.org')")
            assert row["identity_hash"] == hashed
            queued = await enqueue(tx, message(workspace, "flow", recipient="gone@example.org"))
        assert await fate(database, queued) == ("cancelled", "suppressed: erased")


class TestOutbox:
    async def test_queues_a_message_once(self, database: Database, workspace: Workspace) -> None:
        once = message(workspace, "resource", dedupe_key=f"res:{uuid4()}")
        async with database.acting_as(workspace.service) as tx:
            first = await enqueue(tx, once)
            assert await enqueue(tx, {**once, "subject": "Again"}) == first
            subject = await tx.fetchval(
                "select subject from public.email_outbox where id = $1", first
            )
        assert subject == "Hello"

    @pytest.mark.parametrize("writer", list(Writer))
    async def test_every_service_may_queue(
        self, database: Database, workspace: Workspace, writer: Writer
    ) -> None:
        async with database.acting_as(Service(writer)) as tx:
            queued = await enqueue(tx, message(workspace, "transactional"))
        assert (await fate(database, queued))[0] == "queued"

    async def test_people_and_visitors_do_not_queue(
        self, database: Database, workspace: Workspace
    ) -> None:
        for actor in (workspace.owner.actor, Visitor()):
            with pytest.raises(DENIED):
                async with database.acting_as(actor) as tx:
                    await enqueue(tx, message(workspace, "transactional"))

    async def test_refuses_a_field_that_is_not_one(
        self, database: Database, workspace: Workspace
    ) -> None:
        with pytest.raises(asyncpg.PostgresError, match="no such fields: status, to"):
            async with database.acting_as(workspace.service) as tx:
                await enqueue(tx, message(workspace, "test", to="x@example.org", status="sent"))

    @pytest.mark.parametrize("field", ["subject", "from_name", "reply_to_email"])
    async def test_refuses_a_second_header_in_a_value(
        self, database: Database, workspace: Workspace, field: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(workspace.service) as tx:
                await enqueue(
                    tx, message(workspace, "test", **{field: "x\r\nBcc: eve@example.org"})
                )

    async def test_marketing_goes_to_active_subscribers_alone(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            await subscribe(tx, workspace)
            sent = await enqueue(tx, message(workspace, "broadcast"))
            unknown = await enqueue(
                tx, message(workspace, "broadcast", recipient="new@example.org")
            )
        assert await fate(database, sent) == ("queued", None)
        assert await fate(database, unknown) == ("cancelled", "suppressed: not subscribed")

    async def test_an_opt_out_stops_what_waits_when_it_is_claimed(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            subscriber_id = await subscribe(tx, workspace)
            flow_mail = await enqueue(tx, message(workspace, "flow"))
            resource_mail = await enqueue(tx, message(workspace, "resource"))
            await tx.execute(
                "update public.email_subscribers"
                " set status = 'unsubscribed', unsubscribed_at = now() where id = $1",
                subscriber_id,
            )
            for each in (flow_mail, resource_mail):
                await change(tx, "email_outbox", each, status="sending")
        assert await fate(database, flow_mail) == ("cancelled", "suppressed: unsubscribed")
        assert await fate(database, resource_mail) == ("sending", None)

    @pytest.mark.parametrize("state", ["bounced", "complained"])
    async def test_nothing_goes_where_mail_bounces_or_annoys(
        self, database: Database, workspace: Workspace, state: str
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            await subscribe(tx, workspace, status=state)
            queued = await enqueue(tx, message(workspace, "transactional"))
        assert await fate(database, queued) == ("cancelled", f"suppressed: {state}")

    async def test_a_complaint_holds_in_every_team_of_the_tenant(
        self, database: Database, workspace: Workspace, people: People
    ) -> None:
        sibling = await open_workspace(people, workspace.tenant_id)
        async with database.acting_as(workspace.service) as tx:
            await subscribe(tx, workspace, status="complained")
        async with database.acting_as(sibling.service) as tx:
            await subscribe(tx, sibling)
            queued = await enqueue(tx, message(sibling, "broadcast"))
        assert await fate(database, queued) == ("cancelled", "suppressed: complained")

    async def test_a_bounce_of_another_tenant_bars_nobody(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(stranger.service) as tx:
            await subscribe(tx, stranger, status="complained")
        async with database.acting_as(workspace.service) as tx:
            queued = await enqueue(tx, message(workspace, "resource"))
        assert await fate(database, queued) == ("queued", None)

    async def test_what_was_sent_is_over(self, database: Database, workspace: Workspace) -> None:
        async with database.acting_as(workspace.service) as tx:
            queued = await enqueue(tx, message(workspace, "test"))
            await change(tx, "email_outbox", queued, status="sending")
            await tx.execute(
                "update public.email_outbox set status = 'sent', sent_at = now() where id = $1",
                queued,
            )
        with pytest.raises(asyncpg.PostgresError, match="can't go from sent to queued"):
            async with database.acting_as(workspace.service) as tx:
                await change(tx, "email_outbox", queued, status="queued")

    async def test_an_unanswered_call_can_be_settled_either_way(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            for goal in ("queued", "failed", "cancelled"):
                queued = await enqueue(tx, message(workspace, "test"))
                for state in ("sending", "uncertain", goal):
                    await change(tx, "email_outbox", queued, status=state)

    async def test_members_see_messages_but_not_what_they_say(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            queued = await enqueue(tx, message(workspace, "transactional"))
        async with database.acting_as(workspace.member.actor) as tx:
            assert await sees(tx, "email_outbox", queued)
        async with database.acting_as(stranger.owner.actor) as tx:
            assert not await sees(tx, "email_outbox", queued)
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.member.actor) as tx:
                await tx.fetchval("select html from public.email_outbox")
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.member.actor) as tx:
                await change(tx, "email_outbox", queued, status="cancelled")


class TestFlows:
    async def test_becomes_active_with_a_step(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.member.actor) as tx:
            flow_id = await add_flow(tx, workspace, user_id=workspace.member.id)
            await change(tx, "email_flows", flow_id, status="active")
            empty_id = await add_flow(tx, workspace, steps=0, user_id=workspace.member.id)
        with pytest.raises(asyncpg.CheckViolationError, match="needs a step"):
            async with database.acting_as(workspace.owner.actor) as tx:
                await change(tx, "email_flows", empty_id, status="active")

    async def test_an_active_flow_keeps_its_steps(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace)
            await change(tx, "email_flows", flow_id, status="active")
        with pytest.raises(asyncpg.PostgresError, match="Pause the flow") as refused:
            async with database.acting_as(workspace.service) as tx:
                await tx.execute(
                    "update public.email_flow_steps set subject = 'x' where flow_id = $1", flow_id
                )
        assert refused.value.sqlstate == "LS409"
        with pytest.raises(asyncpg.PostgresError, match="Pause the flow"):
            async with database.acting_as(workspace.service) as tx:
                await remove(tx, "email_flows", flow_id)

    async def test_one_statement_renumbers_steps(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.owner.actor) as tx:
            flow_id = await add_flow(tx, workspace, steps=3)
            await tx.execute(
                "delete from public.email_flow_steps where flow_id = $1 and step_number = 0",
                flow_id,
            )
            await tx.execute(
                "update public.email_flow_steps set step_number = step_number - 1"
                " where flow_id = $1",
                flow_id,
            )
            numbers = await tx.fetchval(
                "select array_agg(step_number order by step_number)"
                " from public.email_flow_steps where flow_id = $1",
                flow_id,
            )
        assert numbers == [0, 1]

    async def test_starts_at_a_lead_magnet_of_its_own_people_only(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(Root()) as tx:
            foreign_id = await add(
                tx, "lead_magnets", user_id=stranger.owner.id, title="X", archetype="prompt"
            )
        with pytest.raises(DENIED, match="somebody else"):
            async with database.acting_as(workspace.owner.actor) as tx:
                await add_flow(
                    tx, workspace, trigger_type="lead_magnet", trigger_lead_magnet_id=foreign_id
                )

    async def test_only_one_is_active_per_lead_magnet_and_stops_with_it(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(Root()) as tx:
            magnet_id = await add(
                tx, "lead_magnets", user_id=workspace.owner.id, title="X", archetype="prompt"
            )
        at_magnet: dict[str, Any] = {
            "trigger_type": "lead_magnet",
            "trigger_lead_magnet_id": magnet_id,
        }
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace, **at_magnet)
            await change(tx, "email_flows", flow_id, status="active")
            second_id = await add_flow(tx, workspace, **at_magnet)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(workspace.service) as tx:
                await change(tx, "email_flows", second_id, status="active")
        async with database.acting_as(Root()) as tx:
            await remove(tx, "lead_magnets", magnet_id)
            status = await tx.fetchval(
                "select status from public.email_flows where id = $1", flow_id
            )
        assert status == "paused"

    async def test_strangers_neither_see_nor_sign_a_flow(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace)
        async with database.acting_as(stranger.owner.actor) as tx:
            assert not await sees(tx, "email_flows", flow_id)
            assert not await tx.fetchval(
                "select exists (select from public.email_flow_steps where flow_id = $1)", flow_id
            )
        with pytest.raises(DENIED):
            async with database.acting_as(stranger.owner.actor) as tx:
                await add_flow(tx, workspace, steps=0, user_id=stranger.owner.id)
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.member.actor) as tx:
                await add_flow(tx, workspace, steps=0)

    async def test_a_contact_is_of_the_team_of_its_flow_and_in_it_once(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace)
            contact_id = await add(
                tx,
                "email_flow_contacts",
                flow_id=flow_id,
                email="ada@example.org",
                team_id=stranger.team_id,
            )
            row = await tx.fetchrow(
                "select team_id, tenant_id from public.email_flow_contacts where id = $1",
                contact_id,
            )
        assert row is not None
        assert (row["team_id"], row["tenant_id"]) == (workspace.team_id, workspace.tenant_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(workspace.service) as tx:
                await add(tx, "email_flow_contacts", flow_id=flow_id, email="ada@example.org")

    async def test_people_do_not_set_how_far_a_contact_is(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace)
            contact_id = await add(
                tx, "email_flow_contacts", flow_id=flow_id, email="ada@example.org"
            )
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.owner.actor) as tx:
                await change(tx, "email_flow_contacts", contact_id, current_step=1)


class TestBroadcasts:
    async def draft(self, tx: Tx, workspace: Workspace, **values: Any) -> UUID:
        return await add(
            tx,
            "email_broadcasts",
            team_id=workspace.team_id,
            user_id=workspace.owner.id,
            subject="News",
            body="Hello",
            **values,
        )

    @pytest.mark.parametrize(
        "audience",
        [None, {}, {"engagement": "opened_30d"}, {"source": f"lead_magnet:{uuid4()}"}],
    )
    async def test_takes_an_audience(
        self, database: Database, workspace: Workspace, audience: object
    ) -> None:
        async with database.acting_as(workspace.owner.actor) as tx:
            await self.draft(tx, workspace, audience_filter=audience)

    @pytest.mark.parametrize("audience", [[], {"engagement": "opened_5d"}, {"source": "all"}])
    async def test_refuses_an_audience_that_is_none(
        self, database: Database, workspace: Workspace, audience: object
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(workspace.owner.actor) as tx:
                await self.draft(tx, workspace, audience_filter=audience)

    async def test_starts_once(self, database: Database, workspace: Workspace) -> None:
        async with database.acting_as(workspace.service) as tx:
            broadcast_id = await self.draft(tx, workspace)
            start = (
                "update public.email_broadcasts set status = 'sending'"
                " where id = $1 and status = 'draft'"
            )
            assert await tx.execute(start, broadcast_id) == "UPDATE 1"
            assert await tx.execute(start, broadcast_id) == "UPDATE 0"

    async def test_says_for_ever_what_went_out(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            broadcast_id = await self.draft(tx, workspace)
            await change(tx, "email_broadcasts", broadcast_id, status="sending")
            await change(tx, "email_broadcasts", broadcast_id, recipient_count=3)
        with pytest.raises(asyncpg.PostgresError, match="as a draft only"):
            async with database.acting_as(workspace.owner.actor) as tx:
                await change(tx, "email_broadcasts", broadcast_id, body="Other")
        with pytest.raises(asyncpg.PostgresError, match="as a draft only"):
            async with database.acting_as(workspace.owner.actor) as tx:
                await remove(tx, "email_broadcasts", broadcast_id)

    async def test_people_do_not_start_it_past_the_service(
        self, database: Database, workspace: Workspace
    ) -> None:
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.owner.actor) as tx:
                await self.draft(tx, workspace, status="sending")


class TestReviews:
    async def test_a_message_waits_for_one_review(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            flow_id = await add_flow(tx, workspace)
            contact_id = await add(
                tx, "email_flow_contacts", flow_id=flow_id, email="ada@example.org"
            )
            step_id = await tx.fetchval(
                "select id from public.email_flow_steps where flow_id = $1", flow_id
            )
            waiting = {
                "flow_id": flow_id,
                "step_id": step_id,
                "contact_id": contact_id,
                "recipient_email": "ada@example.org",
                "subject": "Hi",
                "body_original": "Hello",
                "body_generated": "Hello Ada",
            }
            review_id = await add(tx, "email_review_queue", **waiting)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(workspace.service) as tx:
                await add(tx, "email_review_queue", **waiting)
        async with database.acting_as(workspace.member.actor) as tx:
            assert await sees(tx, "email_review_queue", review_id)
        async with database.acting_as(stranger.owner.actor) as tx:
            assert not await sees(tx, "email_review_queue", review_id)
        with pytest.raises(asyncpg.PostgresError, match="can't go from pending_review to sent"):
            async with database.acting_as(workspace.service) as tx:
                await change(tx, "email_review_queue", review_id, status="sent")


class TestEvents:
    async def test_an_event_of_the_provider_is_kept_once(
        self, database: Database, workspace: Workspace
    ) -> None:
        told = {
            "email_id": "re_1",
            "event_type": "opened",
            "recipient_email": "ada@example.org",
            "team_id": workspace.team_id,
            "user_id": workspace.owner.id,
            "metadata": {"svix_id": f"msg_{uuid4().hex}"},
        }
        async with database.acting_as(Root()) as tx:
            event_id = await add(tx, "email_events", **told)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(Root()) as tx:
                await add(tx, "email_events", **told)
        async with database.acting_as(workspace.member.actor) as tx:
            assert await sees(tx, "email_events", event_id)
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.owner.actor) as tx:
                await remove(tx, "email_events", event_id)

    async def test_what_belongs_to_no_message_is_nobodys(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(Root()) as tx:
            event_id = await add(
                tx,
                "email_events",
                email_id="re_unknown",
                event_type="delivered",
                recipient_email="ada@example.org",
            )
        async with database.acting_as(workspace.owner.actor) as tx:
            assert not await sees(tx, "email_events", event_id)


class TestSettings:
    async def test_a_placeholder_sends_nothing(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.owner.actor) as tx:
            settings_id = await add(tx, "email_settings", from_name="Ada")
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(workspace.owner.actor) as tx:
                await change(tx, "email_settings", settings_id, is_active=True)
        async with database.acting_as(workspace.owner.actor) as tx:
            await change(
                tx, "email_settings", settings_id, is_active=True, from_email="ada@lode.test"
            )

    async def test_nobody_reads_the_key(
        self, database: Database, workspace: Workspace, stranger: Workspace
    ) -> None:
        async with database.acting_as(Service(Writer.GTM_SYSTEM, user_id=workspace.owner.id)) as tx:
            settings_id = await add(tx, "email_settings", resend_api_key="sealed")
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.owner.actor) as tx:
                await tx.fetchval("select resend_api_key from public.email_settings")
        async with database.acting_as(stranger.owner.actor) as tx:
            assert not await sees(tx, "email_settings", settings_id)

    async def test_a_secret_for_other_systems_shows_to_the_owner_without_its_hash(
        self, database: Database, workspace: Workspace
    ) -> None:
        async with database.acting_as(workspace.service) as tx:
            secret_id = await add(
                tx,
                "email_sync_secrets",
                team_id=workspace.team_id,
                secret_hash=uuid4().hex * 2,
                secret_suffix="abcd",
            )
        async with database.acting_as(workspace.member.actor) as tx:
            assert not await sees(tx, "email_sync_secrets", secret_id)
        async with database.acting_as(workspace.owner.actor) as tx:
            assert await sees(tx, "email_sync_secrets", secret_id)
        with pytest.raises(DENIED):
            async with database.acting_as(workspace.owner.actor) as tx:
                await tx.fetchval("select secret_hash from public.email_sync_secrets")
