"""The use cases of experiments.

People plan and delete them; what moves one on is written by the service, for whom it acts on the
page, so these take a transaction of the writer's.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from lodestone.domains.funnels import embeds
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.experiments import queries, rules
from lodestone.domains.funnels.experiments.models import (
    ArmDay,
    Experiment,
    ExperimentCreate,
    ExperimentRow,
    Goal,
    Status,
    TestField,
    Traffic,
    Variant,
)
from lodestone.domains.funnels.models import PublicPage
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput

MOST_ARMS = 4
BASELINE_DAYS = 30
SETTLED_AFTER = {
    Goal.OPTIN: timedelta(hours=1),
    Goal.ANSWERED: timedelta(days=1),
    Goal.QUALIFIED: timedelta(days=1),
    Goal.BOOKED: timedelta(days=7),
    Goal.REVENUE: timedelta(days=14),
}
"""How long the last visitors have for the goal before the experiment decides."""

LIFTS = (0.1, 0.2, 0.3, 0.5)
_LABELS = "ABCD"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lift takes to be found: visitors per arm, days, and the power of what is planned."""

    lift: float
    views_needed: int
    days: int | None
    power: float


class Ended(BaseModel):
    """What a decision found."""

    winner: int | None
    p_value: float


def testable_fields() -> list[TestField]:
    """Return the fields that public pages show."""
    return [field for field in TestField if field.column in PublicPage.model_fields]


async def plan_experiment(
    tx: Tx, *, user_id: UUID, funnel_page_id: UUID, given: ExperimentCreate
) -> UUID:
    """Draft an experiment: arm A is the page as it is, the others have the values given.

    Raises NotFound when the page is invisible, InvalidInput for values that the field does not
    take or that are no difference, Conflict when the page has an unfinished experiment.
    """
    page = await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
    control = await queries.get_page_value(
        tx, funnel_page_id=page.id, column=given.test_field.column
    )
    values = [value or None for value in given.values]
    _check_values(given.test_field, given.goal, control, values)
    experiment_id = await queries.insert_experiment(
        tx,
        funnel_page_id=page.id,
        user_id=user_id,
        name=given.name or NAMES[given.test_field],
        test_field=given.test_field,
        goal=given.goal,
        min_sample_size=given.min_sample_size,
        expected_lift=given.expected_lift,
    )
    if experiment_id is None:
        raise Conflict("This page has an experiment that is not finished: one at a time.")
    arms = [control, *values]
    await queries.insert_variants(
        tx, experiment_id=experiment_id, labels=list(_LABELS[: len(arms)]), values=arms
    )
    return experiment_id


NAMES = {
    TestField.OPTIN_HEADLINE: "Headline of the opt-in page",
    TestField.OPTIN_SUBLINE: "Line below the headline of the opt-in page",
    TestField.OPTIN_BUTTON_TEXT: "Button of the opt-in page",
    TestField.HEADLINE: "Headline of the thank-you page",
    TestField.SUBLINE: "Line below the headline of the thank-you page",
    TestField.VSL_URL: "Video of the thank-you page",
    TestField.PASS_MESSAGE: "Message to the qualified",
}


def _check_values(
    field: TestField, goal: Goal, control: str | None, values: list[str | None]
) -> None:
    errors: dict[str, str] = {}
    if goal is Goal.OPTIN and not field.is_on_optin:
        errors["goal"] = "Whoever sees the thank-you page has opted in already."
    elif field.is_shown_late and not goal.is_after_the_survey:
        errors["goal"] = "This is seen after the questions: count booked calls, or payments."
    seen = {control}
    for number, value in enumerate(values, start=1):
        error = _find_error(field, value, seen)
        if error is not None:
            errors[f"value_{number}"] = error
        seen.add(value)
    if not 1 <= len(values) < MOST_ARMS:
        errors["value_1"] = f"Give one to {MOST_ARMS - 1} other values."
    if field not in testable_fields():
        errors["test_field"] = "Pages don't show this yet."
    if errors:
        raise InvalidInput("This can't be tested as it is.", fields=errors)


def _find_error(field: TestField, value: str | None, seen: set[str | None]) -> str | None:
    """Return what keeps a value from being an arm's."""
    if value is None and not field.may_be_empty:
        return "This can't be empty."
    if value is not None and len(value) > field.most_characters:
        return f"At most {field.most_characters} characters."
    if field is TestField.VSL_URL and value and embeds.embed_video(value) is None:
        return "Give the link of a video on YouTube, Vimeo or Loom."
    return "Another arm has this already." if value in seen else None


async def get_experiment(tx: Tx, *, experiment_id: UUID) -> Experiment:
    """Return an experiment. Raises NotFound when it is missing or invisible."""
    row = await queries.get_experiment(tx, experiment_id=experiment_id)
    return Experiment.model_validate(dict(row))


async def list_experiments(
    tx: Tx,
    *,
    scope: Scope,
    funnel_page_id: UUID | None = None,
    search: str | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ExperimentRow], int]:
    """Return a page of a workspace's experiments, newest first, and how many it has in all."""
    rows = await queries.list_experiments(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        funnel_page_id=funnel_page_id,
        search=search,
        status=status,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_experiments(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        funnel_page_id=funnel_page_id,
        search=search,
        status=status,
    )
    return [ExperimentRow.model_validate(dict(row)) for row in rows], total


async def list_variants(
    tx: Tx, *, experiment_id: UUID, until: datetime | None = None
) -> list[Variant]:
    """Return the arms in order with visitors first shown them before a time, and successes."""
    rows = await queries.list_variants(tx, experiment_id=experiment_id, until=until)
    return [Variant.model_validate(dict(row)) for row in rows]


async def list_arm_days(tx: Tx, *, experiment_id: UUID) -> list[ArmDay]:
    """Return visitors and successes by arm and day (UTC) of the first time, oldest first."""
    rows = await queries.list_arm_days(tx, experiment_id=experiment_id)
    return [ArmDay.model_validate(dict(row)) for row in rows]


async def get_traffic(
    tx: Tx, *, funnel_page_id: UUID, test_field: TestField, goal: Goal
) -> Traffic:
    """Return what the tested page did in the last 30 days, by its own counts."""
    row = await queries.get_traffic(
        tx,
        funnel_page_id=funnel_page_id,
        metric=test_field.seen_by,
        goal=goal,
        days=BASELINE_DAYS,
    )
    return Traffic.model_validate(dict(row))


def weigh_plan(
    traffic: Traffic, *, arms: int, planned: int, lifts: tuple[float, ...] = LIFTS
) -> list[Plan]:
    """Return what each lift takes on this page; nothing while it has no baseline."""
    baseline = traffic.rate
    if baseline is None:
        return []
    plans = []
    for lift in lifts:
        expected = baseline * (1 + lift)
        if expected < 1:
            needed = rules.views_needed(baseline, expected)
            a_day = traffic.views / BASELINE_DAYS
            days = round(needed * arms / a_day + 0.5)
            plans.append(Plan(lift, needed, days, rules.power_of(baseline, expected, planned)))
    return plans


async def change_plan(tx: Tx, *, experiment_id: UUID, min_sample_size: int) -> None:
    """Plan other visitors per arm, before the start.

    Raises NotFound when it is invisible, Conflict once it has started.
    """
    await queries.update_plan(tx, experiment_id=experiment_id, min_sample_size=min_sample_size)


async def start_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Show visitors the arms, A being what the page shows now.

    Raises NotFound, Conflict when it is no draft, the page is not published, or the page has come
    to show what another arm was to show.
    """
    experiment = await _lock(tx, experiment_id, {Status.DRAFT}, "Only a draft can be started.")
    if not experiment.is_published:
        raise Conflict("Publish the page first: nobody sees it yet.")
    column = experiment.test_field.column
    value = await queries.get_page_value(
        tx, funnel_page_id=experiment.funnel_page_id, column=column
    )
    arms = await list_variants(tx, experiment_id=experiment_id)
    if value in [arm.value for arm in arms[1:]]:
        raise Conflict("The page shows what another arm was to show. Plan the experiment anew.")
    await queries.update_control_value(tx, experiment_id=experiment_id, value=value)
    await queries.set_status(tx, experiment_id=experiment_id, status=Status.RUNNING)


async def pause_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Show everybody the page as it was, and count nobody. Raises NotFound, Conflict."""
    await _lock(tx, experiment_id, {Status.RUNNING}, "Only a running experiment can be paused.")
    await queries.set_status(tx, experiment_id=experiment_id, status=Status.PAUSED)


async def resume_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Go on as before: whoever saw an arm sees it again. Raises NotFound, Conflict."""
    await _lock(tx, experiment_id, {Status.PAUSED}, "Only a paused experiment can go on.")
    await queries.set_status(tx, experiment_id=experiment_id, status=Status.RUNNING)


async def declare_winner(tx: Tx, *, experiment_id: UUID, variant_id: UUID) -> None:
    """End an experiment by a person's word; the page shows that arm's value from now on.

    The p-value kept is none: a person looked when it suited them. Raises NotFound, Conflict when
    it does not run or rest, InvalidInput when the arm is another experiment's.
    """
    experiment = await _lock(
        tx,
        experiment_id,
        {Status.RUNNING, Status.PAUSED},
        "Only an experiment that has started and not ended has a winner to declare.",
    )
    arms = await list_variants(tx, experiment_id=experiment_id)
    chosen = next((arm for arm in arms if arm.id == variant_id), None)
    if chosen is None:
        raise InvalidInput(
            "This arm is not one of the experiment's.",
            fields={"variant_id": "Choose an arm of this experiment."},
        )
    await _finish(tx, experiment, winner=chosen, p_value=None)


async def delete_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Delete an experiment, its arms and its counts; the page and its leads stay.

    Raises NotFound when it is missing or invisible.
    """
    await queries.delete_experiment(tx, experiment_id=experiment_id)


async def list_running(tx: Tx) -> list[tuple[UUID, UUID]]:
    """Return each running experiment, and for whom the service acts on its page."""
    return [(row["id"], row["acting_user_id"]) for row in await queries.list_running(tx)]


async def decide_experiment(
    tx: Tx, *, experiment_id: UUID, now: datetime | None = None
) -> Ended | None:
    """End an experiment whose arms all have the planned visitors, and only then.

    A winner's value goes to the page; without a difference the page stays as it was. Visitors of
    the last while, who may not be done yet, don't count. Nothing happens while visitors are spread
    wrongly, nor twice, nor to one that is gone.
    """
    if not await queries.lock_running(tx, experiment_id=experiment_id):
        return None
    experiment = await get_experiment(tx, experiment_id=experiment_id)
    until = (now or datetime.now(UTC)) - SETTLED_AFTER[experiment.goal]
    variants = await list_variants(tx, experiment_id=experiment_id, until=until)
    ended = decide(variants, horizon=experiment.min_sample_size)
    if ended is not None:
        winner = None if ended.winner is None else variants[ended.winner]
        await _finish(tx, experiment, winner=winner, p_value=ended.p_value)
    return ended


def decide(variants: list[Variant], *, horizon: int) -> Ended | None:
    """Return what arms at the horizon say, None before it or when visitors are spread wrongly."""
    arms = [rules.Arm(variant.views, variant.successes) for variant in variants]
    if len(arms) < 2 or any(arm.views < horizon for arm in arms):
        return None
    if rules.is_spread_wrongly([arm.views for arm in arms]):
        return None
    best, second = rules.best_two(arms)
    found = rules.find_winner(arms, horizon=horizon)
    return Ended(
        winner=found[0] if found else None, p_value=rules.compare(arms[best], arms[second]).p_value
    )


async def _finish(
    tx: Tx, experiment: Experiment, *, winner: Variant | None, p_value: float | None
) -> None:
    await queries.complete_experiment(
        tx,
        experiment_id=experiment.id,
        winning_variant_id=winner.id if winner else None,
        significance=p_value,
    )
    if winner is not None and winner.position > 0:
        await queries.update_page_value(
            tx,
            funnel_page_id=experiment.funnel_page_id,
            column=experiment.test_field.column,
            value=winner.value,
        )


async def _lock(tx: Tx, experiment_id: UUID, allowed: set[Status], otherwise: str) -> Experiment:
    await queries.lock_experiment(tx, experiment_id=experiment_id)
    experiment = await get_experiment(tx, experiment_id=experiment_id)
    if experiment.status not in allowed:
        raise Conflict(otherwise)
    return experiment
