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
create view mine.funnel_pages as select * from public.funnel_pages where {own};
create view mine.lead_magnets as select * from public.lead_magnets where {own};
create view mine.funnel_leads as select * from public.funnel_leads where {own};
create view mine.funnel_page_counts as
select f.id as funnel_page_id, c.day, c.metric, c.amount
from mine.funnel_pages as f
cross join lateral (
    select d.day, d.metric, d.amount
    from public.funnel_page_days as d
    where d.funnel_page_id = f.id
    union all
    select v.view_date, v.page_type, count(*)::integer
    from public.page_views as v
    where v.funnel_page_id = f.id and v.created_at >= (select access.funnel_days_until())
    group by v.view_date, v.page_type
    union all
    select (l.created_at at time zone 'utc')::date, 'lead', count(*)::integer
    from public.funnel_leads as l
    where l.funnel_page_id = f.id and l.created_at >= (select access.funnel_days_until())
    group by (l.created_at at time zone 'utc')::date
) as c;
"""

TURN = 20
"""Transactions of one side until it is the other's turn: busy connections rarely sleep."""

_CORES = sorted(os.sched_getaffinity(0))

Tx = Any
"""A connection, or the owner's disguise of one."""


@dataclass(frozen=True)
class Cost:
    """Medians in milliseconds."""

    name: str
    owner: float
    role: float
    owner_alone: float
    role_alone: float

    @property
    def ratio(self) -> float:
        """Of whole transactions: under row security BEGIN says who acts, which costs too."""
        return self.role / self.owner

    @property
    def ratio_alone(self) -> float:
        """Of the statements within them."""
        return self.role_alone / self.owner_alone


@dataclass(frozen=True)
class _Took:
    """Milliseconds from BEGIN to the answer of COMMIT, and of the statement between them."""

    transaction: float
    statement: float


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
    # Beside the same neighbours, or whichever shares our core by chance looks slower or faster.
    os.sched_setaffinity(0, {_CORES[0]})
    by_role = await asyncpg.connect(business.url)
    by_owner = await asyncpg.connect(business.url)
    try:
        await by_owner.execute("analyze")
        for connection in (by_role, by_owner):
            os.sched_setaffinity(await connection.fetchval("select pg_backend_pid()"), {_CORES[-1]})
        await by_owner.execute(
            _VIEWS.format(
                user=business.user_id, tenant=business.tenant_id, own=await _own(by_owner, business)
            )
        )
        return [
            await _compare(one, by_role, by_owner, repeats if one.writes else repeats // 4)
            for one in _statements(business)
        ]
    finally:
        await by_role.close()
        await by_owner.close()
        os.sched_setaffinity(0, _CORES)


async def _own(connection: asyncpg.Connection, business: Business) -> str:
    """Return what a program would ask for by hand: the person's own rows and their teams'."""
    teams = await connection.fetchval(
        "select array_agg(id)::text from teams where owner_id = $1", business.user_id
    )
    return f"(user_id = '{business.user_id}' and team_id is null or team_id = any ('{teams}'))"


async def _compare(
    statement: _Statement,
    by_role: asyncpg.Connection,
    by_owner: asyncpg.Connection,
    repeats: int,
) -> Cost:
    begin = begin_statement(statement.actor)
    # Without row-level security nobody has to say who acts: no role, no claims.
    as_owner = "begin" if statement.writes else "begin; set local search_path = mine, public"
    owner = _Owner(by_owner)
    role_took, owner_took = [], []
    for _ in range(max(repeats // TURN, 2)):
        role_took += await _take_turn(by_role, begin, statement.run, by_role)
        owner_took += await _take_turn(by_owner, as_owner, statement.run, owner)
    # The first few plan the statement; the product's pool keeps plans for hours.
    role, owned = role_took[len(role_took) // 5 :], owner_took[len(owner_took) // 5 :]
    return Cost(
        statement.name,
        owner=statistics.median(each.transaction for each in owned),
        role=statistics.median(each.transaction for each in role),
        owner_alone=statistics.median(each.statement for each in owned),
        role_alone=statistics.median(each.statement for each in role),
    )


async def _take_turn(
    connection: asyncpg.Connection, begin: str, run: Callable[[Tx], Awaitable[Any]], tx: Tx
) -> list[_Took]:
    """Time a turn of transactions; the first wakes a process that slept, and is not counted."""
    took = [await _time(connection, begin, run, tx) for _ in range(TURN + 1)]
    return took[1:]


async def _time(
    connection: asyncpg.Connection, begin: str, run: Callable[[Tx], Awaitable[Any]], tx: Tx
) -> _Took:
    began = time.perf_counter()
    await connection.execute(begin)
    sent = time.perf_counter()
    await run(tx)
    answered = time.perf_counter()
    await connection.execute("commit")
    return _Took(
        transaction=(time.perf_counter() - began) * 1000, statement=(answered - sent) * 1000
    )


def _statements(business: Business) -> list[_Statement]:
    user = User(business.user_id)
    service = Service(Writer.MAGNETLAB, user_id=business.user_id)
    return [
        _Statement("pipeline, newest 50", user, _list_leads),
        _Statement("opt-ins, newest 50", user, lambda tx: _list_funnel_leads(tx, business)),
        _Statement("funnels with counts", user, lambda tx: _list_funnels(tx, business)),
        _Statement(
            "home: views and opt-ins by day",
            user,
            lambda tx: page_views.list_days(
                tx, days=60, funnel_page_id=None, author_id=business.user_id
            ),
        ),
        _Statement(
            "home: best pages",
            user,
            lambda tx: home.list_best_pages(
                tx, days=30, limit=5, team_id=None, author_id=business.user_id
            ),
        ),
        _Statement("home: latest leads", user, lambda tx: home.list_latest_leads(tx, limit=6)),
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


async def _list_funnel_leads(tx: Tx, business: Business) -> None:
    await funnel_leads.list_funnel_leads(
        tx,
        team_id=None,
        author_id=business.user_id,
        search=None,
        funnel_page_id=None,
        sort="created_at",
        descending=True,
        limit=50,
        offset=0,
    )


async def _list_funnels(tx: Tx, business: Business) -> None:
    await funnel_pages.list_funnel_pages(
        tx,
        team_id=None,
        author_id=business.user_id,
        search=None,
        is_published=None,
        sort="updated_at",
        descending=True,
        limit=50,
        offset=0,
    )
