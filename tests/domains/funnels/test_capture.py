"""From a published page to a lead with its mail: the main job, through the public surface."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.email.jobs import deliver_resource
from lodestone.domains.funnels.service import LeadCaptured
from lodestone.domains.operations.jobs import record_lead
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account, open_browser, publish, sign_up

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


def _address() -> str:
    return f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor from an address of their own."""
    async with open_browser(app, address=_address()) as opened:
        opened.headers.update(BROWSER)
        yield opened


@pytest.fixture
async def page(creator: Account) -> str:
    return (await publish(creator, title=f"Guide {uuid4().hex[:8]}"))[1]


def _email() -> str:
    return f"v{uuid4().hex[:12]}@example.org"


async def _leads(database: Database, email: str) -> list[UUID]:
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch("select id from funnel_leads where email = $1", email)
    return [row["id"] for row in rows]


class TestOptIn:
    async def test_shows_what_one_gets_and_asks_for_an_address(
        self, visitor: httpx.AsyncClient, page: str
    ) -> None:
        answer = await visitor.get(page)
        assert answer.status_code == 200
        assert "The three questions" in answer.text
        assert 'name="email"' in answer.text
        assert len(answer.content) < 15_000

    async def test_leads_to_the_thank_you_page_and_to_the_content(
        self, visitor: httpx.AsyncClient, page: str
    ) -> None:
        answer = await visitor.post(page, data={"email": _email(), "name": "Grace"})
        assert answer.status_code == 303
        thanks = await visitor.get(answer.headers["location"])
        link = re.search(r'href="(/p/[^"]+/content\?lead=[^"]+)"', thanks.text)
        assert link is not None
        content = await visitor.get(link[1])
        assert "Long reviews get <strong>skipped</strong>." in content.text

    async def test_keeps_the_same_person_as_one_lead(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        email = _email()
        await visitor.post(page, data={"email": email})
        await visitor.post(page, data={"email": email.upper(), "name": "Grace Hopper"})
        assert len(await _leads(database, email)) == 1
        async with database.acting_as(Root()) as tx:
            name = await tx.fetchval("select name from funnel_leads where email = $1", email)
        assert name == "Grace Hopper"

    async def test_keeps_the_campaign_of_the_address(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        email = _email()
        await visitor.post(f"{page}?utm_source=linkedin&utm_campaign=launch", data={"email": email})
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                "select utm_source, utm_campaign from funnel_leads where email = $1", email
            )
        assert row is not None
        assert tuple(row) == ("linkedin", "launch")

    @pytest.mark.parametrize("email", ["", "grace", "grace@", "@example.org", "a b@example.org"])
    async def test_refuses_what_is_no_address_and_says_so(
        self, visitor: httpx.AsyncClient, page: str, email: str
    ) -> None:
        answer = await visitor.post(page, data={"email": email, "name": "Grace"})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'value="Grace"' in answer.text

    async def test_refuses_the_sixth_in_a_minute_from_one_address(
        self, visitor: httpx.AsyncClient, page: str
    ) -> None:
        answers = [await visitor.post(page, data={"email": _email()}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [303] * 5 + [429]

    @pytest.mark.parametrize(
        "trap", [{"website": "https://example.net"}, {"seconds_shown": "0.10"}]
    )
    async def test_answers_bots_and_keeps_nothing(
        self, visitor: httpx.AsyncClient, page: str, database: Database, trap: dict[str, str]
    ) -> None:
        email = _email()
        answer = await visitor.post(page, data={"email": email, **trap})
        assert answer.status_code == 303
        assert await _leads(database, email) == []

    async def test_is_gone_once_the_page_is_unpublished(
        self, visitor: httpx.AsyncClient, creator: Account, database: Database
    ) -> None:
        funnel, page = await publish(creator, title=f"Short-lived {uuid4().hex[:8]}")
        assert (await visitor.get(page)).status_code == 200
        await creator.browser.post(f"{funnel}/unpublish")
        assert (await visitor.get(page)).status_code == 404
        email = _email()
        assert (await visitor.post(page, data={"email": email})).status_code == 404
        assert await _leads(database, email) == []

    async def test_takes_json_from_pages_that_are_not_ours(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        shown = await visitor.get(page)
        found = re.search(r'data-funnel="([0-9a-f-]{36})"', shown.text)
        assert found is not None
        email = _email()
        answer = await visitor.post(
            "/api/public/lead", json={"funnelPageId": found[1], "email": email}
        )
        assert answer.status_code == 201
        assert [UUID(answer.json()["leadId"])] == await _leads(database, email)

    async def test_names_the_field_that_json_got_wrong(self, visitor: httpx.AsyncClient) -> None:
        answer = await visitor.post(
            "/api/public/lead", json={"funnelPageId": "x", "email": "grace"}
        )
        assert answer.status_code == 422
        assert set(answer.json()["details"]["fields"]) == {"funnelPageId", "email"}


class TestContent:
    async def test_is_for_leads_alone(self, visitor: httpx.AsyncClient, page: str) -> None:
        for token in ("", "?lead=forged", "?lead=WyJ4Iixu.bm8"):
            answer = await visitor.get(f"{page}/content{token}")
            assert answer.status_code == 303
            assert answer.headers["location"] == page

    async def test_does_not_open_with_the_link_of_another_page(
        self, visitor: httpx.AsyncClient, page: str, creator: Account
    ) -> None:
        other = (await publish(creator, title=f"Other {uuid4().hex[:8]}"))[1]
        answer = await visitor.post(other, data={"email": _email()})
        token = answer.headers["location"].split("lead=")[1]
        assert (await visitor.get(f"{page}/content?lead={token}")).status_code == 303


class TestViews:
    async def _count(self, database: Database, page: str) -> int:
        async with database.acting_as(Root()) as tx:
            count: int = await tx.fetchval(
                """
                select count(*) from page_views as v
                join funnel_pages as f on f.id = v.funnel_page_id where f.slug = $1
                """,
                page.rsplit("/", 1)[1],
            )
        return count

    async def _view(self, visitor: httpx.AsyncClient, page: str) -> int:
        shown = await visitor.get(page)
        found = re.search(r'data-funnel="([0-9a-f-]{36})"', shown.text)
        assert found is not None
        answer = await visitor.post("/api/public/view", json={"funnelPageId": found[1]})
        return answer.status_code

    async def test_counts_a_visitor_once_a_day(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        for _ in range(3):
            assert await self._view(visitor, page) == 204
        assert await self._count(database, page) == 1

    async def test_counts_no_bots(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        visitor.headers["user-agent"] = "Mozilla/5.0 (compatible; Examplebot/2.1)"
        assert await self._view(visitor, page) == 204
        assert await self._count(database, page) == 0

    async def test_keeps_no_address_and_no_browser(
        self, visitor: httpx.AsyncClient, page: str, database: Database
    ) -> None:
        await self._view(visitor, page)
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchval(
                """
                select to_jsonb(v)::text from page_views as v
                join funnel_pages as f on f.id = v.funnel_page_id where f.slug = $1
                """,
                page.rsplit("/", 1)[1],
            )
        assert "2001:db8" not in row
        assert "Firefox" not in row


class TestWhatFollows:
    """The jobs of a captured lead: pipeline, list, mail."""

    async def test_the_lead_is_in_the_pipeline_with_its_trail(
        self,
        visitor: httpx.AsyncClient,
        page: str,
        creator: Account,
        database_url: str,
    ) -> None:
        email = _email()
        await visitor.post(f"{page}?utm_source=newsletter", data={"email": email, "name": "Grace"})
        await work_off(database_url)
        found = await creator.browser.get("/app/leads", params={"q": email})
        assert email in found.text
        lead = await creator.browser.get(
            "/app/leads/by-email", params={"email": email}, follow_redirects=True
        )
        assert "Opted in to Guide" in lead.text
        assert "Came from newsletter" in lead.text
        assert "Organic" in lead.text

    async def test_the_resource_arrives_by_mail_once(
        self,
        visitor: httpx.AsyncClient,
        page: str,
        database: Database,
        database_url: str,
        data_dir: Path,
    ) -> None:
        email = _email()
        await visitor.post(page, data={"email": email, "name": "Grace Hopper"})
        await work_off(database_url)
        await self._repeat(database, email)
        await work_off(database_url)
        mails = [mail.read_text() for mail in (data_dir / "mail").glob("*.eml")]
        mine = [mail for mail in mails if f"To: {email}" in mail or email in mail.split("\n\n")[0]]
        assert len(mine) == 1
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mine[0]
        assert "Hi Grace," in mine[0]

    async def _repeat(self, database: Database, email: str) -> None:
        """Run the handlers of a lead once more, as after a crash between the work and its note."""
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                "select id, funnel_page_id, user_id, created_at from funnel_leads where email = $1",
                email,
            )
        assert row is not None
        event = LeadCaptured(
            lead_id=row["id"],
            funnel_page_id=row["funnel_page_id"],
            acting_user_id=row["user_id"],
            is_new=True,
            captured_at=row["created_at"],
        )
        await deliver_resource(event)
        await record_lead(event)

    async def test_who_comes_back_gets_it_once_a_day(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> None:
        email = _email()
        counts = []
        for days_ago in (0, 0, 1, 1):
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update funnel_leads set created_at = now() - make_interval(days => $2)"
                    " where email = $1",
                    email,
                    days_ago,
                )
            await visitor.post(page, data={"email": email})
            await work_off(database_url)
            async with database.acting_as(Root()) as tx:
                counts.append(
                    await tx.fetchval(
                        "select count(*) from email_outbox where recipient = $1", email
                    )
                )
        assert counts == [1, 1, 2, 2]

    async def test_one_touch_is_noted_once(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> None:
        email = _email()
        for _ in range(2):
            await visitor.post(page, data={"email": email})
            await work_off(database_url)
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                """
                select jsonb_array_length(l.opt_in_data -> 'touches') as touches,
                    l.opt_in_data ->> 'source' as source,
                    (select count(*) from events as e where e.lead_id = l.id) as events
                from leads as l where l.email = $1
                """,
                email,
            )
        assert row is not None
        assert tuple(row) == (1, "organic", 1)


class TestUnsubscribe:
    async def _link(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> tuple[str, str]:
        email = _email()
        await visitor.post(page, data={"email": email})
        await work_off(database_url)
        async with database.acting_as(Root()) as tx:
            headers = await tx.fetchval(
                "select headers from email_outbox where recipient = $1", email
            )
        return email, headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")

    async def _status(self, database: Database, email: str) -> str:
        async with database.acting_as(Root()) as tx:
            status: str = await tx.fetchval(
                "select status from email_subscribers where email = $1", email
            )
        return status

    async def test_opening_the_link_changes_nothing(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> None:
        email, link = await self._link(visitor, page, database, database_url)
        answer = await visitor.get(link)
        assert answer.status_code == 200
        assert email in answer.text
        assert await self._status(database, email) == "active"

    async def test_one_click_ends_the_subscription_and_again_changes_nothing(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> None:
        email, link = await self._link(visitor, page, database, database_url)
        for _ in range(2):
            answer = await visitor.post(link, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        assert await self._status(database, email) == "unsubscribed"

    async def test_a_link_for_somebody_else_is_refused(
        self, visitor: httpx.AsyncClient, page: str, database: Database, database_url: str
    ) -> None:
        email, link = await self._link(visitor, page, database, database_url)
        stolen = link.replace(link.split("sid=")[1][:36], str(uuid4()))
        assert (await visitor.post(stolen)).status_code == 403
        assert (await visitor.post(link[:-4])).status_code == 400
        assert await self._status(database, email) == "active"
