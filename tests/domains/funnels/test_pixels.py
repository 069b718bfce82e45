"""Ad platforms are told of leads that agreed to it: hashed, once, and never of answers."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from lodestone.domains.funnels.service import LeadQualified
from lodestone.platform import events
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.outgoing import LiveFunnel, serving_vendors
from tests.vendor_server import VendorServer

FBP = "fb.1.1700000000000.123456789"
META = {
    "pixel_id": "1234567890",
    "token": "meta-token",
    "default_conversion_value": "20",
    "tells_views": "true",
    "tells_leads": "true",
}
LINKEDIN = {
    "partner_id": "55555",
    "conversion_id": "77777",
    "token": "li-token",
    "tells_leads": "true",
}


@pytest.fixture
async def vendor(runtime: Runtime) -> AsyncIterator[VendorServer]:
    async with serving_vendors(runtime) as server:
        server.on("POST", "/meta/.*", (200, {"events_received": 1}))
        server.on("POST", "/linkedin/conversionEvents", (201, None))
        yield server


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def funnel(
    creator: Account, database: Database, database_url: str, app: FastAPI, vendor: VendorServer
) -> LiveFunnel:
    for name, form in (("meta_pixel", META), ("linkedin_insight", LINKEDIN)):
        answer = await creator.browser.post(f"/app/pixels/{name}", data=form)
        assert answer.status_code == 303, answer.text
    path, page = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
    return LiveFunnel(creator, path, page, vendor, app, database, database_url)


async def qualify(funnel: LiveFunnel, email: str, *, is_qualified: bool) -> None:
    """Answer the survey, as the form does."""
    async with funnel.database.acting_as(Root()) as tx:
        lead = await tx.fetchrow(
            "update funnel_leads set is_qualified = $2, answered_at = now(),"
            """ qualification_answers = '{"q": "a secret budget"}' where email = $1"""
            " returning id, funnel_page_id, answered_at",
            email,
            is_qualified,
        )
        assert lead is not None
        await events.publish(
            tx,
            LeadQualified(
                lead_id=lead["id"],
                funnel_page_id=lead["funnel_page_id"],
                acting_user_id=funnel.creator.id,
                qualified=is_qualified,
                answered_at=lead["answered_at"],
            ),
        )
    await work_off(funnel.url)


def hashed(text: str) -> list[str]:
    return [hashlib.sha256(text.encode()).hexdigest()]


async def test_tells_meta_hashed_with_its_click_ids_and_the_token_in_the_body(
    funnel: LiveFunnel,
) -> None:
    email = await funnel.opt_in(name="Bo Berg", has_ad_consent="true", fbp=FBP, utm_source="ads")
    (sent,) = funnel.vendor.sent("POST", "/meta/1234567890/events")
    assert sent.query == {}
    assert sent.body["access_token"] == "meta-token"
    (event,) = sent.body["data"]
    assert event["event_name"] == "Lead"
    assert event["user_data"]["em"] == hashed(email)
    assert event["user_data"]["fn"] == hashed("bo")
    assert event["user_data"]["fbp"] == FBP
    assert event["custom_data"]["value"] == 20
    assert event["event_source_url"].endswith(funnel.page)
    async with funnel.database.acting_as(Root()) as tx:
        kept = await tx.fetchrow(
            "select status, event_name from tracking_pixel_events where event_id = $1"
            " and provider = 'meta'",
            event["event_id"],
        )
    assert kept is not None
    assert tuple(kept) == ("sent", "Lead")


async def test_tells_linkedin_once_with_both_headers(funnel: LiveFunnel) -> None:
    # A click id that is none costs no lead.
    email = await funnel.opt_in(name="Bo Berg", has_ad_consent="true", fbp="no click id")
    (sent,) = funnel.vendor.sent("POST", "/linkedin/conversionEvents")
    assert sent.headers["authorization"] == "Bearer li-token"
    assert sent.headers["x-restli-protocol-version"] == "2.0.0"
    assert sent.body["conversion"] == "urn:lla:llaPartnerConversion:77777"
    assert sent.body["user"]["userIds"] == [{"idType": "SHA256_EMAIL", "idValue": hashed(email)[0]}]


@pytest.mark.parametrize("consent", [{}, {"has_ad_consent": "false"}])
async def test_tells_nobody_of_who_did_not_agree(
    funnel: LiveFunnel, consent: dict[str, Any]
) -> None:
    email = await funnel.opt_in(**consent)
    assert funnel.vendor.sent("POST", ".*") == []
    status, attempts, error = await funnel.outcome(email, "meta_pixel")
    assert (status, attempts) == ("skipped", 0)
    assert error == "The visitor did not agree to advertising."


async def test_tells_of_who_qualified_with_half_more_and_never_of_answers(
    funnel: LiveFunnel,
) -> None:
    email = await funnel.opt_in(has_ad_consent="true")
    await qualify(funnel, email, is_qualified=True)
    first, second = (
        asked.body["data"][0] for asked in funnel.vendor.sent("POST", "/meta/1234567890/events")
    )
    assert second["event_name"] == "CompleteRegistration"
    assert second["event_id"] == f"{first['event_id']}-qualified"
    assert second["custom_data"]["value"] == 30
    assert "secret budget" not in str([asked.body for asked in funnel.vendor.asked])


async def test_tells_nothing_of_who_did_not_qualify(funnel: LiveFunnel) -> None:
    email = await funnel.opt_in(has_ad_consent="true")
    await qualify(funnel, email, is_qualified=False)
    assert len(funnel.vendor.sent("POST", "/meta/1234567890/events")) == 1


async def test_tries_again_with_the_same_event_id(funnel: LiveFunnel) -> None:
    funnel.vendor.on("POST", "/meta/.*", (500, {}))
    email = await funnel.opt_in(has_ad_consent="true")
    assert (await funnel.outcome(email, "meta_pixel"))[0] == "pending"
    funnel.vendor.on("POST", "/meta/.*", (200, {"events_received": 1}))
    await funnel.run_again()
    assert (await funnel.outcome(email, "meta_pixel"))[:2] == ("delivered", 2)
    sent = funnel.vendor.sent("POST", "/meta/1234567890/events")
    assert len({asked.body["data"][0]["event_id"] for asked in sent}) == 1


async def test_pages_ask_for_consent_while_a_pixel_is_connected(funnel: LiveFunnel) -> None:
    async with open_browser(funnel.app) as visitor:
        shown = (await visitor.get(funnel.page)).text
        assert "funnels/pixels.js" in shown
        assert "1234567890" in shown
        assert "meta-token" not in shown
    for name in ("meta_pixel", "linkedin_insight"):
        await funnel.creator.browser.post(f"/app/pixels/{name}/disconnect")
    async with open_browser(funnel.app) as visitor:
        assert "funnels/pixels.js" not in (await visitor.get(funnel.page)).text


async def test_keeps_the_token_when_the_form_leaves_it_out_and_tests_with_a_code(
    funnel: LiveFunnel, database_url: str
) -> None:
    browser = funnel.creator.browser
    refused = await browser.post("/app/pixels/meta_pixel/test")
    assert refused.status_code == 422
    await browser.post(
        "/app/pixels/meta_pixel", data={**META, "token": "", "test_event_code": "TEST1"}
    )
    assert (await browser.post("/app/pixels/meta_pixel/test")).status_code == 303
    await work_off(database_url)
    (sent,) = funnel.vendor.sent("POST", "/meta/1234567890/events")
    assert (sent.body["access_token"], sent.body["test_event_code"]) == ("meta-token", "TEST1")
    wrong = await browser.post("/app/pixels/meta_pixel", data={**META, "pixel_id": "my pixel"})
    assert wrong.status_code == 422
