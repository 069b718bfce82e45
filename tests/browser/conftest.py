"""The real product, people in it, and Chromium in front of it."""

import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from lodestone.auth import service as auth
from lodestone.auth.dependencies import COOKIE
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests import servers
from tests.domains.accounts import Account, sign_up
from tests.journey.product import Product, running_product
from tests.people import People

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_AUDIT = (Path(__file__).parent / "audit.js").read_text()


class Somebody(Protocol):
    """Whoever has an account."""

    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Tab:
    """A browser of one's own, with one page in it; `complaints` are errors of its scripts."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go there and wait until everything has come, charts too."""
        await self.page.goto(path)
        await expect(self.page.locator("[data-chart]:not(:has(svg))")).to_have_count(0)

    async def audit(self) -> list[str]:
        """Return what the page gets wrong."""
        found: list[str] = await self.page.evaluate(_AUDIT)
        return found + self.complaints


def _note(tab: Tab, line: ConsoleMessage) -> None:
    # A refused form is in the console too: the tests look at such answers themselves.
    if line.type == "error" and "Failed to load resource" not in line.text:
        tab.complaints.append(f"{tab.page.url}: {line.text}")


@dataclass(frozen=True, slots=True)
class Visits:
    """Opens tabs on the product."""

    browser: Browser
    product: Product
    database: Database

    @asynccontextmanager
    async def tab(
        self,
        person: Somebody | None = None,
        *,
        theme: str = "light",
        width: int = 1440,
        with_script: bool = True,
    ) -> AsyncIterator[Tab]:
        """Open a tab, signed in as the person; an error of a script fails the test."""
        context = await self.browser.new_context(
            base_url=self.product.address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=with_script,
            # An address that nobody else has, so that no limit is met.
            extra_http_headers={"x-forwarded-for": f"2001:db8::{secrets.token_hex(2)}"},
        )
        async with context:
            if person is not None:
                token = await self._open_session(person)
                await context.add_cookies(
                    [{"name": COOKIE, "value": token, "url": self.product.address}]
                )
            tab = Tab(await context.new_page())
            tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
            tab.page.on("console", lambda line: _note(tab, line))
            yield tab
            assert tab.complaints == []

    async def _open_session(self, person: Somebody) -> str:
        async with self.database.acting_as(Root()) as tx:
            return await auth.open_session(tx, user_id=person.id)


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
async def database(product: Product) -> AsyncIterator[Database]:
    """The product's database, in place of the one that other tests share."""
    opened = await Database.connect(product.database_url, max_size=2)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def people(database: Database) -> People:
    """Makes accounts in the product."""
    return People(database)


@pytest.fixture(scope="session")
async def creator(product: Product, database: Database) -> AsyncIterator[Account]:
    """An account that can sign in; the first, so it runs the installation."""
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as opened:
        yield await sign_up(database, opened, name="Ada Lumen")


@pytest.fixture
def visits(browser: Browser, product: Product, database: Database) -> Visits:
    return Visits(browser, product, database)
