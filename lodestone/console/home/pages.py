"""The home page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth.dependencies import CurrentUser, MaybeUser, ReadTx
from lodestone.console.home import queries, rules
from lodestone.console.jobs import service as jobs
from lodestone.domains.funnels import service as funnels
from lodestone.domains.identity import service as identity
from lodestone.platform.database import Tx
from lodestone.platform.pages import Entry, add_entry, render

DAYS = 30
LATEST = 6
BEST = 5

router = APIRouter(include_in_schema=False)
add_entry(Entry("Home", "/app", "home", order=0, keywords="start dashboard today overview"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Views and opt-ins of the last days, by day, and against as many days before."""

    days: list[str]
    views: list[int]
    leads: list[int]
    view_total: int
    lead_total: int
    conversion: float | None
    view_change: float | None
    lead_change: float | None
    conversion_change: float | None


@router.get("/")
async def show_front_door(user: MaybeUser) -> Response:
    return RedirectResponse("/app" if user else "/sign-in", status_code=303)


@router.get("/app")
async def show_home(
    request: Request, user: CurrentUser, scope: identity.CurrentScope, tx: ReadTx
) -> Response:
    place = {"team_id": scope.home_team_id, "author_id": scope.author_id}
    taken = dict(await queries.get_first_steps(tx, user_id=user.user_id))
    steps = rules.steps(taken)
    work = dict(await queries.get_open_work(tx, most=rules.MOST, **place))
    context: dict[str, Any] = {
        "greeting": rules.greeting(user.name, datetime.now(UTC)),
        "steps": steps,
        "is_new": not taken["has_lead"],
        "has_page": taken["has_page"],
        "next_step": rules.next_step(steps),
        "numbers": await _numbers(tx, scope),
        "todos": rules.todos(
            work,
            dead_jobs=await jobs.count_dead(user),
        ),
        "leads": await queries.list_latest_leads(tx, limit=LATEST),
        "pages": await queries.list_best_pages(tx, days=DAYS, limit=BEST, **place),
        "days": DAYS,
        "live_pages": work["live_pages"],
    }
    return render(request, "home.html", context)


async def _numbers(tx: Tx, scope: identity.Scope) -> Numbers:
    counted = await funnels.list_days(tx, days=2 * DAYS, scope=scope)
    views_before, views = rules.halves([day.views for day in counted])
    leads_before, leads = rules.halves([day.leads for day in counted])
    conversion, conversion_before = rules.rate(leads, views), rules.rate(leads_before, views_before)
    recent = counted[DAYS:]
    return Numbers(
        days=[day.day.isoformat() for day in recent],
        views=[day.views for day in recent],
        leads=[day.leads for day in recent],
        view_total=views,
        lead_total=leads,
        conversion=conversion,
        view_change=rules.change(views, views_before),
        lead_change=rules.change(leads, leads_before),
        conversion_change=(
            (conversion - conversion_before) / conversion_before
            if conversion is not None and conversion_before
            else None
        ),
    )
