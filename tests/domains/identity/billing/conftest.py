"""Creators under limits, and a Stripe that sells them more."""

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, StripeAccount, set_current
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.billing import stripe_account
from tests.domains.identity.billing.stripe_account import Desk, running_stripe

MakeCreator = Callable[..., Awaitable[Account]]
SetLimit = Callable[..., Awaitable[None]]


@pytest.fixture
async def make_creator(database: Database, app: FastAPI) -> AsyncIterator[MakeCreator]:
    """Makes somebody who is signed in, on a plan."""
    async with AsyncExitStack() as stack:

        async def make(plan: str = "free", *, name: str = "Ada Lumen") -> Account:
            browser = await stack.enter_async_context(open_browser(app))
            account = await sign_up(database, browser, name=name)
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update subscriptions set plan = $2 where user_id = $1", account.id, plan
                )
            return account

        yield make


@pytest.fixture
async def creator(make_creator: MakeCreator) -> Account:
    """Somebody on the free plan."""
    return await make_creator()


@pytest.fixture
async def stranger(make_creator: MakeCreator) -> Account:
    """Somebody else."""
    return await make_creator(name="Sam Stranger")


@pytest.fixture
async def limited(database: Database) -> AsyncIterator[None]:
    """An installation whose beta has ended, until the test is over."""
    statement = "update app_settings set value = $1 where key = 'beta'"
    async with database.acting_as(Root()) as tx:
        await tx.execute(statement, "off")
    yield
    async with database.acting_as(Root()) as tx:
        await tx.execute(statement, "on")


@pytest.fixture
async def set_limit(database: Database) -> AsyncIterator[SetLimit]:
    """Changes what plans hold, until the test is over."""
    async with database.acting_as(Root(), readonly=True) as tx:
        before = await tx.fetch("select resource, free, pro, unlimited from plan_limits")
    statement = "update plan_limits set free = $2, pro = $3, unlimited = $4 where resource = $1"
    held = {row["resource"]: dict(row) for row in before}

    async def change(resource: str, **plans: int | None) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(statement, *{**held[resource], **plans}.values())

    yield change
    async with database.acting_as(Root()) as tx:
        for row in before:
            await tx.execute(statement, *row.values())


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A running Stripe."""
    with running_stripe(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture
def selling(runtime: Runtime, desk: Desk) -> Iterator[Desk]:
    """An installation that sells both plans, until the test is over."""
    account = StripeAccount(
        secret_key=stripe_account.SECRET_KEY,
        webhook_secret=stripe_account.WEBHOOK_SECRET,
        prices={"pro": stripe_account.PRO, "unlimited": stripe_account.UNLIMITED},
        api_url=desk.url,
    )
    set_current(dataclasses.replace(runtime, stripe=account))
    yield desk
    desk.is_closed = False
    set_current(runtime)
