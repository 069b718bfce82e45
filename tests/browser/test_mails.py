"""Mails made by hand: a design put together part by part, and a flow read before it runs."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.domains.accounts import Account

pytestmark = pytest.mark.browser


class TestDesigning:
    async def test_parts_are_put_in_order_by_keyboard_and_pointer_and_seen_at_once(
        self, visits: Visits, creator: Account
    ) -> None:
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open("/app/email/designs/new")
            await page.get_by_role("button", name="Newsletter").click()
            parts = page.locator(".ed-block .ed-open")
            await expect(parts).to_have_count(5)
            await page.get_by_role("button", name="Heading This week").click()
            await page.locator(".ed-block.is-open").get_by_label("Words").fill("For {{first_name}}")
            mail = page.frame_locator("iframe:not(.is-coming)")
            await expect(mail.get_by_text("For there")).to_be_visible()
            await page.get_by_role("button", name="Move part 2, Heading: arrow").focus()
            await page.keyboard.press("ArrowUp")
            await expect(parts.first).to_contain_text("Heading")
            await expect(
                page.get_by_role("button", name="Move part 1, Heading: arrow")
            ).to_be_focused()
            handle = page.get_by_role("button", name="Move part 5, Profiles: arrow")
            await handle.hover()
            await page.mouse.down()
            await page.locator(".ed-block").first.hover(position={"x": 40, "y": 2})
            await page.mouse.up()
            await expect(parts.first).to_contain_text("Profiles")
            await page.keyboard.press("Control+s")
            await expect(page.locator("#design-saved")).to_have_text("Saved")
            await page.reload()
            await expect(parts.first).to_contain_text("Profiles")
            await page.get_by_role("button", name="Phone").click()
            assert tab.complaints == []


class TestWritingAFlow:
    async def test_a_flow_is_written_read_and_switched_on(
        self, visits: Visits, creator: Account
    ) -> None:
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open("/app/email/flows/new")
            await page.get_by_label("Name").fill("Personal notes")
            await page.get_by_text("By hand", exact=True).click()
            await page.get_by_role("button", name="Go on").click()
            await page.get_by_label("Subject").fill("A question")
            await page.get_by_label("Words").fill("Dear {{first_name|friend}}")
            await page.get_by_role("button", name="Preview").click()
            mail = page.frame_locator("iframe[name=flow-preview]")
            await expect(mail.get_by_text("Dear friend")).to_be_visible()
            await page.get_by_role("button", name="Close").click()
            await page.get_by_role("button", name="Add mail").click()
            await expect(page.locator(".fl-subject", has_text="A question")).to_be_visible()
            await page.get_by_role("button", name="Switch on").click()
            await expect(page.get_by_role("button", name="Pause")).to_be_visible()
            assert tab.complaints == []
