"""A funnel's leads reach the services that its people have connected: once, and in the end."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import pytest
from fastapi import FastAPI

from lodestone.connectors.kit import LIMIT
from lodestone.domains.funnels.deliveries.jobs import DeliverLead, deliver_lead
from lodestone.platform import ratelimit
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import RateLimited
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime, set_current
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.outgoing import LiveFunnel, serving_vendors
from tests.people import People, Person
from tests.vendor_server import Asked, VendorServer


@pytest.fixture
async def vendor(runtime: Runtime) -> AsyncIterator[VendorServer]:
    async with serving_vendors(runtime) as server:
        yield server


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def funnel(
    creator: Account, database: Database, database_url: str, app: FastAPI, vendor: VendorServer
) -> LiveFunnel:
    path, page = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
    return LiveFunnel(creator, path, page, vendor, app, database, database_url)


@pytest.fixture
async def kit(funnel: LiveFunnel) -> LiveFunnel:
    """A funnel whose leads go to a form at Kit, with a tag."""
    serve_kit(funnel.vendor)
    answer = await funnel.creator.browser.post("/app/connections/kit", data={"api_key": "kit_1"})
    assert answer.status_code == 303, answer.text
    await funnel.map_to("kit", list="7\tNews", tag="3\tWarm")
    return funnel


def serve_kit(vendor: VendorServer) -> None:
    """Speak Kit's API: two pages of forms, one of tags."""

    def list_forms(asked: Asked) -> tuple[int, dict[str, object]]:
        if asked.headers.get("x-kit-api-key") != "kit_1":
            return 401, {"errors": ["The API key is invalid"]}
        is_last = asked.query.get("after") == "c1"
        row = {"id": 8, "name": "Second"} if is_last else {"id": 7, "name": "News"}
        return 200, {
            "forms": [row],
            "pagination": {"has_next_page": not is_last, "end_cursor": "c1"},
        }

    vendor.on("GET", "/v4/forms", list_forms)
    vendor.on("GET", "/v4/tags", (200, {"tags": [{"id": 3, "name": "Warm"}]}))
    vendor.on("POST", "/v4/subscribers", (201, {"subscriber": {"id": 1}}))
    vendor.on("POST", "/v4/(forms/7|tags/3)/subscribers", (200, {"subscriber": {"id": 1}}))


class TestConnecting:
    async def test_tries_a_key_before_it_is_kept_and_says_why_not(self, funnel: LiveFunnel) -> None:
        serve_kit(funnel.vendor)
        answer = await funnel.creator.browser.post(
            "/app/connections/kit", data={"api_key": "wrong"}
        )
        assert answer.status_code == 422
        assert "does not accept this key" in answer.text
        async with funnel.database.acting_as(Root()) as tx:
            query = "select count(*) from user_integrations where user_id = $1"
            assert await tx.fetchval(query, funnel.creator.id) == 0

    async def test_keeps_a_key_encrypted_and_shows_it_to_nobody(self, kit: LiveFunnel) -> None:
        async with kit.database.acting_as(Root()) as tx:
            stored = await tx.fetchval(
                "select api_key from user_integrations where user_id = $1", kit.creator.id
            )
        assert "kit_1" not in stored
        shown = await kit.creator.browser.get("/app/connections/kit")
        assert "Connected" in shown.text
        assert "kit_1" not in shown.text

    async def test_offers_lists_of_every_page_and_tags(self, kit: LiveFunnel) -> None:
        shown = await kit.creator.browser.get(f"{kit.path}/integrations?edit=kit")
        assert [name in shown.text for name in ("News", "Second", "Warm")] == [True] * 3

    async def test_disconnecting_forgets_the_key_and_sends_no_more(self, kit: LiveFunnel) -> None:
        answer = await kit.creator.browser.post("/app/connections/kit/disconnect")
        assert answer.status_code == 303
        await kit.opt_in()
        assert kit.vendor.sent("POST", "/v4/subscribers") == []
        shown = await kit.creator.browser.get(f"{kit.path}/integrations")
        assert "Off" in shown.text

    async def test_refuses_addresses_that_are_not_the_vendors(
        self, funnel: LiveFunnel, runtime: Runtime
    ) -> None:
        set_current(replace(runtime, allow_private_urls=False))
        for url in ("https://example.com", "http://name.api-us1.com", "https://10.0.0.1"):
            answer = await funnel.creator.browser.post(
                "/app/connections/activecampaign", data={"api_key": "x", "base_url": url}
            )
            assert answer.status_code == 422
            assert "This did not work" in answer.text

    async def test_a_stranger_sees_and_changes_nothing(self, kit: LiveFunnel) -> None:
        async with open_browser(kit.app) as browser:
            stranger = await sign_up(kit.database, browser, name="Stranger")
            path = f"{kit.path}/integrations"
            assert (await stranger.browser.get(path)).status_code == 404
            for act in ("kit", "kit/remove"):
                answer = await stranger.browser.post(f"{path}/{act}", data={"list": "1\tMine"})
                assert answer.status_code == 404
            shown = await stranger.browser.get("/app/connections/kit")
            assert "Replace the key" not in shown.text
            log = await stranger.browser.get("/app/deliveries")
            assert "Nothing told yet" in log.text


async def test_a_members_own_account_is_used_in_a_team_until_they_leave(
    funnel: LiveFunnel, people: People
) -> None:
    serve_kit(funnel.vendor)
    async with open_browser(funnel.app) as browser:
        member = await sign_up(funnel.database, browser, name="Mo Member")
        owner = funnel.creator
        team_id = await people.team(
            Person(owner.id, owner.email, owner.username),
            Person(member.id, member.email, member.username),
        )
        page_id = funnel.path.rsplit("/", 1)[1]
        async with funnel.database.acting_as(Root()) as tx:
            await tx.execute(
                "with page as (update funnel_pages set team_id = $2 where id = $1::text::uuid"
                " returning lead_magnet_id) update lead_magnets set team_id = $2"
                " where id = (select lead_magnet_id from page)",
                page_id,
                team_id,
            )
        await member.browser.post("/app/connections/kit", data={"api_key": "kit_1"})
        answer = await member.browser.post(
            f"{funnel.path}/integrations/kit", data={"list": "7\tNews"}
        )
        assert answer.status_code == 303, answer.text
        email = await funnel.opt_in()
        assert await funnel.outcome(email, "kit") == ("delivered", 1, None)
        async with funnel.database.acting_as(Root()) as tx:
            await tx.execute(
                "update team_profiles set status = 'removed' where team_id = $1 and user_id = $2",
                team_id,
                member.id,
            )
        email = await funnel.opt_in()
        status, _, error = await funnel.outcome(email, "kit")
        assert status == "skipped"
        assert error == "This funnel is not connected to Kit any more."


class TestMailchimp:
    async def connect(self, funnel: LiveFunnel) -> None:
        vendor = funnel.vendor
        vendor.on("POST", "/login/oauth2/token", (200, {"access_token": "mc_token"}))
        vendor.on(
            "GET", "/login/oauth2/metadata", (200, {"dc": "us21", "accountname": "Lumen Ltd"})
        )
        browser = funnel.creator.browser
        begun = await browser.get("/app/connections/mailchimp/begin")
        state = re.search(r"state=([^&]+)", begun.headers["location"])
        assert state is not None
        answer = await browser.get(
            "/app/connections/mailchimp/callback", params={"code": "c", "state": state[1]}
        )
        assert answer.status_code == 303, answer.text

    async def test_puts_a_lead_on_an_audience_once_by_the_hash_of_its_address(
        self, funnel: LiveFunnel
    ) -> None:
        await self.connect(funnel)
        funnel.vendor.on("PUT", "/us21/3.0/lists/a1/members/.*", (200, {"id": "m"}))
        funnel.vendor.on("POST", "/us21/3.0/lists/a1/members/.*/tags", (204, None))
        await funnel.map_to("mailchimp", list="a1\tAll", tag="Warm\tWarm")
        email = await funnel.opt_in(name="Bo Berg")
        (put,) = funnel.vendor.sent("PUT", ".*")
        assert put.headers["authorization"] == "Bearer mc_token"
        assert put.body == {
            "email_address": email,
            "status_if_new": "subscribed",
            "merge_fields": {"FNAME": "Bo"},
        }
        (tagged,) = funnel.vendor.sent("POST", ".*/tags")
        assert tagged.body == {"tags": [{"name": "Warm", "status": "active"}]}

    async def test_refuses_a_sign_in_that_was_not_begun_here(self, funnel: LiveFunnel) -> None:
        browser = funnel.creator.browser
        await browser.get("/app/connections/mailchimp/begin")
        answer = await browser.get(
            "/app/connections/mailchimp/callback", params={"code": "c", "state": "forged"}
        )
        assert answer.status_code == 422
        assert funnel.vendor.sent("POST", "/login/oauth2/token") == []


class TestDelivering:
    async def test_puts_a_lead_on_the_form_with_its_tag_and_once(self, kit: LiveFunnel) -> None:
        email = await kit.opt_in(name="Bo Berg")
        await kit.opt_in(email)
        assert [asked.body for asked in kit.vendor.sent("POST", "/v4/.*")] == [
            {"email_address": email, "first_name": "Bo"},
            {"email_address": email, "first_name": "Bo"},
            {"email_address": email},
        ]
        log = await kit.creator.browser.get("/app/deliveries?destination=kit")
        assert email in log.text
        assert "Delivered" in log.text

    async def test_tries_again_until_the_service_is_back(self, kit: LiveFunnel) -> None:
        kit.vendor.on("POST", "/v4/subscribers", (500, {}))
        email = await kit.opt_in()
        assert (await kit.outcome(email, "kit"))[:2] == ("pending", 1)
        serve_kit(kit.vendor)
        await kit.run_again()
        assert await kit.outcome(email, "kit") == ("delivered", 2, None)

    async def test_another_worker_takes_over_from_one_that_died_in_between(
        self, kit: LiveFunnel
    ) -> None:
        kit.vendor.on("POST", "/v4/subscribers", (500, {}))
        email = await kit.opt_in()
        async with kit.database.acting_as(Root()) as tx:
            delivery_id = await tx.fetchval(
                "update lead_deliveries set next_attempt_at = now() where status = 'pending'"
                " and user_id = $1 returning id",
                kit.creator.id,
            )
        serve_kit(kit.vendor)
        kit.vendor.is_answering.clear()
        kit.vendor.is_asked.clear()
        args = DeliverLead(delivery_id, kit.creator.id)
        dying = asyncio.create_task(deliver_lead(args))
        await kit.vendor.is_asked.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
        kit.vendor.is_answering.set()
        assert (await kit.outcome(email, "kit"))[:2] == ("pending", 2)
        await kit.run_again()
        assert await kit.outcome(email, "kit") == ("delivered", 3, None)

    async def test_gives_up_on_a_refusal_and_sends_again_when_asked(self, kit: LiveFunnel) -> None:
        kit.vendor.on("POST", "/v4/forms/7/subscribers", (404, {"errors": ["Not Found"]}))
        email = await kit.opt_in()
        assert (await kit.outcome(email, "kit"))[0] == "failed"
        serve_kit(kit.vendor)
        shown = await kit.creator.browser.get("/app/deliveries?status=failed")
        resend = re.search(r"/app/deliveries/[0-9a-f-]{36}/resend", shown.text)
        assert resend is not None
        assert (await kit.creator.browser.post(resend[0])).status_code == 303
        await work_off(kit.url)
        assert (await kit.outcome(email, "kit"))[0] == "delivered"

    async def test_sends_what_was_chosen_again_and_exports_the_log(self, kit: LiveFunnel) -> None:
        kit.vendor.on("POST", "/v4/forms/7/subscribers", (404, {}))
        email = await kit.opt_in()
        serve_kit(kit.vendor)
        browser = kit.creator.browser
        shown = await browser.get(f"/app/deliveries?q={email}")
        ids = re.findall(r'name="ids" value="([0-9a-f-]{36})"', shown.text)
        assert len(ids) == 1
        assert (await browser.post("/app/deliveries/resend", data={"ids": ids})).status_code == 303
        await work_off(kit.url)
        export = await browser.get(f"/app/deliveries.csv?q={email}")
        assert f"Kit,lead.created,{email}" in export.text
        assert ",delivered,1," in export.text

    async def test_says_not_connected_where_the_connection_is_gone(self, kit: LiveFunnel) -> None:
        async with kit.database.acting_as(Root()) as tx:
            await tx.execute("delete from user_integrations where user_id = $1", kit.creator.id)
        email = await kit.opt_in()
        assert await kit.outcome(email, "kit") == ("skipped", 1, "Kit is not connected.")

    async def test_tries_again_what_the_service_was_too_busy_for(self, kit: LiveFunnel) -> None:
        kit.vendor.on("POST", "/v4/subscribers", (429, {}))
        email = await kit.opt_in()
        status, attempts, error = await kit.outcome(email, "kit")
        assert (status, attempts) == ("pending", 1)
        assert error is not None
        assert "429" in error

    async def test_waits_while_all_workers_together_have_used_up_a_limit(
        self, kit: LiveFunnel
    ) -> None:
        account = f"vendor:Kit:{hashlib.sha256(b'kit_1').hexdigest()}"
        with suppress(RateLimited):
            for _ in range(LIMIT.most):
                await ratelimit.take_at_once(account, LIMIT.most, LIMIT.seconds)
        email = await kit.opt_in()
        status, attempts, error = await kit.outcome(email, "kit")
        assert (status, attempts) == ("pending", 0)
        assert error == "As much as Kit allows has been sent for the moment."
        async with kit.database.acting_as(Root()) as tx:
            await tx.execute("delete from platform.rate_limits")
        await kit.run_again()
        assert (await kit.outcome(email, "kit"))[:2] == ("delivered", 1)

    async def test_puts_a_lead_into_a_group_at_mailerlite(self, funnel: LiveFunnel) -> None:
        vendor = funnel.vendor
        vendor.on("GET", "/ml/groups", (200, {"data": [{"id": "5", "name": "All"}]}))
        vendor.on("POST", "/ml/subscribers", (201, {"data": {"id": "1"}}))
        browser = funnel.creator.browser
        await browser.post("/app/connections/mailerlite", data={"api_key": "ml_1"})
        await funnel.map_to("mailerlite", list="5\tAll")
        email = await funnel.opt_in(name="Bo Berg")
        (sent,) = vendor.sent("POST", "/ml/subscribers")
        assert sent.headers["authorization"] == "Bearer ml_1"
        assert sent.body == {"email": email, "groups": ["5"], "fields": {"name": "Bo Berg"}}

    async def test_finds_the_contact_that_activecampaign_has_already(
        self, funnel: LiveFunnel
    ) -> None:
        vendor = funnel.vendor
        vendor.on("GET", "/api/3/lists", (200, {"lists": [{"id": "1", "name": "All"}]}))
        vendor.on("POST", "/api/3/contacts", (422, {"errors": [{"code": "duplicate"}]}))
        vendor.on("GET", "/api/3/contacts", (200, {"contacts": [{"id": "42"}]}))
        vendor.on("POST", "/api/3/contact(Lists|Tags)", (201, {}))
        await funnel.creator.browser.post(
            "/app/connections/activecampaign", data={"api_key": "ac_1", "base_url": vendor.url}
        )
        await funnel.map_to("activecampaign", list="1\tAll", tag="9\tWarm")
        email = await funnel.opt_in()
        assert vendor.sent("GET", "/api/3/contacts")[0].query == {"email": email}
        assert vendor.sent("POST", "/api/3/contactLists")[0].body == {
            "contactList": {"list": "1", "contact": "42", "status": 1}
        }
        assert vendor.sent("POST", "/api/3/contactTags")[0].body == {
            "contactTag": {"contact": "42", "tag": "9"}
        }


class TestGoHighLevel:
    async def test_makes_a_contact_with_tags_and_campaign_by_the_first_api(
        self, funnel: LiveFunnel
    ) -> None:
        vendor = funnel.vendor
        vendor.on("GET", "/v1/contacts/", (200, {"contacts": []}))
        vendor.on("POST", "/v1/contacts/", (200, {"contact": {"id": "c1"}}))
        await funnel.creator.browser.post(
            "/app/connections/gohighlevel", data={"api_key": "location-key"}
        )
        await funnel.map_to("gohighlevel", custom_tags="webinar, warm")
        email = await funnel.opt_in(name="Bo Berg", utm_source="newsletter")
        (sent,) = vendor.sent("POST", "/v1/contacts/")
        assert sent.body["email"] == email
        assert sent.body["tags"][-3:] == ["Lodestone", "webinar", "warm"]
        assert sent.body["customField"] == {"utm_source": "newsletter"}

    async def test_adds_tags_beside_those_there_by_the_second_api(self, funnel: LiveFunnel) -> None:
        vendor = funnel.vendor
        vendor.on("GET", "/v2/contacts/", (200, {"contacts": []}))
        vendor.on("POST", "/v2/contacts/upsert", (200, {"contact": {"id": "c2"}}))
        vendor.on("POST", "/v2/contacts/c2/tags", (201, {"tags": []}))
        await funnel.creator.browser.post(
            "/app/connections/gohighlevel", data={"api_key": "pit-1", "location_id": "loc1"}
        )
        await funnel.map_to("gohighlevel")
        email = await funnel.opt_in()
        (saved,) = vendor.sent("POST", "/v2/contacts/upsert")
        assert saved.headers["version"] == "2021-07-28"
        assert (saved.body["locationId"], saved.body["email"]) == ("loc1", email)
        assert "tags" not in saved.body
        assert "Lodestone" in vendor.sent("POST", "/v2/contacts/c2/tags")[0].body["tags"]


async def test_tells_a_conductor_with_its_key_after_it_was_verified(funnel: LiveFunnel) -> None:
    vendor = funnel.vendor
    vendor.on("GET", "/api/webhooks/conductor/verify", (200, {"ok": True}))
    vendor.on("POST", "/api/webhooks/conductor", (202, {}))
    answer = await funnel.creator.browser.post(
        "/app/connections/conductor", data={"api_key": "ck", "endpoint_url": vendor.url}
    )
    assert answer.status_code == 303, answer.text
    email = await funnel.opt_in()
    (sent,) = vendor.sent("POST", "/api/webhooks/conductor")
    assert sent.headers["authorization"] == "Bearer ck"
    assert (sent.body["event"], sent.body["data"]["email"]) == ("lead.created", email)
    assert sent.body["data"]["funnelLeadId"] == sent.headers["idempotency-key"]
