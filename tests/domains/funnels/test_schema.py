"""What the tables of pages and their leads promise, whoever writes to them."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from lodestone.platform.actors import Root, Writer
from lodestone.platform.database import Database, Tx
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead, add_row
from tests.people import People, Person


class TestFunnelPages:
    async def test_a_slug_is_taken_once_per_author(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        async with database.acting_as(stranger.actor) as tx:
            await add_funnel(tx, stranger, slug=funnel.slug)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await add_funnel(tx, funnel.author, slug=funnel.slug)

    async def test_a_slug_is_taken_once_per_team(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        async with database.acting_as(creator.actor) as tx:
            await add_funnel(tx, creator, slug="offer", team_id=team_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(member.actor) as tx:
                await add_funnel(tx, member, slug="offer", team_id=team_id)

    @pytest.mark.parametrize("slug", ["", "Upper", "two words", "x" * 101])
    async def test_a_slug_fits_in_an_address(
        self, database: Database, creator: Person, slug: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.actor) as tx:
                await add_funnel(tx, creator, slug=slug)

    async def test_a_lead_magnet_has_one_funnel(self, database: Database, funnel: Funnel) -> None:
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await add_row(
                    tx,
                    "funnel_pages",
                    user_id=funnel.author.id,
                    lead_magnet_id=funnel.magnet_id,
                    slug="second",
                    optin_headline="Again",
                )

    @pytest.mark.parametrize("target", ["library", "external_resource", "nothing"])
    async def test_gives_away_what_it_says(
        self, database: Database, creator: Person, target: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(creator.actor) as tx:
                await add_funnel(tx, creator, target_type=target)

    async def test_does_not_give_away_what_is_a_strangers(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.acting_as(stranger.actor) as tx:
                await add_row(
                    tx,
                    "funnel_pages",
                    user_id=stranger.id,
                    lead_magnet_id=funnel.magnet_id,
                    slug="stolen",
                    optin_headline="Mine now",
                )

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("theme", "purple"),
            ("primary_color", "red"),
            ("background_style", "video"),
            ("redirect_trigger", "always"),
            ("redirect_url", "javascript:alert(1)"),
            ("optin_headline", "x" * 501),
        ],
    )
    async def test_refuses_what_no_page_can_show(
        self, database: Database, funnel: Funnel, column: str, value: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await tx.execute(
                    f"update public.funnel_pages set {column} = $2 where id = $1", funnel.id, value
                )

    async def test_remembers_when_it_was_published_first(
        self, database: Database, funnel: Funnel
    ) -> None:
        query = (
            "update public.funnel_pages set is_published = $2, published_at = null"
            " where id = $1 returning published_at"
        )
        async with database.acting_as(funnel.author.actor) as tx:
            first = await tx.fetchval(
                "select published_at from public.funnel_pages where id = $1", funnel.id
            )
        async with database.acting_as(funnel.author.actor) as tx:
            again = await tx.fetchval(query, funnel.id, True)
        assert first is not None
        assert again == first

    async def test_keeps_its_leads(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.service) as tx:
            await add_lead(tx, funnel)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await tx.execute("delete from public.funnel_pages where id = $1", funnel.id)

    async def test_is_changed_by_nobody_else(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        for outsider in (stranger.actor, stranger.through(Writer.MAGNETLAB)):
            async with database.acting_as(outsider) as tx:
                changed = await tx.execute(
                    "update public.funnel_pages set optin_headline = 'x' where id = $1", funnel.id
                )
            assert changed == "UPDATE 0"


class TestSections:
    @pytest.mark.parametrize(
        "values",
        [
            {"section_type": "carousel"},
            {"page_location": "footer"},
            {"sort_order": 1000},
            {"config": ["not", "an", "object"]},
        ],
    )
    async def test_are_of_a_known_kind_and_place(
        self, database: Database, funnel: Funnel, values: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await add_row(
                    tx,
                    "funnel_page_sections",
                    **({"section_type": "steps", "page_location": "optin"} | values),
                    funnel_page_id=funnel.id,
                )

    async def test_are_written_by_the_pages_author_alone(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await add_row(
                    tx,
                    "funnel_page_sections",
                    funnel_page_id=funnel.id,
                    section_type="steps",
                    page_location="optin",
                )


class TestFunnelLeads:
    async def test_the_same_person_on_the_same_page_is_one_lead(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.service) as tx:
            await add_lead(tx, funnel, email="ada@example.com")
            with pytest.raises(asyncpg.UniqueViolationError):
                await add_lead(tx, funnel, email="ada@example.com")

    @pytest.mark.parametrize("email", ["Ada@example.com", " ada@example.com", "ada", ""])
    async def test_an_address_is_trimmed_and_in_lower_case(
        self, database: Database, funnel: Funnel, email: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(funnel.service) as tx:
                await add_row(
                    tx,
                    "funnel_leads",
                    funnel_page_id=funnel.id,
                    user_id=funnel.author.id,
                    email=email,
                )

    async def test_are_read_by_the_author_and_written_by_the_service(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        async with database.acting_as(funnel.service) as tx:
            lead_id = await add_lead(tx, funnel, ip_address="203.0.113.9")
        query = "select count(*) from public.funnel_leads where id = $1"
        async with database.acting_as(funnel.author.actor) as tx:
            assert await tx.fetchval(query, lead_id) == 1
        for outsider in (stranger.actor, stranger.through(Writer.MAGNETLAB)):
            async with database.acting_as(outsider) as tx:
                assert await tx.fetchval(query, lead_id) == 0
        for statement in (
            "update public.funnel_leads set name = 'x' where id = $1",
            "delete from public.funnel_leads where id = $1",
            "select ip_address from public.funnel_leads where id = $1",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(funnel.author.actor) as tx:
                    await tx.execute(statement, lead_id)

    async def test_keep_coming_when_the_author_left_the_team(
        self, database: Database, people: People, creator: Person
    ) -> None:
        member = await people.user(name="Member")
        team_id = await people.team(creator, member)
        async with database.acting_as(member.actor) as tx:
            funnel = await add_funnel(tx, member, team_id=team_id, is_published=True)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "delete from public.team_profiles where team_id = $1 and user_id = $2",
                team_id,
                member.id,
            )
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            lead_id = await add_lead(tx, funnel, team_id=team_id)
        async with database.acting_as(creator.actor) as tx:
            seen = await tx.fetchval(
                "select count(*) from public.funnel_leads where id = $1", lead_id
            )
        assert seen == 1

    async def test_stay_when_their_lead_magnet_goes(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.service) as tx:
            other_id = await add_row(
                tx, "lead_magnets", user_id=funnel.author.id, title="Short-lived"
            )
            lead_id = await add_row(
                tx,
                "funnel_leads",
                funnel_page_id=funnel.id,
                lead_magnet_id=other_id,
                user_id=funnel.author.id,
                email="kept@example.com",
            )
            await tx.execute("delete from public.lead_magnets where id = $1", other_id)
            kept = await tx.fetchrow(
                "select lead_magnet_id from public.funnel_leads where id = $1", lead_id
            )
        assert kept is not None
        assert kept["lead_magnet_id"] is None


class TestPageViews:
    async def view(self, tx: Tx, funnel: Funnel, visitor: str, page_type: str) -> str:
        status: str = await tx.execute(
            "insert into public.page_views (funnel_page_id, visitor_hash, view_date, page_type)"
            " values ($1, $2, $3, $4) on conflict do nothing",
            funnel.id,
            visitor,
            date(2026, 1, 2),
            page_type,
        )
        return status

    async def test_count_a_visitor_once_per_page_and_day(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.service) as tx:
            written = [
                await self.view(tx, funnel, visitor, page_type)
                for visitor, page_type in (
                    ("one", "optin"),
                    ("one", "optin"),
                    ("one", "content"),
                    ("two", "optin"),
                )
            ]
        assert written == ["INSERT 0 1", "INSERT 0 0", "INSERT 0 1", "INSERT 0 1"]

    async def test_are_not_written_to_a_strangers_page(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.through(Writer.MAGNETLAB)) as tx:
                await self.view(tx, funnel, "one", "optin")

    async def test_know_three_kinds_of_page(self, database: Database, funnel: Funnel) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(funnel.service) as tx:
                await self.view(tx, funnel, "one", "checkout")
