"""The SQL that workers run themselves, beside what PgQueuer does."""

from collections.abc import Sequence
from datetime import timedelta

from lodestone.platform.database import Tx

ENQUEUE_SLOT = """
with slot as (
    insert into platform.schedule_slots as s (name, slot_at) values ($1, $2)
    on conflict (name) do update set slot_at = excluded.slot_at where s.slot_at < excluded.slot_at
    returning name
)
select platform.enqueue_job(name, '{}', null, name) from slot
"""

DELETE_OLD_SCHEDULES = """
delete from platform.job_schedules
where entrypoint = any ($1::text[])
    and (entrypoint, expression) not in (select * from unnest($1::text[], $2::text[]))
"""

RELEASE_JOB = """
with released as (
    update platform.jobs
    set status = 'queued', queue_manager_id = null, updated = now()
    where id = $1 and status = 'picked'
    returning id, entrypoint, priority
)
insert into platform.job_log (job_id, status, entrypoint, priority)
select id, 'queued', entrypoint, priority from released
"""

COUNT_DUE = """
select count(*) from platform.jobs
where entrypoint = any ($1::text[])
    and (status = 'picked' or (status = 'queued' and execute_after <= now()))
"""

_BURY_UNKNOWN = """
with buried as (
    update platform.jobs
    set status = 'failed', updated = now(), queue_manager_id = null
    where not (entrypoint = any ($1::text[]))
        and (
            (status = 'queued' and execute_after < now() - $2::interval)
            or (status = 'picked' and heartbeat < now() - $2::interval)
        )
    returning id, entrypoint, priority
), logged as (
    insert into platform.job_log (job_id, status, entrypoint, priority, traceback)
    select id, 'failed', entrypoint, priority, jsonb_build_object(
        'job_id', id, 'timestamp', now(), 'exception_type', 'UnknownJob',
        'exception_message', 'No worker knows a job called ' || entrypoint || '.',
        'traceback', '', 'additional_context', null
    )
    from buried
)
select entrypoint as name, count(*) as count from buried group by entrypoint
"""

_PURGE_LOG = """
with old as (
    select l.id from platform.job_log l
    where l.created < now() - $1::interval
        and not exists (select from platform.jobs j where j.id = l.job_id)
    order by l.created
    limit $2
)
delete from platform.job_log l using old where l.id = old.id
"""

_PURGE_STATISTICS = """
with old as (
    select id from platform.job_statistics where created < now() - $1::interval
    order by created limit $2
)
delete from platform.job_statistics s using old where s.id = old.id
"""

_PURGE_PROGRESS = "delete from platform.job_progress where updated_at < now() - $1::interval"


async def bury_unknown_jobs(tx: Tx, *, names: Sequence[str], after: timedelta) -> dict[str, int]:
    """Move jobs that no worker knows to the dead-letter list; return how many of each name."""
    rows = await tx.fetch(_BURY_UNKNOWN, list(names), after)
    return {row["name"]: row["count"] for row in rows}


async def purge_log(tx: Tx, *, older_than: timedelta, limit: int) -> int:
    """Delete the log of jobs that are over; return how many rows."""
    return _affected(await tx.execute(_PURGE_LOG, older_than, limit))


async def purge_statistics(tx: Tx, *, older_than: timedelta, limit: int) -> int:
    """Delete old counts; return how many rows."""
    return _affected(await tx.execute(_PURGE_STATISTICS, older_than, limit))


async def purge_progress(tx: Tx, *, older_than: timedelta) -> int:
    """Delete the progress of jobs long over; return how many rows."""
    return _affected(await tx.execute(_PURGE_PROGRESS, older_than))


def _affected(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
