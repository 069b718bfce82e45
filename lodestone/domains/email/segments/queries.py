"""The SQL of segments. What a filter means is compiled by the rules; its values are bound."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound


async def count_audience(
    tx: Tx, *, team_id: UUID, condition: str, values: Sequence[Any]
) -> tuple[int, int]:
    """Count the active subscribers that a condition means, and all; values from `$2` on."""
    row = await fetch_one(
        tx,
        f"""
        select
            (
                select count(*) from email_subscribers as s
                where s.team_id = $1 and s.status = 'active' and {condition}
            ) as chosen,
            (
                select count(*) from email_subscribers as s
                where s.team_id = $1 and s.status = 'active'
            ) as total
        """,
        team_id,
        *values,
    )
    return row["chosen"], row["total"]


async def list_audience(
    tx: Tx, *, team_id: UUID, condition: str, values: Sequence[Any], limit: int
) -> list[Record]:
    """List the newest active subscribers that a condition means; values from `$3` on."""
    return await tx.fetch(
        f"""
        select s.id, s.email, s.first_name, s.last_name, s.company, s.source, s.created_at
        from email_subscribers as s
        where s.team_id = $1 and s.status = 'active' and {condition}
        order by s.created_at desc, s.id
        limit $2
        """,
        team_id,
        limit,
        *values,
    )


async def list_segments(tx: Tx, *, team_id: UUID) -> list[Record]:
    """List a team's segments by name."""
    return await tx.fetch(
        """
        select id, team_id, name, filter, created_at, updated_at
        from email_segments
        where team_id = $1
        order by lower(name), id
        """,
        team_id,
    )


async def get_segment(tx: Tx, *, team_id: UUID, segment_id: UUID) -> Record:
    """Return a segment of a team. Raises NotFound."""
    row = await tx.fetchrow(
        """
        select id, team_id, name, filter, created_at, updated_at
        from email_segments
        where id = $1 and team_id = $2
        """,
        segment_id,
        team_id,
    )
    if row is None:
        raise NotFound("There is no such segment.")
    return row


async def insert_segment(
    tx: Tx, *, tenant_id: UUID, team_id: UUID, user_id: UUID, name: str, filter_: dict[str, Any]
) -> UUID | None:
    """Keep a segment; None when the team has one of that name."""
    segment_id: UUID | None = await tx.fetchval(
        """
        insert into email_segments (tenant_id, team_id, user_id, name, filter)
        values ($1, $2, $3, $4, $5)
        on conflict (team_id, name) do nothing
        returning id
        """,
        tenant_id,
        team_id,
        user_id,
        name,
        filter_,
    )
    return segment_id


async def update_segment(tx: Tx, *, segment_id: UUID, name: str, filter_: dict[str, Any]) -> None:
    """Change a segment."""
    await tx.execute(
        "update email_segments set name = $2, filter = $3 where id = $1", segment_id, name, filter_
    )


async def find_segment_named(tx: Tx, *, team_id: UUID, name: str) -> UUID | None:
    """Find the segment of a team with a name."""
    segment_id: UUID | None = await tx.fetchval(
        "select id from email_segments where team_id = $1 and name = $2", team_id, name
    )
    return segment_id


async def delete_segment(tx: Tx, *, segment_id: UUID) -> None:
    """Delete a segment; broadcasts keep the filter that they were made with."""
    await tx.execute("delete from email_segments where id = $1", segment_id)


async def list_tags(tx: Tx, *, team_id: UUID) -> list[Record]:
    """List the tags of a team's subscribers, the most used first."""
    return await tx.fetch(
        """
        select g.tag, count(*) as people
        from email_subscribers as s
        cross join jsonb_array_elements_text(s.metadata -> 'tags') as g (tag)
        where s.team_id = $1 and s.metadata -> 'tags' is not null
            and jsonb_typeof(s.metadata -> 'tags') = 'array'
        group by g.tag
        order by people desc, g.tag
        limit 200
        """,
        team_id,
    )


async def add_tag(tx: Tx, *, team_id: UUID, subscriber_ids: Sequence[UUID], tag: str) -> int:
    """Tag people of a team; return how many had it not."""
    rows = await tx.fetch(
        """
        update email_subscribers as s
        set metadata = jsonb_set(
            coalesce(s.metadata, '{}'), '{tags}',
            coalesce(s.metadata -> 'tags', '[]') || to_jsonb($3::text))
        where s.team_id = $1 and s.id = any ($2)
            and not coalesce(s.metadata -> 'tags' ? $3, false)
        returning s.id
        """,
        team_id,
        list(subscriber_ids),
        tag,
    )
    return len(rows)


async def remove_tag(tx: Tx, *, team_id: UUID, subscriber_ids: Sequence[UUID], tag: str) -> int:
    """Take a tag off people of a team; return how many had it."""
    rows = await tx.fetch(
        """
        update email_subscribers as s
        set metadata = jsonb_set(s.metadata, '{tags}', (s.metadata -> 'tags') - $3)
        where s.team_id = $1 and s.id = any ($2) and s.metadata -> 'tags' ? $3
        returning s.id
        """,
        team_id,
        list(subscriber_ids),
        tag,
    )
    return len(rows)


async def list_lead_magnets(tx: Tx, *, team_id: UUID, user_id: UUID) -> list[Record]:
    """List the lead magnets that people can have come by."""
    return await tx.fetch(
        """
        select id, title from lead_magnets
        where team_id = $1 or (team_id is null and user_id = $2)
        order by created_at desc
        limit 500
        """,
        team_id,
        user_id,
    )


async def list_broadcasts(tx: Tx, *, team_id: UUID) -> list[Record]:
    """List the broadcasts that people can have had."""
    return await tx.fetch(
        """
        select id, subject from email_broadcasts
        where team_id = $1 and status not in ('draft', 'scheduled')
        order by created_at desc
        limit 200
        """,
        team_id,
    )


async def list_questions(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the questions of surveys that a person can see."""
    return await tx.fetch(
        """
        select distinct on (q.question_text) q.id, q.question_text
        from qualification_questions as q
        left join funnel_pages as p on p.id = q.funnel_page_id
        left join qualification_forms as f on f.id = q.form_id
        where coalesce(p.user_id, f.user_id) = $1
        order by q.question_text, q.created_at desc
        limit 200
        """,
        user_id,
    )
