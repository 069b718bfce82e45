"""No page has a violation that axe-core knows, in light and dark, wide and narrow.

axe-core comes out of the installed `axe-playwright-python`; what it checks is documented at
https://dequeuniversity.com/rules/axe/4.12.
"""

from importlib import resources
from itertools import product as every_pair
from uuid import uuid4

import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.browser.conftest import Visits
from tests.browser.test_journeys import mail_to
from tests.domains.accounts import Account, publish, write_magnet
from tests.journey.product import Product

pytestmark = pytest.mark.browser

CONSOLE = [
    "/app",
    "/app/account",
    "/app/account/security",
    "/app/account/funnels",
    "/app/account/data",
    "/app/admin",
    "/app/admin/audit",
    "/app/admin/services",
    "/app/admin/installation",
    "/app/developer",
    "/app/billing",
    "/app/billing/plans",
    "/app/lead-magnets",
    "/app/lead-magnets/new",
    "/app/drafts",
    "/app/brand",
    "/app/quick-page",
    "/app/libraries",
    "/app/libraries/new",
    "/app/links",
    "/app/links/new",
    "/app/swipe-file/posts",
    "/app/swipe-file/lead-magnets/new",
    "/app/swipe-file/mine",
    "/app/admin/swipe-file",
    "/app/lead-magnets?q=nothing-is-called-this",
    "/app/lead-magnets/import",
    "/app/lead-magnets/import?from=sheet",
    "/app/funnels",
    "/app/experiments",
    "/app/opt-ins",
    "/app/opt-ins/duplicates",
    "/app/analytics",
    "/app/forms",
    "/app/leads",
    "/app/email/flows",
    "/app/email/flows/new",
    "/app/email/designs",
    "/app/email/designs/new",
    "/app/email/review",
    "/app/broadcasts",
    "/app/segments",
    "/app/segments/new",
    "/app/email/analytics",
    "/app/email/settings",
    "/app/outbox",
    "/app/outbox/stored",
    "/app/files/in/files",
    "/app/files/buckets",
    "/app/files/buckets/new",
    "/app/webhooks",
    "/app/connections",
    "/app/connections/gohighlevel",
    "/app/deliveries",
    "/app/pixels",
    "/app/domain",
    "/app/jobs",
    "/app/jobs/dead",
    "/docs",
    "/app/there-is-no-such-page",
]
FOUND = [
    "magnet",
    "magnet editor",
    "content editor",
    "content preview",
    "draft",
    "funnel",
    "funnel thanks",
    "funnel theme",
    "funnel sections",
    "funnel content",
    "lead",
    "mail",
    "account of somebody",
]
PUBLIC = [
    "opt-in",
    "thank-you",
    "content",
    "unsubscribe",
    "sign-in",
    "sign-up",
    "forgotten password",
]

RUN = """
async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], iframes: false});
  return found.violations.flatMap(v => v.nodes.map(
    n => `${v.id}: ${n.target.join(" ")} — ${n.failureSummary}`));
}
"""

WAYS = list(every_pair(("light", "dark"), (1440, 390)))
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()


@pytest.fixture(scope="session")
async def paths(creator: Account, product: Product, database: Database) -> dict[str, str]:
    """The addresses of pages that exist once somebody has opted in."""
    draft = await write_magnet(creator, title="A draft")
    funnel, page = await publish(creator, title="The calm review")
    email = f"grace-{uuid4().hex[:8]}@example.org"
    answer = await creator.browser.post(page, data={"email": email, "name": "Grace Hopper"})
    thanks = answer.headers["location"]
    text = await mail_to(product, email)
    async with database.acting_as(Root(), readonly=True) as tx:
        row = await tx.fetchrow(
            """
            select f.lead_magnet_id, o.id as message_id
            from funnel_pages as f
            join funnel_leads as l on l.funnel_page_id = f.id
            join email_outbox as o on o.funnel_lead_id = l.id
            where l.email = $1
            """,
            email,
        )
    assert row is not None
    return {
        "magnet": f"/app/lead-magnets/{row['lead_magnet_id']}",
        "magnet editor": f"/app/lead-magnets/{row['lead_magnet_id']}/edit",
        "content editor": f"/app/lead-magnets/{row['lead_magnet_id']}/content",
        "content preview": f"/app/lead-magnets/{row['lead_magnet_id']}/preview",
        "draft": draft,
        "funnel": funnel,
        "funnel thanks": f"{funnel}/thankyou",
        "funnel theme": f"{funnel}/theme",
        "funnel sections": f"{funnel}/sections",
        "funnel content": f"{funnel}/content",
        "lead": f"/app/leads/by-email?email={email}",
        "mail": f"/app/outbox/{row['message_id']}",
        "account of somebody": f"/app/admin/users/{creator.id}",
        "opt-in": page,
        "thank-you": thanks,
        "content": thanks.replace("/thankyou", "/content"),
        "unsubscribe": next(word for word in text.split() if "/api/email/unsubscribe" in word),
        "sign-in": "/sign-in",
        "sign-up": "/sign-in?mode=sign-up",
        "forgotten password": "/forgot-password",
    }


async def violations(
    visits: Visits, path: str, axe: str, person: Account | None = None
) -> list[str]:
    """Look at the page in four ways; return what is wrong in each."""
    found = []
    for theme, width in WAYS:
        async with visits.tab(person, theme=theme, width=width) as tab:
            await tab.open(path)
            await tab.page.evaluate(axe)
            problems: list[str] = await tab.page.evaluate(RUN)
            overflow = await tab.page.evaluate(OVERFLOW)
            if overflow > 0:
                problems.append(f"scrolls sideways by {overflow} px")
            found += [f"{width} px, {theme}: {problem}" for problem in problems]
    return found


class TestTheConsole:
    @pytest.mark.parametrize("path", CONSOLE)
    async def test_has_no_violation(
        self, visits: Visits, creator: Account, axe: str, path: str
    ) -> None:
        assert await violations(visits, path, axe, creator) == []

    @pytest.mark.parametrize("name", FOUND)
    async def test_has_no_violation_where_things_are(
        self, visits: Visits, creator: Account, axe: str, paths: dict[str, str], name: str
    ) -> None:
        assert await violations(visits, paths[name], axe, creator) == []


class TestThePublicPages:
    @pytest.mark.parametrize("name", PUBLIC)
    async def test_have_no_violation(
        self, visits: Visits, axe: str, paths: dict[str, str], name: str
    ) -> None:
        assert await violations(visits, paths[name], axe) == []
