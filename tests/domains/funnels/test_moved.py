"""Links under a public name that the author had before."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up, write_magnet


@pytest.fixture
async def creator(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="192.0.2.77") as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


async def _rename(creator: Account, username: str) -> None:
    form = {"name": "Ada Lumen", "username": username}
    assert (await creator.browser.post("/app/account", data=form)).status_code == 303


class TestAnEarlierName:
    async def test_leads_to_the_page_with_everything_behind_it(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        _, path = await publish(creator)
        slug = path.rsplit("/", 1)[1]
        new = f"{creator.username}-new"
        await _rename(creator, new)
        for old in (creator.username, creator.username.upper()):
            answer = await client.get(f"/p/{old}/{slug}?utm_source=li")
            assert answer.status_code == 301
            assert answer.headers["location"] == f"/p/{new}/{slug}?utm_source=li"
        assert (await client.get(answer.headers["location"])).status_code == 200
        thanks = await client.get(f"/p/{creator.username}/{slug}/thankyou")
        assert thanks.headers["location"] == f"/p/{new}/{slug}/thankyou"

    async def test_still_takes_a_form_that_was_open(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        _, path = await publish(creator)
        await _rename(creator, f"{creator.username}-new")
        answer = await client.post(path, data={"email": "grace@example.org"})
        assert answer.status_code == 308
        answer = await client.post(answer.headers["location"], data={"email": "grace@example.org"})
        assert answer.status_code == 303

    async def test_leads_on_through_several_names(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        _, path = await publish(creator)
        for number in (1, 2):
            await _rename(creator, f"{creator.username}-{number}")
        answer = await client.get(path)
        assert answer.headers["location"].startswith(f"/p/{creator.username}-2/")

    async def test_tells_nothing_of_pages_that_are_not_there(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        funnel, path = await publish(creator)
        await _rename(creator, f"{creator.username}-new")
        await creator.browser.post(f"{funnel}/unpublish")
        assert (await client.get(path)).status_code == 404
        assert (await client.get(f"/p/{creator.username}/nothing")).status_code == 404

    async def test_ends_when_it_is_let_go(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        _, path = await publish(creator)
        await _rename(creator, f"{creator.username}-new")
        await creator.browser.post(f"/app/account/former-names/{creator.username}/release")
        assert (await client.get(path)).status_code == 404


class TestANewFunnel:
    async def test_looks_as_its_author_chose(self, creator: Account) -> None:
        form = {"default_primary_color": "#aa3300", "default_theme": "light"}
        await creator.browser.post("/app/account/funnels", data=form)
        magnet = await write_magnet(creator)
        answer = await creator.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        page = await creator.browser.get(f"{answer.headers['location']}/theme")
        assert "#aa3300" in page.text
