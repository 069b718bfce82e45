"""Experiments for tests: planned through the form, and visitors who come to see them."""

from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
PLAN = {
    "test_field": "optin_headline",
    "value_1": "Ten minutes, every Friday",
    "goal": "optin",
    "min_sample_size": "200",
    "expected_lift": "0.2",
}


def new_address() -> str:
    return f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"


def new_email() -> str:
    return f"v{uuid4().hex[:12]}@example.org"


async def plan(creator: Account, funnel: str, **changes: str) -> str:
    """Plan an experiment through the form; return its path."""
    answer = await creator.browser.post(f"{funnel}/experiments/new", data={**PLAN, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def start(creator: Account, experiment: str) -> None:
    answer = await creator.browser.post(f"{experiment}/start")
    assert answer.status_code == 303, answer.text


def id_of(path: str) -> UUID:
    return UUID(path.rsplit("/", 1)[1])


async def come(app: FastAPI, page: str, *, visitor: str | None = None) -> httpx.Response:
    """Open a page at an address of one's own, with a visitor's cookie or none."""
    async with open_browser(app, address=new_address()) as browser:
        return await browser.get(page, headers=with_cookie(visitor))


def with_cookie(visitor: str | None) -> dict[str, str]:
    return {**BROWSER, **({"cookie": f"lodestone_visitor={visitor}"} if visitor else {})}


async def view(app: FastAPI, funnel: str, *, visitor: str) -> None:
    """Count a view as the page's script does."""
    async with open_browser(app, address=new_address()) as browser:
        body = {"funnelPageId": str(id_of(funnel)), "pageType": "optin"}
        answer = await browser.post("/api/public/view", json=body, headers=with_cookie(visitor))
        assert answer.status_code == 204, answer.text


async def opt_in(
    app: FastAPI, page: str, *, visitor: str | None, email: str | None = None
) -> httpx.Response:
    async with open_browser(app, address=new_address()) as browser:
        return await browser.post(
            page, data={"email": email or new_email()}, headers=with_cookie(visitor)
        )


async def count_arms(database: Database, experiment: str) -> list[tuple[int, int]]:
    """Return visitors and leads of each arm, in order."""
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch(
            """
            select count(x.visitor_hash) as views, count(x.funnel_lead_id) as leads
            from ab_experiment_variants as v
            left join ab_experiment_exposures as x on x.variant_id = v.id
            where v.experiment_id = $1
            group by v.id order by v.position
            """,
            id_of(experiment),
        )
    return [(row["views"], row["leads"]) for row in rows]


async def fill_arms(
    database: Database, experiment: str, *arms: tuple[int, int], days_ago: int = 2
) -> None:
    """Write visitors of each arm, and that so many of them opted in."""
    async with database.acting_as(Root()) as tx:
        for position, (views, successes) in enumerate(arms):
            await tx.execute(
                """
                with arm as (
                    select v.id, v.experiment_id, f.id as page_id, f.user_id
                    from ab_experiment_variants as v
                    join ab_experiments as e on e.id = v.experiment_id
                    join funnel_pages as f on f.id = e.funnel_page_id
                    where v.experiment_id = $1 and v.position = $2
                ), leads as (
                    insert into funnel_leads (funnel_page_id, user_id, email, variant_id)
                    select a.page_id, a.user_id,
                        replace(gen_random_uuid()::text, '-', '') || '@example.net', a.id
                    from arm as a cross join generate_series(1, $4::integer)
                    returning id
                ), counted as (
                    select l.id, row_number() over () as number from leads as l
                )
                insert into ab_experiment_exposures (
                    experiment_id, visitor_hash, variant_id, funnel_lead_id, exposed_at
                )
                select a.experiment_id,
                    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
                    a.id, c.id, now() - make_interval(days => $5)
                from arm as a
                cross join generate_series(1, $3::integer) as g (number)
                left join counted as c on c.number = g.number
                """,
                id_of(experiment),
                position,
                views,
                successes,
                days_ago,
            )
