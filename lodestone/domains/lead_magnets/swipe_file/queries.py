"""The SQL of the swipe file: both tables in one shape."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.domains.lead_magnets.swipe_file.models import Kind
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_POSTS = """
    select
        s.id, 'posts' as kind,
        coalesce(nullif(s.hook, ''), nullif(split_part(s.content, e'\\n', 1), ''), 'Post') as title,
        null::text as description, s.content, s.post_type as type, s.niche, s.topic_tags,
        jsonb_build_object(
            'likes', s.likes_count, 'comments', s.comments_count, 'leads', s.leads_generated
        ) as figures,
        s.source_url, s.author_name, s.author_headline, s.notes, s.status, s.submitted_by,
        coalesce(s.created_at, s.updated_at, now()) as created_at
    from swipe_file_posts as s
"""
_MAGNETS = """
    select
        s.id, 'lead-magnets' as kind, s.title, s.description, s.content, s.format as type, s.niche,
        s.topic_tags,
        jsonb_build_object(
            'downloads', s.downloads_count, 'conversion', s.conversion_rate,
            'leads', s.leads_generated
        ) as figures,
        null::text as source_url, null::text as author_name, null::text as author_headline,
        s.notes, s.status, s.submitted_by, coalesce(s.created_at, s.updated_at, now()) as created_at
    from swipe_file_lead_magnets as s
"""
_EXAMPLES = {Kind.POST: _POSTS, Kind.LEAD_MAGNET: _MAGNETS}
_TABLES = {Kind.POST: "swipe_file_posts", Kind.LEAD_MAGNET: "swipe_file_lead_magnets"}
_FOUND = """
    where e.status in ('approved', 'featured')
        and ($1 = '' or strpos(lower(concat_ws(
            ' ', e.title, e.description, e.content, e.author_name,
            array_to_string(e.topic_tags, ' ')
        )), lower($1)) > 0)
        and ($2::text is null or e.niche = $2)
        and ($3::text is null or e.type = $3)
"""


async def list_examples(
    tx: Tx, kind: Kind, *, words: str, niche: str | None, type_: str | None, limit: int, offset: int
) -> list[Record]:
    """List what everybody may see of a kind: featured first, then the newest."""
    return await tx.fetch(
        f"""
        select e.* from ({_EXAMPLES[kind]}) as e
        {_FOUND}
        order by (e.status = 'featured') desc, e.created_at desc, e.id
        limit $4 offset $5
        """,
        words,
        niche,
        type_,
        limit,
        offset,
    )


async def count_examples(
    tx: Tx, kind: Kind, *, words: str, niche: str | None, type_: str | None
) -> int:
    """Count what `list_examples` would list without its limit."""
    count: int = await tx.fetchval(
        f"select count(*) from ({_EXAMPLES[kind]}) as e {_FOUND}", words, niche, type_
    )
    return count


async def get_example(tx: Tx, kind: Kind, *, example_id: UUID) -> Record:
    """Return an example that everybody may see, or one's own. Raises NotFound."""
    row = await tx.fetchrow(f"{_EXAMPLES[kind]} where s.id = $1", example_id)
    if row is None:
        raise NotFound("There is no such example.")
    return row


async def list_submitted(tx: Tx, *, user_id: UUID, limit: int) -> list[Record]:
    """List what a person submitted, of both kinds, the newest first."""
    return await tx.fetch(
        f"""
        select e.* from ({_POSTS} union all {_MAGNETS}) as e
        where e.submitted_by = $1
        order by e.created_at desc, e.id
        limit $2
        """,
        user_id,
        limit,
    )


async def list_by_status(tx: Tx, *, status: str, limit: int, offset: int) -> list[Record]:
    """List examples of both kinds in a state, the oldest first."""
    return await tx.fetch(
        f"""
        select e.* from ({_POSTS} union all {_MAGNETS}) as e
        where e.status = $1
        order by e.created_at, e.id
        limit $2 offset $3
        """,
        status,
        limit,
        offset,
    )


async def count_by_status(tx: Tx) -> dict[str, int]:
    """Count the examples of both kinds in each state."""
    rows = await tx.fetch(
        """
        select e.status, count(*) as amount
        from (
            select status from swipe_file_posts
            union all
            select status from swipe_file_lead_magnets
        ) as e
        group by e.status
        """
    )
    return {row["status"]: row["amount"] for row in rows}


async def insert_post(tx: Tx, *, user_id: UUID, values: Mapping[str, Any]) -> None:
    """Insert a post that waits for a look."""
    await tx.execute(
        """
        insert into swipe_file_posts (
            submitted_by, content, hook, post_type, niche, topic_tags, likes_count, comments_count,
            leads_generated, source_url, author_name, author_headline, notes
        )
        select
            $1, r.content, nullif(r.hook, ''), r.post_type, r.niche, r.topic_tags, r.likes_count,
            r.comments_count, r.leads_generated, r.source_url, nullif(r.author_name, ''),
            nullif(r.author_headline, ''), nullif(r.notes, '')
        from jsonb_populate_record(null::swipe_file_posts, $2) as r
        """,
        user_id,
        dict(values),
    )


async def insert_magnet(tx: Tx, *, user_id: UUID, values: Mapping[str, Any]) -> None:
    """Insert a lead magnet that waits for a look."""
    await tx.execute(
        """
        insert into swipe_file_lead_magnets (
            submitted_by, title, description, content, format, niche, topic_tags, downloads_count,
            conversion_rate, leads_generated, notes
        )
        select
            $1, r.title, nullif(r.description, ''), r.content, r.format, r.niche, r.topic_tags,
            r.downloads_count, r.conversion_rate, r.leads_generated, nullif(r.notes, '')
        from jsonb_populate_record(null::swipe_file_lead_magnets, $2) as r
        """,
        user_id,
        dict(values),
    )


async def delete_example(tx: Tx, kind: Kind, *, example_id: UUID, user_id: UUID) -> None:
    """Delete an example that this person submitted. Raises NotFound."""
    deleted = await tx.fetchval(
        f"delete from {_TABLES[kind]} where id = $1 and submitted_by = $2 returning id",
        example_id,
        user_id,
    )
    if deleted is None:
        raise NotFound("There is no such example.")


async def update_status(tx: Tx, kind: Kind, *, example_id: UUID, status: str) -> None:
    """Write how an example stands. Raises NotFound when it was withdrawn."""
    changed = await tx.fetchval(
        f"update {_TABLES[kind]} set status = $2 where id = $1 returning id", example_id, status
    )
    if changed is None:
        raise NotFound("There is no such example.")
