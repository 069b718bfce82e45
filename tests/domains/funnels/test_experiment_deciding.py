"""How an experiment ends: at its horizon, once, whatever happens to who decides."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from lodestone.domains.funnels.experiments import service
from lodestone.domains.funnels.experiments.jobs import (
    DecideExperiment,
    decide_experiment,
    decide_experiments,
)
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Database
from lodestone.platform.jobs import registered_schedules, work_off
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.experiments import PLAN, fill_arms, id_of, plan, start

NEW = PLAN["value_1"]
CLEAR = ((400, 40), (400, 90))


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def funnel(creator: Account) -> str:
    return (await publish(creator, title=f"Guide {uuid4().hex[:8]}"))[0]


@pytest.fixture
async def experiment(creator: Account, funnel: str) -> str:
    """A running test of the headline that needs 200 visitors an arm."""
    path = await plan(creator, funnel)
    await start(creator, path)
    return path


async def _decide(creator: Account, experiment: str) -> None:
    await decide_experiment(DecideExperiment(id_of(experiment), creator.id))


async def _state(database: Database, experiment: str) -> tuple[str, int | None, str]:
    """Return status, the winner's position, and the headline that the page shows."""
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow(
            """
            select e.status, v.position, f.optin_headline
            from ab_experiments as e
            join funnel_pages as f on f.id = e.funnel_page_id
            left join ab_experiment_variants as v on v.id = e.winning_variant_id
            where e.id = $1
            """,
            id_of(experiment),
        )
    assert row is not None
    return row["status"], row["position"], row["optin_headline"]


async def _decide_and_die(database: Database, actor: Service, experiment: str) -> None:
    """Decide, and lose the connection before the commit."""
    async with database.acting_as(actor) as tx:
        assert await service.decide_experiment(tx, experiment_id=id_of(experiment))
        await tx.execute("reset role")
        await tx.fetchval("select pg_terminate_backend(pg_backend_pid())")


class TestDeciding:
    async def test_waits_for_the_horizon_however_clear_it_looks(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, (199, 5), (205, 150))
        await _decide(creator, experiment)
        assert (await _state(database, experiment))[0] == "running"
        assert "Too early to tell" in (await creator.browser.get(experiment)).text

    async def test_gives_the_last_visitors_time(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, *CLEAR, days_ago=0)
        await _decide(creator, experiment)
        assert (await _state(database, experiment))[0] == "running"
        assert "Nearly decided" in (await creator.browser.get(experiment)).text

    async def test_copies_the_winning_value_to_the_page(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, *CLEAR)
        await _decide(creator, experiment)
        assert await _state(database, experiment) == ("completed", 1, NEW)
        shown = (await creator.browser.get(experiment)).text
        assert "Arm B won" in shown
        assert "22.5%" in shown
        # statsmodels: proportion_confint(90, 400, method="wilson").
        assert "18.7–26.8%" in shown

    async def test_leaves_the_page_when_it_wins_itself(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        before = (await _state(database, experiment))[2]
        await fill_arms(database, experiment, *CLEAR[::-1])
        await _decide(creator, experiment)
        assert await _state(database, experiment) == ("completed", 0, before)
        assert "Arm A won" in (await creator.browser.get(experiment)).text

    async def test_ends_without_a_winner_when_there_is_no_difference(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        before = (await _state(database, experiment))[2]
        await fill_arms(database, experiment, (300, 30), (300, 34))
        await _decide(creator, experiment)
        assert await _state(database, experiment) == ("completed", None, before)
        assert "No difference found" in (await creator.browser.get(experiment)).text

    async def test_decides_nothing_when_visitors_are_spread_wrongly(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, (600, 60), (300, 90))
        await _decide(creator, experiment)
        assert (await _state(database, experiment))[0] == "running"
        assert "Don’t trust" in (await creator.browser.get(experiment)).text.replace("&#39;", "’")

    async def test_leaves_nothing_half_done_when_its_connection_dies(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, *CLEAR)
        before = await _state(database, experiment)
        actor = Service(Writer.MAGNETLAB, user_id=creator.id)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await _decide_and_die(database, actor, experiment)
        assert await _state(database, experiment) == before
        await _decide(creator, experiment)
        assert await _state(database, experiment) == ("completed", 1, NEW)

    async def test_decides_once_however_often_and_at_once_it_runs(
        self, creator: Account, funnel: str, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, *CLEAR)
        await asyncio.gather(*(_decide(creator, experiment) for _ in range(4)))
        async with database.acting_as(Root()) as tx:
            ended = await tx.fetchval(
                "select completed_at from ab_experiments where id = $1", id_of(experiment)
            )
            await tx.execute(
                "update funnel_pages set optin_headline = 'Mine' where id = $1", id_of(funnel)
            )
        await _decide(creator, experiment)
        assert await _state(database, experiment) == ("completed", 1, "Mine")
        async with database.acting_as(Root()) as tx:
            again = await tx.fetchval(
                "select completed_at from ab_experiments where id = $1", id_of(experiment)
            )
        assert again == ended

    async def test_is_seen_to_by_the_clock(
        self, creator: Account, experiment: str, database: Database, database_url: str
    ) -> None:
        await fill_arms(database, experiment, *CLEAR)
        assert decide_experiments in registered_schedules()
        await decide_experiments.run()
        await work_off(database_url)
        assert await _state(database, experiment) == ("completed", 1, NEW)

    async def test_passes_over_one_that_is_gone(self, creator: Account, experiment: str) -> None:
        await creator.browser.post(f"{experiment}/delete")
        await _decide(creator, experiment)


class TestByHand:
    async def test_a_chosen_arm_goes_to_the_page(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            arm = await tx.fetchval(
                "select id from ab_experiment_variants where experiment_id = $1 and position = 1",
                id_of(experiment),
            )
        answer = await creator.browser.post(f"{experiment}/declare", data={"variant_id": str(arm)})
        assert answer.status_code == 303
        assert await _state(database, experiment) == ("completed", 1, NEW)
        assert "Ended by hand" in (await creator.browser.get(experiment)).text
        again = await creator.browser.post(f"{experiment}/declare", data={"variant_id": str(arm)})
        assert again.status_code == 409

    async def test_an_arm_of_another_experiment_is_refused(
        self, creator: Account, experiment: str
    ) -> None:
        answer = await creator.browser.post(
            f"{experiment}/declare", data={"variant_id": str(uuid4())}
        )
        assert answer.status_code == 422

    async def test_rests_and_goes_on(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        assert (await creator.browser.post(f"{experiment}/resume")).status_code == 409
        assert (await creator.browser.post(f"{experiment}/pause")).status_code == 303
        await fill_arms(database, experiment, *CLEAR)
        await _decide(creator, experiment)
        assert (await _state(database, experiment))[0] == "paused"
        assert (await creator.browser.post(f"{experiment}/resume")).status_code == 303
        await _decide(creator, experiment)
        assert (await _state(database, experiment))[0] == "completed"

    async def test_deleting_keeps_page_and_leads(
        self, creator: Account, funnel: str, experiment: str, database: Database
    ) -> None:
        await fill_arms(database, experiment, (10, 3), (10, 2))
        assert (await creator.browser.post(f"{experiment}/delete")).status_code == 303
        assert (await creator.browser.get(experiment)).status_code == 404
        async with database.acting_as(Root()) as tx:
            leads = await tx.fetchval(
                "select count(*) from funnel_leads where funnel_page_id = $1", id_of(funnel)
            )
        assert leads == 5


class TestTables:
    async def test_arms_stay_as_they_were_at_the_start(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        for statement in (
            "update ab_experiment_variants set value = 'Other' where experiment_id = $1",
            "delete from ab_experiment_variants where experiment_id = $1",
            "insert into ab_experiment_variants (experiment_id, position, label) select $1, 7, 'H'",
            "update ab_experiments set min_sample_size = 1 where id = $1",
        ):
            with pytest.raises(asyncpg.PostgresError) as refusal:
                async with database.acting_as(creator.actor) as tx:
                    await tx.execute(statement, id_of(experiment))
            assert refusal.value.sqlstate == "LS409"

    async def test_people_do_not_write_what_was_counted(
        self, creator: Account, experiment: str, database: Database
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(creator.actor) as tx:
                await tx.execute(
                    "delete from ab_experiment_exposures where experiment_id = $1",
                    id_of(experiment),
                )
