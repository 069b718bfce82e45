"""What row-level security costs: each hot statement by its role and by the owner of the tables.

The owner bypasses the policies, so it reads through views in schema `mine` that say by hand what a
program without row-level security would have to say in each statement: whose rows. The text of the
statements is the product's own in both cases.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from benchmarks.business import Business
from lodestone.console.home import queries as home
from lodestone.domains.funnels.queries import funnel_leads, funnel_pages, page_views
from lodestone.domains.operations import queries as operations
from lodestone.platform.actors import Actor, Service, User, Writer
from lodestone.platform.database import begin_statement

_VIEWS = """
drop schema if exists mine cascade;
create schema mine;
create view mine.users as select * from public.users where id = '{user}';
create view mine.leads as select * from public.leads where tenant_id = '{tenant}';
create view mine.funnel_pages as
    select * from public.funnel_pages where user_id = '{user}' and team_id is null;
create view mine.lead_magnets as
    select * from public.lead_magnets where user_id = '{user}' and team_id is null;
create view mine.funnel_leads as
    select * from public.funnel_leads where user_id = '{user}' and team_id is null;
create view mine.page_views as
    select v.* from public.page_views as v
    where exists (
        select from public.funnel_pages as f
        where f.id = v.funnel_page_id and f.user_id = '{user}' and f.team_id is null
    );
"""

Tx = Any
"""A connection, or the owner's disguise of one."""


@dataclass(frozen=True)
class Cost:
    """Medians in milliseconds."""

    name: str
    owner: float
    role: float

    @property
    def ratio(self) -> float:
        return self.role / self.owner


class _Owner:
    """Sends the product's statements to the views: the console's name their schema."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._connection, name)

        def call(statement: str, *values: Any) -> Awaitable[Any]:
            sent: Awaitable[Any] = method(statement.replace("public.", ""), *values)
            return sent

        return call


@dataclass(frozen=True)
class _Statement:
    name: str
    actor: Actor
    run: Callable[[Tx], Awaitable[Any]]
    writes: bool = False


def measure(business: Business, *, repeats: int) -> list[Cost]:
    """Time each statement `repeats` times by either, in turns."""
    return asyncio.run(_measure(business, repeats))


async def _measure(business: Business, repeats: int) -> list[Cost]:
    by_role = await asyncpg.connect(business.url)
    by_owner = await asyncpg.connect(business.url)
    try:
        await by_owner.execute("analyze")
        await by_owner.execute(_VIEWS.format(user=business.user_id, tenant=business.tenant_id))
        return [
            await _compare(one, by_role, by_owner, repeats if one.writes else repeats // 4)
            for one in _statements(business)
        ]
    finally:
        await by_role.close()
        await by_owner.close()


async def _compare(
    statement: _Statement,
    by_role: asyncpg.Connection,
    by_owner: asyncpg.Connection,
    repeats: int,
) -> Cost:
    begin = begin_statement(statement.actor)
    as_owner = begin.replace(f"set local role {statement.actor.role}; ", "")
    if not statement.writes:
        as_owner += "; set local search_path = mine, public"
    owner = _Owner(by_owner)
    took: dict[str, list[float]] = {"role": [], "owner": []}
    for _ in range(repeats):
        took["role"].append(await _time(by_role, begin, statement.run, by_role))
        took["owner"].append(await _time(by_owner, as_owner, statement.run, owner))
    # The first few plan the statement; the product's pool keeps plans for hours.
    return Cost(
        statement.name,
        owner=statistics.median(took["owner"][repeats // 5 :]),
        role=statistics.median(took["role"][repeats // 5 :]),
    )


async def _time(
    connection: asyncpg.Connection, begin: str, run: Callable[[Tx], Awaitable[Any]], tx: Tx
) -> float:
    await connection.execute(begin)
    began = time.perf_counter()
    await run(tx)
    took = time.perf_counter() - began
    await connection.execute("commit")
    return took * 1000


def _statements(business: Business) -> list[_Statement]:
    user = User(business.user_id)
    service = Service(Writer.MAGNETLAB, user_id=business.user_id)
    return [
        _Statement("opt-in insert", service, lambda tx: _insert_lead(tx, business), True),
        _Statement(
            "page view insert",
            service,
            lambda tx: page_views.insert_page_view(
                tx,
                funnel_page_id=business.page_id,
                visitor_hash=uuid4().hex,
                page_type="optin",
                view_date=datetime.now(UTC).date(),
            ),
            True,
        ),
        _Statement("pipeline, newest 50", user, _list_leads),
        _Statement("opt-ins, newest 50", user, _list_funnel_leads),
        _Statement("funnels with counts", user, _list_funnels),
        _Statement(
            "home: views and opt-ins by day",
            user,
            lambda tx: page_views.list_days(tx, days=60, funnel_page_id=None),
        ),
        _Statement("home: best pages", user, lambda tx: home.list_best_pages(tx, days=30, limit=5)),
        _Statement("home: latest leads", user, lambda tx: home.list_latest_leads(tx, limit=6)),
    ]


async def _insert_lead(tx: Tx, business: Business) -> None:
    await funnel_leads.insert_funnel_lead(
        tx,
        funnel_page_id=business.page_id,
        email=f"{uuid4().hex}@example.com",
        name="Ada Lovelace",
        utm_source="newsletter",
        utm_medium=None,
        utm_campaign=None,
        ip_address="10.0.0.1",
        user_agent="Mozilla/5.0",
        limit_key=os.urandom(32),
        limit_per_minute=5,
    )


async def _list_leads(tx: Tx) -> None:
    await operations.list_leads(
        tx,
        search=None,
        status=None,
        source=None,
        sort="updated_at",
        descending=True,
        limit=50,
        offset=0,
    )


async def _list_funnel_leads(tx: Tx) -> None:
    await funnel_leads.list_funnel_leads(
        tx,
        search=None,
        funnel_page_id=None,
        sort="created_at",
        descending=True,
        limit=50,
        offset=0,
    )


async def _list_funnels(tx: Tx) -> None:
    await funnel_pages.list_funnel_pages(
        tx,
        search=None,
        is_published=None,
        sort="updated_at",
        descending=True,
        limit=50,
        offset=0,
    )
