"""The SQL of lead magnets."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_COLUMNS = """
    id, user_id, team_id, title, archetype, status, pain_point, target_audience, short_description,
    external_url, polished_content, created_at, updated_at, published_at
"""


async def insert_lead_magnet(
    tx: Tx,
    *,
    user_id: UUID,
    team_id: UUID | None,
    title: str,
    archetype: str,
    pain_point: str | None,
    target_audience: str | None,
    short_description: str | None,
    polished_content: Mapping[str, Any],
) -> Record:
    """Insert a draft and return it."""
    return await fetch_one(
        tx,
        f"""
        insert into lead_magnets (
            user_id, team_id, title, archetype, pain_point, target_audience, short_description,
            polished_content, polished_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, now())
        returning {_COLUMNS}
        """,
        user_id,
        team_id,
        title,
        archetype,
        pain_point,
        target_audience,
        short_description,
        polished_content,
    )


async def get_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> Record:
    """Return a magnet. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from lead_magnets where id = $1",
        lead_magnet_id,
    )
    if row is None:
        raise NotFound("There is no such lead magnet.")
    return row


_ORDERS = {
    "title": "lower(m.title)",
    "status": "m.status",
    "views": "views",
    "leads": "leads",
    "updated_at": "m.updated_at",
}


async def list_lead_magnets(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a team's magnets, or an author's without a team, with what their funnels earned.

    They are sorted by a key of `_ORDERS`.
    """
    return await tx.fetch(
        f"""
        select
            m.id, m.title, m.archetype, m.status, m.short_description, m.updated_at,
            f.id as funnel_page_id, f.slug, coalesce(f.is_published, false) as is_published,
            (select count(*) from funnel_leads as l where l.lead_magnet_id = m.id) as leads,
            (
                select count(*) from page_views as v
                where v.funnel_page_id = f.id and v.page_type = 'optin'
            ) as views
        from lead_magnets as m
        left join funnel_pages as f on f.lead_magnet_id = m.id and not coalesce(f.is_variant, false)
        where (m.team_id = $5 or (m.team_id is null and m.user_id = $6))
            and ($1::text is null or m.title ilike '%' || $1 || '%')
            and ($2::text is null or m.status::text = $2)
            and ($2 is not null or m.status <> 'archived')
        order by {_ORDERS[sort]} {"desc" if descending else "asc"}, m.id
        limit $3 offset $4
        """,
        search,
        status,
        limit,
        offset,
        team_id,
        author_id,
    )


async def count_lead_magnets(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    search: str | None,
    status: str | None,
) -> int:
    """Count what `list_lead_magnets` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from lead_magnets as m
        where (m.team_id = $3 or (m.team_id is null and m.user_id = $4))
            and ($1::text is null or m.title ilike '%' || $1 || '%')
            and ($2::text is null or m.status::text = $2)
            and ($2 is not null or m.status <> 'archived')
        """,
        search,
        status,
        team_id,
        author_id,
    )
    return count


async def update_lead_magnet(tx: Tx, *, lead_magnet_id: UUID, changes: Mapping[str, Any]) -> Record:
    """Write the named columns, leaving all others; raises NotFound when invisible."""
    row = await tx.fetchrow(
        f"""
        update lead_magnets as m set
            title = case when $2 ? 'title' then $2 ->> 'title' else m.title end,
            archetype = case
                when $2 ? 'archetype' then ($2 ->> 'archetype')::lead_magnet_archetype
                else m.archetype
            end,
            pain_point = case when $2 ? 'pain_point' then $2 ->> 'pain_point' else m.pain_point end,
            target_audience = case
                when $2 ? 'target_audience' then $2 ->> 'target_audience' else m.target_audience
            end,
            short_description = case
                when $2 ? 'short_description' then $2 ->> 'short_description'
                else m.short_description
            end,
            polished_content = case
                when $2 ? 'polished_content' then ($2 -> 'polished_content') || jsonb_build_object(
                    'version', case when jsonb_typeof(m.polished_content -> 'version') = 'number'
                        then (m.polished_content ->> 'version')::numeric::int else 0 end + 1
                )
                else m.polished_content
            end,
            polished_at = case when $2 ? 'polished_content' then now() else m.polished_at end
        where m.id = $1
        returning {_COLUMNS}
        """,
        lead_magnet_id,
        dict(changes),
    )
    if row is None:
        raise NotFound("There is no such lead magnet.")
    return row


async def set_lead_magnet_status(tx: Tx, *, lead_magnet_id: UUID, status: str) -> None:
    """Move a magnet to a status; the first publication keeps its time."""
    moved = await tx.fetchval(
        """
        update lead_magnets
        set status = $2::lead_magnet_status,
            published_at = case
                when $2 = 'published' then coalesce(published_at, now()) else published_at
            end
        where id = $1
        returning id
        """,
        lead_magnet_id,
        status,
    )
    if moved is None:
        raise NotFound("There is no such lead magnet.")


async def find_funnel(tx: Tx, *, lead_magnet_id: UUID) -> UUID | None:
    """Find the funnel page of a magnet, variants aside."""
    identifier: UUID | None = await tx.fetchval(
        "select id from funnel_pages where lead_magnet_id = $1 and not is_variant",
        lead_magnet_id,
    )
    return identifier
