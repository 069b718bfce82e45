"""The SQL of progress; writing and reading need `Root`."""

from uuid import UUID

from lodestone.platform.database import Tx
from lodestone.platform.jobs.models import JobState, Progress

_FIND_PROGRESS = """
select asked.id as job_id, coalesce(j.entrypoint, l.entrypoint, p.job_name) as name,
    coalesce(j.status, l.status)::text as status,
    p.done, p.total, p.message, p.updated_at,
    coalesce((j.headers ->> 'user_id')::uuid, p.user_id) as user_id,
    coalesce((j.headers ->> 'tenant_id')::uuid, p.tenant_id) as tenant_id
from (select $1::bigint as id) as asked
left join platform.jobs j on j.id = asked.id
left join platform.job_progress p on p.job_id = asked.id
left join lateral (
    select status, entrypoint from platform.job_log
    where job_id = asked.id order by created desc, id desc limit 1
) as l on true
where coalesce(j.entrypoint, l.entrypoint) is not null
"""

_UPSERT_PROGRESS = """
insert into platform.job_progress as p
    (job_id, job_name, user_id, tenant_id, done, total, message)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (job_id) do update set
    done = excluded.done, total = excluded.total, message = excluded.message, updated_at = now()
"""


async def find_progress(tx: Tx, *, job_id: int) -> Progress | None:
    """Return how far a job has come; None when there is no such job, or no more."""
    row = await tx.fetchrow(_FIND_PROGRESS, job_id)
    if row is None:
        return None
    return Progress(
        job_id=row["job_id"],
        name=row["name"],
        state=JobState.of_status(row["status"]),
        done=row["done"] or 0,
        total=row["total"],
        message=row["message"] or "",
        updated_at=row["updated_at"],
        user_id=row["user_id"],
        tenant_id=row["tenant_id"],
    )


async def upsert_progress(
    tx: Tx,
    *,
    job_id: int,
    name: str,
    user_id: UUID | None,
    tenant_id: UUID | None,
    done: int,
    total: int | None,
    message: str,
) -> None:
    """Store how far a job has come."""
    await tx.execute(_UPSERT_PROGRESS, job_id, name, user_id, tenant_id, done, total, message)
