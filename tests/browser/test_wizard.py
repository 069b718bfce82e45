"""From what one knows to a lead magnet, in a real browser on the real product."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visits
from tests.domains.accounts import Account

pytestmark = pytest.mark.browser

SAVED_WITHIN_MS = 20_000
WORKED_WITHIN_MS = 40_000
DESCRIPTION = "We help B2B agencies keep their clients for longer."


async def _saved(page: Page) -> None:
    await expect(page.locator("[data-saved][data-state=saved]")).to_be_visible(
        timeout=SAVED_WITHIN_MS
    )


class TestCreator:
    async def test_gets_from_an_idea_to_a_lead_magnet_and_is_never_overwritten(
        self, visits: Visits, creator: Account
    ) -> None:
        title = f"The churn toolkit {uuid4().hex[:6]}"
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open("/app/drafts")
            await page.get_by_role("button", name="Start", exact=False).first.click()
            await page.get_by_label("In your own words").fill(DESCRIPTION)
            await expect(page.get_by_text("Not saved yet")).to_be_visible()
            await _saved(page)
            await page.reload()
            await expect(page.get_by_label("In your own words")).to_have_value(DESCRIPTION)
            await page.get_by_text("Agency", exact=True).click()
            await page.get_by_role("button", name="Think up ideas").last.click()
            await expect(page.get_by_text("Ship this week")).to_be_visible(timeout=WORKED_WITHIN_MS)
            await self._takes_an_own_idea(page, title)
            await self._answers_by_keyboard(page)
            await page.get_by_role("button", name="Put it in order").click()
            await self._moves_a_section(page)
            await page.get_by_role("button", name="Write the posts").click()
            await expect(page.locator(".po-card")).to_have_count(3, timeout=WORKED_WITHIN_MS)
            await page.get_by_label("Bold statement").check()
            await self._second_tab_is_asked_first(visits, creator, page)
            await page.get_by_role("button", name="Finish").click()
            await page.get_by_role("button", name="Make the lead magnet").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text(title)
            await expect(page.get_by_role("button", name="Draft its funnel")).to_be_visible()

    async def _takes_an_own_idea(self, page: Page, title: str) -> None:
        await page.get_by_text("My own idea").click()
        await page.get_by_label("Title", exact=True).fill(title)
        await page.get_by_label("The pain it eases").fill("Clients leave without a word")
        await page.get_by_role("button", name="Take my idea").click()
        await expect(page.get_by_text("1 of 6")).to_be_visible()

    async def _answers_by_keyboard(self, page: Page) -> None:
        asked = page.locator("[data-question]")
        for place in range(await asked.count()):
            await expect(asked.nth(place).locator("[data-answer]")).to_be_focused()
            await page.keyboard.type(f"Answer {place + 1}, in a few words")
            await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("All that is needed is there")).to_be_visible()

    async def _moves_a_section(self, page: Page) -> None:
        names = page.get_by_label("Name of the section")
        await expect(names.first).to_be_visible(timeout=WORKED_WITHIN_MS)
        first = await names.first.input_value()
        await page.get_by_role("button", name="Move down").first.click()
        await expect(names.nth(1)).to_have_value(first)
        await page.get_by_role("button", name="Remove").nth(2).click()
        await page.get_by_role("button", name="Undo").click()
        await _saved(page)

    async def _second_tab_is_asked_first(
        self, visits: Visits, creator: Account, page: Page
    ) -> None:
        await _saved(page)
        async with visits.tab(creator) as other:
            await other.open(f"{page.url.partition('?')[0]}?step=5")
            await page.get_by_label("Word to comment").fill("FIRST")
            await _saved(page)
            await other.page.get_by_label("Word to comment").fill("SECOND")
            await expect(other.page.get_by_text("changed in another tab").first).to_be_visible(
                timeout=SAVED_WITHIN_MS
            )
            await other.page.get_by_role("button", name="Load the other one").click()
            await expect(other.page.get_by_label("Word to comment")).to_have_value("FIRST")
