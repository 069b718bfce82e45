"""The builder in a real browser: seen while typed, saved by itself, taken back, moved by keys."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.domains.accounts import Account, publish

pytestmark = pytest.mark.browser


class TestBuilder:
    async def test_shows_saves_and_takes_back_what_is_typed(
        self, visits: Visits, creator: Account
    ) -> None:
        title = f"The calm guide {uuid4().hex[:6]}"
        funnel, _ = await publish(creator, title=title)
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open(funnel)
            shown = page.frame_locator("[data-frame]").get_by_role("heading", level=1)
            await expect(shown).to_have_text(title)
            await page.get_by_label("Headline").first.fill("Know every deal by Friday")
            await expect(shown).to_have_text("Know every deal by Friday")
            await expect(page.locator("[data-saved]")).to_have_text("Saved")
            await page.get_by_role("button", name="Undo").click()
            await expect(shown).to_have_text(title)
            await expect(page.get_by_label("Headline").first).to_have_value(title)

    async def test_moves_sections_by_keyboard(self, visits: Visits, creator: Account) -> None:
        funnel, path = await publish(creator, title=f"The calm guide {uuid4().hex[:6]}")
        await creator.browser.post(
            f"{funnel}/sections/reset", data={"page": "optin", "template": "minimal"}
        )
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open(f"{funnel}/sections")
            await page.locator("summary", has_text="Add below").click()
            await page.get_by_role("button", name="Bridge").locator("visible=true").click()
            await page.get_by_label("Sentence").fill("And now to the form")
            await page.get_by_label("Sentence").press("Tab")
            await expect(page.locator("[data-state]")).to_be_empty()
            handle = page.get_by_role("button", name="Move Bridge")
            await handle.press("ArrowUp")
            await expect(page.locator("[data-saved]")).to_have_text("Moved")
        text = (await creator.browser.get(path)).text
        assert text.index("And now to the form") < text.index("<h1>")
