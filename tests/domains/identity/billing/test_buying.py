"""Plans are bought, changed and ended at a Stripe that runs beside the test."""

import asyncio
import dataclasses
import re
import time
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.identity.billing import jobs, service
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import StripeAccount
from tests.domains.accounts import Account
from tests.domains.identity.billing.conftest import MakeCreator
from tests.domains.identity.billing.events import (
    event,
    post,
    read_subscription,
    subscription,
)
from tests.domains.identity.billing.stripe_account import PRO, UNLIMITED, Desk, serving_here

JSON = {"accept": "application/json"}
ARRIVAL_SECONDS = 20


async def _check_out(creator: Account, plan: str = "pro") -> str:
    """Go to checkout by the button; return the session that it leads to."""
    answer = await creator.browser.post("/app/billing/checkout", data={"plan": plan})
    assert answer.status_code == 200, answer.text
    return re.search(r"/pay/(cs_test_\w+)", answer.headers["refresh"])[1]  # type: ignore[index]


async def _buy(creator: Account, desk: Desk, plan: str = "pro") -> str:
    """Buy a plan and come back; return the subscription's id at Stripe."""
    bought = await asyncio.to_thread(desk.pay, await _check_out(creator, plan))
    page = await creator.browser.get("/app/billing?upgrade=success")
    assert "Thank you. Your plan is on." in page.text
    found: str = bought["id"]
    return found


async def _customer_of(database: Database, user_id: UUID) -> str | None:
    found: str | None = (await read_subscription(database, user_id))["stripe_customer_id"]
    return found


class TestWhereNothingIsSold:
    async def test_no_button_leads_to_a_purchase(self, creator: Account) -> None:
        for path in ("/app/billing", "/app/billing/plans"):
            page = await creator.browser.get(path)
            assert page.status_code == 200
            assert "/app/billing/checkout" not in page.text
            assert "/app/billing/portal" not in page.text

    @pytest.mark.parametrize("path", ["checkout", "change"])
    async def test_the_use_cases_say_so(self, creator: Account, path: str) -> None:
        answer = await creator.browser.post(f"/api/billing/{path}", json={"plan": "pro"})
        assert answer.status_code == 422
        assert answer.json()["details"]["fields"] == {"plan": "Not sold here."}


class TestCheckout:
    async def test_keeps_the_customer_before_anybody_leaves(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        session = selling.sessions[await _check_out(creator)]
        customer_id = await _customer_of(database, creator.id)
        assert session["customer"] == customer_id
        known = await asyncio.to_thread(selling.call, "GET", f"/v1/customers/{customer_id}")
        assert known["email"] == creator.email
        assert known["metadata"] == {"userId": str(creator.id)}

    async def test_sells_one_subscription_with_codes_allowed_and_our_names_on_it(
        self, creator: Account, selling: Desk
    ) -> None:
        session = selling.sessions[await _check_out(creator, "unlimited")]
        assert session["mode"] == "subscription"
        assert session["line_items[0][price]"] == UNLIMITED
        assert session["line_items[0][quantity]"] == "1"
        assert session["allow_promotion_codes"] == "true"
        for place in ("metadata", "subscription_data[metadata]"):
            assert session[f"{place}[userId]"] == str(creator.id)
            assert session[f"{place}[plan]"] == "unlimited"
        assert session["success_url"] == "http://localhost/app/billing?upgrade=success"
        assert session["cancel_url"] == "http://localhost/app/billing?upgrade=canceled"

    async def test_is_one_customer_however_often_it_is_begun(
        self, creator: Account, selling: Desk
    ) -> None:
        found = [selling.sessions[await _check_out(creator)]["customer"] for _ in range(3)]
        assert len(set(found)) == 1

    async def test_of_two_tabs_at_once_keeps_one_customer(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        sessions = await asyncio.gather(*(_check_out(creator) for _ in range(5)))
        customers = {selling.sessions[each]["customer"] for each in sessions}
        assert customers == {await _customer_of(database, creator.id)}

    async def test_makes_a_new_customer_when_the_old_one_is_gone(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        await _check_out(creator)
        gone = await _customer_of(database, creator.id)
        await asyncio.to_thread(selling.call, "DELETE", f"/v1/customers/{gone}")
        session = selling.sessions[await _check_out(creator)]
        assert session["customer"] == await _customer_of(database, creator.id) != gone

    async def test_turns_the_plan_on_when_somebody_comes_back(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        bought = await _buy(creator, selling)
        row = await read_subscription(database, creator.id)
        assert (row["plan"], row["status"], row["in_force"]) == ("pro", "active", "pro")
        assert row["stripe_subscription_id"] == bought
        assert row["current_period_end"] is not None

    async def test_says_when_nothing_was_bought(self, creator: Account, selling: Desk) -> None:
        await _check_out(creator)
        page = await creator.browser.get("/app/billing?upgrade=canceled")
        assert "Nothing was bought." in page.text

    async def test_says_that_it_waits_while_stripe_is_silent(
        self, creator: Account, selling: Desk
    ) -> None:
        await _check_out(creator)
        selling.is_closed = True
        page = await creator.browser.get("/app/billing?upgrade=success")
        assert page.status_code == 200
        assert "Stripe is confirming the payment" in page.text

    async def test_refuses_a_second_plan_beside_the_first(
        self, creator: Account, selling: Desk
    ) -> None:
        await _buy(creator, selling)
        answer = await creator.browser.post("/api/billing/checkout", json={"plan": "unlimited"})
        assert answer.status_code == 409
        assert answer.json()["code"] == "plan_running"

    @pytest.mark.usefixtures("selling")
    async def test_refuses_what_is_no_plan(self, creator: Account) -> None:
        for plan in ("free", "gold"):
            answer = await creator.browser.post("/api/billing/checkout", json={"plan": plan})
            assert answer.status_code == 422

    @pytest.mark.usefixtures("selling")
    async def test_is_not_begun_over_and_over(self, creator: Account) -> None:
        answers = [
            (await creator.browser.post("/api/billing/portal")).status_code for _ in range(31)
        ]
        assert answers == [409] * 30 + [429]

    async def test_says_when_stripe_does_not_answer(self, creator: Account, selling: Desk) -> None:
        selling.is_closed = True
        answer = await creator.browser.post("/api/billing/checkout", json={"plan": "pro"})
        assert answer.status_code == 503
        assert answer.json()["code"] == "stripe_unavailable"

    async def test_says_whose_fault_a_wrong_key_is(self, creator: Account, selling: Desk) -> None:
        held = runtime.current()
        account = StripeAccount("sk_test_wrong", "whsec", {"pro": PRO}, selling.url)
        runtime.set_current(dataclasses.replace(held, stripe=account))
        answer = await creator.browser.post("/api/billing/checkout", json={"plan": "pro"})
        runtime.set_current(held)
        assert answer.status_code == 503
        assert "Whoever runs this installation" in answer.json()["message"]


class TestAPlanThatRuns:
    async def test_ends_with_its_period_and_not_before(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        bought = await _buy(creator, selling)
        answer = await creator.browser.post("/app/billing/cancel")
        assert answer.status_code == 303
        row = await read_subscription(database, creator.id)
        assert (row["cancel_at_period_end"], row["in_force"]) == (True, "pro")
        told = await asyncio.to_thread(selling.call, "GET", f"/v1/subscriptions/{bought}")
        assert told["cancel_at_period_end"] is True
        assert "Keep my plan" in (await creator.browser.get("/app/billing")).text

    async def test_goes_on_when_somebody_thinks_better_of_it(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        bought = await _buy(creator, selling)
        await creator.browser.post("/app/billing/cancel")
        await creator.browser.post("/app/billing/keep")
        assert not (await read_subscription(database, creator.id))["cancel_at_period_end"]
        told = await asyncio.to_thread(selling.call, "GET", f"/v1/subscriptions/{bought}")
        assert told["cancel_at_period_end"] is False

    async def test_changes_at_once_and_bills_the_difference(
        self, creator: Account, selling: Desk, database: Database
    ) -> None:
        bought = await _buy(creator, selling)
        answer = await creator.browser.post("/app/billing/change", data={"plan": "unlimited"})
        assert answer.status_code == 303
        row = await read_subscription(database, creator.id)
        assert (row["in_force"], row["stripe_subscription_id"]) == ("unlimited", bought)
        asked = selling.updates[-1]
        assert asked["items[0][price]"] == UNLIMITED
        assert asked["items[0][id]"].startswith("si_")
        assert asked["proration_behavior"] == "always_invoice"

    async def test_opens_its_invoices(self, creator: Account, selling: Desk) -> None:
        await _buy(creator, selling)
        answer = await creator.browser.post("/app/billing/portal")
        assert answer.headers["refresh"].startswith(f"0; url={selling.url}/portal/cus_")

    @pytest.mark.usefixtures("selling")
    @pytest.mark.parametrize("path", ["portal", "cancel", "reactivate"])
    async def test_is_needed_for_all_that(self, creator: Account, path: str) -> None:
        answer = await creator.browser.post(f"/api/billing/{path}")
        assert answer.status_code == 409

    async def test_is_nobody_else_s(
        self, creator: Account, stranger: Account, selling: Desk, database: Database
    ) -> None:
        await _buy(creator, selling)
        for path in ("portal", "cancel", "reactivate"):
            assert (await stranger.browser.post(f"/api/billing/{path}")).status_code == 409
        assert (await stranger.browser.get("/api/billing")).json()["subscription"]["plan"] == "free"
        assert (await read_subscription(database, creator.id))["in_force"] == "pro"


class TestWhatStripeSends:
    async def test_turns_the_plan_on_and_off_without_anybody_coming_back(
        self,
        app: FastAPI,
        make_creator: MakeCreator,
        selling: Desk,
        database: Database,
        database_url: str,
    ) -> None:
        creator = await make_creator()
        async with serving_here(app) as address:
            await asyncio.to_thread(selling.send_events_to, f"{address}/hooks/stripe")
            session_id = await _check_out(creator)
            bought = await asyncio.to_thread(selling.pay, session_id)
            await _arrives(database, "customer.subscription.created", bought["customer"])
            await work_off(database_url)
            row = await read_subscription(database, creator.id)
            assert (row["in_force"], row["stripe_subscription_id"]) == ("pro", bought["id"])
            await asyncio.to_thread(selling.call, "DELETE", f"/v1/subscriptions/{bought['id']}")
            await _arrives(database, "customer.subscription.deleted", bought["customer"])
            await work_off(database_url)
        assert (await read_subscription(database, creator.id))["in_force"] == "free"

    async def test_of_two_events_of_one_second_is_asked_how_it_stands(
        self,
        make_creator: MakeCreator,
        client: httpx.AsyncClient,
        selling: Desk,
        database: Database,
        database_url: str,
    ) -> None:
        creator = await make_creator()
        bought = await asyncio.to_thread(selling.pay, await _check_out(creator))
        second = int(time.time())
        late = subscription(bought["customer"], "incomplete", id=bought["id"])
        on = subscription(bought["customer"], "active", id=bought["id"])
        for told in (on, late):
            kind = "customer.subscription.updated"
            assert (await post(client, event(kind, told, created=second))).status_code == 200
            await work_off(database_url)
        assert (await read_subscription(database, creator.id))["in_force"] == "pro"


@pytest.mark.usefixtures("client")
class TestEachNight:
    async def test_what_was_missed_is_made_up_for(
        self, creator: Account, selling: Desk, database: Database, database_url: str
    ) -> None:
        bought = await _buy(creator, selling)
        await asyncio.to_thread(selling.call, "DELETE", f"/v1/subscriptions/{bought}")
        await jobs.reconcile_subscriptions.run()
        await work_off(database_url)
        row = await read_subscription(database, creator.id)
        assert (row["in_force"], row["stripe_subscription_id"]) == ("free", None)

    async def test_a_plan_that_was_given_stays(
        self, make_creator: MakeCreator, selling: Desk, database: Database, database_url: str
    ) -> None:
        assert not selling.is_closed
        given = await make_creator("pro")
        await _check_out(given)
        await jobs.reconcile_subscriptions.run()
        await work_off(database_url)
        assert (await read_subscription(database, given.id))["in_force"] == "pro"

    async def test_a_plan_that_was_given_after_one_had_ended_stays(
        self, creator: Account, selling: Desk, database: Database, database_url: str
    ) -> None:
        bought = await _buy(creator, selling)
        await asyncio.to_thread(selling.call, "DELETE", f"/v1/subscriptions/{bought}")
        await service.refresh(user_id=creator.id)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set plan = 'unlimited', status = 'active' where user_id = $1",
                creator.id,
            )
        await jobs.reconcile_subscriptions.run()
        await work_off(database_url)
        assert (await read_subscription(database, creator.id))["in_force"] == "unlimited"

    async def test_nothing_is_asked_where_nothing_is_sold(
        self, creator: Account, database_url: str
    ) -> None:
        await jobs.reconcile_subscriptions.run()
        await work_off(database_url)
        assert not (await service.refresh(user_id=creator.id)).is_live


async def _arrives(database: Database, kind: str, customer_id: str) -> None:
    """Wait until an event of a customer has been kept."""
    end = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < end:
        async with database.acting_as(Root()) as tx:
            if await tx.fetchval(
                "select true from stripe_events where type = $1 and customer_id = $2",
                kind,
                customer_id,
            ):
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{kind} did not arrive")
