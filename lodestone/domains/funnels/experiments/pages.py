"""The screens of experiments: the list, the plan, and what they found."""

from datetime import UTC, datetime
from itertools import accumulate
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, ReadTx, UserTx
from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.experiments import rules, service
from lodestone.domains.funnels.experiments.models import (
    ArmDay,
    Experiment,
    ExperimentCreate,
    Goal,
    Status,
    TestField,
    Variant,
)
from lodestone.domains.identity import service as identity
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Filter, Listing, add_entry, redirect, render

PATH = "/app/experiments"
GOALS = {
    Goal.OPTIN: "Opting in",
    Goal.ANSWERED: "Answering the questions",
    Goal.QUALIFIED: "Qualifying",
    Goal.BOOKED: "Booking a call",
    Goal.REVENUE: "Paying",
}
SETTLES_IN = {
    Goal.OPTIN: "an hour",
    Goal.ANSWERED: "a day",
    Goal.QUALIFIED: "a day",
    Goal.BOOKED: "a week",
    Goal.REVENUE: "two weeks",
}
UNKNOWN_BASELINE_VISITORS = 1_000

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Experiments",
        PATH,
        "bars",
        "Capture",
        order=25,
        keywords="a/b test split variants headline winner",
    )
)

COLUMNS = [
    Column("name", "Experiment"),
    Column("status", "Status"),
    Column("goal", "Goal", hide="lg"),
    Column("progress", "Visitors per arm", align="end", hide="sm"),
    Column("created_at", "Planned", hide="md"),
]
FILTERS = [
    Filter(
        "status",
        "Status",
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("completed", "Completed"),
        ],
    )
]


@router.get(PATH)
async def list_experiments(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, total = await service.list_experiments(
        tx,
        scope=scope,
        search=listing.q or None,
        status=listing.value("status"),
        limit=listing.limit,
        offset=listing.offset,
    )
    context = {"listing": listing, "rows": rows, "total": total, "goals": GOALS}
    return render(request, "funnels/experiments.html", context)


@router.get("/app/funnels/{funnel_page_id}/experiments/new")
async def ask_for_plan(
    request: Request, _: CurrentUser, tx: OneTx, funnel_page_id: UUID
) -> Response:
    return await _plan_form(request, tx, funnel_page_id)


@router.post("/app/funnels/{funnel_page_id}/experiments/new")
async def plan_experiment(request: Request, user: CurrentUser, funnel_page_id: UUID) -> Response:
    form = await read_form(request)
    try:
        given = parse(ExperimentCreate, {**form, "values": _values(form)})
        async with runtime.acting_as(user.actor) as tx:
            experiment_id = await service.plan_experiment(
                tx, user_id=user.user_id, funnel_page_id=funnel_page_id, given=given
            )
    except InvalidInput as refusal:
        errors = refusal.fields
    except Conflict as refusal:
        errors = {"test_field": refusal.message}
    else:
        return redirect(f"{PATH}/{experiment_id}", toast="Planned: look at the numbers, then start")
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        return await _plan_form(request, tx, funnel_page_id, values=form, errors=errors)


def _values(form: dict[str, str]) -> list[str]:
    """Return the values up to the last that is given; the first is always asked for."""
    given = [form.get(f"value_{number}", "").strip() for number in range(1, service.MOST_ARMS)]
    while len(given) > 1 and not given[-1]:
        given.pop()
    return given


@router.get(PATH + "/{experiment_id}")
async def show_experiment(
    request: Request, _: CurrentUser, tx: OneTx, experiment_id: UUID
) -> Response:
    return await _results(request, tx, experiment_id)


@router.post(PATH + "/{experiment_id}/plan")
async def change_plan(
    user: CurrentUser, tx: UserTx, experiment_id: UUID, min_sample_size: Annotated[int, Form()]
) -> Response:
    if not 50 <= min_sample_size <= 10_000_000:
        raise InvalidInput(
            "Plan 50 to 10,000,000 visitors per arm.",
            fields={"min_sample_size": "From 50 to 10,000,000."},
        )
    await service.change_plan(tx, experiment_id=experiment_id, min_sample_size=min_sample_size)
    return redirect(f"{PATH}/{experiment_id}", toast="Saved")


@router.post(PATH + "/{experiment_id}/start")
async def start_experiment(user: CurrentUser, experiment_id: UUID) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        await service.start_experiment(tx, experiment_id=experiment_id)
    return redirect(f"{PATH}/{experiment_id}", toast="Started")


@router.post(PATH + "/{experiment_id}/pause")
async def pause_experiment(user: CurrentUser, experiment_id: UUID) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        await service.pause_experiment(tx, experiment_id=experiment_id)
    path = f"{PATH}/{experiment_id}"
    return redirect(path, toast="Paused", undo=f"{path}/resume")


@router.post(PATH + "/{experiment_id}/resume")
async def resume_experiment(user: CurrentUser, experiment_id: UUID) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        await service.resume_experiment(tx, experiment_id=experiment_id)
    return redirect(f"{PATH}/{experiment_id}", toast="Running again")


@router.post(PATH + "/{experiment_id}/declare")
async def declare_winner(
    user: CurrentUser, experiment_id: UUID, variant_id: Annotated[UUID, Form()]
) -> Response:
    async with runtime.acting_as(_writer(user)) as tx:
        await service.declare_winner(tx, experiment_id=experiment_id, variant_id=variant_id)
    return redirect(f"{PATH}/{experiment_id}", toast="Ended: the page shows it from now on")


@router.post(PATH + "/{experiment_id}/delete")
async def delete_experiment(_: CurrentUser, tx: UserTx, experiment_id: UUID) -> Response:
    await service.delete_experiment(tx, experiment_id=experiment_id)
    return redirect(PATH, toast="Deleted")


def _writer(user: SignedIn) -> Service:
    return Service(Writer.MAGNETLAB, user_id=user.user_id)


async def _plan_form(
    request: Request,
    tx: Tx,
    funnel_page_id: UUID,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    page = await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
    identity.enter_workspace(request, team_id=page.team_id)
    traffic = await service.get_traffic(
        tx, funnel_page_id=page.id, test_field=TestField.OPTIN_HEADLINE, goal=Goal.OPTIN
    )
    plans = service.weigh_plan(traffic, arms=2, planned=UNKNOWN_BASELINE_VISITORS)
    usual = next((plan for plan in plans if plan.lift == rules.USUAL_LIFT), None)
    planned = usual.views_needed if usual else UNKNOWN_BASELINE_VISITORS
    blank: dict[str, Any] = {
        "name": "",
        "test_field": TestField.OPTIN_HEADLINE.value,
        "goal": Goal.OPTIN.value,
        "min_sample_size": planned,
        "expected_lift": rules.USUAL_LIFT,
        **{f"value_{number}": "" for number in range(1, service.MOST_ARMS)},
    }
    context = {
        "page": page,
        "values": {**blank, **(values or {})},
        "errors": errors or {},
        "fields": [(field.value, service.NAMES[field]) for field in service.testable_fields()],
        "goals": [(goal.value, name) for goal, name in GOALS.items()],
        "lifts": [(lift, f"{lift:.0%} more") for lift in service.LIFTS],
        "traffic": traffic,
        "plans": plans,
    }
    return render(request, "funnels/experiment_new.html", context, status=422 if errors else 200)


async def _results(request: Request, tx: Tx, experiment_id: UUID) -> Response:
    experiment = await service.get_experiment(tx, experiment_id=experiment_id)
    identity.enter_workspace(request, team_id=experiment.team_id)
    variants = await service.list_variants(tx, experiment_id=experiment_id)
    traffic = await service.get_traffic(
        tx,
        funnel_page_id=experiment.funnel_page_id,
        test_field=experiment.test_field,
        goal=experiment.goal,
    )
    seen = [variant.views for variant in variants]
    context = {
        "experiment": experiment,
        "field": service.NAMES[experiment.test_field],
        "goal": GOALS[experiment.goal],
        "arms": _weigh(variants),
        "winner": next((v for v in variants if v.id == experiment.winning_variant_id), None),
        "fewest": min(seen, default=0),
        "total": sum(seen),
        "spread_p_value": rules.sample_ratio_p_value(seen),
        "is_spread_wrongly": rules.is_spread_wrongly(seen),
        "traffic": traffic,
        "plans": service.weigh_plan(
            traffic, arms=len(variants), planned=experiment.min_sample_size
        ),
        "expected": service.weigh_plan(
            traffic,
            arms=len(variants),
            planned=experiment.min_sample_size,
            lifts=(experiment.expected_lift,),
        ),
        "settles_in": SETTLES_IN[experiment.goal],
        "is_about_money": experiment.goal is Goal.REVENUE,
        **_draw(experiment, variants, await service.list_arm_days(tx, experiment_id=experiment_id)),
    }
    return render(request, "funnels/experiment.html", context)


def _weigh(variants: list[Variant]) -> list[dict[str, Any]]:
    """Return each arm with rate, intervals, difference from the first, and chance to win."""
    arms = [rules.Arm(variant.views, variant.successes) for variant in variants]
    chances = rules.chances_to_win(arms)
    rows = []
    for variant, arm, chance in zip(variants, arms, chances, strict=True):
        low, high = rules.rate_interval(arm)
        row: dict[str, Any] = {
            **variant.model_dump(),
            "rate": arm.rate if arm.views else None,
            "low": low,
            "high": high,
            "chance": chance if arm.views else None,
            "against": rules.compare(arm, arms[0]) if variant.position and arm.views else None,
        }
        rows.append(row)
    return rows


def _draw(experiment: Experiment, variants: list[Variant], days: list[ArmDay]) -> dict[str, Any]:
    """Return the rates of all visitors so far, in percent, day by day and arm by arm."""
    labels = sorted({day.day for day in days})
    counted = {(day.variant_id, day.day): day for day in days}
    series = []
    for variant in variants:
        of_arm = [counted.get((variant.id, label)) for label in labels]
        views = accumulate(day.views if day else 0 for day in of_arm)
        successes = accumulate(day.successes if day else 0 for day in of_arm)
        series.append(
            {
                "name": variant.label,
                "data": [
                    round(100 * won / seen, 2) if seen else 0
                    for seen, won in zip(views, successes, strict=True)
                ],
            }
        )
    end = experiment.completed_at or datetime.now(UTC)
    is_old = experiment.status is not Status.DRAFT and experiment.started_at is not None
    running_days = (end - experiment.started_at).days if is_old and experiment.started_at else 0
    return {
        "labels": [label.isoformat() for label in labels],
        "series": series,
        "running_days": running_days,
    }
