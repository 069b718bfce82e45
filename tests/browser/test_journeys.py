"""The main job as people do it, in a real browser on the real product."""

import asyncio
import re
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.domains.accounts import GUIDE, PASSWORD, Account, publish
from tests.journey.product import Product

pytestmark = pytest.mark.browser


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
    async def test_signs_in_by_keyboard_alone(self, open_page: OpenPage, creator: Account) -> None:
        page: Page = await open_page()
        await page.goto("/app")
        assert page.url.partition("?")[0].endswith("/sign-in")
        await page.keyboard.type(creator.email)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app")
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("Skip to content")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("funnels")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/app/funnels")

    async def test_gets_from_a_pasted_text_to_a_public_page(
        self, open_page: OpenPage, creator: Account
    ) -> None:
        title = f"The calm pipeline {uuid4().hex[:6]}"
        page: Page = await open_page(account=creator)
        await page.goto("/app/lead-magnets")
        await page.get_by_role("link", name="New lead magnet").first.click()
        await page.get_by_label("Title").fill(title)
        await page.get_by_label("Content", exact=True).fill(GUIDE)
        await page.get_by_role("button", name="Keep as a draft").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(title))

        await page.get_by_role("button", name="Draft its funnel").click()
        preview = page.frame_locator("[data-frame]")
        await expect(preview.get_by_role("heading", level=1)).to_have_text(title)
        await page.get_by_label("Headline").first.fill("Know every deal by Friday")
        await expect(preview.get_by_role("heading", level=1)).to_have_text(
            "Know every deal by Friday"
        )
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Saved")).to_be_visible()
        await page.get_by_role("button", name="Publish", exact=True).click()
        await expect(page.get_by_text("Published", exact=True).first).to_be_visible()

        async with page.context.expect_page() as opened:
            await page.get_by_role("link", name="Open the page").click(modifiers=["Control"])
        public = await opened.value
        await expect(public.get_by_role("heading", level=1)).to_have_text(
            "Know every deal by Friday"
        )

    async def test_is_told_what_is_missing(self, open_page: OpenPage, creator: Account) -> None:
        page: Page = await open_page(account=creator)
        await page.goto("/app/lead-magnets/new")
        await page.get_by_role("button", name="Keep as a draft").click()
        await expect(page.get_by_role("alert")).to_contain_text("check the marked fields")
        await expect(page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")


class TestVisitor:
    async def test_asks_on_a_phone_and_the_creator_sees_it(
        self, open_page: OpenPage, creator: Account, product: Product
    ) -> None:
        _, path = await publish(creator, title=f"The calm guide {uuid4().hex[:6]}")
        email = f"grace-{uuid4().hex[:8]}@example.org"
        page: Page = await open_page(wide=False)
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await page.get_by_label("E-mail address").fill("grace@nowhere")
        # The browser finds nothing wrong with that address; the product does.
        await asyncio.sleep(0.9)
        await page.get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_contain_text("not an e-mail address")
        await expect(page.get_by_label("E-mail address")).to_be_focused()

        await page.get_by_label("First name").fill("Grace")
        await page.get_by_label("E-mail address").fill(email)
        await asyncio.sleep(0.9)
        await page.get_by_role("button").click()
        await page.wait_for_url("**/thankyou?**")
        await page.get_by_role("link").first.click()
        await expect(page.get_by_role("heading", name="The three questions")).to_be_visible()
        text = await mail_to(product, email)

        console: Page = await open_page(account=creator)
        await console.goto("/app/opt-ins")
        await console.get_by_role("link", name="Grace").first.click()
        await expect(console.get_by_role("heading", level=1)).to_contain_text("Grace")
        await expect(console.get_by_text("Opted in to The calm guide").first).to_be_visible()

        link = next(word for word in text.split() if "/api/email/unsubscribe" in word)
        await page.goto(link)
        await page.get_by_role("button", name="Unsubscribe").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")
