"""A page with a pixel tells nobody of its visitor before the visitor has agreed."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Route, expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.domains.accounts import Account, publish

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(creator: Account) -> AsyncIterator[str]:
    """A published page of somebody with a pixel."""
    given = {"pixel_id": "1234567890", "token": "t", "tells_views": "1", "tells_leads": "1"}
    answer = await creator.browser.post("/app/pixels/meta_pixel", data=given)
    assert answer.status_code == 303
    yield (await publish(creator, title=f"Measured {uuid4().hex[:6]}"))[1]
    await creator.browser.post("/app/pixels/meta_pixel/disconnect")


@pytest.mark.parametrize(("answer", "consent"), [("Allow", True), ("Decline", False)])
async def test_asks_first_and_keeps_the_answer_with_the_lead(
    visits: Visits, database: Database, page: str, answer: str, consent: bool
) -> None:
    told: list[str] = []

    async def note(route: Route) -> None:
        told.append(route.request.url)
        await route.fulfill(status=200, content_type="image/gif", body="")

    email = f"v{uuid4().hex[:10]}@example.org"
    async with visits.tab() as tab:
        await tab.page.context.route("https://www.facebook.com/**", note)
        await tab.open(page)
        bar = tab.page.get_by_role("region", name="Advertising")
        await expect(bar).to_be_visible()
        assert told == []
        await bar.get_by_role("button", name=answer).click()
        await expect(bar).to_be_hidden()
        await expect(tab.page.locator("input[name=has_ad_consent]")).to_have_count(1)
        # Typed as people do: who is quicker than that is taken for a program.
        await tab.page.get_by_label("E-mail address").press_sequentially(email, delay=50)
        await tab.page.get_by_role("button", name="Get").click()
        await tab.page.wait_for_url("**/thankyou?**")
        await expect(tab.page.get_by_role("link", name="Ad choices")).to_be_visible()
        await expect(bar).to_be_hidden()
        # Other people's pages have the same address, and have to ask for their own pixels.
        [kept] = await tab.page.evaluate("Object.keys(localStorage)")
        assert "1234567890" in kept
        assert tab.complaints == []
    async with database.acting_as(Root()) as tx:
        lead = await tx.fetchrow(
            "select id, has_ad_consent, fbp from funnel_leads where email = $1", email
        )
    assert lead is not None
    assert lead["has_ad_consent"] is consent
    assert (lead["fbp"] is not None) is consent
    if not consent:
        assert told == []
        return
    assert any("ev=PageView" in url for url in told)
    assert any(f"eid={lead['id']}" in url and "ev=Lead" in url for url in told)
    assert not any("lead=" in url for url in told)
