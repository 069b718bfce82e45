"""An account's own systems are told of each lead: signed, once, and until they answer."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.funnels.service import LeadQualified
from lodestone.domains.funnels.webhooks import rules
from lodestone.platform import events
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.receiver import Receiver, receiving


@dataclass(slots=True)
class Told:
    """A creator whose receiver is told of leads, and the page that captures them."""

    creator: Account
    page: str
    secret: str
    receiver: Receiver
    path: str = field(default="")


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def told(creator: Account) -> AsyncIterator[Told]:
    async with receiving() as receiver:
        answer = await creator.browser.post(
            "/app/webhooks", data={"name": f"CRM {uuid4().hex[:6]}", "url": receiver.url}
        )
        found = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
        assert found is not None
        page = (await publish(creator, title=f"Guide {uuid4().hex[:8]}"))[1]
        yield Told(creator, page, found[0], receiver)


async def _opt_in(app: FastAPI, page: str) -> str:
    email = f"v{uuid4().hex[:12]}@example.org"
    async with open_browser(app, address=f"2001:db8::{uuid4().hex[:4]}") as visitor:
        answer = await visitor.post(page, data={"email": email})
        assert answer.status_code == 303
    return email


async def test_tells_of_a_new_lead_signed_after_the_standard(
    told: Told, app: FastAPI, database_url: str
) -> None:
    email = await _opt_in(app, told.page)
    await work_off(database_url)
    (request,) = [r for r in told.receiver.requests if email in r.body.decode()]
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(told.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed + request.body, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["x-webhook-event"] == "lead.created"


async def test_does_not_tell_again_of_who_comes_back(
    told: Told, app: FastAPI, database_url: str
) -> None:
    async with open_browser(app, address="2001:db8::77") as visitor:
        for _ in range(2):
            await visitor.post(told.page, data={"email": "again@example.org"})
            await work_off(database_url)
    assert len([r for r in told.receiver.requests if b"again@example.org" in r.body]) == 1


async def test_tries_again_later_what_was_not_taken_and_keeps_its_id(
    told: Told, app: FastAPI, database: Database, database_url: str
) -> None:
    told.receiver.statuses = [503, 200]
    email = await _opt_in(app, told.page)
    await work_off(database_url)
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "update webhook_deliveries set next_attempt_at = now() where payload::text like $1",
            f"%{email}%",
        )
        await tx.execute("update platform.jobs set execute_after = now() where status = 'queued'")
    await work_off(database_url)
    requests = [r for r in told.receiver.requests if email in r.body.decode()]
    assert [r.headers["x-webhook-attempt"] for r in requests] == ["1", "2"]
    assert len({r.headers["webhook-id"] for r in requests}) == 1


async def test_gives_up_on_a_refusal_and_sends_again_when_asked(
    told: Told, app: FastAPI, database: Database, database_url: str
) -> None:
    told.receiver.statuses = [400, 200]
    email = await _opt_in(app, told.page)
    await work_off(database_url)
    shown = await told.creator.browser.get("/app/webhooks", params={"status": "failed"})
    resend = re.search(r"/app/webhooks/deliveries/[0-9a-f-]{36}/resend", shown.text)
    assert resend is not None
    assert (await told.creator.browser.post(resend[0])).status_code == 303
    await work_off(database_url)
    async with database.acting_as(Root()) as tx:
        status = await tx.fetchval(
            "select status from webhook_deliveries where payload::text like $1 and url = $2",
            f"%{email}%",
            told.receiver.url,
        )
    assert status == "delivered"


async def test_switches_off_an_address_that_is_gone_and_mails_its_owner(
    told: Told, app: FastAPI, database: Database, database_url: str, data_dir: Path
) -> None:
    told.receiver.statuses = [410]
    await _opt_in(app, told.page)
    await work_off(database_url)
    shown = await told.creator.browser.get("/app/webhooks")
    assert "It answered that it is gone (410)." in shown.text
    mails = [mail.read_text() for mail in (data_dir / "mail").rglob("*.eml")]
    assert any("switched off" in mail and told.creator.email in mail for mail in mails)
    await _opt_in(app, told.page)
    await work_off(database_url)
    assert len(told.receiver.requests) == 1


async def test_signs_with_both_secrets_while_they_change(
    told: Told, app: FastAPI, database: Database, database_url: str
) -> None:
    async with database.acting_as(Root()) as tx:
        webhook_id = await tx.fetchval(
            "select id from webhook_configs where url = $1", told.receiver.url
        )
    answer = await told.creator.browser.post(f"/app/webhooks/{webhook_id}/rotate")
    fresh = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert fresh is not None
    email = await _opt_in(app, told.page)
    await work_off(database_url)
    (request,) = [r for r in told.receiver.requests if email in r.body.decode()]
    signatures = request.headers["webhook-signature"].split(" ")
    assert signatures == [
        rules.sign(
            secret,
            delivery_id=UUID(request.headers["webhook-id"]),
            timestamp=int(request.headers["webhook-timestamp"]),
            body=request.body,
        )
        for secret in (fresh[0], told.secret)
    ]


async def test_tells_of_an_answered_survey_with_its_answers(
    told: Told, app: FastAPI, database: Database, database_url: str
) -> None:
    email = await _opt_in(app, told.page)
    await work_off(database_url)
    async with database.acting_as(Root()) as tx:
        lead = await tx.fetchrow(
            "update funnel_leads set is_qualified = true, answered_at = now(),"
            """ qualification_answers = '{"q1": "yes"}',"""
            """ qualification_questions = '{"q1": "Is it your budget?"}'"""
            " where email = $1 returning id, funnel_page_id, answered_at",
            email,
        )
        assert lead is not None
        event = LeadQualified(
            lead_id=lead["id"],
            funnel_page_id=lead["funnel_page_id"],
            acting_user_id=told.creator.id,
            qualified=True,
            answered_at=lead["answered_at"],
        )
        for _ in range(2):  # an event that comes twice is told once
            await events.publish(tx, event)
    await work_off(database_url)
    told_of = [json.loads(r.body) for r in told.receiver.requests if email in r.body.decode()]
    assert [one["event"] for one in told_of] == ["lead.created", "lead.qualified"]
    assert told_of[1]["data"]["surveyAnswers"] == {"is_it_your_budget": "yes"}


async def test_keeps_the_secret_encrypted_and_from_everybody(
    told: Told, database: Database
) -> None:
    async with database.acting_as(Root()) as tx:
        stored = await tx.fetchval(
            "select signing_secret from webhook_configs where url = $1", told.receiver.url
        )
    assert told.secret not in stored
    shown = await told.creator.browser.get("/app/webhooks")
    assert "whsec_" not in shown.text


@pytest.mark.parametrize("url", ["", "ftp://example.com", "https://", "not an address"])
async def test_refuses_what_is_no_web_address(creator: Account, url: str) -> None:
    answer = await creator.browser.post("/app/webhooks", data={"name": "X", "url": url})
    assert answer.status_code == 422
    assert "f-url-error" in answer.text


async def test_a_stranger_neither_sees_nor_switches_it(
    told: Told, app: FastAPI, database: Database
) -> None:
    async with database.acting_as(Root()) as tx:
        webhook_id = await tx.fetchval(
            "select id from webhook_configs where url = $1", told.receiver.url
        )
    async with open_browser(app) as browser:
        stranger = await sign_up(database, browser, name="Stranger")
        assert told.receiver.url not in (await stranger.browser.get("/app/webhooks")).text
        for act in ("switch", "delete", "test"):
            answer: httpx.Response = await stranger.browser.post(
                f"/app/webhooks/{webhook_id}/{act}"
            )
            assert answer.status_code == 404
