"""The console in Chromium: readable for everybody, quick by keyboard, safe under its policy."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.people import People, Person

PATHS = (
    "/app",
    "/app/lead-magnets",
    "/app/lead-magnets/new",
    "/app/funnels",
    "/app/opt-ins",
    "/app/leads",
    "/app/outbox",
    "/app/outbox?q=nothing-like-it",
    "/app/outbox/stored",
    "/app/jobs",
    "/app/jobs/dead",
    "/app/account",
    "/docs",
)


@pytest.fixture
async def operator(people: People, database: Database) -> Person:
    """Whoever runs the installation, with a mail, a lead and a dead job."""
    person = await people.user(name="Olga Operator", tenant_id=await people.tenant())
    failure = {"exception_type": "ValueError", "exception_message": "It broke", "traceback": "T"}
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", person.id)
        for subject, status in (("The checklist", "sent"), ("The audit", "failed")):
            await tx.execute(
                """
                insert into email_outbox (dedupe_key, kind, status, recipient, subject, html, text,
                    tenant_id, user_id, sent_at)
                select $1, 'resource', $2, 'reader@example.com', $3, '', '', tenant_id, id,
                    case when $2 = 'sent' then now() end
                from profiles where id = $4
                """,
                uuid4().hex,
                status,
                subject,
                person.id,
            )
        job_id = await tx.fetchval(
            "insert into platform.jobs (priority, status, entrypoint, payload, attempts)"
            " values (0, 'failed', 'email:send_message', '{}', 5) returning id"
        )
        await tx.execute(
            "insert into platform.job_log (job_id, status, priority, entrypoint, traceback)"
            " values ($1, 'failed', 0, 'email:send_message', $2)",
            job_id,
            failure,
        )
    return person


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
class TestEveryPage:
    async def test_is_readable_named_and_silent(
        self, visits: Visits, operator: Person, theme: str, width: int
    ) -> None:
        problems = {}
        async with visits.tab(operator, theme=theme, width=width) as tab:
            for path in PATHS:
                await tab.open(path)
                found = await tab.audit()
                if found:
                    problems[path] = found
                tab.complaints.clear()
        assert problems == {}

    async def test_so_is_signing_in(self, visits: Visits, theme: str, width: int) -> None:
        async with visits.tab(theme=theme, width=width) as tab:
            await tab.open("/sign-in")
            assert await tab.audit() == []


class TestKeyboard:
    async def test_jumps_to_a_page_by_a_few_letters(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app")
            await tab.page.keyboard.press("Control+k")
            await tab.page.keyboard.type("outb")
            await tab.page.keyboard.press("Enter")
            await tab.page.wait_for_url("**/app/outbox")

    async def test_walks_a_list_and_opens_a_row(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app/outbox")
            await tab.page.keyboard.press("j")
            await tab.page.keyboard.press("j")
            await tab.page.keyboard.press("Enter")
            await tab.page.wait_for_url("**/app/outbox/*-*")

    async def test_skips_to_the_content_first(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app/outbox")
            await tab.page.keyboard.press("Tab")
            await expect(tab.page.locator(".ls-skip")).to_be_focused()
            await tab.page.keyboard.press("Enter")
            await expect(tab.page.locator("main")).to_be_focused()


class TestLists:
    async def test_answer_while_one_types_and_keep_the_address(
        self, visits: Visits, operator: Person
    ) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app/outbox")
            await tab.page.keyboard.press("/")
            for letters in ("au", "dit"):
                async with tab.page.expect_response("**/app/outbox?q=*"):
                    await tab.page.keyboard.type(letters)
            await tab.page.wait_for_url("**/app/outbox?q=audit")
            await expect(tab.page.locator("tr[data-row]")).to_have_count(1)
            await expect(tab.page.locator("[data-search]")).to_be_focused()
            await tab.page.go_back()
            await expect(tab.page.locator("tr[data-row]")).to_have_count(2)

    async def test_keep_a_view_by_name(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app/outbox?status=failed")
            await tab.page.click("[data-views] summary")
            await tab.page.click("[data-view-save]")
            await tab.page.keyboard.type("To mend", delay=20)
            await tab.page.keyboard.press("Enter")
            await expect(tab.page.locator("[data-views-list] a")).to_have_text(["To mend"])
        async with visits.tab(operator) as tab:
            await tab.open("/app/outbox")
            await tab.page.click("[data-views] summary")
            await tab.page.click("text=To mend")
            await tab.page.wait_for_url("**/app/outbox?status=failed")
            await tab.page.click("[data-views] summary")
            await tab.page.click("[data-view-drop]")
            await expect(tab.page.locator("[data-views-list] a")).to_have_count(0)

    async def test_work_without_script(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator, with_script=False) as tab:
            await tab.open("/app/outbox")
            await tab.page.fill("[data-search]", "audit")
            await tab.page.press("[data-search]", "Enter")
            await expect(tab.page.locator("tr[data-row]")).to_have_count(1)


class TestDangerousActs:
    async def test_wait_for_a_yes(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator) as tab:
            await tab.open("/app/jobs/dead")
            await tab.page.click("tr[data-row] >> nth=0")
            await tab.page.wait_for_url("**/app/jobs/*")
            here = tab.page.url
            await tab.page.click("text=Give up")
            await tab.page.click("#confirm >> text=Cancel")
            assert tab.page.url == here
            await tab.page.click("text=Give up")
            await tab.page.click("#confirm [data-confirm-yes]")
            await tab.page.wait_for_url("**/app/jobs/dead")
            await expect(tab.page.locator("[data-toast]")).to_contain_text("Given up for good")


class TestThemes:
    async def test_a_choice_outlives_the_page_and_beats_the_system(
        self, visits: Visits, operator: Person
    ) -> None:
        async with visits.tab(operator, theme="light") as tab:
            await tab.open("/app")
            await tab.page.click(".ls-sidebar-foot .ls-who")
            await tab.page.click("[data-theme-set=dark]")
            await tab.open("/app/account")
            await expect(tab.page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    async def test_it_is_set_before_anything_is_drawn(
        self, visits: Visits, operator: Person
    ) -> None:
        async with visits.tab(operator, theme="dark") as tab:
            await tab.page.add_init_script(
                "new MutationObserver(() => { if (document.body && !window.themeAtBody)"
                " window.themeAtBody = document.documentElement.dataset.bsTheme || 'none'; })"
                ".observe(document, { childList: true, subtree: true });"
            )
            await tab.open("/app")
            assert await tab.page.evaluate("window.themeAtBody") == "dark"


class TestNarrow:
    async def test_the_navigation_is_a_drawer(self, visits: Visits, operator: Person) -> None:
        async with visits.tab(operator, width=360) as tab:
            await tab.open("/app")
            link = tab.page.locator(".ls-nav a", has_text="Outbox")
            await expect(link).to_be_hidden()
            await tab.page.click("[data-drawer-open]")
            await link.click()
            await tab.page.wait_for_url("**/app/outbox")
