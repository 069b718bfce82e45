"""The content editor in a real browser, by keyboard."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.domains.accounts import Account, write_magnet

pytestmark = pytest.mark.browser


async def test_content_is_written_by_keyboard_saved_by_itself_and_undone(
    visits: Visits, creator: Account
) -> None:
    magnet = await write_magnet(creator, title=f"The calm pipeline {uuid4().hex[:6]}")
    async with visits.tab(creator) as tab:
        page, status = tab.page, tab.page.locator("[data-status]")
        await tab.open(f"{magnet}/content")
        await page.get_by_role("button", name="Add a section").press("Enter")
        await page.keyboard.type("What it changes")
        await page.get_by_label("Add a block to section 3").select_option(label="Figure")
        await page.keyboard.type("41%")
        await page.get_by_label("What it means").fill("fewer quiet deals")
        await expect(status).to_have_text("Saved")
        moved = page.get_by_role("group", name="Figure, block 2 of section 3")
        await moved.get_by_label("What it means").press("Alt+ArrowUp")
        await expect(page.get_by_role("group", name="Figure, block 1 of section 3")).to_be_visible()
        await page.get_by_role("button", name="Remove section 2").press("Enter")
        await expect(page.get_by_role("textbox", name="Section 3", exact=True)).to_have_count(0)
        await page.get_by_role("button", name="Undo").press("Enter")
        await expect(page.get_by_role("textbox", name="Section 3", exact=True)).to_have_value(
            "What it changes"
        )
        await expect(status).to_have_text("Saved")
        await page.reload()
        await expect(page.get_by_role("textbox", name="Section 2", exact=True)).to_have_value(
            re.compile("three questions")
        )
        await page.get_by_role("button", name="Polish", exact=True).click()
        await page.get_by_role("button", name="Put back what was there").click()
        await expect(page.get_by_text("Put back as it was")).to_be_visible()
        shown = page.frame_locator("[data-preview]")
        await expect(shown.get_by_role("heading", name="What it changes")).to_be_visible()
