"""Jobs as the console shows them. The queue belongs to the installation, so it is read as Root,
and only for whoever runs the installation; anybody may watch the progress of a job of their own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lodestone.auth.models import SignedIn
from lodestone.platform import jobs, runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import Forbidden, NotFound
from lodestone.platform.jobs import JobCount, JobDetail, JobRow, JobState, Progress, ScheduleRow

PAGE = 50
CHART_HOURS = 24


@dataclass(frozen=True, slots=True)
class Hours:
    """Jobs done and failed in each of the last hours, the oldest first."""

    labels: list[str]
    done: list[int]
    failed: list[int]


@dataclass(frozen=True, slots=True)
class Overview:
    """One page of jobs with the numbers around it."""

    rows: list[JobRow]
    counts: list[JobCount]
    hours: Hours
    schedules: list[ScheduleRow]

    def total(self, state: JobState) -> int:
        return sum(one.count for one in self.counts if one.state == state)

    @property
    def oldest_waiting_at(self) -> datetime | None:
        """Return since when the longest waiting job could have run."""
        waiting = [one.oldest_at for one in self.counts if one.state is JobState.WAITING]
        return min(waiting, default=None)


async def count_dead(user: SignedIn) -> int:
    """Return how many jobs gave up; 0 for people who don't run the installation."""
    if not user.is_super_admin:
        return 0
    async with runtime.reading_as(Root()) as tx:
        counts = await jobs.count_jobs(tx)
    return sum(one.count for one in counts if one.state is JobState.FAILED)


async def get_overview(
    user: SignedIn, *, state: JobState | None, name: str | None, before_id: int | None
) -> Overview:
    """Return jobs, the newest first. Raises: Forbidden for people who don't run it."""
    _refuse_others(user)
    now = datetime.now(UTC)
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=CHART_HOURS - 1)
    async with runtime.reading_as(Root()) as tx:
        rows = await jobs.list_jobs(tx, state=state, name=name, before_id=before_id, limit=PAGE + 1)
        return Overview(
            rows=rows,
            counts=await jobs.count_jobs(tx),
            hours=_hours(since, await jobs.list_throughput(tx, since_at=since)),
            schedules=await jobs.list_schedules(tx),
        )


async def get_job(user: SignedIn, *, job_id: int) -> JobDetail:
    """Return one job. Raises: Forbidden, NotFound."""
    _refuse_others(user)
    async with runtime.reading_as(Root()) as tx:
        return await jobs.get_job(tx, job_id=job_id)


async def replay(user: SignedIn, *, job_id: int) -> None:
    """Run a dead job again. Raises: Forbidden, NotFound, Conflict."""
    _refuse_others(user)
    async with runtime.acting_as(Root()) as tx:
        await jobs.replay(tx, job_id=job_id)


async def replay_all(user: SignedIn, *, name: str | None) -> int:
    """Run every dead job (of one name) again; return how many. Raises: Forbidden, Conflict."""
    _refuse_others(user)
    async with runtime.acting_as(Root()) as tx:
        return await jobs.replay_all(tx, name=name)


async def discard(user: SignedIn, *, job_id: int) -> None:
    """Give a dead job up for good. Raises: Forbidden, NotFound."""
    _refuse_others(user)
    async with runtime.acting_as(Root()) as tx:
        await jobs.discard(tx, job_id=job_id)


async def watch(user: SignedIn, *, job_id: int) -> AsyncIterator[Progress]:
    """Return how far a job comes, until it is over. Raises: NotFound when it isn't theirs."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found = await jobs.find_progress(tx, job_id=job_id)
    if found is None or not (user.is_super_admin or found.user_id == user.user_id):
        raise NotFound("There is no such job.")
    return jobs.watch_progress(job_id)


def _refuse_others(user: SignedIn) -> None:
    if not user.is_super_admin:
        raise Forbidden("Jobs are for whoever runs this Lodestone.")


def _hours(since: datetime, counted: list[jobs.Throughput]) -> Hours:
    hours = [since + timedelta(hours=number) for number in range(CHART_HOURS)]
    done, failed = dict.fromkeys(hours, 0), dict.fromkeys(hours, 0)
    for one in counted:
        counts = done if one.state is JobState.DONE else failed
        if one.hour_at in counts:
            counts[one.hour_at] += one.count
    return Hours([f"{hour:%H:00}" for hour in hours], list(done.values()), list(failed.values()))
