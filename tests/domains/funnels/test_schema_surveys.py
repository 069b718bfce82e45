"""What the tables of surveys, experiments and libraries promise."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from lodestone.platform.actors import Writer
from lodestone.platform.database import Database, Tx
from tests.domains.funnels.rows import Funnel, add_row, move
from tests.people import Person


class TestQuestions:
    async def test_belong_to_a_form_or_a_funnel_and_not_to_both(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            form_id = await add_row(tx, "qualification_forms", user_id=funnel.author.id)
        # A row of no parent is nobody's, which the access rule says before the check is asked.
        refused = (asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)
        for parents in ({"form_id": form_id, "funnel_page_id": funnel.id}, {}):
            with pytest.raises(refused):
                async with database.acting_as(funnel.author.actor) as tx:
                    await add_row(tx, "qualification_questions", question_text="Why?", **parents)

    async def test_of_a_form_are_its_authors(
        self, database: Database, creator: Person, stranger: Person
    ) -> None:
        async with database.acting_as(creator.actor) as tx:
            form_id = await add_row(tx, "qualification_forms", user_id=creator.id)
            await add_row(tx, "qualification_questions", form_id=form_id, question_text="Why?")
        async with database.acting_as(stranger.actor) as tx:
            seen = await tx.fetch(
                "select id from public.qualification_questions where form_id = $1", form_id
            )
        assert seen == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await add_row(tx, "qualification_questions", form_id=form_id, question_text="Hm?")

    @pytest.mark.parametrize(
        "values",
        [
            {"answer_type": "multiple_choice", "options": ["one"], "is_qualifying": False},
            {"answer_type": "multiple_choice", "options": ["one", "two"]},
            {
                "answer_type": "multiple_choice",
                "options": ["one", "two"],
                "qualifying_answer": ["three"],
            },
            {"answer_type": "yes_no", "qualifying_answer": "maybe"},
            {"answer_type": "essay"},
        ],
    )
    async def test_can_be_answered_so_that_somebody_qualifies(
        self, database: Database, funnel: Funnel, values: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.acting_as(funnel.author.actor) as tx:
                await add_row(
                    tx,
                    "qualification_questions",
                    funnel_page_id=funnel.id,
                    question_text="Which?",
                    **values,
                )

    async def test_accept_choices_among_the_options(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            await add_row(
                tx,
                "qualification_questions",
                funnel_page_id=funnel.id,
                question_text="Which?",
                answer_type="multiple_choice",
                options=["one", "two", "three"],
                qualifying_answer=["two", "three"],
            )


class TestExperiments:
    async def add_experiment(self, tx: Tx, funnel: Funnel, author: Person) -> UUID:
        return await add_row(
            tx,
            "ab_experiments",
            funnel_page_id=funnel.id,
            user_id=author.id,
            name="Headline",
            test_field="headline",
        )

    async def test_a_page_has_one_unfinished(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.service) as tx:
            first = await self.add_experiment(tx, funnel, funnel.author)
            await move(tx, "ab_experiments", first, "running", "paused")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(funnel.service) as tx:
                await self.add_experiment(tx, funnel, funnel.author)
        async with database.acting_as(funnel.service) as tx:
            await move(tx, "ab_experiments", first, "completed")
            await self.add_experiment(tx, funnel, funnel.author)

    async def test_once_completed_stay_so(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.service) as tx:
            experiment_id = await self.add_experiment(tx, funnel, funnel.author)
            await move(tx, "ab_experiments", experiment_id, "running", "completed")
            with pytest.raises(asyncpg.PostgresError, match="can't go from completed") as told:
                await move(tx, "ab_experiments", experiment_id, "running")
        assert told.value.sqlstate == "LS409"

    async def test_are_decided_by_the_service_alone(
        self, database: Database, funnel: Funnel
    ) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            experiment_id = await self.add_experiment(tx, funnel, funnel.author)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(funnel.author.actor) as tx:
                await move(tx, "ab_experiments", experiment_id, "running")

    async def test_are_signed_by_whoever_makes_them(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(funnel.author.actor) as tx:
                await self.add_experiment(tx, funnel, stranger)

    async def test_hold_the_values_of_their_arms(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            experiment_id = await self.add_experiment(tx, funnel, funnel.author)
            for position in range(2):
                await add_row(
                    tx,
                    "ab_experiment_variants",
                    experiment_id=experiment_id,
                    position=position,
                    label=f"Arm {position}",
                )
        async with database.acting_as(stranger.actor) as tx:
            seen = await tx.fetch(
                "select id from public.ab_experiment_variants where experiment_id = $1",
                experiment_id,
            )
        assert seen == []


class TestLibraries:
    async def add_item(self, tx: Tx, library_id: UUID, funnel: Funnel) -> UUID:
        return await add_row(
            tx,
            "library_items",
            library_id=library_id,
            asset_type="lead_magnet",
            lead_magnet_id=funnel.magnet_id,
        )

    async def test_an_item_is_in_a_library_once(self, database: Database, funnel: Funnel) -> None:
        async with database.acting_as(funnel.author.actor) as tx:
            library_id = await add_row(
                tx, "libraries", user_id=funnel.author.id, name="All", slug="all"
            )
            await self.add_item(tx, library_id, funnel)
            with pytest.raises(asyncpg.UniqueViolationError):
                await self.add_item(tx, library_id, funnel)

    async def test_an_item_is_ones_own(
        self, database: Database, funnel: Funnel, stranger: Person
    ) -> None:
        async with database.acting_as(stranger.actor) as tx:
            library_id = await add_row(tx, "libraries", user_id=stranger.id, name="All", slug="all")
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                await self.add_item(tx, library_id, funnel)

    async def test_clicks_on_a_link_are_counted(self, database: Database, creator: Person) -> None:
        async with database.acting_as(creator.actor) as tx:
            resource_id = await add_row(
                tx,
                "external_resources",
                user_id=creator.id,
                title="Tool",
                url="https://tool.example.com",
            )
        async with database.acting_as(creator.through(Writer.MAGNETLAB)) as tx:
            for _ in range(2):
                await add_row(tx, "external_resource_clicks", external_resource_id=resource_id)
        async with database.acting_as(creator.actor) as tx:
            count = await tx.fetchval(
                "select click_count from public.external_resources where id = $1", resource_id
            )
        assert count == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute("update public.external_resources set click_count = 99")
