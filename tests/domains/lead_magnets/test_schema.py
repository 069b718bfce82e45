"""What the lead magnet tables promise, whoever writes to them."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Root, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person


@pytest.fixture
async def creator(people: People) -> Person:
    return await people.user()


@pytest.fixture
async def stranger(people: People) -> Person:
    return await people.user(name="Stranger")


async def add_magnet(
    tx: Tx, author: Person, *, title: str = "Checklist", team_id: UUID | None = None
) -> UUID:
    magnet_id: UUID = await tx.fetchval(
        "insert into public.lead_magnets (user_id, team_id, title)"
        " values ($1, $2, $3) returning id",
        author.id,
        team_id,
        title,
    )
    return magnet_id


async def add_kit(tx: Tx, author: Person, *, team_id: UUID | None = None) -> UUID:
    kit_id: UUID = await tx.fetchval(
        "insert into public.brand_kits (user_id, team_id, business_description, business_type)"
        " values ($1, $2, 'Advice', 'freelancer') returning id",
        author.id,
        team_id,
    )
    return kit_id


async def move(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    for state in states:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, state)


class TestBrandKits:
    async def test_a_person_has_one_beside_those_of_their_teams(
        self, database: Database, people: People, creator: Person
    ) -> None:
        team_id = await people.team(creator)
        async with database.acting_as(creator.actor) as tx:
            await add_kit(tx, creator)
            await add_kit(tx, creator, team_id=team_id)
        for team in (None, team_id):
            with pytest.raises(asyncpg.UniqueViolationError):
                async with database.acting_as(creator.actor) as tx:
                    await add_kit(tx, creator, team_id=team)

    async def test_a_teams_kit_goes_with_the_team(
        self, database: Database, people: People, creator: Person
    ) -> None:
        team_id = await people.team(creator)
        async with database.acting_as(Root()) as tx:
            mine = await add_kit(tx, creator)
            await add_kit(tx, creator, team_id=team_id)
            await tx.execute("delete from public.teams where id = $1", team_id)
            left = await tx.fetch("select id from public.brand_kits where user_id = $1", creator.id)
        assert [row["id"] for row in left] == [mine]

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("business_type", "circus"),
            ("default_theme", "purple"),
            ("default_primary_color", "red"),
            ("default_background_style", "video"),
        ],
    )
    async def test_refuses_values_that_no_page_knows(
        self, database: Database, creator: Person, column: str, value: str
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            kit_id = await add_kit(tx, creator)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute(
                    f"update public.brand_kits set {column} = $2 where id = $1", kit_id, value
                )


class TestLeadMagnets:
    async def test_belongs_to_its_author_alone(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
        for outsider in (stranger.actor, stranger.through(Writer.MAGNETLAB), Visitor()):
            async with database.acting_as(outsider) as tx:
                seen = await tx.fetch("select id from public.lead_magnets where id = $1", magnet_id)
            assert seen == []
        async with database.acting_as(stranger.actor) as tx:
            changed = await tx.execute(
                "update public.lead_magnets set title = 'Mine' where id = $1", magnet_id
            )
        assert changed == "UPDATE 0"

    async def test_is_written_in_ones_own_name(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await add_magnet(tx, creator)

    async def test_of_a_team_stays_with_it_when_the_author_leaves(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        async with database.acting_as(member.actor) as tx:
            magnet_id = await add_magnet(tx, member, team_id=team_id)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update public.team_profiles set status = 'removed'"
                " where team_id = $1 and user_id = $2",
                team_id,
                member.id,
            )
        query = "select count(*) from public.lead_magnets where id = $1"
        async with database.acting_as(creator.actor) as tx:
            assert await tx.fetchval(query, magnet_id) == 1
        async with database.acting_as(member.actor) as tx:
            assert await tx.fetchval(query, magnet_id) == 0

    async def test_comes_back_from_the_archive(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
            await move(
                tx, "lead_magnets", magnet_id, "scheduled", "published", "archived", "published"
            )

    async def test_is_not_a_draft_again_once_published(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
            with pytest.raises(asyncpg.PostgresError, match="from published to draft") as told:
                await move(tx, "lead_magnets", magnet_id, "published", "draft")
        assert told.value.sqlstate == "LS409"

    @pytest.mark.parametrize("title", ["", "   ", "x" * 201])
    async def test_needs_a_title_of_at_most_200_characters(
        self, database: Database, creator: Person, title: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.actor) as tx:
                await add_magnet(tx, creator, title=title)

    async def test_links_only_to_web_addresses(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
            with pytest.raises(asyncpg.CheckViolationError):
                await tx.execute(
                    "update public.lead_magnets set external_url = 'javascript:alert(1)'"
                    " where id = $1",
                    magnet_id,
                )


class TestEmailSequences:
    MAILS = ({"day": 0, "subject": "Here it is", "body": "Hello", "replyTrigger": "yes"},)

    async def add_sequence(self, tx: Tx, author: Person, magnet_id: UUID) -> UUID:
        sequence_id: UUID = await tx.fetchval(
            "insert into public.email_sequences (user_id, lead_magnet_id, emails)"
            " values ($1, $2, $3) returning id",
            author.id,
            magnet_id,
            list(self.MAILS),
        )
        return sequence_id

    async def test_a_lead_magnet_has_one(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
            await self.add_sequence(tx, creator, magnet_id)
            with pytest.raises(asyncpg.UniqueViolationError):
                await self.add_sequence(tx, creator, magnet_id)

    async def test_is_not_hung_on_a_strangers_lead_magnet(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            magnet_id = await add_magnet(tx, creator)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.acting_as(stranger.actor) as tx:
                await self.add_sequence(tx, stranger, magnet_id)

    async def test_is_activated_by_the_service_alone(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            sequence_id = await self.add_sequence(tx, creator, await add_magnet(tx, creator))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await move(tx, "email_sequences", sequence_id, "active")
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            await move(tx, "email_sequences", sequence_id, "active")

    async def test_is_not_activated_without_mails(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            sequence_id = await self.add_sequence(tx, creator, await add_magnet(tx, creator))
            with pytest.raises(asyncpg.CheckViolationError):
                await tx.execute(
                    "update public.email_sequences set emails = '[]', status = 'active'"
                    " where id = $1",
                    sequence_id,
                )

    async def test_is_a_draft_again_once_edited(self, database: Database, creator: Person) -> None:
        service = creator.through(Writer.MAGNETLAB)
        async with database.acting_as(service) as tx:
            sequence_id = await self.add_sequence(tx, creator, await add_magnet(tx, creator))
            await move(tx, "email_sequences", sequence_id, "active")
        async with database.acting_as(creator.actor) as tx:
            status = await tx.fetchval(
                "update public.email_sequences set emails = $2 where id = $1 returning status",
                sequence_id,
                [{**self.MAILS[0], "subject": "Changed"}],
            )
        assert status == "draft"


class TestDrafts:
    async def test_are_seen_by_their_author_alone(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            draft_id = await tx.fetchval(
                "insert into public.extraction_sessions (user_id) values ($1) returning id",
                creator.id,
            )
        async with database.acting_as(stranger.actor) as tx:
            seen = await tx.fetch(
                "select id from public.extraction_sessions where id = $1", draft_id
            )
        assert seen == []

    @pytest.mark.parametrize("step", [0, 7])
    async def test_have_six_steps(self, database: Database, creator: Person, step: int) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute(
                    "insert into public.extraction_sessions (user_id, current_step)"
                    " values ($1, $2)",
                    creator.id,
                    step,
                )


class TestChats:
    async def add_chat(self, tx: Tx, magnet_id: UUID, token: str) -> UUID:
        chat_id: UUID = await tx.fetchval(
            "insert into public.interactive_chats (lead_magnet_id, session_token)"
            " values ($1, $2) returning id",
            magnet_id,
            token,
        )
        return chat_id

    async def add_message(self, tx: Tx, chat_id: UUID, *, role: str, content: str) -> None:
        await tx.execute(
            "insert into public.interactive_chat_messages (chat_id, role, content)"
            " values ($1, $2, $3)",
            chat_id,
            role,
            content,
        )

    async def test_are_read_by_the_owner_without_the_visitors_token(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            chat_id = await self.add_chat(tx, await add_magnet(tx, creator), uuid4().hex)
            await self.add_message(tx, chat_id, role="user", content="Hello")
        query = "select content from public.interactive_chat_messages where chat_id = $1"
        async with database.acting_as(creator.actor) as tx:
            assert await tx.fetchval(query, chat_id) == "Hello"
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetch(query, chat_id) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await tx.fetch("select session_token from public.interactive_chats")

    async def test_are_written_by_the_service_alone(
        self, database: Database, creator: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await self.add_chat(tx, await add_magnet(tx, creator), uuid4().hex)

    async def test_one_token_is_one_chat(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            magnet_id = await add_magnet(tx, creator)
            await self.add_chat(tx, magnet_id, "same")
            with pytest.raises(asyncpg.UniqueViolationError):
                await self.add_chat(tx, magnet_id, "same")

    async def test_limit_what_a_visitor_writes_and_not_the_reply(
        self, database: Database, creator: Person
    ) -> None:
        long = "x" * 10_001
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            chat_id = await self.add_chat(tx, await add_magnet(tx, creator), uuid4().hex)
            await self.add_message(tx, chat_id, role="assistant", content=long)
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
                await self.add_message(tx, chat_id, role="user", content=long)

    async def test_keep_their_lead_magnet(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            magnet_id = await add_magnet(tx, creator)
            await self.add_chat(tx, magnet_id, uuid4().hex)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute("delete from public.lead_magnets where id = $1", magnet_id)


class TestSwipeFile:
    async def submit(self, tx: Tx, author: Person) -> UUID:
        post_id: UUID = await tx.fetchval(
            "insert into public.swipe_file_posts (content, submitted_by, post_type, niche)"
            " values ('A story', $1, 'story', 'saas') returning id",
            author.id,
        )
        return post_id

    async def test_shows_others_what_was_approved(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            post_id = await self.submit(tx, creator)
        query = "select count(*) from public.swipe_file_posts where id = $1"
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(query, post_id) == 0
        async with database.acting_as(Root()) as tx:
            await move(tx, "swipe_file_posts", post_id, "featured")
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval(query, post_id) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await tx.fetchval(query, post_id)

    async def test_is_not_approved_by_the_submitter(
        self, database: Database, creator: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute(
                    "insert into public.swipe_file_posts (content, submitted_by, status)"
                    " values ('Mine', $1, 'approved')",
                    creator.id,
                )

    async def test_is_withdrawn_and_not_rewritten(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            post_id = await self.submit(tx, creator)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute(
                    "update public.swipe_file_posts set content = 'Other' where id = $1", post_id
                )
        async with database.acting_as(creator.actor) as tx:
            gone = await tx.execute("delete from public.swipe_file_posts where id = $1", post_id)
        assert gone == "DELETE 1"
