"""What Stripe says is believed when it is signed, kept once, and applied in its order."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from lodestone.domains.identity.billing import events as kept
from lodestone.platform.actors import Root
from lodestone.platform.database import Database, Tx
from lodestone.platform.jobs import JobState, list_jobs, work_off
from tests.domains.accounts import Account
from tests.domains.identity.billing import events
from tests.domains.identity.billing.events import (
    Json,
    become_customer,
    event,
    invoice,
    moment,
    now,
    post,
    read_subscription,
    subscription,
)
from tests.domains.identity.billing.stripe_account import UNLIMITED

CREATED = "customer.subscription.created"
UPDATED = "customer.subscription.updated"
DELETED = "customer.subscription.deleted"
FAILED = "invoice.payment_failed"


@dataclass(frozen=True, slots=True)
class Customer:
    """A creator whom Stripe knows as `id`, and the hook that it tells."""

    id: str
    creator: Account
    client: httpx.AsyncClient
    database: Database
    database_url: str

    async def tell(self, *told: Json) -> None:
        """Send events one after another, each applied before the next comes."""
        for each in told:
            answer = await post(self.client, each)
            assert answer.status_code == 200, answer.text
            await work_off(self.database_url)

    async def read(self) -> asyncpg.Record:
        """Return what the creator has bought, with the plan in force."""
        return await read_subscription(self.database, self.creator.id)

    async def event(self, told: Json) -> asyncpg.Record:
        """Return what became of an event."""
        async with self.database.acting_as(Root()) as tx:
            row = await tx.fetchrow("select * from stripe_events where id = $1", told["id"])
        assert row is not None
        return row

    async def finds_failed(self, reason: str) -> bool:
        """Tell whether the last failed job rests for this reason."""
        async with self.database.acting_as(Root()) as tx:
            found = await list_jobs(
                tx, state=JobState.FAILED, name="identity:apply_stripe_event", limit=1
            )
        return bool(found) and reason in (found[0].error or "")

    async def fail_since(self, ago: timedelta) -> None:
        """Have the first failed payment lie so long ago."""
        async with self.database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set past_due_since = $2 where user_id = $1",
                self.creator.id,
                datetime.now(UTC) - ago,
            )


@pytest.fixture
async def customer(
    creator: Account, client: httpx.AsyncClient, database: Database, database_url: str
) -> Customer:
    customer_id = await become_customer(database, creator.id)
    return Customer(customer_id, creator, client, database, database_url)


class TestTheDoor:
    async def test_is_shut_where_nothing_is_sold(self, client: httpx.AsyncClient) -> None:
        answer = await post(client, event(CREATED, subscription("cus_1")))
        assert answer.status_code == 503

    @pytest.mark.usefixtures("selling")
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"stripe-signature": "nonsense"},
            {"stripe-signature": "t=1,v1=00"},
            {"stripe-signature": events.sign(b"another body")},
            {"stripe-signature": events.sign(b"{}", secret="whsec_of_a_stranger")},
            {"stripe-signature": events.sign(b"{}", at=now() - 3600)},
        ],
    )
    async def test_refuses_what_stripe_has_not_signed_now(
        self, client: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        answer = await client.post("/hooks/stripe", content=b"{}", headers=headers)
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_signature"

    @pytest.mark.usefixtures("selling")
    async def test_looks_at_the_bytes_that_came(self, client: httpx.AsyncClient) -> None:
        told = event("ping", {"object": "balance", "é": "ü"})
        body = json.dumps(told, indent=3, ensure_ascii=False).encode()
        signature = {"stripe-signature": events.sign(body)}
        answer = await client.post("/hooks/stripe", content=body, headers=signature)
        assert answer.status_code == 200
        changed = body.replace(b"   ", b"  ", 1)
        answer = await client.post("/hooks/stripe", content=changed, headers=signature)
        assert answer.status_code == 400

    @pytest.mark.usefixtures("selling")
    @pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"id": "evt_1"}', b"\xff\xfe"])
    async def test_refuses_what_is_no_event(self, client: httpx.AsyncClient, body: bytes) -> None:
        signed = events.sign(body) if body.isascii() else "t=1,v1=00"
        answer = await client.post(
            "/hooks/stripe", content=body, headers={"stripe-signature": signed}
        )
        assert answer.status_code in (400, 422)

    @pytest.mark.usefixtures("selling")
    async def test_takes_no_flood(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/hooks/stripe", content=b" " * 600_000)
        assert answer.status_code == 413

    @pytest.mark.usefixtures("selling")
    async def test_keeps_an_event_once_however_often_it_comes(self, customer: Customer) -> None:
        told = event(CREATED, subscription(customer.id))
        await work_off(customer.database_url)
        answers = await asyncio.gather(*(post(customer.client, told) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        async with customer.database.acting_as(Root()) as tx:
            waiting = await list_jobs(
                tx, state=JobState.WAITING, name="identity:apply_stripe_event"
            )
        assert len(waiting) == 1
        await work_off(customer.database_url)
        assert (await customer.event(told))["status"] == "applied"
        assert (await kept.apply_event(event_id=told["id"])).note == "It was handled before."


@pytest.mark.usefixtures("selling")
class TestASubscription:
    async def test_turns_the_plan_on(self, customer: Customer) -> None:
        start = now() - 60
        await customer.tell(event(CREATED, subscription(customer.id, start=start)))
        row = await customer.read()
        assert (row["plan"], row["status"], row["in_force"]) == ("pro", "active", "pro")
        assert row["stripe_subscription_id"] == f"sub_{customer.id}"
        assert row["current_period_start"] == moment(start)
        assert row["current_period_end"] == moment(start + events.MONTH)

    async def test_is_read_in_the_shape_of_earlier_versions_too(self, customer: Customer) -> None:
        old = subscription(customer.id)
        old["items"]["data"] = [{"id": "si_1", "plan": {"id": UNLIMITED}}]
        old |= {"current_period_start": now(), "current_period_end": now() + 99}
        await customer.tell(event(CREATED, old))
        row = await customer.read()
        assert (row["plan"], row["current_period_end"]) == (
            "unlimited",
            moment(old["current_period_end"]),
        )

    @pytest.mark.parametrize(
        ("told", "status", "in_force"),
        [
            ("active", "active", "pro"),
            ("trialing", "trialing", "pro"),
            ("past_due", "past_due", "pro"),
            ("incomplete", "incomplete", "free"),
            ("incomplete_expired", "canceled", "free"),
            ("unpaid", "unpaid", "free"),
            ("paused", "unpaid", "free"),
            ("canceled", "canceled", "free"),
        ],
    )
    async def test_gives_what_its_status_says(
        self, customer: Customer, told: str, status: str, in_force: str
    ) -> None:
        await customer.tell(event(UPDATED, subscription(customer.id, told)))
        row = await customer.read()
        assert (row["status"], row["in_force"]) == (status, in_force)

    async def test_with_a_status_that_we_dont_know_changes_nothing_and_waits_for_a_person(
        self, customer: Customer
    ) -> None:
        told = event(UPDATED, subscription(customer.id, "blessed"))
        await customer.tell(told)
        assert (await customer.read())["in_force"] == "free"
        assert (await customer.event(told))["status"] == "pending"
        assert await customer.finds_failed("is new to us")

    async def test_at_a_price_not_ours_gives_nothing(self, customer: Customer) -> None:
        told = event(CREATED, subscription(customer.id, price="price_of_another_product"))
        await customer.tell(told)
        assert (await customer.read())["in_force"] == "free"
        assert await customer.finds_failed("belongs to none of our plans")

    async def test_keeps_its_plan_when_it_was_sold_at_an_earlier_price(
        self, customer: Customer
    ) -> None:
        old = subscription(customer.id, price="price_of_last_year", metadata={"plan": "pro"})
        await customer.tell(event(CREATED, old))
        assert (await customer.read())["in_force"] == "pro"

    async def test_that_ends_leaves_the_free_plan(self, customer: Customer) -> None:
        await customer.tell(
            event(CREATED, subscription(customer.id), created=now() - 5),
            event(DELETED, subscription(customer.id, "canceled", cancel_at_period_end=True)),
        )
        row = await customer.read()
        assert (row["plan"], row["status"], row["in_force"]) == ("free", "canceled", "free")
        assert row["stripe_subscription_id"] is None
        assert not row["cancel_at_period_end"]

    async def test_that_ends_beside_a_later_one_changes_nothing(self, customer: Customer) -> None:
        earlier = subscription(customer.id, "canceled", id="sub_earlier")
        await customer.tell(
            event(CREATED, subscription(customer.id), created=now() - 5),
            event(DELETED, earlier),
        )
        assert (await customer.read())["in_force"] == "pro"

    async def test_that_was_never_paid_takes_no_given_plan_away(self, customer: Customer) -> None:
        async with customer.database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set plan = 'unlimited' where user_id = $1",
                customer.creator.id,
            )
        await customer.tell(event(CREATED, subscription(customer.id, "incomplete")))
        assert (await customer.read())["in_force"] == "unlimited"
        await customer.tell(event(UPDATED, subscription(customer.id, "active")))
        assert (await customer.read())["in_force"] == "pro"

    async def test_is_not_turned_back_by_what_was_told_before(self, customer: Customer) -> None:
        late = event(UPDATED, subscription(customer.id, "incomplete"), created=now() - 60)
        await customer.tell(event(UPDATED, subscription(customer.id)), late)
        assert (await customer.read())["in_force"] == "pro"
        row = await customer.event(late)
        assert (row["status"], row["note"]) == ("ignored", "Something later was applied before.")

    async def test_says_that_it_will_end(self, customer: Customer) -> None:
        ending = subscription(customer.id, cancel_at=now() + events.MONTH)
        await customer.tell(event(UPDATED, ending))
        assert (await customer.read())["cancel_at_period_end"]

    async def test_what_changes_no_plan_is_kept_and_left(self, customer: Customer) -> None:
        session = {"object": "checkout.session", "customer": customer.id, "mode": "subscription"}
        told = event("checkout.session.completed", session)
        await customer.tell(told)
        assert (await customer.event(told))["status"] == "ignored"


@pytest.mark.usefixtures("selling")
class TestAFailedPayment:
    async def test_leaves_the_plan_for_seven_days(self, customer: Customer) -> None:
        started, failed = now() - 20, now() - 10
        await customer.tell(
            event(CREATED, subscription(customer.id), created=started),
            event(FAILED, invoice(customer.id), created=failed),
            event(FAILED, invoice(customer.id), created=failed + 5),
        )
        row = await customer.read()
        assert (row["status"], row["in_force"]) == ("past_due", "pro")
        assert row["past_due_since"] == moment(failed)
        await customer.fail_since(timedelta(days=6, hours=23))
        assert (await customer.read())["in_force"] == "pro"
        await customer.fail_since(timedelta(days=7, minutes=1))
        assert (await customer.read())["in_force"] == "free"

    async def test_is_forgotten_once_it_is_paid(self, customer: Customer) -> None:
        await customer.tell(
            event(CREATED, subscription(customer.id), created=now() - 20),
            event(FAILED, invoice(customer.id), created=now() - 10),
            event(UPDATED, subscription(customer.id)),
        )
        row = await customer.read()
        assert (row["status"], row["past_due_since"]) == ("active", None)

    async def test_of_the_first_invoice_makes_no_plan(self, customer: Customer) -> None:
        await customer.tell(
            event(CREATED, subscription(customer.id, "incomplete"), created=now() - 20),
            event(FAILED, invoice(customer.id), created=now() - 10),
        )
        row = await customer.read()
        assert (row["status"], row["in_force"]) == ("incomplete", "free")

    async def test_of_another_subscription_changes_nothing(self, customer: Customer) -> None:
        await customer.tell(
            event(CREATED, subscription(customer.id), created=now() - 20),
            event(FAILED, invoice(customer.id, subscription_id="sub_other")),
        )
        assert (await customer.read())["status"] == "active"


@pytest.mark.usefixtures("selling")
async def test_what_has_to_be_asked_is_asked_even_when_the_worker_dies(customer: Customer) -> None:
    """Two events of one second: their order is Stripe's to tell, so that question is kept too."""
    then = now() - 5
    await customer.tell(event(CREATED, subscription(customer.id), created=then))
    second = event(UPDATED, subscription(customer.id), created=then)
    await post(customer.client, second)
    jobs_seen: list[UUID] = []

    async def dies(tx: Tx, user_id: UUID) -> None:
        jobs_seen.append(user_id)
        raise ConnectionError("killed")

    with pytest.raises(ConnectionError):
        await kept.apply_event(event_id=second["id"], ask_again=dies)
    assert jobs_seen == [customer.creator.id]
    assert (await customer.event(second))["status"] == "pending"


@pytest.mark.usefixtures("selling")
class TestACustomerThatNobodyIs:
    async def test_is_kept_shown_and_applied_once_somebody_is(self, customer: Customer) -> None:
        told = event(CREATED, subscription(f"cus_lost_{customer.creator.username}"))
        await customer.tell(told)
        assert (await customer.event(told))["status"] == "unmatched"
        assert await customer.finds_failed("Nobody here is this customer")
        async with customer.database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set stripe_customer_id = $2 where user_id = $1",
                customer.creator.id,
                told["data"]["object"]["customer"],
            )
        await kept.apply_event(event_id=told["id"])
        assert (await customer.event(told))["status"] == "applied"
        assert (await customer.read())["in_force"] == "pro"

    async def test_is_told_to_super_admins_on_their_first_page(self, customer: Customer) -> None:
        async with customer.database.acting_as(Root()) as tx:
            await tx.execute(
                "update users set is_super_admin = true where id = $1", customer.creator.id
            )
        alert = "whom no account answers to"
        await customer.tell(event(CREATED, subscription(f"cus_x_{customer.creator.username}")))
        page = await customer.creator.browser.get("/app/admin")
        assert alert in page.text
        async with customer.database.acting_as(Root()) as tx:
            await tx.execute(
                "update stripe_events set status = 'ignored' where status = 'unmatched'"
            )
            await tx.execute(
                "update users set is_super_admin = false where id = $1", customer.creator.id
            )

    async def test_is_never_found_by_address_or_metadata(self, customer: Customer) -> None:
        lost = subscription(
            f"cus_other_{customer.creator.username}",
            customer_email=customer.creator.email,
            metadata={"userId": str(customer.creator.id), "plan": "pro"},
        )
        await customer.tell(event(CREATED, lost))
        assert (await customer.read())["in_force"] == "free"


class TestStrangers:
    async def test_see_no_event_and_write_no_plan(
        self, stranger: Account, creator: Account, database: Database
    ) -> None:
        async with database.acting_as(stranger.actor) as tx:
            found = await tx.fetch("select * from subscriptions where user_id = $1", creator.id)
        assert found == []
        for statement in (
            "select * from stripe_events",
            "select * from plan_limits",
            "update subscriptions set plan = 'unlimited'",
            "insert into usage_tracking (user_id, month_year) values (auth.uid(), '2026-01')",
        ):
            with pytest.raises(Exception, match="permission denied"):
                async with database.acting_as(stranger.actor) as tx:
                    await tx.execute(statement)
