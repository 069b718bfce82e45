"""What the tables of the shared library, of engagement and of learning promise."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Client, Root, Student, Writer
from lodestone.platform.database import Database
from tests.domains.content.rows import add
from tests.people import People, Person

EDIT = {"content_type": "post", "field_name": "hook", "original_text": "a", "edited_text": "b"}


class TestSharedLibrary:
    @pytest.fixture
    async def shared(self, database: Database) -> dict[str, UUID]:
        """A row of each kind that the installation shares, by table."""
        async with database.acting_as(Root()) as tx:
            template = {"name": "Global", "structure": "[HOOK]", "is_global": True}
            return {
                "cp_post_templates": await add(tx, "cp_post_templates", **template),
                "cp_viral_posts": await add(tx, "cp_viral_posts", content="Seen by many"),
                "cp_scrape_searches": await add(tx, "cp_scrape_searches", query="b2b"),
            }

    async def test_every_account_reads_it(
        self, database: Database, owner: Person, shared: dict[str, UUID]
    ) -> None:
        for actor in (owner.actor, owner.through(Writer.MAGNETLAB)):
            async with database.acting_as(actor) as tx:
                for table, row_id in shared.items():
                    found = f"select exists (select from public.{table} where id = $1)"
                    assert await tx.fetchval(found, row_id), table

    async def test_students_and_clients_do_not(
        self, database: Database, shared: dict[str, UUID]
    ) -> None:
        for actor in (Student(uuid4()), Client(uuid4())):
            async with database.acting_as(actor) as tx:
                for table in shared:
                    assert not await tx.fetch(f"select id from public.{table}"), table

    async def test_nobody_changes_what_is_not_theirs(
        self, database: Database, owner: Person, shared: dict[str, UUID]
    ) -> None:
        renamed = "update public.cp_post_templates set name = 'Mine' where id = $1"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.execute(renamed, shared["cp_post_templates"]) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_viral_posts", content="Unasked for")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_scrape_searches", query="anything")

    async def test_nobody_makes_their_template_global(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            own = {"user_id": owner.id, "name": "Own", "structure": "[HOOK]"}
            template_id = await add(tx, "cp_post_templates", **own)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("update public.cp_post_templates set is_global = true")
        async with database.acting_as(stranger.actor) as tx:
            found = "select id from public.cp_post_templates where id = $1"
            assert not await tx.fetch(found, template_id)

    async def test_uses_are_counted_for_who_may_use_it(
        self, database: Database, owner: Person, stranger: Person, shared: dict[str, UUID]
    ) -> None:
        used = "select public.cp_increment_template_usage($1)"
        async with database.acting_as(owner.actor) as tx:
            own = {"user_id": owner.id, "name": "Own", "structure": "[HOOK]"}
            own_id = await add(tx, "cp_post_templates", **own)
            await tx.execute(used, own_id)
            await tx.execute(used, shared["cp_post_templates"])
        for actor in (stranger.actor, Student(uuid4())):
            async with database.acting_as(actor) as tx:
                await tx.execute(used, own_id)
        async with database.acting_as(Student(uuid4())) as tx:
            await tx.execute(used, shared["cp_post_templates"])
        async with database.acting_as(Root()) as tx:
            counts = await tx.fetch(
                "select usage_count from public.cp_post_templates where id = any ($1)",
                [own_id, shared["cp_post_templates"]],
            )
        assert [row["usage_count"] for row in counts] == [1, 1]

    async def test_a_creator_is_followed_once_and_changed_by_who_added_it(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        url = f"https://www.linkedin.com/in/{uuid4().hex}"
        async with database.acting_as(owner.actor) as tx:
            added = {"linkedin_url": url, "added_by_user_id": owner.id}
            creator_id = await add(tx, "cp_tracked_creators", **added)
        paused = "update public.cp_tracked_creators set is_active = false where id = $1"
        async with database.acting_as(stranger.actor) as tx:
            found = "select linkedin_url from public.cp_tracked_creators where id = $1"
            assert await tx.fetchval(found, creator_id) == url
            assert await tx.execute(paused, creator_id) == "UPDATE 0"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.execute(paused, creator_id) == "UPDATE 1"
        again = {"linkedin_url": url, "added_by_user_id": stranger.id}
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(stranger.actor) as tx:
                await add(tx, "cp_tracked_creators", **again)


class TestEngagement:
    async def test_somebody_is_met_once_per_post(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        met = (
            "insert into public.cp_post_engagements"
            " (user_id, source, source_post_url, provider_id, engagement_type)"
            " values ($1, 'competitor', $2, 'urn:1', 'comment')"
            " on conflict (source_post_url, provider_id, engagement_type) do nothing"
        )
        url = f"https://www.linkedin.com/posts/{uuid4().hex}"
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            assert await tx.execute(met, owner.id, url) == "INSERT 0 1"
            assert await tx.execute(met, owner.id, url) == "INSERT 0 0"
        found = "select count(*) from public.cp_post_engagements where source_post_url = $1"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.fetchval(found, url) == 1
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(found, url) == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(met, owner.id, "https://www.linkedin.com/posts/other")

    async def test_a_post_with_results_is_not_deleted(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            post_id = await add(tx, "cp_pipeline_posts", user_id=owner.id)
            await add(tx, "cp_post_performance", user_id=owner.id, post_id=post_id, views=10)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("delete from public.cp_pipeline_posts where id = $1", post_id)

    async def test_a_comment_is_answered_once(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        answered = (
            "insert into public.linkedin_automation_events (automation_id, comment_id, event_type)"
            " values ($1, 'c-1', $2)"
            " on conflict (automation_id, comment_id, event_type)"
            " where event_type not like '%\\_failed' do nothing"
        )
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            automation_id = await add(tx, "linkedin_automations", user_id=owner.id, name="Guide")
            for event, stored in (
                ("reply_failed", 1),
                ("reply_failed", 1),
                ("reply_sent", 1),
                ("reply_sent", 0),
            ):
                assert await tx.execute(answered, automation_id, event) == f"INSERT 0 {stored}"
        seen = "select count(*) from public.linkedin_automation_events where automation_id = $1"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.fetchval(seen, automation_id) == 3
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(seen, automation_id) == 0


class TestLearning:
    async def test_an_edit_is_the_teams_and_stays_with_its_author(
        self, database: Database, people: People, owner: Person, stranger: Person
    ) -> None:
        member = await people.user()
        team_id = await people.team(owner, member)
        async with database.acting_as(member.actor) as tx:
            edit = EDIT | {"team_id": team_id, "content_id": uuid4()}
            edit_id = await add(tx, "cp_edit_history", **edit)
        noted = "update public.cp_edit_history set ceo_note = 'Warmer' where id = $1"
        async with database.acting_as(owner.actor) as tx:
            assert await tx.execute(noted, edit_id) == "UPDATE 1"
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.execute(noted, edit_id) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(member.actor) as tx:
                await tx.execute("delete from public.cp_edit_history where id = $1", edit_id)
        async with database.acting_as(Root()) as tx:
            await tx.execute("delete from public.teams where id = $1", team_id)
        async with database.acting_as(member.actor) as tx:
            assert await tx.execute(noted, edit_id) == "UPDATE 1"

    async def test_a_voice_keeps_its_versions(
        self, database: Database, people: People, owner: Person, stranger: Person
    ) -> None:
        await people.team(owner)
        versions = "select version from public.cp_voice_profile_versions where profile_id = $1"
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            profile_id = await tx.fetchval(
                "select id from public.team_profiles where user_id = $1", owner.id
            )
            kept = {"profile_id": profile_id, "version": 1, "voice_profile": {"tone": "plain"}}
            await add(tx, "cp_voice_profile_versions", **kept)
        async with database.acting_as(owner.actor) as tx:
            assert await tx.fetchval(versions, profile_id) == 1
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(versions, profile_id) is None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("delete from public.cp_voice_profile_versions")

    async def test_inspiration_is_an_accounts_own(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        source = {"source_type": "hashtag", "source_value": "b2b"}
        async with database.acting_as(owner.actor) as tx:
            await add(tx, "cp_inspiration_sources", user_id=owner.id, **source)
        async with database.acting_as(stranger.actor) as tx:
            assert not await tx.fetch("select id from public.cp_inspiration_sources")
            await add(tx, "cp_inspiration_sources", user_id=stranger.id, **source)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(owner.actor) as tx:
                await add(tx, "cp_inspiration_sources", user_id=owner.id, **source)
