"""The SQL into the queue and out of the dead-letter list."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg

from lodestone.platform.database import Tx, quote_literal, run_after_commit, run_at_commit
from lodestone.platform.errors import Conflict, NotFound

if TYPE_CHECKING:
    from lodestone.platform.jobs.registry import JobRequest

# Whoever wakes the workers after the commit says so, and the table's trigger stays silent.
_WAKE_LATER = """
with said as materialized (
    select set_config(
        'lodestone.workers_woken_by', case when $7::boolean then 'caller' else '' end, true
    )
)
"""

_INSERT_JOB = f"""{_WAKE_LATER}
select platform.enqueue_job($1, $2, $3, $4, $5, $6::text::jsonb) from said
"""

INSERT_JOBS = f"""{_WAKE_LATER}
select platform.enqueue_jobs($1, $2, $3, $4, $5, $6::text::jsonb) from said
"""

WAKE = """
select pg_catalog.pg_notify('lodestone_jobs', pg_catalog.json_build_object(
    'channel', 'lodestone_jobs', 'operation', 'insert', 'sent_at', pg_catalog.now(),
    'table', 'jobs', 'type', 'table_changed_event'
)::text)
"""

_REPLAY = """
with replayed as (
    update platform.jobs
    set status = 'queued', attempts = 0, execute_after = now(), updated = now(),
        queue_manager_id = null
    where status = 'failed'
        and ($1::bigint is null or id = $1) and ($2::text is null or entrypoint = $2)
    returning id, entrypoint, priority
), logged as (
    insert into platform.job_log (job_id, status, entrypoint, priority)
    select id, 'queued', entrypoint, priority from replayed
)
select count(*) from replayed
"""

_DISCARD = """
with discarded as (
    delete from platform.jobs where id = $1 and status = 'failed'
    returning id, entrypoint, priority
)
insert into platform.job_log (job_id, status, entrypoint, priority)
select id, 'deleted', entrypoint, priority from discarded
returning job_id
"""


async def insert_job(tx: Tx, request: "JobRequest", context: str | None) -> int | None:
    """Enqueue one job; `context` is a JSON object to remember with it."""
    job_id: int | None = await tx.fetchval(
        _INSERT_JOB,
        request.name,
        request.payload,
        request.run_at,
        request.dedupe_key,
        request.priority,
        context,
        run_after_commit(tx, WAKE),
    )
    return job_id


async def insert_jobs(
    tx: Tx, requests: Sequence["JobRequest"], context: str | None
) -> list[int | None]:
    """Enqueue several jobs in one statement."""
    ids: list[int | None] = await tx.fetchval(
        INSERT_JOBS,
        [request.name for request in requests],
        [request.payload for request in requests],
        [request.run_at for request in requests],
        [request.dedupe_key for request in requests],
        [request.priority for request in requests],
        context,
        run_after_commit(tx, WAKE),
    )
    return ids


def insert_jobs_at_commit(tx: Tx, requests: Sequence["JobRequest"], context: str | None) -> bool:
    """Enqueue several jobs in the commit's own round trip; False where that can't be done."""
    run_after_commit(tx, WAKE)
    return run_at_commit(tx, write_insert_jobs(requests, context))


def write_insert_jobs(requests: Sequence["JobRequest"], context: str | None) -> str:
    """Return the statement that enqueues the jobs, with their values written into it."""
    names = ", ".join(quote_literal(request.name) for request in requests)
    payloads = ", ".join(f"'\\x{request.payload.hex()}'" for request in requests)
    times = ", ".join(_literal(request.run_at) for request in requests)
    keys = ", ".join(_literal(request.dedupe_key) for request in requests)
    priorities = ", ".join(str(request.priority) for request in requests)
    return (
        "set local lodestone.workers_woken_by = 'caller'; select platform.enqueue_jobs("
        f"array[{names}], array[{payloads}]::bytea[], array[{times}]::timestamptz[], "
        f"array[{keys}]::text[], array[{priorities}], {_literal(context)}::jsonb)"
    )


def _literal(value: datetime | str | None) -> str:
    if value is None:
        return "null"
    return quote_literal(value if isinstance(value, str) else value.isoformat())


async def replay(tx: Tx, *, job_id: int) -> None:
    """Put a failed job back into the queue with all its attempts.

    Raises: NotFound when it is not in the dead-letter list; Conflict when a job with the same
    dedupe key waits or runs by now, which makes the replay needless.
    """
    try:
        replayed = await tx.fetchval(_REPLAY, job_id, None)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("The same work is already waiting or running in a newer job.") from error
    if not replayed:
        raise NotFound("There is no such failed job.")


async def replay_all(tx: Tx, *, name: str | None = None) -> int:
    """Put all failed jobs (of one name) back into the queue; return how many.

    Raises: Conflict when one of them has a newer job with the same dedupe key; none is replayed.
    """
    try:
        replayed: int = await tx.fetchval(_REPLAY, None, name)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("One of these jobs is already waiting again: replay them singly.") from error
    return replayed


async def discard(tx: Tx, *, job_id: int) -> None:
    """Take a failed job off the dead-letter list for good; its log stays. Raises NotFound."""
    if await tx.fetchval(_DISCARD, job_id) is None:
        raise NotFound("There is no such failed job.")
