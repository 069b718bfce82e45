"""The real product with a creator in it, and Chromium in front of it."""

import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from lodestone.platform.database import Database
from tests import servers
from tests.domains.accounts import Account, sign_up
from tests.journey.product import Product, running_product

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}

OpenPage = Callable[..., Awaitable[Page]]


def _address() -> str:
    """Return a visitor's address that nobody else has, so that no limit is met."""
    return f"2001:db8::{secrets.token_hex(2)}:{secrets.token_hex(2)}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The installed browser; without one these tests can't say anything."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed: .ci/run installs one")
    return found


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
async def product_database_url(
    chromium: str, server_url: str, template_database: str
) -> AsyncIterator[str]:
    async with servers.clone(server_url, template=template_database) as url:
        yield url


@pytest.fixture(scope="session")
def product(
    product_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    directory: Path = tmp_path_factory.mktemp("product")
    with running_product(product_database_url, directory, TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="session")
async def product_database(product: Product) -> AsyncIterator[Database]:
    opened = await Database.connect(product.database_url, max_size=2)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def creator(product: Product, product_database: Database) -> AsyncIterator[Account]:
    """The first account, which runs the installation."""
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as browser:
        yield await sign_up(product_database, browser, name="Ada Lumen")


@pytest.fixture
async def open_page(browser: Browser, product: Product) -> AsyncIterator[OpenPage]:
    """Open pages, each in a browser of its own; a script's error or a refused file fails."""
    problems: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_one(
            *, account: Account | None = None, wide: bool = True, dark: bool = False
        ) -> Page:
            context: BrowserContext = await browser.new_context(
                base_url=product.address,
                viewport=WIDE if wide else NARROW,
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
                extra_http_headers={"x-forwarded-for": _address()},
            )
            stack.push_async_callback(context.close)
            if account is not None:
                await context.add_cookies(
                    [
                        {"name": cookie.name, "value": cookie.value or "", "url": product.address}
                        for cookie in account.browser.cookies.jar
                    ]
                )
            page = await context.new_page()
            page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
            page.on(
                "console",
                lambda line: (
                    problems.append(f"{page.url}: {line.text}") if line.type == "error" else None
                ),
            )
            return page

        yield open_one
    # What the server refuses is in the console too; the tests look at those answers themselves.
    assert [problem for problem in problems if "Failed to load resource" not in problem] == []
