"""The main job as people do it, in a real browser on the real product."""

import asyncio
import re
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visits
from tests.domains.accounts import GUIDE, PASSWORD, Account, publish
from tests.journey.product import Product

pytestmark = pytest.mark.browser

HEADLINE = "Know every deal by Friday"
SLOWER_THAN_A_BOT_SECONDS = 0.9


async def mail_to(product: Product, address: str) -> str:
    """Return the text of the mail to an address, once it has come."""
    for _ in range(400):
        for path in product.mails():
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if address in message["To"]:
                body = message.get_body(("plain",))
                assert body is not None
                return str(body.get_content())
        await asyncio.sleep(0.05)
    raise AssertionError(f"no mail came: {product.log.read_text()}")


class TestCreator:
    async def test_signs_in_by_keyboard_alone(
        self, visits: Visits, creator: Account, product: Product
    ) -> None:
        async with visits.tab() as tab:
            await tab.open("/app")
            assert tab.page.url.partition("?")[0].endswith("/sign-in")
            await tab.page.keyboard.type(creator.email)
            await tab.page.keyboard.press("Tab")
            await tab.page.keyboard.type(PASSWORD)
            await tab.page.keyboard.press("Enter")
            await tab.page.wait_for_url(f"{product.address}/app")
            await tab.page.keyboard.press("Control+k")
            await tab.page.keyboard.type("funnels")
            await tab.page.keyboard.press("Enter")
            await tab.page.wait_for_url("**/app/funnels")

    async def test_gets_from_a_pasted_text_to_a_public_page(
        self, visits: Visits, creator: Account
    ) -> None:
        title = f"The calm pipeline {uuid4().hex[:6]}"
        async with visits.tab(creator) as tab:
            page = tab.page
            await tab.open("/app/lead-magnets")
            await page.get_by_role("link", name="New lead magnet").first.click()
            await page.get_by_label("Title").fill(title)
            await page.get_by_label("Content", exact=True).fill(GUIDE)
            await page.get_by_role("button", name="Keep as a draft").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(title))
            await page.get_by_role("button", name="Draft its funnel").click()
            await self._headline_shows_at_once(page, before=title)
            await page.get_by_label("Headline").first.press("Tab")
            await expect(page.locator("[data-saved]")).to_have_text("Saved")
            await page.get_by_role("switch", name="Publish").click()
            public = await page.get_by_role("link", name="Open", exact=True).get_attribute("href")
        assert public is not None
        async with visits.tab() as tab:
            await tab.open(public)
            await expect(tab.page.get_by_role("heading", level=1)).to_have_text(HEADLINE)

    async def _headline_shows_at_once(self, page: Page, *, before: str) -> None:
        shown = page.frame_locator("[data-frame]").get_by_role("heading", level=1)
        await expect(shown).to_have_text(before)
        await page.get_by_label("Headline").first.fill(HEADLINE)
        await expect(shown).to_have_text(HEADLINE)

    async def test_is_told_what_is_missing(self, visits: Visits, creator: Account) -> None:
        async with visits.tab(creator) as tab:
            await tab.open("/app/lead-magnets/new")
            await tab.page.get_by_role("button", name="Keep as a draft").click()
            await expect(tab.page.get_by_role("alert")).to_contain_text("check the marked fields")
            await expect(tab.page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")


class TestVisitor:
    async def test_asks_on_a_phone_and_gets_it(
        self, visits: Visits, creator: Account, product: Product
    ) -> None:
        _, path = await publish(creator, title=f"The calm guide {uuid4().hex[:6]}")
        email = f"grace-{uuid4().hex[:8]}@example.org"
        async with visits.tab(width=390) as tab:
            page = tab.page
            await tab.open(path)
            await self._submit(page, "grace@nowhere")
            await expect(page.get_by_role("alert")).to_contain_text("not an e-mail address")
            await expect(page.get_by_label("E-mail address")).to_be_focused()
            await page.get_by_label("First name").fill("Grace")
            await self._submit(page, email)
            await page.wait_for_url("**/thankyou?**")
            await page.get_by_role("link").first.click()
            await expect(page.get_by_role("heading", name="The three questions")).to_be_visible()
        await mail_to(product, email)
        async with visits.tab(creator) as tab:
            await tab.open("/app/opt-ins")
            await tab.page.get_by_role("link", name="Grace", exact=True).first.click()
            await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Grace")
            await expect(tab.page.get_by_role("heading", name="What happened")).to_be_visible()
            await tab.page.get_by_role("link", name="In the pipeline").click()
            await expect(tab.page.get_by_text("Opted in to The calm guide").first).to_be_visible()

    async def test_unsubscribes_with_the_link_of_the_mail(
        self, visits: Visits, creator: Account, product: Product
    ) -> None:
        _, path = await publish(creator, title=f"The calm guide {uuid4().hex[:6]}")
        email = f"joan-{uuid4().hex[:8]}@example.org"
        answer = await creator.browser.post(path, data={"email": email})
        assert answer.status_code == 303
        text = await mail_to(product, email)
        link = next(word for word in text.split() if "/api/email/unsubscribe" in word)
        async with visits.tab(width=390) as tab:
            await tab.open(link)
            await tab.page.get_by_role("button", name="Unsubscribe").click()
            await expect(tab.page.get_by_role("heading", level=1)).to_have_text(
                "You are unsubscribed"
            )

    async def _submit(self, page: Page, email: str) -> None:
        await page.get_by_label("E-mail address").fill(email)
        await asyncio.sleep(SLOWER_THAN_A_BOT_SECONDS)
        await page.get_by_role("button").click()
