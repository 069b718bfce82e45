"""Somebody meets a limit, buys a plan at a Stripe beside the test, and thinks twice about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests import servers
from tests.browser.conftest import Visits
from tests.domains.accounts import Account, sign_up, write_magnet
from tests.domains.identity.billing.stripe_account import (
    PRO,
    SECRET_KEY,
    UNLIMITED,
    WEBHOOK_SECRET,
    running_stripe,
)
from tests.journey.product import running_product

pytestmark = pytest.mark.browser


@pytest.fixture
async def shop(
    browser: Browser, server_url: str, template_database: str, tmp_path: Path
) -> AsyncIterator[tuple[Visits, Account]]:
    """A product of its own, whose beta has ended and which sells, and a creator on it."""
    async with servers.clone(server_url, template=template_database) as url:
        with (
            running_stripe(tmp_path) as desk,
            running_product(
                url,
                tmp_path,
                TRUSTED_PROXIES="127.0.0.1",
                STRIPE_SECRET_KEY=SECRET_KEY,
                STRIPE_WEBHOOK_SECRET=WEBHOOK_SECRET,
                STRIPE_PRICE_PRO=PRO,
                STRIPE_PRICE_UNLIMITED=UNLIMITED,
                STRIPE_API_URL=desk.url,
            ) as product,
        ):
            desk.send_events_to(f"{product.address}/hooks/stripe")
            database = await Database.connect(url, max_size=2)
            async with httpx.AsyncClient(base_url=product.address, timeout=30) as opened:
                creator = await sign_up(database, opened, name="Ada Lumen")
                async with database.acting_as(Root()) as tx:
                    await tx.execute("update app_settings set value = 'off' where key = 'beta'")
                yield Visits(browser, product, database), creator
            await database.close()


async def test_a_limit_leads_to_a_larger_plan(shop: tuple[Visits, Account]) -> None:
    visits, creator = shop
    for title in ("The first guide", "The second guide"):
        await write_magnet(creator, title=title)
    async with visits.tab(creator) as tab:
        page = tab.page
        await tab.open("/app/lead-magnets/new")
        await expect(page.get_by_text("All 2 lead magnets of this month are used.")).to_be_visible()
        await page.get_by_role("link", name="A larger plan holds more").click()
        await page.get_by_role("button", name="Choose Pro").click()
        await page.get_by_role("button", name="Pay").click()
        await page.wait_for_url("**/app/billing?upgrade=success")
        await expect(page.get_by_text("Thank you. Your plan is on.")).to_be_visible()
        await expect(page.get_by_label("Lead magnets: 2 of 25")).to_be_visible()

        await page.get_by_role("button", name="Cancel plan").click()
        await page.locator("#confirm [data-confirm-yes]").click()
        await page.get_by_role("button", name="Keep my plan").click()
        await expect(page.get_by_text("Your plan goes on.")).to_be_visible()

        await tab.open("/app/billing/plans")
        await page.get_by_role("button", name="Change to Unlimited").click()
        await page.locator("#confirm [data-confirm-yes]").click()
        await expect(page.get_by_text("You are on Unlimited now.")).to_be_visible()
    assert (await creator.browser.get("/app/lead-magnets/new")).text.count("are used.") == 0
