"""Posts are written about a magnet, chosen and edited; a title alone becomes a page."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets.posts.models import PostInput, PostResult, PostVariation
from lodestone.domains.lead_magnets.posts.rules import judge, settle, word_for, write_posts
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account, open_browser, sign_up, write_magnet

GIVEN = PostInput(
    title="The churn toolkit",
    pain_solved="Clients leave without a word",
    contents="The first call\nThe second call\nThe last call",
    proof="Used with 40 clients",
)
TEXTS = st.text(max_size=80)


@pytest.fixture
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


class TestRules:
    def test_three_posts_say_what_the_author_said(self) -> None:
        found = write_posts(GIVEN)
        assert len({each.hook_type for each in found.variations}) == 3
        for each in found.variations:
            assert "The churn toolkit" in each.post
            assert "→ The first call" in each.post
            assert found.cta_word in each.post
        assert "[LINK]" in found.dm_template
        assert "{first_name}" in found.dm_template

    def test_stock_phrases_are_seen(self) -> None:
        assert not judge("This is a game changer.", GIVEN).ai_cliche_free

    @given(TEXTS, TEXTS, TEXTS, TEXTS)
    def test_whatever_a_model_gives_three_usable_posts_come_of_it(
        self, post: str, word: str, message: str, title: str
    ) -> None:
        about = PostInput(title=title, pain_solved=post, contents=message)
        found = settle(
            PostResult(
                variations=[PostVariation(hook_type="story", post=post)],
                cta_word=word,
                dm_template=message,
            ),
            about,
        )
        assert len(found.variations) == 3
        assert all(each.post.strip() and len(each.post) <= 3_000 for each in found.variations)
        assert found.cta_word.isalnum()
        assert "[LINK]" in found.dm_template
        assert word_for(title)


class TestPosts:
    async def test_are_written_chosen_and_edited(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        path = await write_magnet(creator)
        posts = f"{path}/posts"
        assert "Write three posts" in (await creator.browser.get(posts)).text
        answer = await creator.browser.post(f"{posts}/write")
        await work_off(database_url)
        shown = await creator.browser.get(answer.headers["location"])
        assert shown.text.count("Take this one") == 3
        await creator.browser.post(f"{posts}/choose", data={"index": "1"})
        edit = {"post": "In my own words", "cta_word": "review"}
        assert (await creator.browser.post(posts, data=edit)).status_code == 303
        # New ones never replace what its author left.
        await creator.browser.post(f"{posts}/write")
        await work_off(database_url)
        async with database.acting_as(creator.actor) as tx:
            row = await tx.fetchrow(
                "select linkedin_post, cta_word from lead_magnets where id = $1::uuid",
                path.rsplit("/", 1)[1],
            )
        assert row is not None
        assert tuple(row) == ("In my own words", "REVIEW")
        for wrong in ({"cta_word": "two words"}, {"post": "x" * 3_001}):
            assert (await creator.browser.post(posts, data=wrong)).status_code == 422
        answer = await creator.browser.post(f"{posts}/choose", data={"index": "7"})
        assert answer.status_code == 422

    async def test_are_hidden_from_a_stranger(
        self, creator: Account, database: Database, app: FastAPI
    ) -> None:
        posts = f"{await write_magnet(creator)}/posts"
        async with open_browser(app) as browser:
            stranger = await sign_up(database, browser, name="Eve Other")
            assert (await stranger.browser.get(posts)).status_code == 404
            for act in ("", "/write", "/choose"):
                data = {"index": "0", "post": "Mine"}
                answer = await stranger.browser.post(f"{posts}{act}", data=data)
                assert answer.status_code == 404


class TestQuickPage:
    async def test_makes_a_toolkit_and_its_page_of_a_title(
        self, creator: Account, database: Database
    ) -> None:
        words = {"title": "The Friday review", "description": "Honest.\n\n## How\n\n- Ask"}
        answer = await creator.browser.post("/app/quick-page", data=words)
        assert answer.status_code == 303
        page_id = UUID(answer.headers["location"].rsplit("/", 1)[1])
        async with database.acting_as(creator.actor) as tx:
            row = await tx.fetchrow(
                "select m.archetype::text, m.short_description, f.optin_headline"
                " from funnel_pages as f join lead_magnets as m on m.id = f.lead_magnet_id"
                " where f.id = $1",
                page_id,
            )
        assert row is not None
        assert tuple(row) == ("focused-toolkit", "Honest.", "The Friday review")
        answer = await creator.browser.post("/app/quick-page", data={"title": " "})
        assert answer.status_code == 422
