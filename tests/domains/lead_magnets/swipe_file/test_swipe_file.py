"""Examples are submitted, looked at, found by everybody, withdrawn, and learned from."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from fastapi import FastAPI

from lodestone.domains.lead_magnets.swipe_file.models import read_tags
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, sign_up

BASE = "/app/swipe-file"
REVIEW = "/app/admin/swipe-file"


@asynccontextmanager
async def signed_in(database: Database, app: FastAPI, name: str) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name=name)


@pytest.fixture
async def author(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with signed_in(database, app, "Ada Lumen") as account:
        yield account


@pytest.fixture
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with signed_in(database, app, "Somebody else") as account:
        yield account


@pytest.fixture
async def admin(
    database: Database, app: FastAPI, author: Account, stranger: Account
) -> AsyncIterator[Account]:
    """A super admin, and nobody else here is one: the first account of an installation would be."""
    async with signed_in(database, app, "Head of all") as account:
        async with database.acting_as(Root()) as tx:
            await tx.execute("update users set is_super_admin = true where id = $1", account.id)
            await tx.execute(
                "update users set is_super_admin = false where id = any($1) and is_super_admin",
                [author.id, stranger.id],
            )
        yield account


async def submit_post(author: Account, word: str, **more: str) -> str:
    """Submit a post that holds a word of its own; return its path."""
    given = {
        "content": f"The call that changed it.\n\nThen {word} happened, and clients stayed.",
        "hook": f"How {word} kept my clients",
        "post_type": "story",
        "niche": "coaching",
        "topic_tags": "retention, #Calls, retention",
        "likes_count": "310",
        **more,
    }
    answer = await author.browser.post(f"{BASE}/posts/new", data=given)
    assert answer.status_code == 303, answer.text
    mine = (await author.browser.get(f"{BASE}/mine")).text
    found = re.search(rf'<a href="({BASE}/posts/[^"]+)">How {word}', mine)
    assert found is not None
    return found[1]


def word() -> str:
    return f"w{uuid4().hex[:12]}"


async def find(account: Account, words: str, **more: str) -> str:
    answer = await account.browser.get(f"{BASE}/posts", params={"q": words, **more})
    assert answer.status_code == 200
    return answer.text


class TestSubmitting:
    def test_tags_are_read_once_each(self) -> None:
        assert read_tags("retention, #Calls, ,retention") == ["retention", "calls"]

    async def test_what_waits_is_seen_by_its_author_alone(
        self, author: Account, stranger: Account
    ) -> None:
        own = word()
        path = await submit_post(author, own)
        assert own in (await author.browser.get(path)).text
        assert (await stranger.browser.get(path)).status_code == 404
        assert (await stranger.browser.post(f"{path}/withdraw")).status_code == 404
        assert "Nothing fits" in await find(author, own)
        assert (await author.browser.post(f"{path}/withdraw")).status_code == 303
        assert (await author.browser.get(path)).status_code == 404

    async def test_bad_input_is_named_and_typed_words_stay(self, author: Account) -> None:
        answer = await author.browser.post(
            f"{BASE}/lead-magnets/new",
            data={
                "title": "",
                "content": "These twenty letters and more stay",
                "format": "song",
                "niche": "saas",
                "conversion_rate": "140",
            },
        )
        assert answer.status_code == 422
        assert "These twenty letters and more stay" in answer.text
        for field in ("title", "format", "conversion_rate"):
            assert f'id="f-{field.replace("_", "-")}-error"' in answer.text, field
        answer = await author.browser.post(
            f"{BASE}/posts/new",
            data={
                "content": "A post that is long enough to keep",
                "post_type": "story",
                "niche": "saas",
                "source_url": "javascript:alert(1)",
            },
        )
        assert answer.status_code == 422
        assert (await author.browser.get(f"{BASE}/posts?limit=51")).status_code == 422


class TestReview:
    async def test_approved_examples_are_found_by_everybody_and_filtered(
        self, author: Account, stranger: Account, admin: Account
    ) -> None:
        own = word()
        path = await submit_post(author, own)
        address = f"{REVIEW}/posts/{path.rsplit('/', 1)[1]}"
        assert own in (await admin.browser.get(REVIEW)).text
        assert (await stranger.browser.get(REVIEW)).status_code == 404
        assert (await author.browser.post(address, data={"verdict": "approve"})).status_code == 404
        assert (await admin.browser.post(address, data={"verdict": "praise"})).status_code == 422
        for _ in range(2):
            answer = await admin.browser.post(address, data={"verdict": "approve"})
            assert answer.status_code == 303
        shown = await find(stranger, own.upper(), niche="coaching", type="story")
        assert path in shown
        assert path not in await find(stranger, own, niche="saas")
        assert path not in await find(stranger, own, type="carousel")
        await admin.browser.post(address, data={"verdict": "feature"})
        assert "Featured" in await find(stranger, own)
        await admin.browser.post(address, data={"verdict": "reject"})
        assert (await stranger.browser.get(path)).status_code == 404
        assert "Rejected" in (await author.browser.get(f"{BASE}/mine")).text

    async def test_an_example_begins_a_draft_of_ones_own(
        self, author: Account, stranger: Account, admin: Account
    ) -> None:
        own = word()
        path = await submit_post(author, own)
        draft_id = str(uuid4())
        start = {"draft_id": draft_id}
        refused = await stranger.browser.post(f"{path}/inspire", data=start)
        assert refused.status_code == 404
        assert (await stranger.browser.get(f"/app/drafts/{draft_id}")).status_code == 404
        await admin.browser.post(
            f"{REVIEW}/posts/{path.rsplit('/', 1)[1]}", data={"verdict": "approve"}
        )
        for _ in range(2):
            answer = await stranger.browser.post(f"{path}/inspire", data=start)
            assert answer.status_code == 303, answer.text
        draft = await stranger.browser.get(answer.headers["location"])
        assert f"Then {own} happened" in draft.text
        assert (await author.browser.get(f"/app/drafts/{draft_id}")).status_code == 404
