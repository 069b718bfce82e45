"""Accounts as people make them and look after them, in a real browser on the real product."""

import re
import struct
import time
import zlib
from uuid import uuid4

import httpx
import pyotp
import pytest
from playwright.async_api import Page, expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.browser.test_journeys import mail_to
from tests.domains.accounts import PASSWORD, Account, publish, sign_up
from tests.journey.product import Product

pytestmark = pytest.mark.browser

SECURITY = "/app/account/security"
NEW_PASSWORD = "four other plain words"


@pytest.fixture
async def somebody(product: Product, database: Database) -> Account:
    """An account of this test's own, whose address is confirmed."""
    async with httpx.AsyncClient(
        base_url=product.address, headers={"x-forwarded-for": f"2001:db8:1::{uuid4().hex[:4]}"}
    ) as browser:
        made = await sign_up(database, browser, name="Nell New")
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set email_verified_at = now() where id = $1", made.id)
    return made


def _link(text: str) -> str:
    return next(word for word in text.split() if word.startswith("http") and "token=" in word)


async def _sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


def _picture(side: int) -> bytes:
    """Return a square picture as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x0f\x76\x6e" * side) * side
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    return start + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class TestANewcomer:
    async def test_signs_up_and_begins_with_the_link_of_the_mail(
        self, visits: Visits, product: Product
    ) -> None:
        email = f"nell-{uuid4().hex[:8]}@example.org"
        async with visits.tab(width=390) as tab:
            page = tab.page
            await tab.open("/sign-in")
            await page.get_by_role("link", name="Create account").click()
            await page.get_by_label("Name").fill("Nell New")
            await page.get_by_label("E-mail").fill(email)
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Create the account").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
            await tab.open(_link(await mail_to(product, email)))
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Confirm and go on").click()
            await page.wait_for_url(f"{product.address}/app")
            await expect(page.get_by_text("Your address is confirmed")).to_be_visible()

    async def test_sees_the_password_that_is_typed_when_asked_to(self, visits: Visits) -> None:
        async with visits.tab() as tab:
            await tab.open("/sign-in?mode=sign-up")
            field = tab.page.get_by_label("Password", exact=True)
            await field.fill("short")
            await tab.page.get_by_role("button", name="Show the password").click()
            await expect(field).to_have_attribute("type", "text")
            await tab.page.get_by_role("button", name="Hide the password").click()
            await expect(field).to_have_attribute("type", "password")


class TestAForgottenPassword:
    async def test_is_set_anew_with_the_link_of_the_mail(
        self, visits: Visits, product: Product, somebody: Account
    ) -> None:
        async with visits.tab() as tab:
            page = tab.page
            await tab.open("/sign-in")
            await page.get_by_role("link", name="Forgot your password?").click()
            await page.get_by_label("E-mail").fill(somebody.email)
            await page.get_by_role("button", name="Send the link").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
            await tab.open(_link(await mail_to(product, somebody.email)))
            await page.get_by_label("New password").fill(NEW_PASSWORD)
            await page.get_by_role("button", name="Set the password").click()
            await page.wait_for_url(f"{product.address}/app")
        async with visits.tab() as tab:
            await tab.open("/sign-in")
            await _sign_in(tab.page, somebody.email, NEW_PASSWORD)
            await tab.page.wait_for_url(f"{product.address}/app")


class TestASecondFactor:
    async def test_is_set_up_and_asked_for(
        self, visits: Visits, product: Product, somebody: Account
    ) -> None:
        async with visits.tab(somebody) as tab:
            page = tab.page
            await tab.open(SECURITY)
            await page.locator("#factors").get_by_label("Your password").fill(PASSWORD)
            await page.get_by_role("button", name="Set it up").click()
            await expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
            assert await tab.audit() == []
            secret = await page.locator(".ac-secret code").inner_text()
            await page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
            await page.get_by_role("button", name="Turn it on").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(
                "Two-factor sign-in is on"
            )
            assert await tab.audit() == []
            codes = await page.locator(".ac-codes li").all_inner_texts()
            await page.get_by_role("link", name="I have kept them").click()
            await expect(page.get_by_text("10 left")).to_be_visible()
        # Each code works once: the next one, which is good already.
        typed = pyotp.TOTP(secret).at(int(time.time()) + 30)
        for code in (typed, codes[0]):
            async with visits.tab() as tab:
                await tab.open("/app/outbox")
                await _sign_in(tab.page, somebody.email)
                await tab.page.get_by_label("Code", exact=True).fill(code)
                await tab.page.get_by_role("button", name="Go on").click()
                await tab.page.wait_for_url(f"{product.address}/app/outbox")


class TestAProfile:
    async def test_says_at_once_whether_a_name_is_free(
        self, visits: Visits, creator: Account, somebody: Account
    ) -> None:
        async with visits.tab(somebody) as tab:
            await tab.open("/app/account")
            field = tab.page.get_by_label("Public name")
            said = tab.page.locator("[data-username-state]")
            await field.fill(creator.username)
            await expect(said).to_have_text("This name is taken. Choose another.")
            await field.fill(f"{creator.username}-too")
            await expect(said).to_have_text("This name is free.")

    async def test_keeps_links_that_are_out_there(
        self, visits: Visits, product: Product, database: Database
    ) -> None:
        async with httpx.AsyncClient(
            base_url=product.address, headers={"x-forwarded-for": "2001:db8:2::7"}, timeout=30
        ) as browser:
            author = await sign_up(database, browser, name="Nell New")
            _, path = await publish(author)
        async with visits.tab(author) as tab:
            await tab.open("/app/account")
            await tab.page.get_by_label("Public name").fill(f"{author.username}-new")
            await tab.page.get_by_role("button", name="Save profile").click()
            await expect(tab.page.get_by_text("Earlier names")).to_be_visible()
        async with visits.tab() as tab:
            await tab.open(path)
            assert f"/p/{author.username}-new/" in tab.page.url

    async def test_makes_a_large_picture_small(self, visits: Visits, somebody: Account) -> None:
        async with visits.tab(somebody) as tab:
            await tab.open("/app/account")
            await tab.page.get_by_label("Upload a picture").set_input_files(
                {"name": "me.png", "mimeType": "image/png", "buffer": _picture(900)}
            )
            await expect(tab.page.get_by_text("Picture saved")).to_be_visible()
            shown = tab.page.locator(".ac-picture img")
            await expect(shown).to_have_js_property("complete", value=True)
            await expect(shown).to_have_js_property("naturalWidth", value=256)


class TestADeveloper:
    async def test_makes_a_key_uses_it_and_revokes_it(
        self, visits: Visits, product: Product, somebody: Account
    ) -> None:
        async with visits.tab(somebody) as tab:
            page = tab.page
            await tab.open("/app/developer")
            await page.get_by_label("Name", exact=True).fill("Nightly report")
            await page.get_by_role("radio", name=re.compile("^Write")).check()
            await page.get_by_role("button", name="Make the key").click()
            key = await page.locator(".ac-key code").inner_text()
            headers = {"authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(
                base_url=product.address, headers=headers, timeout=30
            ) as program:
                answer = await program.get("/api/identity/me")
                assert answer.json()["email"] == somebody.email
                await tab.open("/app/developer")
                await expect(page.get_by_text(key)).to_have_count(0)
                await page.get_by_role("button", name="Revoke").click()
                await page.get_by_role("button", name="Revoke it").click()
                await expect(page.get_by_text("Nightly report no longer works")).to_be_visible()
                assert (await program.get("/api/identity/me")).status_code == 401


class TestSessions:
    async def test_elsewhere_are_ended(self, visits: Visits, somebody: Account) -> None:
        async with visits.tab(somebody) as here, visits.tab(somebody) as elsewhere:
            await here.open(SECURITY)
            await here.page.get_by_role("button", name="Sign out everywhere else").click()
            await (
                here.page.get_by_role("dialog")
                .get_by_role("button", name="Sign out everywhere else")
                .click()
            )
            await expect(here.page.get_by_text("Signed out everywhere else")).to_be_visible()
            await elsewhere.open("/app")
            await expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text(
                "Welcome back"
            )
