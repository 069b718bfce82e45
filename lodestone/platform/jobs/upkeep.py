"""What keeps the queue's own tables small and its orphans visible, by the clock."""

from datetime import timedelta

import structlog

from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs.queries import working
from lodestone.platform.jobs.registry import registered_jobs, schedule

KEEP_LOG = timedelta(days=14)
KEEP_STATISTICS = timedelta(days=400)
BATCH = 5_000

# A job enqueued by a newer release may be unknown here for as long as a deployment takes.
UNKNOWN_AFTER = timedelta(minutes=15)

_log = structlog.get_logger(__name__)


@schedule("platform:purge_job_log", cron="17 * * * *")
async def purge_job_log() -> None:
    """Delete the steps of jobs that ended two weeks ago, and counts after 400 days."""
    for purge, keep in (
        (working.purge_log, KEEP_LOG),
        (working.purge_statistics, KEEP_STATISTICS),
    ):
        deleted = BATCH
        while deleted == BATCH:
            async with runtime.acting_as(Root()) as tx:
                deleted = await purge(tx, older_than=keep, limit=BATCH)
    async with runtime.acting_as(Root()) as tx:
        await working.purge_progress(tx, older_than=KEEP_LOG)


@schedule("platform:purge_rate_limits", cron="*/5 * * * *")
async def purge_rate_limits() -> None:
    """Forget hits that no longer count."""
    async with runtime.acting_as(Root()) as tx:
        await ratelimit.purge(tx)


@schedule("platform:bury_unknown_jobs", cron="*/5 * * * *")
async def bury_unknown_jobs() -> None:
    """Move jobs whose name no release knows any more to the dead-letter list."""
    await bury(after=UNKNOWN_AFTER)


async def bury(*, after: timedelta) -> dict[str, int]:
    """Move jobs unknown here and due for longer than `after`; return how many of each name."""
    names = [job.name for job in registered_jobs()]
    async with runtime.acting_as(Root()) as tx:
        buried = await working.bury_unknown_jobs(tx, names=names, after=after)
    for name, count in buried.items():
        _log.error("unknown jobs failed", job=name, count=count)
    return buried
