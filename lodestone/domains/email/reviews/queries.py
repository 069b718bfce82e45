"""The SQL of the review queue."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_COLUMNS = """
    r.id, r.recipient_email, r.recipient_name, r.subject, r.status, f.name as flow_name,
    r.error_message, r.created_at
"""


async def list_reviews(
    tx: Tx, *, team_id: UUID, status: str | None, search: str | None, limit: int, offset: int
) -> list[Record]:
    """List a team's queue, the longest waiting first, then the last decided."""
    return await tx.fetch(
        f"""
        select {_COLUMNS}
        from email_review_queue as r left join email_flows as f on f.id = r.flow_id
        where r.team_id = $1 and ($2::text is null or r.status = $2)
            and ($3::text is null or r.recipient_email || ' ' || r.subject ilike '%' || $3 || '%')
        order by r.status <> 'pending_review',
            case when r.status = 'pending_review' then r.created_at end,
            r.created_at desc, r.id
        limit $4 offset $5
        """,
        team_id,
        status,
        search,
        limit,
        offset,
    )


async def count_by_status(tx: Tx, *, team_id: UUID, search: str | None = None) -> dict[str, int]:
    """Count a team's queue by status."""
    rows = await tx.fetch(
        """
        select status, count(*)::int as count from email_review_queue
        where team_id = $1
            and ($2::text is null or recipient_email || ' ' || subject ilike '%' || $2 || '%')
        group by status
        """,
        team_id,
        search,
    )
    return {row["status"]: row["count"] for row in rows}


async def count_old(tx: Tx, *, team_id: UUID, days: int) -> int:
    """Count what has waited for longer than some days."""
    count: int = await tx.fetchval(
        """
        select count(*) from email_review_queue
        where team_id = $1 and status = 'pending_review'
            and created_at < now() - make_interval(days => $2)
        """,
        team_id,
        days,
    )
    return count


async def get_review(tx: Tx, *, review_id: UUID, for_update: bool = False) -> Record:
    """Return a mail of the queue. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"""
        select {_COLUMNS}, r.flow_id, r.step_id, r.contact_id, r.team_id, r.subject_edited,
            s.subject as subject_original, r.body_original, r.body_generated, r.body_edited,
            r.ai_context, r.model, r.rejected_with, r.run_number, r.reviewed_at, r.sent_at
        from email_review_queue as r
        left join email_flows as f on f.id = r.flow_id
        left join email_flow_steps as s on s.id = r.step_id
        where r.id = $1
        {"for update of r" if for_update else ""}
        """,
        review_id,
    )
    if row is None:
        raise NotFound("There is no such mail in the queue.")
    return row


async def find_next(tx: Tx, *, team_id: UUID, but_not: UUID) -> UUID | None:
    """Find the mail that waits longest, apart from one."""
    identifier: UUID | None = await tx.fetchval(
        """
        select id from email_review_queue
        where team_id = $1 and status = 'pending_review' and id <> $2
        order by created_at, id limit 1
        """,
        team_id,
        but_not,
    )
    return identifier


async def insert_review(tx: Tx, *, values: Mapping[str, Any]) -> UUID | None:
    """Insert a mail that waits; None when it waits already."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into email_review_queue (
            tenant_id, flow_id, step_id, contact_id, run_number, recipient_email, recipient_name,
            subject, body_original, body_generated, ai_context, model, error_message
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (contact_id, step_id) where status in ('pending_review', 'approved') do nothing
        returning id
        """,
        values["tenant_id"],
        values["flow_id"],
        values["step_id"],
        values["contact_id"],
        values["run_number"],
        values["recipient_email"],
        values["recipient_name"],
        values["subject"],
        values["body_original"],
        values["body_generated"],
        values["ai_context"],
        values["model"],
        values["error_message"],
    )
    return identifier


async def update_texts(tx: Tx, *, review_id: UUID, subject: str | None, body: str | None) -> None:
    """Keep what a reviewer wrote; None where it is as generated."""
    await tx.execute(
        "update email_review_queue set subject_edited = $2, body_edited = $3 where id = $1",
        review_id,
        subject,
        body,
    )


async def decide(
    tx: Tx, *, review_id: UUID, status: str, user_id: UUID, rejected_with: str | None = None
) -> None:
    """Note what a reviewer decided."""
    await tx.execute(
        """
        update email_review_queue
        set status = $2, reviewed_at = now(), reviewed_by = $3, rejected_with = $4
        where id = $1
        """,
        review_id,
        status,
        user_id,
        rejected_with,
    )
