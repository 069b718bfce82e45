"""What the content tables promise, whoever writes to them."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.domains.content.rows import add, move
from tests.people import People, Person

CALL = {"source": "grain", "raw_transcript": "Hello."}


async def add_entry(tx: Tx, owner: Person, **columns: Any) -> UUID:
    said = {"category": "insight", "speaker": "host", "content": "Said"}
    return await add(tx, "cp_knowledge_entries", user_id=owner.id, **said, **columns)


async def sees(database: Database, person: Person, table: str, row_id: UUID) -> bool:
    async with database.acting_as(person.actor) as tx:
        return bool(
            await tx.fetchval(f"select exists (select from public.{table} where id = $1)", row_id)
        )


async def profile_of(tx: Tx, person: Person) -> UUID:
    profile_id: UUID = await tx.fetchval(
        "select id from public.team_profiles where user_id = $1", person.id
    )
    return profile_id


class TestTranscripts:
    async def test_a_call_is_stored_once_per_account(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        call = CALL | {"external_id": "grain:1"}
        for person in (owner, stranger):
            async with database.acting_as(person.actor) as tx:
                await add(tx, "cp_call_transcripts", user_id=person.id, **call)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_call_transcripts", user_id=owner.id, **call)

    async def test_belong_to_the_team_that_they_name(
        self, database: Database, people: People, owner: Person, stranger: Person
    ) -> None:
        member = await people.user()
        team_id = await people.team(owner, member)
        async with database.acting_as(member.actor) as tx:
            call = CALL | {"user_id": member.id}
            shared = await add(tx, "cp_call_transcripts", team_id=team_id, **call)
            private = await add(tx, "cp_call_transcripts", **call)
        assert await sees(database, owner, "cp_call_transcripts", shared)
        assert not await sees(database, owner, "cp_call_transcripts", private)
        assert not await sees(database, stranger, "cp_call_transcripts", shared)
        foreign = CALL | {"user_id": stranger.id, "team_id": team_id}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await add(tx, "cp_call_transcripts", **foreign)

    async def test_leave_what_was_made_of_them(self, database: Database, owner: Person) -> None:
        async with database.acting_as(owner.actor) as tx:
            call_id = await add(tx, "cp_call_transcripts", user_id=owner.id, **CALL)
            idea = {"user_id": owner.id, "title": "Idea", "transcript_id": call_id}
            idea_id = await add(tx, "cp_content_ideas", **idea)
            post_id = await add(tx, "cp_pipeline_posts", user_id=owner.id, idea_id=idea_id)
            await tx.execute("delete from public.cp_call_transcripts where id = $1", call_id)
            await tx.execute("delete from public.cp_content_ideas where id = $1", idea_id)
        assert await sees(database, owner, "cp_pipeline_posts", post_id)

    async def test_stages_are_stamped_by_services(self, database: Database, owner: Person) -> None:
        stamp = (
            "update public.cp_call_transcripts set ideas_extracted_at = now() where user_id = $1"
        )
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            await tx.execute(stamp, owner.id)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(stamp, owner.id)

    async def test_secrets_of_webhooks_are_for_the_writer(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            webhook = {"source": "fathom", "secret_hash": uuid4().hex, "secret_suffix": "abcd"}
            webhook_id = await add(tx, "cp_transcript_webhooks", user_id=owner.id, **webhook)
            delivery = {"webhook_id": webhook_id, "idempotency_key": "1", "payload": {}}
            await add(tx, "cp_transcript_deliveries", user_id=owner.id, **delivery)
        async with database.acting_as(owner.actor) as tx:
            assert await tx.fetchval("select secret_suffix from public.cp_transcript_webhooks")
            assert await tx.fetchval("select count(*) from public.cp_transcript_deliveries") == 1
        async with database.acting_as(stranger.actor) as tx:
            assert not await tx.fetch("select id from public.cp_transcript_webhooks")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.fetch("select secret_hash from public.cp_transcript_webhooks")


class TestKnowledge:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"quality_score": 6},
            {"knowledge_type": "rumour"},
            {"actionability": "someday"},
            {"transcript_type": "gossip"},
        ],
    )
    async def test_refuses_values_outside_the_lists(
        self, database: Database, owner: Person, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add_entry(tx, owner, **wrong)

    async def test_a_corroboration_shows_with_its_entry(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            entry_id, other_id = await add_entry(tx, owner), await add_entry(tx, owner)
            pair = {"entry_id": entry_id, "corroborated_by": other_id}
            link_id = await add(tx, "cp_knowledge_corroborations", **pair)
        assert await sees(database, owner, "cp_knowledge_corroborations", link_id)
        assert not await sees(database, stranger, "cp_knowledge_corroborations", link_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_knowledge_corroborations", **pair)
        async with database.acting_as(stranger.actor) as tx:
            foreign = {"entry_id": entry_id, "corroborated_by": await add_entry(tx, stranger)}
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_knowledge_corroborations", **foreign)
        itself = {"entry_id": entry_id, "corroborated_by": entry_id}
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_knowledge_corroborations", **itself)

    async def test_topics_count_live_entries_and_remember_the_newest(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            row = {"slug": "pricing", "display_name": "Pricing"}
            await add(tx, "cp_knowledge_topics", user_id=owner.id, **row)
            newest = await add_entry(tx, owner, topics=["pricing"], quality_score=4)
            await add_entry(tx, owner, topics=["pricing"], quality_score=1)
            await add_entry(tx, owner, topics=["pricing"])
            await add_entry(tx, owner, topics=["pricing"], superseded_by=newest)
            await tx.execute(
                "update public.cp_knowledge_entries set created_at = '2026-01-01'"
                " where user_id = $1",
                owner.id,
            )
            await tx.execute("select public.cp_update_topic_stats($1, 'pricing')", owner.id)
            topic = await tx.fetchrow(
                "select entry_count, avg_quality, last_seen::date::text"
                " from public.cp_knowledge_topics where user_id = $1",
                owner.id,
            )
        assert topic is not None
        assert tuple(topic) == (3, 2.5, "2026-01-01")

    async def test_tags_are_counted_and_go_with_their_last_use(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        count = "select usage_count from public.cp_knowledge_tags where user_id = $1"
        async with database.acting_as(owner.actor) as tx:
            for uses in (1, 2):
                await tx.execute(
                    "select public.cp_increment_tag_count($1, 'ai', $2)", owner.id, uses
                )
            assert await tx.fetchval(count, owner.id) == 3
        async with database.acting_as(stranger.actor) as tx:
            await tx.execute("select public.cp_decrement_tag_count($1, 'ai')", owner.id)
        async with database.acting_as(owner.actor) as tx:
            await tx.execute("select public.cp_decrement_tag_count($1, 'ai')", owner.id)
            assert await tx.fetchval(count, owner.id) == 2
            await tx.execute("select public.cp_decrement_tag_count($1, 'ai', 5)", owner.id)
            assert await tx.fetchval(count, owner.id) is None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await tx.execute("select public.cp_increment_tag_count($1, 'ai')", owner.id)

    @pytest.mark.parametrize(
        "table",
        [
            "cp_sop_embeddings",
            "cp_playbook_sync_runs",
            "cp_knowledge_sop_matches",
            "playbook_learnings",
        ],
    )
    async def test_the_playbook_is_for_services(
        self, database: Database, owner: Person, table: str
    ) -> None:
        for actor in (owner.actor, Visitor()):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(actor) as tx:
                    await tx.fetch(f"select * from public.{table}")


class TestPosts:
    async def add_post(self, tx: Tx, owner: Person, **columns: Any) -> UUID:
        return await add(tx, "cp_pipeline_posts", user_id=owner.id, **columns)

    async def test_are_the_teams_when_written_in_the_voice_of_one_of_it(
        self, database: Database, people: People, owner: Person, stranger: Person
    ) -> None:
        member = await people.user()
        team_id = await people.team(owner, member)
        async with database.acting_as(member.actor) as tx:
            profile_id = await profile_of(tx, member)
            shared = await self.add_post(tx, member, team_profile_id=profile_id)
            private = await self.add_post(tx, member)
        assert await sees(database, owner, "cp_pipeline_posts", shared)
        assert not await sees(database, owner, "cp_pipeline_posts", private)
        assert not await sees(database, stranger, "cp_pipeline_posts", shared)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await self.add_post(tx, stranger, team_profile_id=profile_id)
        taken = "update public.cp_pipeline_posts set user_id = $2 where id = $1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(taken, shared, owner.id)
        async with database.acting_as(Root()) as tx:
            await tx.execute("delete from public.teams where id = $1", team_id)
        assert await sees(database, member, "cp_pipeline_posts", shared)

    async def test_a_member_who_left_sees_them_no_longer(
        self, database: Database, people: People, owner: Person
    ) -> None:
        member = await people.user()
        await people.team(owner, member)
        async with database.acting_as(member.actor) as tx:
            profile_id = await profile_of(tx, member)
            post_id = await self.add_post(tx, member, team_profile_id=profile_id)
        async with database.acting_as(Root()) as tx:
            await move(tx, "team_profiles", profile_id, "removed")
        assert not await sees(database, member, "cp_pipeline_posts", post_id)
        assert await sees(database, owner, "cp_pipeline_posts", post_id)

    async def test_a_failed_post_is_tried_again_and_a_published_one_stays(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            post_id = await self.add_post(tx, owner)
            await tx.execute(
                "update public.cp_pipeline_posts"
                " set scheduled_time = now(), published_at = now() where id = $1",
                post_id,
            )
            states = ("reviewing", "approved", "scheduled", "failed", "scheduled", "published")
            await move(tx, "cp_pipeline_posts", post_id, *states)
        with pytest.raises(asyncpg.PostgresError, match="from published to draft") as refusal:
            async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
                await move(tx, "cp_pipeline_posts", post_id, "draft")
        assert refusal.value.sqlstate == "LS409"

    async def test_people_do_not_declare_a_post_published(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            post_id = await self.add_post(tx, owner)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(owner.actor) as tx:
                await move(tx, "cp_pipeline_posts", post_id, "published")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("update public.cp_pipeline_posts set published_at = now()")

    async def test_one_attempt_at_a_time_publishes_a_post(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        claim = (
            "insert into public.cp_publish_attempts (post_id, lease_until)"
            " values ($1, now() + interval '5 minutes')"
            " on conflict (post_id) where finished_at is null do nothing"
        )
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            post_id = await self.add_post(tx, owner)
            assert await tx.execute(claim, post_id) == "INSERT 0 1"
            assert await tx.execute(claim, post_id) == "INSERT 0 0"
            await tx.execute(
                "update public.cp_publish_attempts set finished_at = now(), outcome = 'failed'"
                " where post_id = $1",
                post_id,
            )
            assert await tx.execute(claim, post_id) == "INSERT 0 1"
        attempts = "select count(*) from public.cp_publish_attempts where post_id = $1"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.fetchval(attempts, post_id) == 2
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(attempts, post_id) == 0

    async def test_the_reserve_queue_closes_its_gap(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            # The first moves last: a place may be taken until the statement ends.
            for position in (4, 3, 2, 1):
                await self.add_post(tx, owner, is_buffer=True, buffer_position=position)
            await tx.execute(
                "update public.cp_pipeline_posts set is_buffer = false, buffer_position = null"
                " where user_id = $1 and buffer_position = 2",
                owner.id,
            )
            await tx.execute("select public.cp_decrement_buffer_positions($1, 2)", owner.id)
            left = await tx.fetch(
                "select buffer_position from public.cp_pipeline_posts"
                " where user_id = $1 and is_buffer order by buffer_position",
                owner.id,
            )
        assert [row["buffer_position"] for row in left] == [1, 2, 3]
        with pytest.raises(asyncpg.ExclusionViolationError):
            async with database.acting_as(owner.actor) as tx:
                await self.add_post(tx, owner, is_buffer=True, buffer_position=3)

    async def test_slots_are_numbered_per_person(
        self, database: Database, people: People, owner: Person
    ) -> None:
        added = (
            "insert into public.cp_posting_slots"
            " (user_id, slot_number, time_of_day, team_profile_id) values ($1, 1, '09:00', $2)"
        )
        await people.team(owner)
        async with database.acting_as(owner.actor) as tx:
            await tx.execute(added, owner.id, None)
            await tx.execute(added, owner.id, await profile_of(tx, owner))
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(added, owner.id, None)

    async def test_a_week_is_planned_once_and_adds_up(
        self, database: Database, owner: Person
    ) -> None:
        added = (
            "insert into public.cp_week_plans (user_id, week_start_date, pillar_moments_pct)"
            " values ($1, '2026-01-05', $2)"
        )
        async with database.acting_as(owner.actor) as tx:
            await tx.execute(added, owner.id, 25)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(added, owner.id, 25)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(added, owner.id, 30)


class TestIdeas:
    async def test_a_failed_draft_gives_the_idea_back(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            idea_id = await add(tx, "cp_content_ideas", user_id=owner.id, title="Idea")
            states = ("writing", "extracted", "selected", "writing", "written", "published")
            await move(tx, "cp_content_ideas", idea_id, *states)
        with pytest.raises(asyncpg.PostgresError, match="from published to extracted"):
            async with database.acting_as(owner.actor) as tx:
                await move(tx, "cp_content_ideas", idea_id, "extracted")
