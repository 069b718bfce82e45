"""Experiments: planned by whoever owns the page, shown to visitors, counted once each."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.domains.funnels import public
from lodestone.domains.funnels.experiments.rules import choose_arm
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.experiments import (
    PLAN,
    come,
    count_arms,
    id_of,
    new_email,
    opt_in,
    plan,
    start,
    view,
)
from tests.people import People, Person
from tests.platform.queue_fixtures import until

NEW = PLAN["value_1"]
_HEADLINE = re.compile(r"<h1>([^<]+)</h1>")


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Other")


@pytest.fixture
async def funnel(creator: Account) -> tuple[str, str]:
    """The path of a published funnel in the console, and its public one."""
    return await publish(creator, title=f"Guide {uuid4().hex[:8]}")


@pytest.fixture
async def team_page(
    creator: Account, people: People, database: Database, app: FastAPI
) -> AsyncIterator[tuple[Account, str]]:
    """A member of the creator's team, and a page of the team's that the creator made."""
    funnel, _ = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
    async with open_browser(app) as browser:
        member = await sign_up(database, browser, name="Mia Member")
        persons = [Person(each.id, each.email, each.username) for each in (creator, member)]
        team_id = await people.team(*persons)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_pages set team_id = $2 where id = $1", id_of(funnel), team_id
            )
        yield member, funnel


def _headline(answer: httpx.Response) -> str:
    found = _HEADLINE.search(answer.text)
    assert found is not None
    return found[1]


def _visitor_of_arm(experiment: str, arm: int) -> str:
    return next(
        name
        for name in (uuid4().hex for _ in range(200))
        if choose_arm(name, id_of(experiment), 2) == arm
    )


class TestPlanning:
    async def test_keeps_the_values_beside_the_page(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI
    ) -> None:
        experiment = await plan(creator, funnel[0])
        shown = await creator.browser.get(experiment)
        assert NEW in shown.text
        assert "Not started" in shown.text
        assert NEW not in (await come(app, funnel[1])).text

    async def test_shows_the_power_from_the_numbers_of_the_page(
        self, creator: Account, funnel: tuple[str, str], database: Database
    ) -> None:
        page_id = id_of(funnel[0])
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into page_views (funnel_page_id, visitor_hash, page_type, view_date)"
                " select $1, 'h' || g, 'optin', (now() at time zone 'utc')::date"
                " from generate_series(1, 1000) as g",
                page_id,
            )
            await tx.execute(
                "insert into funnel_leads (funnel_page_id, user_id, email)"
                " select f.id, f.user_id, g || '@example.net'"
                " from funnel_pages as f, generate_series(1, 100) as g where f.id = $1",
                page_id,
            )
        form = await creator.browser.get(f"{funnel[0]}/experiments/new")
        assert "10% of 1,000 visitors" in form.text
        # statsmodels: samplesize_proportions_2indep_onetail(0.02, 0.1, 0.8, alpha=0.025).
        assert "3,841" in form.text
        experiment = await creator.browser.get(
            await plan(creator, funnel[0], min_sample_size="3841")
        )
        assert "<strong>80%</strong>" in experiment.text

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"value_1": ""}, "f-value-1"),
            ({"value_1": "x" * 501}, "f-value-1"),
            ({"value_2": NEW}, "f-value-2"),
            ({"min_sample_size": "49"}, "f-min-sample-size"),
            ({"expected_lift": "nan"}, "f-expected-lift"),
            ({"test_field": "slug"}, "f-test-field"),
            ({"test_field": "headline", "goal": "optin"}, "f-goal"),
        ],
    )
    async def test_refuses_what_can_not_be_tested_and_names_the_field(
        self,
        creator: Account,
        funnel: tuple[str, str],
        changes: dict[str, str],
        field: str,
    ) -> None:
        answer = await creator.browser.post(
            f"{funnel[0]}/experiments/new", data={**PLAN, **changes}
        )
        assert answer.status_code == 422
        assert f"#{field}" in answer.text

    async def test_allows_one_unfinished_experiment_for_a_page(
        self, creator: Account, funnel: tuple[str, str]
    ) -> None:
        experiment = await plan(creator, funnel[0])
        answer = await creator.browser.post(f"{funnel[0]}/experiments/new", data=PLAN)
        assert answer.status_code == 422
        assert "one at a time" in answer.text
        await creator.browser.post(f"{experiment}/delete")
        await plan(creator, funnel[0])

    async def test_is_only_changed_before_the_start(
        self, creator: Account, funnel: tuple[str, str]
    ) -> None:
        experiment = await plan(creator, funnel[0])
        change = {"min_sample_size": "300"}
        assert (await creator.browser.post(f"{experiment}/plan", data=change)).status_code == 303
        await start(creator, experiment)
        answer = await creator.browser.post(f"{experiment}/plan", data={"min_sample_size": "60"})
        assert answer.status_code == 409

    async def test_starts_on_a_published_page_alone(
        self, creator: Account, funnel: tuple[str, str]
    ) -> None:
        experiment = await plan(creator, funnel[0])
        await creator.browser.post(f"{funnel[0]}/unpublish")
        assert (await creator.browser.post(f"{experiment}/start")).status_code == 409


class TestPeople:
    async def test_strangers_find_nothing(
        self, creator: Account, stranger: Account, funnel: tuple[str, str]
    ) -> None:
        experiment = await plan(creator, funnel[0])
        assert (await stranger.browser.get(experiment)).status_code == 404
        assert (await stranger.browser.get(f"{funnel[0]}/experiments/new")).status_code == 404
        answer = await stranger.browser.post(f"{funnel[0]}/experiments/new", data=PLAN)
        assert answer.status_code == 404
        for action in ("start", "pause", "resume", "delete", "plan", "declare"):
            answer = await stranger.browser.post(
                f"{experiment}/{action}",
                data={"variant_id": str(uuid4()), "min_sample_size": "100"},
            )
            assert answer.status_code == 404, action
        assert experiment not in (await stranger.browser.get("/app/experiments")).text
        assert experiment in (await creator.browser.get("/app/experiments")).text

    async def test_team_members_see_and_start_what_is_on_a_page_of_the_team(
        self, stranger: Account, team_page: tuple[Account, str]
    ) -> None:
        member, funnel = team_page
        experiment = await plan(member, funnel)
        await start(member, experiment)
        assert "Too early to tell" in (await member.browser.get(experiment)).text
        assert (await stranger.browser.get(experiment)).status_code == 404


class TestVisitors:
    async def test_see_the_same_arm_whenever_they_come(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI
    ) -> None:
        await start(creator, await plan(creator, funnel[0]))
        seen = set()
        for _ in range(12):
            first = await come(app, funnel[1])
            visitor = first.cookies["lodestone_visitor"]
            again = await come(app, funnel[1], visitor=visitor)
            assert _headline(again) == _headline(first)
            assert "set-cookie" not in again.headers
            assert first.headers["cache-control"] == "private, no-cache"
            seen.add(_headline(first))
        assert len(seen) == 2

    async def test_get_no_cookie_where_nothing_is_tested(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI
    ) -> None:
        await plan(creator, funnel[0])
        answer = await come(app, funnel[1])
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-cache"

    async def test_are_answered_from_the_cache_with_their_arm(
        self,
        creator: Account,
        funnel: tuple[str, str],
        app: FastAPI,
        database: Database,
        database_url: str,
    ) -> None:
        experiment = await plan(creator, funnel[0])
        key = funnel[1].removeprefix("/p/")

        async def is_kept() -> bool:
            return public.cache.get(key) is not None

        async def is_heard() -> bool:
            return public.cache.is_listening

        async def is_gone() -> bool:
            return public.cache.get(key) is None

        async with public.cache.listening(database_url):
            await until(is_heard)
            await come(app, funnel[1])
            assert await is_kept()
            await start(creator, experiment)
            await until(is_gone)
            visitors = [_visitor_of_arm(experiment, arm) for arm in (0, 1)]
            await come(app, funnel[1], visitor=visitors[0])
            kept = public.cache.get(key)
            assert kept is not None
            assert kept.arms is not None
            assert len(kept.arms.renderings) == 2
            answers = [await come(app, funnel[1], visitor=visitor) for visitor in visitors]
            assert public.cache.get(key) is kept
            assert answers[0].headers["etag"] != answers[1].headers["etag"]
            assert answers[0].headers["vary"] == "cookie"
            assert _headline(answers[1]) == NEW
            assert _headline(answers[0]) != NEW
            await creator.browser.post(f"{experiment}/pause")
            await until(is_gone)
            assert _headline(await come(app, funnel[1], visitor=visitors[1])) != NEW

    async def test_keep_their_arm_when_the_form_is_refused(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI
    ) -> None:
        experiment = await plan(creator, funnel[0])
        await start(creator, experiment)
        visitor = _visitor_of_arm(experiment, 1)
        refused = await opt_in(app, funnel[1], visitor=visitor, email="nobody")
        assert refused.status_code == 422
        assert _headline(refused) == NEW

    async def test_are_kept_on_the_view_and_on_the_lead(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(creator, funnel[0])
        await start(creator, experiment)
        visitor, email = _visitor_of_arm(experiment, 1), new_email()
        for _ in range(3):
            await view(app, funnel[0], visitor=visitor)
        for _ in range(2):
            answer = await opt_in(app, funnel[1], visitor=visitor, email=email)
            assert answer.status_code == 303
        async with database.acting_as(Root()) as tx:
            views = await tx.fetchval(
                "select count(*) from page_views as p join ab_experiment_variants as v"
                " on v.id = p.variant_id where v.experiment_id = $1 and v.position = 1",
                id_of(experiment),
            )
            arm = await tx.fetchval(
                "select v.position from funnel_leads as l join ab_experiment_variants as v"
                " on v.id = l.variant_id where l.email = $1",
                email,
            )
        assert (views, arm) == (1, 1)
        assert await count_arms(database, experiment) == [(0, 0), (1, 1)]

    async def test_who_opted_in_before_are_no_success(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        email = new_email()
        await opt_in(app, funnel[1], visitor=None, email=email)
        experiment = await plan(creator, funnel[0])
        await start(creator, experiment)
        visitor = _visitor_of_arm(experiment, 0)
        await view(app, funnel[0], visitor=visitor)
        await opt_in(app, funnel[1], visitor=visitor, email=email)
        assert await count_arms(database, experiment) == [(1, 0), (0, 0)]

    async def test_count_once_when_they_do_everything_at_once(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(creator, funnel[0])
        await start(creator, experiment)
        visitor = _visitor_of_arm(experiment, 1)
        await asyncio.gather(
            *(view(app, funnel[0], visitor=visitor) for _ in range(6)),
            *(opt_in(app, funnel[1], visitor=visitor) for _ in range(4)),
        )
        assert await count_arms(database, experiment) == [(0, 0), (1, 1)]

    async def test_are_not_counted_while_it_rests(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(creator, funnel[0])
        await start(creator, experiment)
        await creator.browser.post(f"{experiment}/pause")
        await view(app, funnel[0], visitor=uuid4().hex)
        await opt_in(app, funnel[1], visitor=uuid4().hex)
        assert await count_arms(database, experiment) == [(0, 0), (0, 0)]

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(
        acts=st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from(["view", "opt in", "opt in anew"])),
            max_size=14,
        )
    )
    async def test_count_once_in_whatever_order_and_however_often_they_come(
        self,
        creator: Account,
        app: FastAPI,
        database: Database,
        acts: list[tuple[int, str]],
    ) -> None:
        console, page = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        experiment = await plan(creator, console)
        await start(creator, experiment)
        visitors = [uuid4().hex for _ in range(4)]
        emails = [new_email() for _ in range(4)]
        for who, what in acts:
            if what == "view":
                await view(app, console, visitor=visitors[who])
            else:
                email = emails[who] if what == "opt in" else new_email()
                await opt_in(app, page, visitor=visitors[who], email=email)
        came = {who for who, _ in acts}
        opted_in = {who for who, what in acts if what != "view"}
        expected = []
        for arm in range(2):
            of_arm = {who for who in came if choose_arm(visitors[who], id_of(experiment), 2) == arm}
            expected.append((len(of_arm), len(of_arm & opted_in)))
        assert await count_arms(database, experiment) == expected


class TestThankYou:
    async def test_shows_each_lead_one_arm_and_counts_the_answer(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(
            creator, funnel[0], test_field="headline", value_1="Well done", goal="answered"
        )
        await start(creator, experiment)
        assert "set-cookie" not in (await come(app, funnel[1])).headers
        leads: dict[UUID, str] = {}
        for _ in range(8):
            email = new_email()
            thanks = (await opt_in(app, funnel[1], visitor=None, email=email)).headers["location"]
            shown = {_headline(await come(app, thanks)) for _ in range(3)}
            assert len(shown) == 1
            async with database.acting_as(Root()) as tx:
                row = await tx.fetchrow(
                    "select l.id, coalesce(v.value, '') as value from funnel_leads as l"
                    " join ab_experiment_variants as v on v.id = l.variant_id"
                    " where l.email = $1",
                    email,
                )
            assert row is not None
            assert row["value"] == shown.pop()
            leads[row["id"]] = row["value"]
        counts = await count_arms(database, experiment)
        assert sum(views for views, _ in counts) == 8
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_leads set answered_at = now() where id = any($1)", list(leads)[:4]
            )
        assert len(set(leads.values())) == 2
        results = await creator.browser.get(experiment)
        assert results.status_code == 200

    async def test_counts_nobody_without_a_lead_of_the_page(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(
            creator, funnel[0], test_field="headline", value_1="Well done", goal="qualified"
        )
        await start(creator, experiment)
        _, other = await publish(creator, title=f"Other {uuid4().hex[:8]}")
        thanks = (await opt_in(app, other, visitor=None)).headers["location"]
        token = thanks.rsplit("lead=", 1)[1]
        for lead in (token, "forged"):
            assert (await come(app, f"{funnel[1]}/thankyou?lead={lead}")).status_code == 200
        assert await count_arms(database, experiment) == [(0, 0), (0, 0)]
