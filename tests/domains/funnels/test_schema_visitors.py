"""What visitors see of a funnel, and how its public address is found."""

from collections.abc import Callable
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Actor, Root, Service, Visitor, Writer
from lodestone.platform.database import Database
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead, add_row, move
from tests.people import People, Person


class TestVisitors:
    async def test_see_published_pages_alone(self, database: Database, funnel: Funnel) -> None:
        query = "select optin_headline from public.funnel_pages where id = $1"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(query, funnel.id) == "Get it"
        async with database.acting_as(funnel.author.actor) as tx:
            await tx.execute(
                "update public.funnel_pages set is_published = false where id = $1", funnel.id
            )
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(query, funnel.id) is None

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("funnel_pages", "calendly_url"),
            ("funnel_pages", "redirect_url"),
            ("lead_magnets", "polished_content"),
            ("lead_magnets", "external_url"),
            ("external_resources", "url"),
            ("qualification_questions", "qualifying_answer"),
            ("funnel_leads", "email"),
            ("page_views", "visitor_hash"),
            ("webhook_configs", "url"),
            ("user_integrations", "metadata"),
        ],
    )
    async def test_never_see(self, database: Database, table: str, column: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await tx.fetch(f"select {column} from public.{table}")

    async def test_see_visible_sections(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            for is_visible in (True, False):
                await add_row(
                    tx,
                    "funnel_page_sections",
                    funnel_page_id=funnel.id,
                    section_type="steps",
                    page_location="optin",
                    is_visible=is_visible,
                )
        async with database.acting_as(Visitor()) as tx:
            seen = await tx.fetch(
                "select is_visible from public.funnel_page_sections where funnel_page_id = $1",
                funnel.id,
            )
        assert [row["is_visible"] for row in seen] == [True]

    async def test_see_the_questions_that_the_page_asks(
        self, database: Database, funnel: Funnel
    ) -> None:
        query = (
            "select question_text from public.qualification_questions"
            " where funnel_page_id = $1 or form_id = $2"
        )
        async with database.acting_as(funnel.author.actor) as tx:
            form_id = await add_row(tx, "qualification_forms", user_id=funnel.author.id)
            await add_row(
                tx, "qualification_questions", funnel_page_id=funnel.id, question_text="Own?"
            )
            await add_row(tx, "qualification_questions", form_id=form_id, question_text="Shared?")
        async with database.acting_as(Visitor()) as tx:
            own = await tx.fetch(query, funnel.id, form_id)
        async with database.acting_as(funnel.author.actor) as tx:
            await tx.execute(
                "update public.funnel_pages set qualification_form_id = $2 where id = $1",
                funnel.id,
                form_id,
            )
        async with database.acting_as(Visitor()) as tx:
            shared = await tx.fetch(query, funnel.id, form_id)
        assert [row["question_text"] for row in own] == ["Own?"]
        assert [row["question_text"] for row in shared] == ["Shared?"]

    async def test_read_content_that_is_open_without_the_prompt(
        self, database: Database, funnel: Funnel
    ) -> None:
        query = "select interactive_config from public.get_published_content($1)"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetch(query, funnel.id) == []
        async with database.acting_as(funnel.author.actor) as tx:
            await tx.execute(
                "update public.funnel_pages set is_content_open = true where id = $1", funnel.id
            )
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(query, funnel.id) == {"name": "Coach"}

    async def test_see_a_library_through_its_funnel(
        self, database: Database, creator: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            unpublished = await add_funnel(tx, creator)
            library_id = await add_row(
                tx, "libraries", user_id=creator.id, name="All", slug=uuid4().hex
            )
            await add_row(
                tx,
                "library_items",
                library_id=library_id,
                asset_type="lead_magnet",
                lead_magnet_id=unpublished.magnet_id,
            )
        query = "select title from public.lead_magnets where id = $1"
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(query, unpublished.magnet_id) is None
        async with database.acting_as(creator.actor) as tx:
            await add_row(
                tx,
                "funnel_pages",
                user_id=creator.id,
                target_type="library",
                library_id=library_id,
                slug=uuid4().hex,
                optin_headline="All of it",
                is_published=True,
            )
        async with database.acting_as(Visitor()) as tx:
            assert await tx.fetchval(query, unpublished.magnet_id) == "Checklist"

    async def test_write_nothing(self, database: Database, funnel: Funnel) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await add_lead(tx, funnel)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await add_row(tx, "page_views", funnel_page_id=funnel.id, visitor_hash="one")


class TestPublicAddress:
    serving = Service(Writer.MAGNETLAB)
    by_user = (
        "select funnel_page_id, acting_user_id, hide_branding"
        " from public.find_published_funnel_of_user($1, $2)"
    )
    by_host = "select funnel_page_id from public.find_published_funnel_of_host($1, $2)"

    async def test_is_found_by_username_in_any_case(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(self.serving) as tx:
            found = await tx.fetchrow(self.by_user, funnel.author.username.upper(), funnel.slug)
        assert found is not None
        assert found["funnel_page_id"] == funnel.id
        assert found["acting_user_id"] == funnel.author.id

    async def test_brings_what_the_page_shows(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(self.serving) as tx:
            found = await tx.fetchrow(
                "select (page).optin_headline, (lead_magnet).title, sections"
                " from public.find_published_funnel($1)",
                funnel.id,
            )
        assert found is not None
        assert dict(found) == {"optin_headline": "Get it", "title": "Checklist", "sections": []}

    async def test_of_a_team_acts_for_its_owner(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        async with database.acting_as(member.actor) as tx:
            funnel = await add_funnel(tx, member, team_id=team_id, is_published=True)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update public.teams set whitelabel_enabled = true, hide_branding = true"
                " where id = $1",
                team_id,
            )
        async with database.acting_as(self.serving) as tx:
            found = await tx.fetchrow(self.by_user, member.username, funnel.slug)
        assert found is not None
        assert found["acting_user_id"] == creator.id
        assert found["hide_branding"]

    async def test_on_a_domain_works_once_it_is_active(
        self, database: Database, people: People, creator: Person
    ) -> None:
        team_id = await people.team(creator)
        host = f"{uuid4().hex}.example.com"
        async with database.acting_as(creator.actor) as tx:
            funnel = await add_funnel(tx, creator, team_id=team_id, is_published=True)
        async with database.acting_as(funnel.service) as tx:
            domain_id = await add_row(tx, "team_domains", team_id=team_id, domain=host)
        async with database.acting_as(self.serving) as tx:
            assert await tx.fetch(self.by_host, host, funnel.slug) == []
        async with database.acting_as(funnel.service) as tx:
            await move(tx, "team_domains", domain_id, "verified", "active")
        async with database.acting_as(self.serving) as tx:
            assert await tx.fetchval(self.by_host, host.upper(), funnel.slug) == funnel.id

    @pytest.mark.parametrize("actor", [Visitor, None])
    async def test_is_resolved_for_the_service_alone(
        self, database: Database, funnel: Funnel, actor: Callable[[], Actor] | None
    ) -> None:
        asking = actor() if actor else funnel.author.actor
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(asking) as tx:
                await tx.fetch(self.by_user, funnel.author.username, funnel.slug)


class TestCatalogue:
    async def test_shows_cards_to_whom_the_owner_invited(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        query = "select lead_magnet_id, slug from public.list_catalogue()"
        async with database.acting_as(Root()) as tx:
            invitation_id: UUID = await add_row(
                tx,
                "team_members",
                owner_id=funnel.author.id,
                member_id=stranger.id,
                email=stranger.email,
                status="active",
            )
        async with database.acting_as(stranger.actor) as tx:
            cards = await tx.fetch(query)
            content = await tx.fetch(
                "select id from public.lead_magnets where id = $1", funnel.magnet_id
            )
        assert [tuple(card) for card in cards] == [(funnel.magnet_id, funnel.slug)]
        assert content == []
        async with database.acting_as(Root()) as tx:
            await move(tx, "team_members", invitation_id, "removed")
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetch(query) == []
