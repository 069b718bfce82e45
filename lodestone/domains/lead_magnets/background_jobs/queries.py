"""The SQL of background jobs; writing takes the writer's transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one

_COLUMNS = """
    id, user_id, job_type, status, input, result, error, trigger_task_id, created_at, updated_at
"""


async def insert_job(tx: Tx, *, user_id: UUID, kind: str, given: Mapping[str, Any]) -> Record:
    """Insert a pending job and return it."""
    return await fetch_one(
        tx,
        f"""
        insert into background_jobs (user_id, job_type, input)
        values ($1, $2, $3)
        returning {_COLUMNS}
        """,
        user_id,
        kind,
        dict(given),
    )


async def update_task(tx: Tx, *, job_id: UUID, task_id: str) -> None:
    """Note which job of the queue does the work."""
    await tx.execute(
        "update background_jobs set trigger_task_id = $2 where id = $1", job_id, task_id
    )


async def find_job(tx: Tx, *, job_id: UUID) -> Record | None:
    """Find a job that the actor sees."""
    return await tx.fetchrow(f"select {_COLUMNS} from background_jobs where id = $1", job_id)


async def lock_job(tx: Tx, *, job_id: UUID) -> Record | None:
    """Find a job and hold it until the transaction ends."""
    return await tx.fetchrow(
        f"select {_COLUMNS} from background_jobs where id = $1 for update", job_id
    )


async def set_processing(tx: Tx, *, job_id: UUID) -> None:
    """Note that an attempt begins."""
    await tx.execute(
        """
        update background_jobs
        set status = 'processing', started_at = coalesce(started_at, now()), error = null
        where id = $1
        """,
        job_id,
    )


async def set_completed(tx: Tx, *, job_id: UUID, result: Mapping[str, Any]) -> bool:
    """Keep the result; False when the job was cancelled meanwhile."""
    kept = await tx.fetchval(
        """
        update background_jobs
        set status = 'completed', result = $2, error = null, completed_at = now()
        where id = $1 and status = 'processing'
        returning true
        """,
        job_id,
        dict(result),
    )
    return bool(kept)


async def set_failed(tx: Tx, *, job_id: UUID, error: str) -> bool:
    """End a job that is not over, saying why; False when it was over."""
    ended = await tx.fetchval(
        """
        update background_jobs
        set status = 'failed', error = $2, completed_at = now()
        where id = $1 and status in ('pending', 'processing')
        returning true
        """,
        job_id,
        error,
    )
    return bool(ended)


async def set_pending(tx: Tx, *, job_id: UUID) -> bool:
    """Let a failed job begin anew; False when it has not failed."""
    begun = await tx.fetchval(
        """
        update background_jobs
        set status = 'pending', error = null, started_at = null, completed_at = null
        where id = $1 and status = 'failed'
        returning true
        """,
        job_id,
    )
    return bool(begun)


async def list_stalled(tx: Tx, *, minutes: int) -> list[Record]:
    """List jobs that are not over and have not moved for that long."""
    return await tx.fetch(
        f"""
        select {_COLUMNS} from background_jobs
        where status in ('pending', 'processing')
            and updated_at < now() - make_interval(mins => $1)
        order by updated_at
        limit 500
        """,
        minutes,
    )
