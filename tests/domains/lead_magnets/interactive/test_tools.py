"""Tools from draft to visitor: made, mended, used and talked to."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, draft_funnel, open_browser, sign_up
from tests.domains.lead_magnets.interactive.test_rules import ASSESSMENT, CALCULATOR

GUIDE = "## Ask\n\n- Leads a month (100)\n- Worth of one (250)\n\nAnswer leads within an hour.\n"
CHAT = {
    "name": "The reply coach",
    "systemPrompt": "Help with replies.",
    "welcomeMessage": "What are you answering?",
    "suggestedPrompts": ["A cold lead"],
}


@pytest.fixture
async def creator(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Cora Creator")


async def begin(creator: Account, archetype: str) -> str:
    """Write a magnet of a format; return its path."""
    given = {"title": "What slow replies cost", "body": GUIDE, "archetype": archetype}
    answer = await creator.browser.post("/app/lead-magnets/new", data=given)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def save(creator: Account, magnet: str, config: dict[str, Any]) -> httpx.Response:
    return await creator.browser.post(f"{magnet}/tool", data={"config": json.dumps(config)})


async def open_up(creator: Account, magnet: str, database: Database) -> str:
    """Publish a magnet's funnel for anybody to read; return the address of its content."""
    funnel = await draft_funnel(creator, magnet)
    assert (await creator.browser.post(f"{funnel}/publish")).status_code == 303
    async with database.acting_as(Root()) as tx:
        slug = await tx.fetchval(
            "update funnel_pages set is_content_open = true where id = $1 returning slug",
            UUID(funnel.rsplit("/", 1)[1]),
        )
    return f"/p/{creator.username}/{slug}/content"


class TestMaking:
    async def test_one_is_drafted_from_what_was_written(self, creator: Account) -> None:
        magnet = await begin(creator, "single-calculator")
        assert "No calculator yet" in (await creator.browser.get(f"{magnet}/tool")).text
        assert (await creator.browser.post(f"{magnet}/tool/draft")).status_code == 303
        preview = await creator.browser.get(f"{magnet}/tool/preview?leadsAMonth=3&worthOfOne=4")
        assert 'class="figure">7<' in preview.text

    async def test_what_does_not_work_is_marked_where_it_is(self, creator: Account) -> None:
        magnet = await begin(creator, "single-calculator")
        assert (await save(creator, magnet, CALCULATOR)).status_code == 303
        for broken, place in (
            (CALCULATOR | {"formula": "leads *"}, "formula"),
            (CALCULATOR | {"headline": ""}, "headline"),
            (CALCULATOR | {"inputs": [{"id": "leads", "label": ""}]}, "inputs.0.label"),
        ):
            answer = await save(creator, magnet, broken)
            assert answer.status_code == 422
            assert place in answer.text
        preview = await creator.browser.get(f"{magnet}/tool/preview?leads=4")
        assert "$200" in preview.text

    async def test_formats_that_are_read_have_none(self, creator: Account) -> None:
        magnet = await begin(creator, "one-story")
        assert (await creator.browser.get(f"{magnet}/tool")).status_code == 404
        assert (await save(creator, magnet, CALCULATOR)).status_code == 404

    async def test_is_nobody_elses(
        self, app: FastAPI, creator: Account, database: Database
    ) -> None:
        magnet = await begin(creator, "single-calculator")
        await save(creator, magnet, CALCULATOR)
        async with open_browser(app) as browser:
            stranger = await sign_up(database, browser, name="Sam Stranger")
            assert (await stranger.browser.get(f"{magnet}/tool")).status_code == 404
            assert (await stranger.browser.get(f"{magnet}/tool/preview")).status_code == 404
            assert (await save(stranger, magnet, CALCULATOR)).status_code == 404


class TestUsing:
    async def test_visitors_calculate_without_a_script(
        self, app: FastAPI, creator: Account, database: Database
    ) -> None:
        magnet = await begin(creator, "single-calculator")
        await save(creator, magnet, CALCULATOR)
        address = await open_up(creator, magnet, database)
        async with open_browser(app) as visitor:
            assert 'class="verdict"' not in (await visitor.get(address)).text
            answered = (await visitor.get(address, params={"leads": "100", "value": "50"})).text
            assert 'class="figure">$1,000<' in answered
            assert "Mend it." in answered
            refused = (await visitor.get(address, params={"leads": "<b>"})).text
            assert "This is not a number." in refused
            assert "<b>" not in refused.split('id="tool"')[1]

    async def test_visitors_take_an_assessment(
        self, app: FastAPI, creator: Account, database: Database
    ) -> None:
        magnet = await begin(creator, "assessment")
        await save(creator, magnet, ASSESSMENT)
        address = await open_up(creator, magnet, database)
        async with open_browser(app) as visitor:
            chosen = {"one": "1", "many": ["0", "1"], "sure": "5"}
            page = (await visitor.get(address, params=chosen)).text
            assert 'class="figure">22<' in page
            assert "Choose a step." in (await visitor.get(address, params={"one": "1"})).text


class TestTalking:
    @pytest.fixture
    async def address(self, creator: Account, database: Database) -> str:
        magnet = await begin(creator, "prompt")
        assert (await save(creator, magnet, CHAT)).status_code == 303
        return await open_up(creator, magnet, database)

    async def test_a_visitor_is_answered_and_the_creator_reads_along(
        self, app: FastAPI, creator: Account, address: str
    ) -> None:
        async with open_browser(app) as visitor:
            session = await enter(visitor, address)
            answer = await say(visitor, session, "How fast do I answer leads?")
            assert answer.headers["content-type"].startswith("text/event-stream")
            kinds = [event["type"] for event in events(answer)]
            assert kinds == ["delta", "done"]
            assert "within an hour" in events(answer)[0]["text"]
            history = await visitor.get("/api/public/chat", params={"sessionToken": session})
            roles = [one["role"] for one in history.json()["messages"]]
            assert roles == ["user", "assistant"]
            other = await enter(visitor, address)
            empty = await visitor.get("/api/public/chat", params={"sessionToken": other})
            assert empty.json() == {"messages": []}
        magnets = (await creator.browser.get("/app/lead-magnets")).text
        magnet = re.search(r"/app/lead-magnets/[0-9a-f-]{36}", magnets)
        assert magnet is not None
        chats = (await creator.browser.get(f"{magnet[0]}/tool")).text
        assert "How fast do I answer leads?" in chats

    async def test_forged_sessions_and_bad_messages_are_refused(
        self, app: FastAPI, address: str
    ) -> None:
        async with open_browser(app) as visitor:
            session = await enter(visitor, address)
            assert (await say(visitor, f"{session}x", "Hello")).status_code == 404
            assert (await say(visitor, session, " ")).status_code == 422
            assert (await say(visitor, session, "x" * 10_001)).status_code == 422

    async def test_fifty_messages_an_hour_are_enough(self, app: FastAPI, address: str) -> None:
        async with open_browser(app) as visitor:
            session = await enter(visitor, address)
            codes = [(await say(visitor, session, "Hello")).status_code for _ in range(51)]
        assert codes == [200] * 50 + [429]


async def enter(visitor: httpx.AsyncClient, address: str) -> str:
    """Open the page of a chat; return the token that it gave."""
    page = (await visitor.get(address)).text
    assert "What are you answering?" in page
    found = re.search(r'data-chat="([^"]+)"', page)
    assert found is not None
    return found[1]


async def say(visitor: httpx.AsyncClient, session: str, message: str) -> httpx.Response:
    return await visitor.post(
        "/api/public/chat", json={"sessionToken": session, "message": message}
    )


def events(answer: httpx.Response) -> list[dict[str, str]]:
    return [json.loads(line[len("data: ") :]) for line in answer.text.strip().split("\n\n")]
