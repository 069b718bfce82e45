"""Views and leads by day: the same before, while and after they are added up."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.domains.funnels import service
from lodestone.platform.actors import Root, Visitor
from lodestone.platform.database import Database
from tests.domains.funnels.rows import Funnel, add_funnel, add_lead
from tests.people import People, Person

NOW = datetime.now(UTC)


async def add_view(database: Database, page_id: UUID, *, at: datetime = NOW) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            """
            insert into page_views (funnel_page_id, visitor_hash, view_date, created_at)
            values ($1, $2, $3, $4)
            """,
            page_id,
            uuid4().hex,
            at.astimezone(UTC).date(),
            at,
        )


async def add_up(database: Database, *, until: datetime | None = None) -> None:
    async with database.acting_as(Root()) as tx:
        await service.add_up_days(tx, until=until)


async def count(database: Database, person: Person) -> dict[date, tuple[int, int]]:
    async with database.acting_as(person.actor) as tx:
        days = await service.list_days(tx, days=60)
    return {day.day: (day.views, day.leads) for day in days if day.views or day.leads}


class TestCounts:
    async def test_are_the_same_after_adding_up(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        earlier = NOW - timedelta(days=3)
        for at in (earlier, earlier, NOW):
            await add_view(database, funnel.id, at=at)
        async with database.acting_as(Root()) as tx:
            await add_lead(tx, funnel, created_at=earlier)
        before = await count(database, creator)
        await add_up(database, until=NOW - timedelta(days=1))
        assert await count(database, creator) == before
        assert before == {earlier.date(): (2, 1), NOW.date(): (1, 0)}

    async def test_take_in_what_comes_late(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        await add_up(database, until=NOW)
        late = NOW - timedelta(days=5)
        await add_view(database, funnel.id, at=late)
        async with database.acting_as(Root()) as tx:
            await add_lead(tx, funnel, created_at=late)
        assert await count(database, creator) == {late.date(): (1, 1)}

    async def test_forget_what_is_deleted(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        at = NOW - timedelta(days=5)
        await add_view(database, funnel.id, at=at)
        async with database.acting_as(Root()) as tx:
            lead_id = await add_lead(tx, funnel, created_at=at)
        await add_up(database, until=NOW)
        async with database.acting_as(Root()) as tx:
            await tx.execute("delete from funnel_leads where id = $1", lead_id)
        assert await count(database, creator) == {at.date(): (1, 0)}

    async def test_follow_a_lead_to_another_page(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        at = NOW - timedelta(days=2)
        async with database.acting_as(creator.actor) as tx:
            other = await add_funnel(tx, creator)
        async with database.acting_as(Root()) as tx:
            lead_id = await add_lead(tx, funnel, created_at=at)
        await add_up(database, until=NOW)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_leads set funnel_page_id = $2 where id = $1", lead_id, other.id
            )
        async with database.acting_as(creator.actor) as tx:
            rows = await service.list_days(tx, days=7, funnel_page_id=other.id)
            gone = await service.list_days(tx, days=7, funnel_page_id=funnel.id)
        assert sum(row.leads for row in rows) == 1
        assert sum(row.leads for row in gone) == 0

    async def test_twice_added_up_count_once(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        await add_view(database, funnel.id, at=NOW - timedelta(hours=30))
        for _ in range(2):
            await add_up(database, until=NOW)
        assert sum(views for views, _ in (await count(database, creator)).values()) == 1

    async def test_recounting_mends_a_wrong_number(
        self, database: Database, creator: Person, funnel: Funnel
    ) -> None:
        at = NOW - timedelta(days=1)
        await add_view(database, funnel.id, at=at)
        await add_up(database, until=NOW)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_page_days set amount = 40 where funnel_page_id = $1", funnel.id
            )
            await service.recount_days(tx)
        assert await count(database, creator) == {at.date(): (1, 0)}

    async def test_are_nobody_elses(
        self, database: Database, creator: Person, stranger: Person, funnel: Funnel
    ) -> None:
        await add_view(database, funnel.id)
        assert await count(database, stranger) == {}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await tx.fetch("select * from funnel_page_counts")

    async def test_are_the_teams(self, database: Database, people: People) -> None:
        owner, member = await people.user(), await people.user()
        team_id = await people.team(owner, member)
        async with database.acting_as(owner.actor) as tx:
            page = await add_funnel(tx, owner, team_id=team_id, is_published=True)
        await add_view(database, page.id)
        assert await count(database, member) == {NOW.date(): (1, 0)}


class TestAddingUpWhileRowsComeAndGo:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(["view", "lead", "delete", "add_up"]), st.integers(0, 72)),
            max_size=12,
        )
    )
    async def test_never_changes_the_numbers(
        self, database: Database, people: People, steps: list[tuple[str, int]]
    ) -> None:
        creator = await people.user()
        async with database.acting_as(creator.actor) as tx:
            funnel = await add_funnel(tx, creator, is_published=True)
        leads: list[tuple[UUID, date]] = []
        expected: dict[date, list[int]] = {}
        for step, hours in steps:
            at = NOW - timedelta(hours=hours)
            day = expected.setdefault(at.date(), [0, 0])
            if step == "view":
                await add_view(database, funnel.id, at=at)
                day[0] += 1
            elif step == "lead":
                async with database.acting_as(Root()) as tx:
                    leads.append((await add_lead(tx, funnel, created_at=at), at.date()))
                day[1] += 1
            elif step == "delete" and leads:
                lead_id, on = leads.pop()
                async with database.acting_as(Root()) as tx:
                    await tx.execute("delete from funnel_leads where id = $1", lead_id)
                expected[on][1] -= 1
            elif step == "add_up":
                await add_up(database, until=at)
        assert await count(database, creator) == {
            day: (views, found) for day, (views, found) in expected.items() if views or found
        }
