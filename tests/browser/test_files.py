"""A person drops files, looks at one, shares it and deletes it."""

import httpx
import pytest
from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Visits
from tests.people import People

pytestmark = pytest.mark.browser

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


async def get(link: str | None) -> httpx.Response:
    """Open a link as somebody without an account."""
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(str(link))


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
async def test_files_are_dropped_opened_shared_and_deleted(
    visits: Visits, people: People, theme: str, width: int
) -> None:
    ann = await people.user(name="Ann Uploads")
    async with visits.tab(ann, theme=theme, width=width) as tab:
        page = tab.page
        await page.goto("/app/files")
        await expect(page.get_by_text("Nothing here yet")).to_be_visible()
        files: list[FilePayload] = [
            {"name": "face.png", "mimeType": "image/png", "buffer": PICTURE},
            {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"first we sail"},
        ]
        await page.set_input_files("[data-upload-input]", files)
        await expect(page.locator("[data-row]")).to_have_count(2)
        # A small picture is shown as itself, and it came whole.
        await expect(page.locator("img.fl-kind")).to_have_js_property("naturalWidth", 1)
        assert await tab.audit() == []

        await page.get_by_role("link", name="plan.txt").click()
        await expect(page.locator(".fl-preview pre")).to_have_text("first we sail")
        link = await page.locator("[data-copy]").first.get_attribute("data-copy")
        assert (await get(link)).content == b"first we sail"
        assert await tab.audit() == []

        await page.get_by_role("button", name="Delete").click()
        await page.click("#confirm [data-confirm-yes]")
        await expect(page.locator("[data-row]")).to_have_count(1)
        assert (await get(link)).status_code == 400


async def test_a_file_that_is_refused_says_why(visits: Visits, people: People) -> None:
    ann = await people.user(name="Ann Refused")
    async with visits.tab(ann) as tab:
        page = tab.page
        await page.goto("/app/files/in/files")
        # The form leads into a bucket that is not there, as one deleted meanwhile would.
        await page.evaluate("document.querySelector('[data-upload]').action += '-gone'")
        given: FilePayload = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
        await page.set_input_files("[data-upload-input]", given)
        await expect(page.locator("[data-uploads] .is-wrong")).to_have_text("Bucket not found")


async def test_files_are_uploaded_without_script(visits: Visits, people: People) -> None:
    ann = await people.user(name="Ann Plain")
    async with visits.tab(ann, with_script=False) as tab:
        page = tab.page
        await page.goto("/app/files/in/files")
        given: FilePayload = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
        await page.set_input_files("[data-upload-input]", given)
        await page.get_by_role("button", name="Upload").click()
        await expect(page.locator("[data-row]")).to_have_count(1)
