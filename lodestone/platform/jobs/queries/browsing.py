"""The SQL behind the console's job pages; it needs `Root`."""

import json
from datetime import datetime
from typing import Any

import asyncpg

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound
from lodestone.platform.jobs.models import (
    JobCount,
    JobDetail,
    JobRow,
    JobState,
    JobStep,
    ScheduleRow,
    Throughput,
)
from lodestone.platform.jobs.queries.progress import find_progress

_LIVE_STATUSES: dict[JobState, list[str]] = {
    JobState.WAITING: ["queued"],
    JobState.RUNNING: ["picked"],
    JobState.FAILED: ["failed"],
}
_ENDED_STATUSES: dict[JobState, list[str]] = {
    JobState.DONE: ["successful"],
    JobState.DISCARDED: ["exception", "canceled", "deleted"],
}

_LIVE_COLUMNS = """
    j.id, j.entrypoint as name, j.status::text as status, j.attempts, j.priority,
    j.created as created_at, j.updated as updated_at,
    case when j.status = 'queued' then j.execute_after end as next_run_at,
    (
        select l.traceback from platform.job_log l
        where l.job_id = j.id and l.traceback is not null
        order by l.created desc, l.id desc limit 1
    ) as error,
    (j.headers ->> 'user_id')::uuid as user_id, (j.headers ->> 'tenant_id')::uuid as tenant_id
"""

_ENDED_COLUMNS = """
    l.job_id as id, l.entrypoint as name, l.status::text as status, 0 as attempts, l.priority,
    coalesce(
        (select min(q.created) from platform.job_log q where q.job_id = l.job_id), l.created
    ) as created_at,
    l.created as updated_at, null::timestamptz as next_run_at, null::jsonb as error,
    null::uuid as user_id, null::uuid as tenant_id
"""

_LIST_LIVE = f"""
select {_LIVE_COLUMNS}
from platform.jobs j
where j.status = any ($1::text[]::platform.job_status[])
    and ($2::text is null or j.entrypoint = $2)
    and ($3::bigint is null or j.id < $3)
order by j.id desc
limit $4
"""

# The names are walked along the index, one look-up each, so that a name with millions of finished
# jobs costs no more than one with ten.
_LIST_ENDED = f"""
with recursive walked (name) as (
    select min(entrypoint) from platform.job_log
    where status in ('successful', 'exception', 'canceled', 'deleted')
    union all
    select (
        select min(entrypoint) from platform.job_log
        where entrypoint > walked.name
            and status in ('successful', 'exception', 'canceled', 'deleted')
    )
    from walked
    where walked.name is not null
), known as (
    select $1::text as name where $1::text is not null
    union all
    select name from walked where $1::text is null and name is not null
)
select {_ENDED_COLUMNS}
from (
    select ended.*
    from known
    cross join lateral (
        select * from platform.job_log
        where entrypoint = known.name
            and status in ('successful', 'exception', 'canceled', 'deleted')
            and status = any ($2::text[]::platform.job_status[])
            and ($3::bigint is null or job_id < $3)
        order by job_id desc
        limit $4
    ) as ended
    order by ended.job_id desc
    limit $4
) as l
order by l.job_id desc
"""

_GET_LIVE = f"select {_LIVE_COLUMNS}, j.payload, j.headers from platform.jobs j where j.id = $1"

_GET_ENDED = f"""
select {_ENDED_COLUMNS}
from platform.job_log l
where l.job_id = $1 and l.status in ('successful', 'exception', 'canceled', 'deleted')
order by l.created desc, l.id desc
limit 1
"""

_LIST_STEPS = """
select created, status::text as status, traceback
from platform.job_log
where job_id = $1
order by created, id
limit 200
"""

_COUNT_JOBS = """
select entrypoint as name, status::text as status, count(*) as count,
    min(execute_after) as oldest_at
from platform.jobs
where status in ('queued', 'picked', 'failed')
group by entrypoint, status
order by entrypoint, status
"""

_LIST_THROUGHPUT = """
select date_trunc('hour', created) as hour_at, entrypoint as name, status::text as status,
    sum(count)::bigint as count
from platform.job_statistics
where created >= $1 and status in ('successful', 'failed')
group by 1, 2, 3
order by 1, 2, 3
"""

_LIST_SCHEDULES = """
select entrypoint as name, expression as cron, next_run as next_run_at, last_run as last_run_at
from platform.job_schedules
order by entrypoint
"""


async def list_jobs(
    tx: Tx,
    *,
    state: JobState | None = None,
    name: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[JobRow]:
    """Return jobs, the newest first; `before_id` is the last id of the page before."""
    found: list[JobRow] = []
    if live := _statuses(_LIVE_STATUSES, state):
        found += map(_job, await tx.fetch(_LIST_LIVE, live, name, before_id, limit))
    if ended := _statuses(_ENDED_STATUSES, state):
        found += map(_job, await tx.fetch(_LIST_ENDED, name, ended, before_id, limit))
    return sorted(found, key=lambda one: -one.id)[:limit]


def _statuses(known: dict[JobState, list[str]], state: JobState | None) -> list[str]:
    return [one for of, some in known.items() if state in {None, of} for one in some]


async def get_job(tx: Tx, *, job_id: int) -> JobDetail:
    """Return one job with its history. Raises NotFound."""
    row = await tx.fetchrow(_GET_LIVE, job_id) or await tx.fetchrow(_GET_ENDED, job_id)
    if row is None:
        raise NotFound("There is no such job.")
    steps = await tx.fetch(_LIST_STEPS, job_id)
    payload = row.get("payload")
    headers = row.get("headers") or {}
    progress = await find_progress(tx, job_id=job_id)
    return JobDetail(
        job=_job(row),
        args=None if payload is None else _json_or_text(payload),
        request_id=headers.get("request_id"),
        steps=tuple(map(_step, steps)),
        progress=progress if progress and progress.updated_at else None,
    )


async def count_jobs(tx: Tx) -> list[JobCount]:
    """Count the jobs that wait, run or have failed, by name and state."""
    return [
        JobCount(
            name=row["name"],
            state=JobState.of_status(row["status"]),
            count=row["count"],
            oldest_at=row["oldest_at"],
        )
        for row in await tx.fetch(_COUNT_JOBS)
    ]


async def list_throughput(tx: Tx, *, since_at: datetime) -> list[Throughput]:
    """Return how many jobs were done and failed in each hour; up to 30 seconds behind."""
    return [
        Throughput(
            hour_at=row["hour_at"],
            name=row["name"],
            state=JobState.of_status(row["status"]),
            count=row["count"],
        )
        for row in await tx.fetch(_LIST_THROUGHPUT, since_at)
    ]


async def list_schedules(tx: Tx) -> list[ScheduleRow]:
    """Return what the workers run by the clock."""
    return [ScheduleRow(**row) for row in await tx.fetch(_LIST_SCHEDULES)]


def _job(row: asyncpg.Record) -> JobRow:
    values = {key: row[key] for key in JobRow.__slots__ if key not in {"state", "error"}}
    return JobRow(**values, state=JobState.of_status(row["status"]), error=_error(row["error"]))


def _step(row: asyncpg.Record) -> JobStep:
    record = row["traceback"] or {}
    return JobStep(
        at=row["created"],
        state=JobState.of_status(row["status"]),
        error=_error(row["traceback"]),
        traceback=record.get("traceback") or None,
    )


def _error(record: dict[str, Any] | None) -> str | None:
    """Return what failed in one line; a retry's own record already carries it as its message."""
    if record is None:
        return None
    message = str(record["exception_message"])
    kind = record["exception_type"]
    return message if kind in {"RetryRequested", "UnknownJob"} else f"{kind}: {message}"


def _json_or_text(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
