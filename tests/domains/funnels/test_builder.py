"""A creator drafts, changes, publishes and hides a funnel; a stranger does none of it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import (
    Account,
    draft_funnel,
    open_browser,
    publish,
    sign_up,
    write_magnet,
)

FORM = {
    "optin_headline": "A headline",
    "optin_subline": "A line",
    "optin_button_text": "Get it",
    "optin_social_proof": "",
    "thankyou_headline": "Thanks",
    "thankyou_subline": "",
    "theme": "light",
    "primary_color": "#0f766e",
    "background_style": "gradient",
}


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Other")


def _slug() -> str:
    return f"page-{uuid4().hex[:10]}"


class TestDraft:
    async def test_takes_headline_and_line_from_the_magnet(self, creator: Account) -> None:
        magnet = await write_magnet(creator, title="A title to draft from")
        page = await creator.browser.get(await draft_funnel(creator, magnet))
        assert 'value="A title to draft from"' in page.text
        assert "Deals go quiet" in page.text

    async def test_gives_a_magnet_one_funnel(self, creator: Account) -> None:
        magnet = await write_magnet(creator)
        await draft_funnel(creator, magnet)
        answer = await creator.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        assert answer.status_code == 409

    async def test_finds_a_free_address_for_the_same_title(self, creator: Account) -> None:
        title = f"Same title {uuid4().hex[:6]}"
        first = await publish(creator, title=title)
        second = await publish(creator, title=title)
        assert second[1] == f"{first[1]}-1"


class TestChange:
    async def test_is_seen_by_visitors_at_once(self, creator: Account, app: FastAPI) -> None:
        funnel, page = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        slug = page.rsplit("/", 1)[1]
        answer = await creator.browser.post(
            funnel, data={**FORM, "slug": slug, "optin_headline": "A better headline"}
        )
        assert answer.status_code == 303
        async with open_browser(app) as visitor:
            shown = await visitor.get(page)
        assert "<h1>A better headline</h1>" in shown.text
        assert 'data-theme="light"' in shown.text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("slug", "Not A Slug"),
            ("optin_headline", "x" * 501),
            ("primary_color", "red"),
            ("theme", "neon"),
        ],
    )
    async def test_is_refused_with_the_field_named(
        self, creator: Account, field: str, value: str
    ) -> None:
        funnel = await draft_funnel(creator, await write_magnet(creator))
        answer = await creator.browser.post(funnel, data={**FORM, "slug": _slug(), field: value})
        assert answer.status_code == 422
        assert f'href="#f-{field.replace("_", "-")}"' in answer.text

    async def test_of_the_address_to_a_taken_one_is_refused(self, creator: Account) -> None:
        _, taken = await publish(creator, title=f"Taken {uuid4().hex[:8]}")
        funnel = await draft_funnel(creator, await write_magnet(creator))
        answer = await creator.browser.post(funnel, data={**FORM, "slug": taken.rsplit("/", 1)[1]})
        assert answer.status_code in {409, 422}


class TestPublishing:
    async def test_says_what_is_missing_and_where_it_is_mended(self, creator: Account) -> None:
        funnel = await draft_funnel(creator, await write_magnet(creator))
        await creator.browser.post(funnel, data={"redirect_trigger": "immediate"})
        answer = await creator.browser.post(f"{funnel}/publish")
        assert answer.status_code == 422
        assert f'href="{funnel}/thankyou#f-redirect-url"' in answer.text


class TestStranger:
    async def test_finds_nothing_there(self, creator: Account, stranger: Account) -> None:
        funnel, _ = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        for answer in (
            await stranger.browser.get(funnel),
            await stranger.browser.get(f"{funnel}/preview"),
            await stranger.browser.post(f"{funnel}/unpublish"),
            await stranger.browser.post(funnel, data={**FORM, "slug": _slug()}),
        ):
            assert answer.status_code == 404

    async def test_drafts_no_funnel_for_a_foreign_magnet(
        self, creator: Account, stranger: Account
    ) -> None:
        magnet = await write_magnet(creator)
        assert (await stranger.browser.get(magnet)).status_code == 404
        answer = await stranger.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        assert answer.status_code == 404

    async def test_is_sent_to_sign_in_without_a_session(self, app: FastAPI) -> None:
        async with open_browser(app) as visitor:
            for path in ("/app/funnels", "/app/lead-magnets", "/app/leads", "/app/opt-ins"):
                answer: httpx.Response = await visitor.get(path)
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/sign-in")


class TestMagnet:
    async def test_comes_back_as_the_text_that_was_written(self, creator: Account) -> None:
        magnet = await write_magnet(creator)
        editor = await creator.browser.get(f"{magnet}/edit")
        assert "## Why ten minutes" in editor.text
        assert "- Sort by the last touch" in editor.text

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"title": "", "body": "long enough to be a body"}, "title"),
            ({"title": "T", "body": "short"}, "body"),
            ({"title": "T" * 201, "body": "long enough to be a body"}, "title"),
            ({"title": "T", "body": "long enough to be a body", "archetype": "poem"}, "archetype"),
        ],
    )
    async def test_is_refused_with_the_field_named(
        self, creator: Account, form: dict[str, str], field: str
    ) -> None:
        answer = await creator.browser.post("/app/lead-magnets/new", data=form)
        assert answer.status_code == 422
        assert f'href="#f-{field}"' in answer.text

    async def test_archiving_can_be_undone(self, creator: Account) -> None:
        title = f"To archive {uuid4().hex[:8]}"
        magnet = await write_magnet(creator, title=title)
        await creator.browser.post(f"{magnet}/archive")
        assert title not in (await creator.browser.get("/app/lead-magnets?q=archive")).text
        await creator.browser.post(f"{magnet}/restore")
        assert title in (await creator.browser.get("/app/lead-magnets?q=archive")).text


class TestMany:
    async def test_says_of_each_what_became_of_it(self, creator: Account) -> None:
        magnets = [(await write_magnet(creator)).rsplit("/", 1)[1] for _ in range(2)]
        rows = [
            {"target_id": magnets[0], "publish": True, "optin_headline": "The first"},
            {"target_id": magnets[0]},
            {"target_id": magnets[1], "slug": _slug()},
            {"target_id": str(uuid4())},
        ]
        answer = await creator.browser.post("/api/funnels/bulk", json={"funnels": rows})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert [row["is_published"] for row in told] == [True, False, False, False]
        assert [row["error"] is None for row in told] == [True, False, True, False]
        shown = await creator.browser.get(f"/app/funnels/{told[0]['funnel_page_id']}")
        assert 'value="The first"' in shown.text

    async def test_takes_a_hundred_at_most(self, creator: Account) -> None:
        rows = [{"target_id": str(uuid4())}] * 101
        answer = await creator.browser.post("/api/funnels/bulk", json={"funnels": rows})
        assert answer.status_code == 422
