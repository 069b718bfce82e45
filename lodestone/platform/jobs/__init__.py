"""Background work: enqueued on the caller's transaction, retried, never dropped silently.

    @job("funnels:deliver_resource", attempts=5)
    async def deliver_resource(args: DeliverResource) -> None: ...

    await deliver_resource.enqueue(tx, DeliverResource(lead_id=lead_id))

A handler may run twice (its worker may die after the work and before the note of it), so it must
leave the same result. After the last attempt a job rests in the dead-letter list until someone
replays or discards it. Terms: a job *waits*, *runs*, is *done*, or has *failed* for good.
"""

from lodestone.platform.jobs.models import (
    JobCount,
    JobDetail,
    JobRow,
    JobState,
    JobStep,
    Progress,
    ScheduleRow,
    Throughput,
)
from lodestone.platform.jobs.progress import report_progress, watch_progress
from lodestone.platform.jobs.queries.browsing import (
    count_jobs,
    get_job,
    list_jobs,
    list_schedules,
    list_throughput,
)
from lodestone.platform.jobs.queries.progress import find_progress
from lodestone.platform.jobs.queries.queue import discard, replay, replay_all
from lodestone.platform.jobs.registry import (
    GiveUp,
    Job,
    JobRequest,
    Schedule,
    discover_jobs,
    enqueue_all,
    job,
    registered_jobs,
    registered_schedules,
    schedule,
)
from lodestone.platform.jobs.running import WorkerOptions, run_jobs, work_off

__all__ = [
    "GiveUp",
    "Job",
    "JobCount",
    "JobDetail",
    "JobRequest",
    "JobRow",
    "JobState",
    "JobStep",
    "Progress",
    "Schedule",
    "ScheduleRow",
    "Throughput",
    "WorkerOptions",
    "count_jobs",
    "discard",
    "discover_jobs",
    "enqueue_all",
    "find_progress",
    "get_job",
    "job",
    "list_jobs",
    "list_schedules",
    "list_throughput",
    "registered_jobs",
    "registered_schedules",
    "replay",
    "replay_all",
    "report_progress",
    "run_jobs",
    "schedule",
    "watch_progress",
    "work_off",
]
