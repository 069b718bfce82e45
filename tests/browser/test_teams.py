"""Two people share a team in a real browser: asked in by mail, at work in it, and out of it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.browser.test_accessibility import violations
from tests.browser.test_journeys import mail_to
from tests.domains.accounts import GUIDE, PASSWORD, Account, sign_up, write_magnet
from tests.domains.identity.teams import invite, make_team, profile_of
from tests.journey.product import Product
from tests.rows import add

pytestmark = pytest.mark.browser

LINK = re.compile(r"/invitations/\S+")


@pytest.fixture
async def owner(product: Product, database: Database) -> AsyncIterator[Account]:
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as opened:
        yield await sign_up(database, opened, name="Olga Owner")


@pytest.fixture
async def invited(product: Product, database: Database) -> AsyncIterator[Account]:
    async with httpx.AsyncClient(base_url=product.address, timeout=30) as opened:
        yield await sign_up(database, opened, name="Mika Member")


@dataclass(frozen=True, slots=True)
class Menu:
    """The workspace menu of a page."""

    page: Page

    async def says(self, name: str) -> None:
        summary = self.page.locator(".ls-workspace-menu summary")
        await expect(summary).to_contain_text(name)

    async def choose(self, name: str) -> None:
        await self.page.locator(".ls-workspace-menu summary").click()
        await self.page.locator(".ls-workspace-menu").get_by_role("button", name=name).click()
        await self.says(name)


async def invite_by_form(page: Page, team: str, address: str) -> None:
    """Make a team and invite somebody to it, as its owner does."""
    await page.get_by_label("Name", exact=True).fill(team)
    await page.get_by_role("button", name="Make the team").click()
    await Menu(page).says(team)
    await page.get_by_role("link", name="Invite somebody").click()
    await page.get_by_label("Name", exact=True).fill("Mika Member")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_text(f"Invitation sent to {address}")).to_be_visible()


async def share_catalogue(database: Database, owner: Account, reader: Account) -> None:
    """Let somebody read the owner's catalogue."""
    async with database.acting_as(Root()) as tx:
        await add(
            tx,
            "team_members",
            owner_id=owner.id,
            member_id=reader.id,
            email=reader.email,
            status="active",
            accepted_at=datetime.now(UTC),
        )


class TestATeam:
    async def test_is_shared_from_the_invitation_to_the_end(
        self, visits: Visits, owner: Account, invited: Account, product: Product
    ) -> None:
        team = f"Halden {uuid4().hex[:6]}"
        async with visits.tab(owner) as mine, visits.tab() as theirs:
            await mine.open("/app/teams/new")
            await invite_by_form(mine.page, team, invited.email)
            link = LINK.search(await mail_to(product, invited.email))
            assert link is not None

            page = theirs.page
            await theirs.open(link[0])
            await page.get_by_role("link", name="Sign in to accept").click()
            await page.get_by_label("E-mail").fill(invited.email)
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Sign in", exact=True).click()
            await page.get_by_role("button", name="Join the team").click()
            await Menu(page).says(team)
            await theirs.open("/app/lead-magnets/new")
            await page.get_by_label("Title").fill("Written together")
            await page.get_by_label("Content", exact=True).fill(GUIDE)
            await page.get_by_role("button", name="Keep as a draft").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("Written together")

            await mine.open("/app/teams")
            await expect(mine.page.get_by_text("wrote the lead magnet")).to_be_visible()
            person = mine.page.locator(".ls-person", has_text="Mika Member")
            await person.locator("summary").click()
            await person.get_by_role("button", name="Remove from the team").click()
            await mine.page.locator("#confirm [data-confirm-yes]").click()
            await expect(mine.page.get_by_text("What they made stays.")).to_be_visible()

            await theirs.open("/app")
            await Menu(page).says("Personal")
            await expect(page.get_by_role("button", name=team)).to_have_count(0)

    async def test_changes_what_is_on_every_page_and_in_other_tabs(
        self, visits: Visits, owner: Account
    ) -> None:
        team = f"Halden {uuid4().hex[:6]}"
        await make_team(owner, team)
        async with visits.tab(owner) as tab:
            await tab.open("/app/lead-magnets")
            await Menu(tab.page).says(team)
            other = await tab.page.context.new_page()
            await other.goto("/app/funnels")
            await Menu(other).says(team)
            await Menu(tab.page).choose("Personal")
            await Menu(other).says("Personal")

    async def test_keeps_a_half_written_form_where_it_was_begun(
        self, visits: Visits, owner: Account
    ) -> None:
        team = f"Halden {uuid4().hex[:6]}"
        await make_team(owner, team)
        async with visits.tab(owner) as tab:
            await tab.open("/app/lead-magnets/new")
            await tab.page.get_by_label("Title").fill("Begun for the team")
            await tab.page.get_by_label("Content", exact=True).fill(GUIDE)
            other = await tab.page.context.new_page()
            await other.goto("/app/workspaces")
            await Menu(other).choose("Personal")
            await tab.page.get_by_role("button", name="Keep as a draft").click()
            await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Begun for")
            await Menu(tab.page).says(team)


class TestTheScreens:
    async def test_have_no_violation(
        self, visits: Visits, owner: Account, invited: Account, product: Product, database: Database
    ) -> None:
        axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
        team_id = await make_team(owner, "Halden")
        await invite(owner, team_id, invited.email)
        await write_magnet(owner, title="For setters")
        await share_catalogue(database, owner, invited)
        home = f"/app/teams/{team_id}"
        place = (await profile_of(database, team_id, invited.email))["id"]
        link = LINK.search(await mail_to(product, invited.email))
        assert link is not None
        found = {}
        for path in (
            "/app/workspaces",
            "/app/teams/new",
            home,
            f"{home}/settings",
            f"{home}/activity",
            f"{home}/people/new",
            f"{home}/people/{place}",
            "/app/catalogue",
            "/app/catalogue/readers",
        ):
            found[path] = await violations(visits, path, axe, owner)
        found["cards"] = await violations(visits, "/app/catalogue", axe, invited)
        found["invitation"] = await violations(visits, link[0], axe)
        found["invitation, signed in"] = await violations(visits, link[0], axe, invited)
        assert {path: problems for path, problems in found.items() if problems} == {}
