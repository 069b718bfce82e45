"""What people and whoever runs the installation see of plans."""

import asyncpg
import httpx
import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account
from tests.domains.identity.billing.conftest import MakeCreator, SetLimit
from tests.domains.identity.billing.events import (
    become_customer,
    event,
    post,
    read_subscription,
    subscription,
)
from tests.domains.identity.billing.stripe_account import Desk


async def _set(database: Database, creator: Account, setting: str) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(f"update subscriptions set {setting} where user_id = $1", creator.id)


def _as_field(row: asyncpg.Record, plan: str) -> str:
    if row["period"] == "feature":
        return "true"
    return "" if row[plan] is None else str(row[plan])


@pytest.fixture
async def admin(make_creator: MakeCreator, database: Database) -> Account:
    """Whoever runs the installation."""
    found = await make_creator(name="Olga Operator")
    async with database.acting_as(Root()) as tx:
        await tx.execute("update users set is_super_admin = true where id = $1", found.id)
    return found


class TestBilling:
    @pytest.mark.parametrize("path", ["/app/billing", "/app/billing/plans", "/app/admin/plans"])
    async def test_is_for_those_who_are_signed_in(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")

    @pytest.mark.parametrize("path", ["checkout", "portal", "change", "cancel", "reactivate"])
    async def test_sells_nothing_to_nobody(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.post(f"/api/billing/{path}", json={"plan": "pro"})
        assert answer.status_code == 401

    @pytest.mark.usefixtures("limited")
    async def test_shows_what_was_used_against_what_the_plan_holds(
        self, creator: Account, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into usage_tracking (user_id, month_year, lead_magnets_created)"
                " values ($1, to_char(now() at time zone 'UTC', 'YYYY-MM'), 1)",
                creator.id,
            )
        page = (await creator.browser.get("/app/billing")).text
        assert 'aria-label="Lead magnets: 1 of 2"' in page
        assert 'aria-label="Scheduled posts: 0 of 0"' in page
        account = (await creator.browser.get("/app/account")).text
        assert 'aria-label="Lead magnets: 1 of 2"' in account

    async def test_says_that_nobody_is_limited_in_the_beta(self, creator: Account) -> None:
        page = (await creator.browser.get("/app/billing")).text
        assert "You are in the beta" in page
        assert "no limit yet" in page

    @pytest.mark.usefixtures("limited", "selling")
    async def test_says_until_when_a_plan_holds_whose_payment_failed(
        self, make_creator: MakeCreator, database: Database
    ) -> None:
        creator = await make_creator("pro")
        await _set(
            database,
            creator,
            "status = 'past_due', past_due_since = now() - interval '1 day',"
            f" stripe_subscription_id = 'sub_{creator.username}'",
        )
        page = (await creator.browser.get("/app/billing")).text
        assert "Your last payment failed" in page
        assert "Pro stays on until" in page
        await _set(database, creator, "past_due_since = now() - interval '8 days'")
        assert (
            "You are on Free until it is paid." in (await creator.browser.get("/app/billing")).text
        )

    @pytest.mark.usefixtures("selling")
    async def test_says_that_an_unpaid_plan_is_not_on(
        self, make_creator: MakeCreator, database: Database
    ) -> None:
        creator = await make_creator("pro")
        await _set(database, creator, "status = 'incomplete'")
        assert "Pro is not paid yet" in (await creator.browser.get("/app/billing")).text

    @pytest.mark.usefixtures("selling")
    async def test_shows_what_plans_cost_as_stripe_says(self, creator: Account) -> None:
        page = (await creator.browser.get("/app/billing/plans")).text
        assert "$49" in page
        assert "$149" in page
        assert "Choose Pro" in page

    async def test_compares_plans_by_the_limits_in_force(
        self, creator: Account, set_limit: SetLimit
    ) -> None:
        await set_limit("funnels", free=1, pro=77)
        page = (await creator.browser.get("/app/billing/plans")).text
        assert "<strong>77</strong> funnels" in page
        assert "<strong>1</strong> funnel</span>" in page


class TestTheInstallationsPlans:
    async def test_are_nothing_to_everybody_else(self, creator: Account) -> None:
        assert (await creator.browser.get("/app/admin/plans")).status_code == 404
        answer = await creator.browser.post("/app/admin/plans/limits", data={"funnels.free": "9"})
        assert answer.status_code == 404
        answer = await creator.browser.post("/app/admin/plans/events/evt_1/replay")
        assert answer.status_code == 404

    @pytest.mark.usefixtures("set_limit")
    async def test_are_changed_noted_and_in_force(self, admin: Account, database: Database) -> None:
        async with database.acting_as(Root(), readonly=True) as tx:
            rows = await tx.fetch("select * from plan_limits")
        form = {
            f"{row['resource']}.{plan}": _as_field(row, plan)
            for row in rows
            for plan in ("free", "pro", "unlimited")
            if row["period"] != "feature" or row[plan] is None
        }
        form |= {"lead_magnets.free": "7", "posts.free": "", "white_label.free": "true"}
        answer = await admin.browser.post("/app/admin/plans/limits", data=form)
        assert answer.status_code == 303
        async with database.acting_as(Root(), readonly=True) as tx:
            now = {row["resource"]: row["free"] for row in await tx.fetch("table plan_limits")}
            noted = await tx.fetchval(
                "select details from admin_audit_log"
                " where actor_id = $1 and action = 'installation.limits_changed'",
                admin.id,
            )
        assert (now["lead_magnets"], now["posts"], now["white_label"]) == (7, None, None)
        assert noted["lead_magnets"]["free"] == 7
        assert "funnels" not in noted

    @pytest.mark.parametrize("wrong", ["-1", "many", "1.5", "99999999"])
    async def test_are_left_as_they_are_by_a_wrong_number(
        self, admin: Account, database: Database, wrong: str
    ) -> None:
        answer = await admin.browser.post(
            "/app/admin/plans/limits", data={"lead_magnets.free": "9", "funnels.pro": wrong}
        )
        assert answer.status_code == 422
        assert "Funnels in Pro: a whole number" in answer.text
        assert f'value="{wrong}"' in answer.text
        async with database.acting_as(Root(), readonly=True) as tx:
            assert (
                await tx.fetchval("select free from plan_limits where resource = 'lead_magnets'")
                == 2
            )

    async def test_list_what_belongs_to_nobody_and_try_it_again(
        self,
        admin: Account,
        creator: Account,
        selling: Desk,
        database: Database,
        database_url: str,
    ) -> None:
        assert not selling.is_closed
        customer_id = f"cus_late_{creator.username}"
        told = event("customer.subscription.created", subscription(customer_id))
        await post(admin.browser, told)
        await work_off(database_url)
        page = (await admin.browser.get("/app/admin/plans")).text
        assert told["id"] in page
        assert "Nobody here is this customer." in page
        await become_customer(database, creator.id)
        await _set(database, creator, f"stripe_customer_id = '{customer_id}'")
        answer = await admin.browser.post(f"/app/admin/plans/events/{told['id']}/replay")
        assert answer.status_code == 303
        await work_off(database_url)
        assert (await read_subscription(database, creator.id))["in_force"] == "pro"
        missing = await admin.browser.post("/app/admin/plans/events/evt_missing/replay")
        assert missing.status_code == 404
