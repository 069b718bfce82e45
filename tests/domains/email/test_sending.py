"""Mail leaves by the account, in the name and at the pace that the workspace has set up."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform import runtime as runtimes
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime, SendingOptions
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.email.test_broadcasts import add_people, draft, send

SETTINGS = "/app/email/settings"
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes or so").decode()


@dataclass
class FakeResend:
    """Speaks as much of Resend as we use; a key that was seen answers as before."""

    url: str = ""
    mails: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[bytes, list[str]]] = field(default_factory=dict)
    key: str = "re_good"
    busy: int = 0
    breaks_after: bool = False
    domains: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        status, answer = self._answer(method, path, headers, body)
        if not (self.breaks_after and path.startswith("/emails")):
            content = json.dumps(answer).encode()
            extra = "retry-after: 1\r\n" if status == 429 else ""
            start = f"HTTP/1.1 {status} Told\r\n{extra}content-length: {len(content)}\r\n\r\n"
            writer.write(start.encode() + content)
            await writer.drain()
        writer.close()

    def _answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        if headers.get("authorization") != f"Bearer {self.key}":
            return 403, {"name": "invalid_api_key", "message": "API key is invalid"}
        if path.startswith("/emails"):
            return self._take_mails(headers, body)
        if method == "POST" and path == "/domains":
            return self._add_domain(json.loads(body)["name"])
        if path == "/domains":
            return 200, {"data": list(self.domains.values())}
        domain = path.split("/")[2]
        if method == "DELETE":
            return 200, self.domains.pop(domain)
        if path.endswith("/verify"):
            self.domains[domain]["status"] = "verified"
        return 200, self.domains[domain]

    def _add_domain(self, name: str) -> tuple[int, Any]:
        if name in self.domains:
            return 422, {"name": "validation_error", "message": "registered already"}
        records = [{"record": "SPF", "type": "MX", "name": "send", "value": "mx.test"}]
        self.domains[name] = {
            "id": name,
            "name": name,
            "status": "not_started",
            "region": "us-east-1",
            "records": records,
        }
        return 201, self.domains[name]

    def _take_mails(self, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if self.busy:
            self.busy -= 1
            return 429, {"name": "rate_limit_exceeded", "message": "Too many requests"}
        given = json.loads(body)
        lot = given if isinstance(given, list) else [given]
        known = self.answers.get(headers["idempotency-key"])
        if known is not None and known[0] != body:
            return 409, {"name": "invalid_idempotent_request", "message": "another payload"}
        ids = known[1] if known else [str(uuid4()) for _ in lot]
        if known is None:
            self.mails += [{**mail, "id": each} for mail, each in zip(lot, ids, strict=True)]
            self.answers[headers["idempotency-key"]] = (body, ids)
        found = [{"id": each} for each in ids]
        return 200, {"data": found} if isinstance(given, list) else found[0]


@asynccontextmanager
async def resend_running() -> AsyncIterator[FakeResend]:
    fake = FakeResend()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    async with server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake


@pytest.fixture
async def resend(runtime: Runtime) -> AsyncIterator[FakeResend]:
    async with resend_running() as fake:
        options = SendingOptions(
            resend_api_url=fake.url, resend_requests_per_second=1000, resend_webhook_secret=SECRET
        )
        runtimes.set_current(replace(runtime, sending=options))
        yield fake
        runtimes.set_current(runtime)


@pytest.fixture
async def owner(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app, address=f"127.0.1.{uuid4().int % 250}") as browser:
        yield await sign_up(database, browser, name="Olga Owner")


async def _connect(owner: Account, key: str = "re_good") -> httpx.Response:
    return await owner.browser.post(f"{SETTINGS}/key", data={"key": key})


async def _save(owner: Account, **values: str) -> httpx.Response:
    given = {"is_active": "true", "from_email": "olga@acme.io", "from_name": "Olga"}
    answer = await owner.browser.post(SETTINGS, data={**given, **values})
    assert answer.status_code == 303, answer.text
    return answer


async def _rows(database: Database, path: str) -> list[Any]:
    async with database.acting_as(Root()) as tx:
        return await tx.fetch(
            "select status, provider_message_id, error_message, not_before, recipient"
            " from email_outbox where broadcast_id = $1",
            UUID(path.rsplit("/", 1)[1]),
        )


def _signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    event, moment = f"msg_{uuid4().hex}", str(int(at or time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{event}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "svix-id": event,
        "svix-timestamp": moment,
        "svix-signature": f"v1,bm9uZQ== v1,{base64.b64encode(signed).decode()}",
    }


def _report(kind: str, email_id: str, **more: Any) -> bytes:
    data = {"email_id": email_id, "to": ["x@example.org"], "subject": "Hi", **more}
    return json.dumps(
        {"type": f"email.{kind}", "created_at": "2026-11-22T10:00:00.000Z", "data": data}
    ).encode()


class TestAnAccountOfOnesOwn:
    async def test_carries_a_broadcast_in_one_request_with_its_own_sender(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        assert (await _connect(owner)).status_code == 303
        assert (await _save(owner)).status_code == 303
        tag = uuid4().hex
        await add_people(database, owner, 5, tag=tag)
        path = await draft(owner, tag)
        assert (await send(owner, path, count=5)).status_code == 303
        await work_off(database_url)
        assert len(resend.mails) == 5
        assert len(resend.answers) == 1
        assert {mail["from"] for mail in resend.mails} == {"Olga <olga@acme.io>"}
        rows = await _rows(database, path)
        assert {row["status"] for row in rows} == {"sent"}
        assert {row["provider_message_id"] for row in rows} == {m["id"] for m in resend.mails}
        shown = await owner.browser.get(SETTINGS)
        assert "re_good" not in shown.text
        assert "good" in shown.text

    async def test_is_refused_with_a_key_that_resend_does_not_know(
        self, owner: Account, resend: FakeResend
    ) -> None:
        answer = await _connect(owner, "re_bad")
        assert answer.status_code == 422
        assert "Resend refuses" in answer.text

    async def test_stands_still_when_its_key_breaks_and_goes_on_with_another(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        await _connect(owner)
        await _save(owner)
        resend.key = "re_new"
        tag = uuid4().hex
        await add_people(database, owner, 2, tag=tag)
        path = await draft(owner, tag)
        assert (await send(owner, path, count=2)).status_code == 303
        await work_off(database_url)
        assert {row["status"] for row in await _rows(database, path)} == {"queued"}
        assert "Sending stands still" in (await owner.browser.get(SETTINGS)).text
        assert "sending stands still" in (await owner.browser.get("/app")).text
        assert (await send(owner, await draft(owner, tag), count=2)).status_code == 409
        assert (await _connect(owner, "re_new")).status_code == 303
        await _run_now(database, database_url)
        assert {row["status"] for row in await _rows(database, path)} == {"sent"}

    async def test_waits_as_long_as_resend_asks(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        await _connect(owner)
        await _save(owner)
        resend.busy = 1
        tag = uuid4().hex
        await add_people(database, owner, 2, tag=tag)
        path = await draft(owner, tag)
        await send(owner, path, count=2)
        await work_off(database_url)
        assert {row["status"] for row in await _rows(database, path)} == {"queued"}
        await asyncio.sleep(1.1)
        await _run_now(database, database_url)
        assert {row["status"] for row in await _rows(database, path)} == {"sent"}
        assert len(resend.mails) == 2

    async def test_sends_nothing_twice_when_the_answer_is_lost(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        await _connect(owner)
        await _save(owner)
        resend.breaks_after = True
        tag = uuid4().hex
        await add_people(database, owner, 3, tag=tag)
        path = await draft(owner, tag)
        await send(owner, path, count=3)
        await work_off(database_url)
        resend.breaks_after = False
        await database.pool.execute(
            "update platform.send_rates set blocked_until = null, tokens = 5"
        )
        await _run_now(database, database_url)
        assert len(resend.mails) == 3
        assert {row["status"] for row in await _rows(database, path)} == {"sent"}

    async def test_sends_nothing_twice_by_another_account(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        await _connect(owner)
        await _save(owner)
        resend.breaks_after = True
        tag = uuid4().hex
        await add_people(database, owner, 3, tag=tag)
        path = await draft(owner, tag)
        await send(owner, path, count=3)
        await work_off(database_url)
        # Another account knows nothing of what the first one was asked.
        resend.breaks_after, resend.key = False, "re_other"
        resend.answers.clear()
        await _connect(owner, "re_other")
        await _run_now(database, database_url)
        assert len(resend.mails) == 3
        assert {row["status"] for row in await _rows(database, path)} == {"uncertain"}

    async def test_looks_after_a_domain_and_removes_it_there_first(
        self, owner: Account, resend: FakeResend, database: Database
    ) -> None:
        await _connect(owner)
        answer = await owner.browser.post(f"{SETTINGS}/domain", data={"domain": "News.Acme.test"})
        assert answer.status_code == 303, answer.text
        shown = await owner.browser.get(SETTINGS)
        assert "news.acme.test" in shown.text
        assert "mx.test" in shown.text
        await owner.browser.post(f"{SETTINGS}/domain/check")
        assert "Verified" in (await owner.browser.get(SETTINGS)).text
        await owner.browser.post(f"{SETTINGS}/domain/remove")
        assert resend.domains == {}

    async def test_gives_nobody_a_domain_that_the_shared_account_has_shown_to_be_another_s(
        self, owner: Account, resend: FakeResend, runtime: Runtime
    ) -> None:
        options = SendingOptions(
            resend_api_url=resend.url, resend_api_key=resend.key, resend_requests_per_second=1000
        )
        runtimes.set_current(replace(runtime, sending=options))
        ours = {"id": "ours", "name": "lodestone.test", "status": "verified", "records": []}
        resend.domains = {"lodestone.test": ours, "ours": ours}
        answer = await owner.browser.post(f"{SETTINGS}/domain", data={"domain": "lodestone.test"})
        assert answer.status_code == 422
        assert "in use" in answer.text
        await owner.browser.post(f"{SETTINGS}/domain/remove")
        assert "ours" in resend.domains
        # With an account of their own all its domains are theirs.
        await _connect(owner)
        answer = await owner.browser.post(f"{SETTINGS}/domain", data={"domain": "lodestone.test"})
        assert answer.status_code == 303


async def _run_now(database: Database, database_url: str) -> None:
    """Run what waits for later, now."""
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update platform.jobs set execute_after = now()"
            " where entrypoint in ('email:send_broadcast', 'email:send_message')"
        )
        await tx.execute("update email_outbox set not_before = now() where status = 'queued'")
    await work_off(database_url)


class TestPace:
    async def test_leaves_the_rest_of_a_warm_up_for_tomorrow(
        self, owner: Account, database: Database, database_url: str
    ) -> None:
        await _save(owner, is_warming_up="true")
        tag = uuid4().hex
        await add_people(database, owner, 60, tag=tag)
        path = await draft(owner, tag)
        await send(owner, path, count=60)
        await work_off(database_url)
        found = [row["status"] for row in await _rows(database, path)]
        assert (found.count("sent"), found.count("queued")) == (50, 10)

    async def test_withholds_one_mail_too_many_with_a_record(
        self, owner: Account, database: Database, database_url: str
    ) -> None:
        await _save(owner, frequency_cap="1", frequency_days="7")
        tag = uuid4().hex
        await add_people(database, owner, 1, tag=tag)
        for expected in ("sent", "cancelled"):
            path = await draft(owner, tag)
            await send(owner, path, count=1)
            await work_off(database_url)
            (row,) = await _rows(database, path)
            assert row["status"] == expected
        assert row["error_message"] == "frequency cap"


class TestReports:
    async def test_take_bounces_and_complaints_off_the_list(
        self, owner: Account, resend: FakeResend, database: Database, database_url: str
    ) -> None:
        await _connect(owner)
        await _save(owner)
        tag = uuid4().hex
        people = await add_people(database, owner, 3, tag=tag)
        path = await draft(owner, tag)
        await send(owner, path, count=3)
        await work_off(database_url)
        ids = {row["recipient"]: row["provider_message_id"] for row in await _rows(database, path)}
        bodies = [
            _report("bounced", ids[people[0]], bounce={"type": "Permanent", "message": "no"}),
            _report("complained", ids[people[1]]),
            _report("bounced", ids[people[2]], bounce={"type": "Transient"}),
            _report("delivered", "somebody else's"),
        ]
        for body in bodies:
            headers = _signed(body)
            for _ in range(2):
                answer = await owner.browser.post("/hooks/resend", content=body, headers=headers)
                assert answer.status_code == 200
        await work_off(database_url)
        async with database.acting_as(Root()) as tx:
            rows = await tx.fetch(
                "select email, status from email_subscribers where email = any ($1)", people
            )
            events = await tx.fetchval(
                "select count(*) from email_events where recipient_email = any ($1)", people
            )
        assert {row["email"]: row["status"] for row in rows} == {
            people[0]: "bounced",
            people[1]: "complained",
            people[2]: "active",
        }
        assert events == 3

    async def test_are_refused_unless_they_are_signed_now_and_here(
        self, owner: Account, resend: FakeResend, runtime: Runtime
    ) -> None:
        body = _report("delivered", "x")
        good = _signed(body)
        for headers in (
            {},
            {**good, "svix-signature": "v1,AAAA"},
            _signed(body, at=time.time() - 600),
            {**good, "svix-id": "other"},
        ):
            answer = await owner.browser.post("/hooks/resend", content=body, headers=headers)
            assert answer.status_code == 401
        runtimes.set_current(runtime)
        answer = await owner.browser.post("/hooks/resend", content=body, headers=good)
        assert answer.status_code == 503
