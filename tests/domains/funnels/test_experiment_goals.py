"""Experiments for booked calls and for money, on what is seen behind the questions."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.funnels.leads.models import OutcomeCreate, OutcomeKind
from lodestone.domains.funnels.leads.service import note_outcome
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.experiments import (
    BROWSER,
    come,
    count_arms,
    id_of,
    new_email,
    opt_in,
    plan,
    start,
)
from tests.journey.product import Product

VIDEOS = ("https://youtu.be/aaaaaaaaaaa", "https://youtu.be/bbbbbbbbbbb")


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def funnel(creator: Account, database: Database) -> tuple[str, str]:
    """The path of a published funnel with one question and a video, and its public one."""
    console, public = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
    question = {
        "question_text": "Do you decide?",
        "answer_type": "yes_no",
        "is_required": "true",
        "is_qualifying": "true",
        "qualifying_answer": "yes",
    }
    await creator.browser.post(f"{console}/survey/questions", data=question)
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update funnel_pages set vsl_url = $2 where id = $1", id_of(console), VIDEOS[0]
        )
    return console, public


async def answer(app: FastAPI, thanks: str, database: Database, funnel: str, says: str) -> None:
    async with database.acting_as(Root()) as tx:
        question: UUID = await tx.fetchval(
            "select id from qualification_questions where funnel_page_id = $1", id_of(funnel)
        )
    async with open_browser(app) as visitor:
        body = {"token": httpx.URL(thanks).params["lead"], "answers": {str(question): says}}
        given = await visitor.patch("/api/public/lead", json=body, headers=BROWSER)
        assert given.status_code == 200, given.text


class TestShownLate:
    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            (("vsl_url", VIDEOS[1], "answered"), "f-goal"),
            (("pass_message", "Come in", "qualified"), "f-goal"),
            (("vsl_url", "https://example.com/video.mp4", "booked"), "f-value-1"),
        ],
    )
    async def test_is_planned_for_what_can_still_happen(
        self, creator: Account, funnel: tuple[str, str], given: tuple[str, str, str], wrong: str
    ) -> None:
        field, value, goal = given
        data = {
            "test_field": field,
            "value_1": value,
            "goal": goal,
            "min_sample_size": "200",
            "expected_lift": "0.2",
        }
        refused = await creator.browser.post(f"{funnel[0]}/experiments/new", data=data)
        assert refused.status_code == 422
        assert f'href="#{wrong}"' in refused.text

    async def test_counts_who_has_come_to_it_and_their_calls(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(
            creator, funnel[0], test_field="vsl_url", value_1=VIDEOS[1], goal="booked"
        )
        await start(creator, experiment)
        emails = [new_email() for _ in range(6)]
        shown: list[str] = []
        for email in emails:
            thanks = (await opt_in(app, funnel[1], visitor=None, email=email)).headers["location"]
            await come(app, thanks)
            assert sum(views for views, _ in await count_arms(database, experiment)) == len(shown)
            await answer(app, thanks, database, funnel[0], "yes")
            text = (await come(app, thanks)).text
            shown.append(next(video for video in VIDEOS if video[-11:] in text))
        counts = await count_arms(database, experiment)
        assert [views for views, _ in counts] == [shown.count(video) for video in VIDEOS]
        async with database.acting_as(Root()) as tx:
            leads = await tx.fetch("select id from funnel_leads where email = any ($1)", emails[:2])
            booked = OutcomeCreate(kind=OutcomeKind.BOOKED, key="calendar")
            for _ in range(2):
                await note_outcome(tx, lead_ids=[row["id"] for row in leads], given=booked)
        page = await creator.browser.get(experiment)
        assert page.text.count('<span class="ls-sub">1</span>') == 2 or (
            '<span class="ls-sub">2</span>' in page.text
        )

    async def test_shows_the_message_to_the_qualified_alone(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        experiment = await plan(
            creator, funnel[0], test_field="pass_message", value_1="Come in", goal="revenue"
        )
        await start(creator, experiment)
        messages = set()
        for number in range(10):
            thanks = (await opt_in(app, funnel[1], visitor=None)).headers["location"]
            await answer(app, thanks, database, funnel[0], "no" if number == 0 else "yes")
            text = (await come(app, thanks)).text
            messages.add("Come in" in text)
        assert messages == {True, False}
        assert sum(views for views, _ in await count_arms(database, experiment)) == 9


class TestMoney:
    async def test_of_the_pipeline_counts_for_the_opt_in_behind_it(
        self, creator: Account, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        email = new_email()
        await opt_in(app, funnel[1], visitor=None, email=email)
        async with database.acting_as(Root()) as tx:
            tenant_id = await tx.fetchval(
                "select tenant_id from profiles where id = $1", creator.id
            )
            lead_id = await tx.fetchval("select id from funnel_leads where email = $1", email)
            await tx.execute(
                "insert into leads (tenant_id, slug, email, opt_in_data) values ($1, $2, $3, $4)",
                tenant_id,
                uuid4().hex,
                email,
                {"source": "organic", "touches": [{"funnel_lead_id": str(lead_id)}]},
            )
        insert = (
            "insert into revenue_events (tenant_id, stripe_event_id, event_type, amount_cents,"
            " customer_email) values ($1, $2, $3, $4, $5) returning id"
        )
        async with database.acting_as(Root()) as tx:
            await tx.execute("update leads set status = 'meeting_booked' where email = $1", email)
            paid = await tx.fetchval(
                insert, tenant_id, uuid4().hex, "payment", 120_000, email.upper()
            )
            await tx.fetchval(insert, tenant_id, uuid4().hex, "refund", -20_000, email)
        assert await self._read(database, lead_id) == (True, 100_000)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update revenue_events set classification = 'excluded' where id = $1", paid
            )
        assert await self._read(database, lead_id) == (True, -20_000)

    async def test_of_a_stranger_s_pipeline_counts_for_nobody_else(
        self, funnel: tuple[str, str], app: FastAPI, database: Database
    ) -> None:
        email = new_email()
        await opt_in(app, funnel[1], visitor=None, email=email)
        async with database.acting_as(Root()) as tx:
            lead_id: UUID = await tx.fetchval("select id from funnel_leads where email = $1", email)
        async with open_browser(app) as browser:
            stranger = await sign_up(database, browser, name="Mal Lory")
        async with database.acting_as(stranger.actor) as tx:
            # Whoever opts in is told the lead's id, and the touches are the tenant's to write.
            await tx.execute(
                "insert into leads (tenant_id, slug, email, opt_in_data)"
                " values (auth_tenant_id(), $1, $2, $3)",
                uuid4().hex,
                email,
                {"source": "organic", "touches": [{"funnel_lead_id": str(lead_id)}]},
            )
            await tx.execute("update leads set status = 'meeting_booked' where email = $1", email)
        assert await self._read(database, lead_id) == (False, 0)

    async def _read(self, database: Database, lead_id: UUID) -> tuple[bool, int]:
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                "select booked_at, revenue_cents from funnel_leads where id = $1", lead_id
            )
        assert row is not None
        return row["booked_at"] is not None, row["revenue_cents"]


async def test_a_fresh_worker_knows_the_schedule_that_decides(
    fresh_database_url: str, fresh_database: Database, tmp_path: Path
) -> None:
    """The worker is a process of its own: that this module imports nothing helps it nothing."""
    with socket.socket() as listener:
        product = Product(fresh_database_url, tmp_path, listener)
        product.start("worker")
        try:
            deadline = time.monotonic() + 60
            known: set[str] = set()
            while "funnels:decide_experiments" not in known and time.monotonic() < deadline:
                async with fresh_database.acting_as(Root()) as tx:
                    rows = await tx.fetch("select entrypoint from platform.job_schedules")
                known = {row["entrypoint"] for row in rows}
                await asyncio.sleep(0.05)
        finally:
            product.stop()
    assert {"funnels:decide_experiments", "funnels:add_up_sources"} <= known
