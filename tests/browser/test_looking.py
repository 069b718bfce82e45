"""A super admin looks with somebody's eyes, under a bar that says so, and is themselves again."""

import pytest
from playwright.async_api import expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.people import People

pytestmark = pytest.mark.browser

BAR = ".ls-view-bar"


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_look_is_told_on_every_page_and_ended_by_its_button(
    visits: Visits, people: People, database: Database, width: int
) -> None:
    ann = await people.user(name="Ann Subject", tenant_id=await people.tenant())
    admin = await people.user(name="Olga Operator", tenant_id=await people.tenant())
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", admin.id)
    async with visits.tab(admin, width=width) as tab:
        page = tab.page
        await tab.open(f"/app/admin/users/{ann.id}")
        await page.fill("#look input[name=reason]", "Ticket 1234: a page stays hidden")
        await page.click("#look button[type=submit]")
        await expect(page.locator(BAR)).to_contain_text("Nothing can be changed")
        await tab.open("/app/lead-magnets")
        await expect(page.locator(BAR)).to_contain_text("Ann Subject")
        assert await tab.audit() == []
        await page.click(f"{BAR} form[action$='allow-changes'] button")
        await page.click("#confirm [data-confirm-yes]")
        await expect(page.locator(BAR)).to_contain_text("What you change is noted")
        await page.click(f"{BAR} form[action$='end'] button")
        await expect(page.locator("h1")).to_contain_text("Ann Subject")
        await expect(page.locator(BAR)).to_have_count(0)
