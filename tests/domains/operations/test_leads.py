"""The pipeline as its people see it: moves that the states allow, notes, and no strangers."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up


@pytest.fixture(scope="module")
async def operator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def lead(database: Database, operator: Account) -> UUID:
    async with database.acting_as(Root()) as tx:
        lead_id: UUID = await tx.fetchval(
            """
            insert into leads (tenant_id, slug, email, full_name, opt_in_data)
            select p.tenant_id, $2, $3, 'Grace Hopper', '{"source": "organic"}'
            from profiles as p where p.id = $1
            returning id
            """,
            operator.id,
            f"grace-{uuid4().hex[:8]}",
            f"g{uuid4().hex[:10]}@example.org",
        )
    return lead_id


async def test_a_move_is_noted_on_the_trail(operator: Account, lead: UUID) -> None:
    answer = await operator.browser.post(
        f"/app/leads/{lead}/status", data={"status": "meeting_booked"}
    )
    assert answer.status_code == 303
    shown = await operator.browser.get(f"/app/leads/{lead}")
    assert "Meeting booked" in shown.text
    assert "from pending to meeting_booked" in shown.text


async def test_offers_only_the_moves_that_the_states_allow(operator: Account, lead: UUID) -> None:
    shown = await operator.browser.get(f"/app/leads/{lead}")
    assert '<option value="qualified">' in shown.text
    assert '<option value="meeting_attended">' not in shown.text


async def test_refuses_a_move_that_skips_the_meeting(operator: Account, lead: UUID) -> None:
    answer = await operator.browser.post(
        f"/app/leads/{lead}/status", data={"status": "meeting_attended"}
    )
    assert answer.status_code == 409


async def test_refuses_a_status_that_is_none(operator: Account, lead: UUID) -> None:
    answer = await operator.browser.post(f"/app/leads/{lead}/status", data={"status": "won"})
    assert answer.status_code == 422


async def test_a_note_is_kept_as_it_was_written(operator: Account, lead: UUID) -> None:
    answer = await operator.browser.post(
        f"/app/leads/{lead}/notes", data={"note": "Likes <b>short</b> calls"}
    )
    assert answer.status_code == 303
    shown = await operator.browser.get(f"/app/leads/{lead}")
    assert "Likes &lt;b&gt;short&lt;/b&gt; calls" in shown.text


async def test_an_empty_note_is_refused(operator: Account, lead: UUID) -> None:
    answer = await operator.browser.post(f"/app/leads/{lead}/notes", data={"note": ""})
    assert answer.status_code == 422


async def test_a_stranger_of_another_tenant_finds_nothing(
    database: Database, app: FastAPI, lead: UUID
) -> None:
    async with open_browser(app) as browser:
        stranger = await sign_up(database, browser, name="Eve Other")
        for answer in (
            await stranger.browser.get(f"/app/leads/{lead}"),
            await stranger.browser.post(f"/app/leads/{lead}/status", data={"status": "qualified"}),
            await stranger.browser.post(f"/app/leads/{lead}/notes", data={"note": "Hello"}),
        ):
            assert answer.status_code == 404
        assert "Grace Hopper" not in (await stranger.browser.get("/app/leads")).text


async def test_the_export_cannot_run_formulas(
    database: Database, operator: Account, lead: UUID
) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute("update leads set full_name = '=1+1' where id = $1", lead)
    answer = await operator.browser.get("/app/leads/export.csv")
    assert "'=1+1" in answer.text
