"""The outbox: who sees which mail, and how safely it is shown."""

from uuid import UUID, uuid4

import httpx
import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.mail import Mail, stored_name
from lodestone.platform.runtime import Runtime
from tests.console.conftest import Browser
from tests.people import Person


async def _insert_mail(
    database: Database, person: Person, *, status: str = "sent", subject: str = "Your copy"
) -> tuple[UUID, str]:
    key = f"test:{uuid4().hex}"
    async with database.acting_as(Root()) as tx:
        mail_id: UUID = await tx.fetchval(
            """
            insert into email_outbox
                (dedupe_key, kind, status, recipient, subject, html, text, tenant_id, user_id,
                 sent_at, error_message)
            select $1, 'resource', $2, 'reader@example.com', $3, '', '', tenant_id, id,
                case when $2 = 'sent' then now() end,
                case when $2 = 'failed' then 'No such mailbox' end
            from profiles where id = $4
            returning id
            """,
            key,
            status,
            subject,
            person.id,
        )
    return mail_id, key


async def _keep(runtime: Runtime, key: str) -> None:
    await runtime.mailer.send(
        Mail(
            to="reader@example.com",
            subject="Your copy",
            text="Plain",
            html="<script>alert(1)</script><p style='color:red'>Here it is</p>",
            from_="Us <us@example.com>",
            dedupe_key=key,
        )
    )


class TestList:
    async def test_searches_filters_and_says_when_nothing_fits(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        await _insert_mail(database, person, subject="The checklist")
        await _insert_mail(database, person, subject="The audit", status="failed")
        browser = await browser_of(person)
        assert "No such mailbox" in (await browser.get("/app/outbox")).text
        found = await browser.get("/app/outbox?q=audit&status=failed")
        assert "The audit" in found.text
        assert "The checklist" not in found.text
        none = await browser.get("/app/outbox?q=nothing-like-it")
        assert "No mails match" in none.text

    async def test_tells_a_newcomer_what_will_be_here(
        self, browser_of: Browser, person: Person
    ) -> None:
        assert "No mail yet" in (await (await browser_of(person)).get("/app/outbox")).text

    async def test_ignores_filters_that_were_not_offered(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        answer = await browser.get("/app/outbox?status=nonsense&sort=id;drop&page=x")
        assert answer.status_code == 200


class TestMail:
    async def test_is_shown_in_a_frame_that_runs_nothing(
        self, browser_of: Browser, person: Person, database: Database, runtime: Runtime
    ) -> None:
        mail_id, key = await _insert_mail(database, person)
        await _keep(runtime, key)
        browser = await browser_of(person)
        page = await browser.get(f"/app/outbox/{mail_id}")
        assert f'src="/app/outbox/{mail_id}/body" sandbox ' in page.text
        body = await browser.get(f"/app/outbox/{mail_id}/body")
        assert "Here it is" in body.text
        policy = body.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "script-src" not in policy

    async def test_that_did_not_go_out_says_why(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        mail_id, _ = await _insert_mail(database, person, status="failed")
        page = await (await browser_of(person)).get(f"/app/outbox/{mail_id}")
        assert "No such mailbox" in page.text
        assert "Not sent yet" in page.text

    async def test_of_others_does_not_exist(
        self,
        browser_of: Browser,
        person: Person,
        operator: Person,
        database: Database,
        runtime: Runtime,
    ) -> None:
        mail_id, key = await _insert_mail(database, operator)
        await _keep(runtime, key)
        browser = await browser_of(person)
        for path in ("", "/body"):
            assert (await browser.get(f"/app/outbox/{mail_id}{path}")).status_code == 404


class TestDirectory:
    @pytest.mark.parametrize("path", ["", "/{name}", "/{name}/body"])
    async def test_is_for_whoever_runs_it(
        self,
        browser_of: Browser,
        person: Person,
        operator: Person,
        runtime: Runtime,
        path: str,
    ) -> None:
        key = f"test:{uuid4().hex}"
        await _keep(runtime, key)
        url = "/app/outbox/stored" + path.format(name=stored_name(key))
        allowed = await (await browser_of(operator)).get(url)
        assert allowed.status_code == 200
        refused: httpx.Response = await (await browser_of(person)).get(url)
        assert refused.status_code == 403

    async def test_has_no_mail_by_a_made_up_name(
        self, browser_of: Browser, operator: Person
    ) -> None:
        browser = await browser_of(operator)
        for name in ("nothing", "0" * 64, "..%2Fsecrets.env"):
            assert (await browser.get(f"/app/outbox/stored/{name}")).status_code == 404
