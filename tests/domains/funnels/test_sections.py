"""Sections: each in the shape of its type, hidden while they hold samples, in any order."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up

QUOTE = {"quote": "It took us a week.", "author": "Petra", "role": "Halden"}
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def funnel(creator: Account) -> str:
    return (await publish(creator, title=f"Guide {uuid4().hex[:8]}"))[0]


async def _add(creator: Account, funnel: str, kind: str, page: str = "optin") -> str:
    """Add a section; return its address."""
    answer = await creator.browser.post(
        f"{funnel}/sections", data={"section_type": kind, "page": page, "part": "below"}
    )
    assert answer.status_code == 303
    return f"{funnel}/sections/{answer.headers['location'].rpartition('edit=')[2]}"


async def _order(creator: Account, funnel: str, page: str) -> list[str]:
    shown = await creator.browser.get(f"{funnel}/sections?page={page}")
    return re.findall(r'data-section="([0-9a-f-]{36})"', shown.text)


class TestShape:
    @pytest.mark.parametrize(
        ("kind", "given", "field"),
        [
            ("testimonial", {"quote": ""}, "quote"),
            ("testimonial", QUOTE | {"text": "of another type"}, "text"),
            ("steps", {"steps.0.title": "One"}, "steps.0.description"),
            ("steps", {"steps.1.title": "x" * 201, "steps.1.description": "d"}, "steps.0.title"),
            ("stats_bar", {"stats.0.value": "3", "stats.0.label": "calls"}, "stats"),
            ("logo_bar", {"logos.0.name": "A", "logos.0.imageUrl": "no"}, "logos.0.imageUrl"),
            ("marketing_block", {"ctaText": "Go", "ctaUrl": "javascript:alert(1)"}, "ctaUrl"),
            ("section_bridge", {"text": "On", "stepNumber": "100"}, "stepNumber"),
        ],
    )
    async def test_is_that_of_its_own_type(
        self, creator: Account, funnel: str, kind: str, given: dict[str, Any], field: str
    ) -> None:
        section = await _add(creator, funnel, kind)
        answer = await creator.browser.post(section, json=given, headers=JSON)
        assert answer.status_code == 422
        assert field in answer.json()["details"]["fields"]

    async def test_is_refused_in_the_form_with_the_field_named(
        self, creator: Account, funnel: str
    ) -> None:
        section = await _add(creator, funnel, "steps")
        answer = await creator.browser.post(section, data={"steps.0.title": "One"})
        assert answer.status_code == 422
        assert 'href="#f-steps-0-description"' in answer.text


class TestSample:
    async def test_is_hidden_until_the_last_of_its_words_is_replaced(
        self, creator: Account, client: httpx.AsyncClient
    ) -> None:
        funnel, path = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        section = await _add(creator, funnel, "steps")
        half = {
            "steps.0.title": "Sail",
            "steps.0.description": "We sail on Monday.",
            "steps.1.title": "Then",
            "steps.1.description": "What follows from it.",
        }
        assert (await creator.browser.post(section, json=half)).json()["after"]["is_placeholder"]
        assert "We sail on Monday" not in (await client.get(path)).text
        shown = await creator.browser.post(f"{section}/visible", data={"is_visible": "true"})
        assert shown.status_code == 422
        whole = half | {"steps.1.description": "We land on Tuesday."}
        filled = (await creator.browser.post(section, json=whole)).json()
        assert filled["after"]["is_visible"]
        text = (await client.get(path)).text
        assert "We sail on Monday." in text
        assert "What follows from it" not in text
        await creator.browser.post(f"{section}/put-back", json=filled["before"])
        assert "We sail on Monday" not in (await client.get(path)).text

    async def test_of_a_new_funnel_is_the_templates(self, creator: Account, funnel: str) -> None:
        reset = {"page": "content", "template": "authority"}
        assert (await creator.browser.post(f"{funnel}/sections/reset", data=reset)).is_redirect
        assert len(await _order(creator, funnel, "content")) == 3
        assert len(await _order(creator, funnel, "thankyou")) == 1


class TestPlace:
    async def test_is_where_it_was_put(self, creator: Account, client: httpx.AsyncClient) -> None:
        funnel, path = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        await creator.browser.post(
            f"{funnel}/sections/reset", data={"page": "optin", "template": "minimal"}
        )
        words = {}
        for word in ("Bergamot", "Cinnamon"):
            section = await _add(creator, funnel, "section_bridge")
            await creator.browser.post(section, json={"text": word})
            words[word] = section.rpartition("/")[2]
        wanted = [words["Cinnamon"], words["Bergamot"]]
        moved = await creator.browser.post(
            f"{funnel}/sections/order",
            json={"page_location": "optin", "ids": wanted, "above": 1},
        )
        assert moved.json()["before"]["ids"] == wanted[::-1]
        text = (await client.get(path)).text
        assert text.index("Cinnamon") < text.index("<h1>") < text.index("Bergamot")

    async def test_takes_sections_of_its_own_page_alone(
        self, creator: Account, funnel: str
    ) -> None:
        other = (await _add(creator, funnel, "section_bridge", "thankyou")).rpartition("/")[2]
        order = {"page_location": "optin", "ids": [other], "above": 0}
        answer = await creator.browser.post(f"{funnel}/sections/order", json=order, headers=JSON)
        assert answer.status_code == 422

    async def test_is_taken_again_by_what_was_removed(self, creator: Account, funnel: str) -> None:
        section = await _add(creator, funnel, "testimonial", "thankyou")
        await creator.browser.post(section, json=QUOTE)
        gone = await creator.browser.post(f"{section}/remove", headers=JSON)
        put = await creator.browser.post(f"{funnel}/sections/restore", json=gone.json())
        assert put.status_code == 201
        assert {**put.json(), "id": ""} == {**gone.json(), "id": ""}


class TestStranger:
    async def test_finds_no_section(
        self, creator: Account, funnel: str, database: Database, app: FastAPI
    ) -> None:
        section = await _add(creator, funnel, "testimonial")
        order = {"page_location": "optin", "ids": [], "above": 0}
        async with open_browser(app) as browser:
            stranger = (await sign_up(database, browser, name="Eve Other")).browser
            for answer in (
                await stranger.get(f"{funnel}/sections"),
                await stranger.post(section, json=QUOTE),
                await stranger.post(f"{section}/remove"),
                await stranger.post(f"{section}/visible", data={"is_visible": "false"}),
                await stranger.post(f"{funnel}/sections/order", json=order),
                await stranger.post(f"{funnel}/changes", json={"optin_headline": "Mine"}),
                await stranger.post(f"{funnel}/preview", json={}),
                await stranger.post(f"{funnel}/brand"),
                await stranger.post(f"{funnel}/pictures", content=b"x"),
                await stranger.post(
                    f"{funnel}/sections/reset", data={"page": "optin", "template": "minimal"}
                ),
            ):
                assert answer.status_code == 404
