"""A library is filled, ordered, given away and looked through; its links count their clicks."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets.libraries import rules
from lodestone.domains.lead_magnets.libraries.models import AssetType, Library, LibraryItem
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up, write_magnet

LED = "https://planner.example.com/board?from=us"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
IDS = st.lists(st.uuids(), unique=True, max_size=8)


@pytest.fixture
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Somebody else")


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    address = f"2001:db8::{uuid4().hex[:4]}"
    async with open_browser(app, address=address) as browser:
        browser.headers.update(BROWSER)
        yield browser


async def add_link(creator: Account, *, title: str = "The planner", url: str = LED) -> str:
    answer = await creator.browser.post("/app/links/new", data={"title": title, "url": url})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def make_library(creator: Account, name: str = "The shelf") -> str:
    answer = await creator.browser.post("/app/libraries/new", data={"name": name})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def put_in(creator: Account, library: str, path: str) -> httpx.Response:
    kind = "external_resource" if path.startswith("/app/links/") else "lead_magnet"
    asset = f"{kind}:{path.rsplit('/', 1)[1]}"
    return await creator.browser.post(f"{library}/items", data={"asset": asset})


async def give_away(creator: Account, path: str) -> str:
    """Draft and publish the page of a library or a link; return its public path."""
    kind = "library" if path.startswith("/app/libraries/") else "external_resource"
    answer = await creator.browser.post(
        "/app/funnels/draft", data={"target_type": kind, "target_id": path.rsplit("/", 1)[1]}
    )
    assert answer.status_code == 303, answer.text
    funnel = answer.headers["location"]
    published = await creator.browser.post(f"{funnel}/publish")
    assert published.status_code == 303, published.text
    shown = (await creator.browser.get(funnel)).text
    found = re.search(rf"/p/{creator.username}/[a-z0-9-]+", shown)
    assert found is not None
    return found[0]


async def opt_in(visitor: httpx.AsyncClient, page: str) -> str:
    """Opt in, and return where the thank-you page leads to."""
    email = f"{uuid4().hex}@example.com"
    answer = await visitor.post(page, data={"email": email, "seconds_shown": "9"})
    assert answer.status_code == 303, answer.text
    thanks = await visitor.get(answer.headers["location"])
    found = re.search(r'href="([^"]+/content\?lead=[^"]+)"', thanks.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


async def count_clicks(database: Database, creator: Account, link: str) -> int:
    async with database.acting_as(creator.actor) as tx:
        count: int = await tx.fetchval(
            "select click_count from external_resources where id = $1",
            UUID(link.rsplit("/", 1)[1]),
        )
    return count


def item(
    title: str, *, age: int = 30, featured: bool = False, slug: str | None = "s"
) -> LibraryItem:
    return LibraryItem(
        id=uuid4(),
        asset_type=AssetType.LEAD_MAGNET,
        lead_magnet_id=uuid4(),
        external_resource_id=None,
        title=title,
        description=None,
        icon=None,
        is_featured=featured,
        added_at=NOW - timedelta(days=age),
        username="ann",
        slug=slug,
    )


class TestRules:
    def test_featured_and_new_stand_first_and_what_nobody_can_open_is_left_out(self) -> None:
        library = Library(
            id=uuid4(),
            user_id=uuid4(),
            team_id=None,
            name="Shelf",
            description="",
            icon=None,
            slug="shelf",
            auto_feature_days=14,
            created_at=NOW,
            updated_at=NOW,
        )
        items = [
            item("Old"),
            item("Fresh", age=13),
            item("Just past", age=14),
            item("Starred", featured=True),
            item("Draft", age=1, slug=None),
        ]
        shown = rules.arrange(library, items, now=NOW)
        assert [each.title for each in shown.first] == ["Fresh", "Starred"]
        assert [each.title for each in shown.rest] == ["Old", "Just past"]

    @given(IDS, IDS)
    def test_no_order_loses_or_invents_an_item(
        self, stored: Sequence[UUID], wanted: Sequence[UUID]
    ) -> None:
        settled = rules.settle_order(stored, [*wanted, *reversed(stored)])
        assert sorted(settled) == sorted(stored)

    def test_slugs_take_a_number_up_to_99(self) -> None:
        slugs = list(rules.name_slugs("Für Gründer!"))
        assert slugs[:2] == ["fur-grunder", "fur-grunder-1"]
        assert slugs[-1] == "fur-grunder-99"


class TestEditing:
    async def test_items_are_added_once_ordered_featured_and_taken_out(
        self, creator: Account
    ) -> None:
        library = await make_library(creator)
        again = await make_library(creator)
        assert 'value="the-shelf-1"' in (await creator.browser.get(again)).text
        first = await add_link(creator, title="One")
        second = await add_link(creator, title="Two")
        for path in (first, second):
            assert (await put_in(creator, library, path)).status_code == 303
        assert (await put_in(creator, library, first)).status_code == 409
        shown = (await creator.browser.get(library)).text
        ids = re.findall(r'<li class="lb-item" data-id="([^"]+)"', shown)
        assert shown.index(">One<") < shown.index(">Two<")
        order = {"ids": list(reversed(ids))}
        assert (await creator.browser.post(f"{library}/order", data=order)).status_code == 303
        await creator.browser.post(f"{library}/items/{ids[0]}", data={"featured": "true"})
        shown = (await creator.browser.get(library)).text
        assert shown.index(">Two<") < shown.index(">One<")
        assert "Featured" in shown
        await creator.browser.post(f"{library}/items/{ids[0]}/remove")
        assert ids[0] not in (await creator.browser.get(library)).text

    async def test_programs_fill_and_order_it_too(self, creator: Account) -> None:
        browser = creator.browser
        made = (await browser.post("/api/libraries", json={"name": "For programs"})).json()
        path = f"/api/libraries/{made['id']}"
        links = [await add_link(creator, title=title) for title in ("One", "Two", "Three")]
        for link in links:
            asset = {"asset_type": "external_resource", "asset_id": link.rsplit("/", 1)[1]}
            assert (await browser.post(f"{path}/items", json=asset)).status_code == 201
        assert (await browser.post(f"{path}/items", json=asset)).status_code == 409
        ids = [each["id"] for each in (await browser.get(f"{path}/items")).json()]
        places = [{"id": ids[2], "sortOrder": 1}, {"id": ids[1], "sortOrder": 2}]
        ordered = (await browser.put(f"{path}/items/order", json=places)).json()
        assert [each["title"] for each in ordered] == ["Three", "Two", "One"]
        changed = (await browser.patch(path, json={"auto_feature_days": 0})).json()
        assert (changed["auto_feature_days"], changed["name"]) == (0, "For programs")
        item = f"{path}/items/{ids[0]}"
        assert (await browser.patch(item, json={"is_featured": True})).status_code == 204
        assert (await browser.delete(item)).status_code == 204
        assert (await browser.delete(path)).status_code == 204
        assert (await browser.get(path)).status_code == 404

    async def test_bad_input_is_named_and_typed_words_stay(self, creator: Account) -> None:
        answer = await creator.browser.post(
            "/app/links/new", data={"title": "Kept title", "url": "javascript:alert(1)"}
        )
        assert answer.status_code == 422
        assert "Kept title" in answer.text
        answer = await creator.browser.post(
            "/app/libraries/new", data={"name": "Kept", "auto_feature_days": "-1"}
        )
        assert answer.status_code == 422
        library = await make_library(creator, "First")
        other = await make_library(creator, "Second")
        given = {"name": "Second", "auto_feature_days": "3", "slug": "first"}
        taken = await creator.browser.post(other, data=given)
        assert taken.status_code == 422
        assert "Another library has this short name" in taken.text
        assert (await put_in(creator, library, f"/app/links/{uuid4()}")).status_code == 404

    async def test_a_stranger_sees_and_changes_nothing(
        self, creator: Account, stranger: Account
    ) -> None:
        library, link = await make_library(creator), await add_link(creator)
        for path in (library, link):
            assert (await stranger.browser.get(path)).status_code == 404
            assert (await stranger.browser.post(f"{path}/delete")).status_code == 404
        assert (await put_in(stranger, library, link)).status_code == 404
        api = library.replace("/app/", "/api/")
        assert (await stranger.browser.get(f"{api}/items")).status_code == 404
        assert (await stranger.browser.put(f"{api}/items/order", json=[])).status_code == 404
        own = await make_library(stranger)
        assert (await put_in(stranger, own, link)).status_code == 404
        for kind, path in (("library", library), ("external_resource", link)):
            target = {"target_type": kind, "target_id": path.rsplit("/", 1)[1]}
            answer = await stranger.browser.post("/app/funnels/draft", data=target)
            assert answer.status_code == 404
        assert "The shelf" not in (await stranger.browser.get("/app/libraries?q=nothing")).text


class TestGivingAway:
    async def test_a_library_is_for_its_leads_and_counts_what_is_clicked(
        self, creator: Account, visitor: httpx.AsyncClient, database: Database
    ) -> None:
        library, link = await make_library(creator), await add_link(creator)
        _, magnet_page = await publish(creator, title="The ten minute review")
        magnets = (await creator.browser.get(library)).text
        found = re.search(r'value="(lead_magnet:[^"]+)"', magnets)
        assert found is not None
        await creator.browser.post(f"{library}/items", data={"asset": found[1]})
        await put_in(creator, library, link)
        hidden = await write_magnet(creator, title="Not published yet")
        await put_in(creator, library, hidden)
        page = await give_away(creator, library)
        closed = await visitor.get(f"{page}/library")
        assert (closed.status_code, closed.headers["location"]) == (303, page)
        opened = await visitor.get(await opt_in(visitor, page))
        shelf = await visitor.get(opened.headers["location"])
        assert shelf.status_code == 200
        assert "noindex" in shelf.text
        assert len(shelf.content) < 15_000
        assert f'href="{magnet_page}"' in shelf.text
        assert "Not published yet" not in shelf.text
        assert LED not in shelf.text
        counted = re.search(r'href="(/r/[^"]+)"', shelf.text)
        assert counted is not None
        sent_on = await visitor.get(counted[1].replace("&amp;", "&"))
        assert (sent_on.status_code, sent_on.headers["location"]) == (302, LED)
        assert await count_clicks(database, creator, link) == 1
        await visitor.get(counted[1], headers={"user-agent": "Googlebot/2.1"})
        assert await count_clicks(database, creator, link) == 1
        refused = await creator.browser.post(f"{library}/delete")
        assert refused.status_code == 409

    async def test_an_empty_library_is_not_published(self, creator: Account) -> None:
        library = await make_library(creator)
        target = {"target_type": "library", "target_id": library.rsplit("/", 1)[1]}
        answer = await creator.browser.post("/app/funnels/draft", data=target)
        refused = await creator.browser.post(f"{answer.headers['location']}/publish")
        assert refused.status_code == 422
        assert library in refused.text
        second = await creator.browser.post("/app/funnels/draft", data=target)
        assert second.status_code == 409

    async def test_a_link_works_while_its_page_is_published(
        self, creator: Account, visitor: httpx.AsyncClient, database: Database
    ) -> None:
        link = await add_link(creator)
        counted = link.replace("/app/links/", "/r/")
        assert (await visitor.get(counted)).status_code == 404
        page = await give_away(creator, link)
        opened = await visitor.get(await opt_in(visitor, page))
        assert opened.headers["location"] == counted
        for _ in range(7):
            assert (await visitor.get(counted)).headers["location"] == LED
        assert await count_clicks(database, creator, link) == 5
        listed = (await creator.browser.get(link)).text
        assert "Own page" in listed
        assert (await visitor.get("/r/none")).status_code == 404
