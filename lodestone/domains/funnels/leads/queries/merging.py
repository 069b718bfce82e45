"""The SQL of duplicates, merges and outcomes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_MERGEABLE = """
    l.id, l.user_id, l.team_id, l.email, l.name, l.linkedin_url, l.is_qualified, l.answered_at,
    l.booked_at, l.revenue_cents, l.created_at, l.merged_into_id, f.slug,
    m.title as lead_magnet_title
"""


async def list_duplicates(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    free_mail: Sequence[str],
    most_members: int,
    limit: int,
) -> list[Record]:
    """List groups of a workspace's leads that are probably one person, the largest first.

    They share an address, a LinkedIn profile, or a name at the same company's mail domain.
    """
    return await tx.fetch(
        """
        with own as (
            select l.id, l.created_at, l.email, lower(l.email) as address,
                lower(regexp_replace(btrim(l.name), '\\s+', ' ', 'g')) as name,
                split_part(lower(l.email), '@', 2) as company,
                nullif(rtrim(substring(
                    lower(l.linkedin_url) from 'linkedin\\.com(/[^?#]*)'
                ), '/'), '') as profile
            from funnel_leads as l
            where (l.team_id = $1 or (l.team_id is null and l.user_id = $2))
                and l.merged_into_id is null and l.archived_at is null
        ), keyed as (
            select 'address' as reason, o.address as key, o.* from own as o
            union all
            select 'linkedin', o.profile, o.* from own as o where o.profile is not null
            union all
            select 'name', o.name || '@' || o.company, o.* from own as o
            where o.name like '% %' and o.company <> all ($3::text[])
        )
        select k.reason, (array_agg(k.id order by k.created_at, k.id))[:$4::integer] as lead_ids
        from keyed as k
        group by k.reason, k.key
        having count(*) > 1 and (k.reason = 'address' or count(distinct k.address) > 1)
        order by count(*) desc, k.reason, min(k.created_at), k.key
        limit $5
        """,
        team_id,
        author_id,
        list(free_mail),
        most_members,
        limit,
    )


async def list_mergeable(tx: Tx, *, lead_ids: Sequence[UUID]) -> list[Record]:
    """List leads as a merge sees them, the oldest first; invisible ones are left out."""
    return await tx.fetch(
        f"""
        select {_MERGEABLE}
        from funnel_leads as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        where l.id = any ($1)
        order by l.created_at, l.id
        """,
        list(lead_ids),
    )


async def lock_leads(tx: Tx, *, lead_ids: Sequence[UUID]) -> None:
    """Let nobody else change leads, nor those merged into them, until the transaction ends."""
    await tx.execute(
        """
        select from funnel_leads as l
        where l.id = any ($1) or l.merged_into_id = any ($1)
        order by l.id
        for update
        """,
        list(lead_ids),
    )


async def insert_merge(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, kept_id: UUID, filled: Mapping[str, str]
) -> UUID:
    """Insert a merge into a lead; return its id."""
    merge_id: UUID = await tx.fetchval(
        """
        insert into funnel_lead_merges (user_id, team_id, funnel_lead_id, filled)
        values ($1, $2, $3, $4)
        returning id
        """,
        user_id,
        team_id,
        kept_id,
        dict(filled),
    )
    return merge_id


async def move_parts(
    tx: Tx, *, merge_id: UUID, kept_id: UUID, part_ids: Sequence[UUID], filled: Mapping[str, str]
) -> None:
    """Let a lead stand for others, and for those that they stood for, and know what they knew.

    The merge has to be there already: a policy sees nothing of its own statement.
    """
    await tx.execute(
        """
        with moved as (
            select l.id, l.merged_into_id from funnel_leads as l
            where l.id = any ($3) or l.merged_into_id = any ($3)
        ), noted as (
            insert into funnel_lead_merge_parts (merge_id, funnel_lead_id, was_merged_into_id)
            select $1, moved.id, moved.merged_into_id from moved
        ), pointed as (
            update funnel_leads as l set merged_into_id = $2 from moved where l.id = moved.id
        )
        update funnel_leads as l set
            name = coalesce(l.name, $4::jsonb ->> 'name'),
            linkedin_url = coalesce(l.linkedin_url, $4::jsonb ->> 'linkedin_url')
        where l.id = $2
        """,
        merge_id,
        kept_id,
        list(part_ids),
        dict(filled),
    )


async def lock_merge(tx: Tx, *, merge_id: UUID) -> Record:
    """Return a merge that nobody else undoes meanwhile. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        """
        select g.id, g.funnel_lead_id, g.undone_at, g.filled, not exists (
            select from funnel_lead_merge_parts as p
            join funnel_leads as l on l.id = p.funnel_lead_id
            where p.merge_id = g.id and l.merged_into_id is distinct from g.funnel_lead_id
        ) as is_latest
        from funnel_lead_merges as g where g.id = $1
        for update of g
        """,
        merge_id,
    )
    if row is None:
        raise NotFound("There is no such merge.")
    return row


async def undo_merge(tx: Tx, *, merge_id: UUID) -> None:
    """Put every part back where it was, and take out what was filled in and has not changed."""
    await tx.execute(
        """
        with merge as (
            update funnel_lead_merges as g set undone_at = now() where g.id = $1
            returning g.funnel_lead_id, g.filled
        ), moved as (
            update funnel_leads as l set merged_into_id = p.was_merged_into_id
            from funnel_lead_merge_parts as p
            where p.merge_id = $1 and l.id = p.funnel_lead_id
        )
        update funnel_leads as l set
            name = nullif(l.name, merge.filled ->> 'name'),
            linkedin_url = nullif(l.linkedin_url, merge.filled ->> 'linkedin_url')
        from merge where l.id = merge.funnel_lead_id
        """,
        merge_id,
    )


async def list_merges(tx: Tx, *, lead_id: UUID) -> list[Record]:
    """List the merges into a lead that stand, newest first."""
    return await tx.fetch(
        """
        select g.id, g.funnel_lead_id, g.merged_at, g.undone_at,
            (select count(*) from funnel_lead_merge_parts as p where p.merge_id = g.id) as parts
        from funnel_lead_merges as g
        where g.funnel_lead_id = $1 and g.undone_at is null
        order by g.merged_at desc, g.id
        """,
        lead_id,
    )


async def list_parts(tx: Tx, *, lead_id: UUID) -> list[Record]:
    """List the leads that a lead stands for, the oldest first."""
    return await tx.fetch(
        f"""
        select {_MERGEABLE}
        from funnel_leads as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        where l.merged_into_id = $1
        order by l.created_at, l.id
        """,
        lead_id,
    )


async def insert_outcomes(
    tx: Tx,
    *,
    lead_ids: Sequence[UUID],
    kind: str,
    amount_cents: int | None,
    currency: str | None,
    source: str,
    happened_at: datetime,
    note: str | None,
    dedupe_key: str | None,
) -> int:
    """Note what became of leads; what is known by its key already is not noted again."""
    rows = await tx.fetch(
        """
        insert into funnel_lead_outcomes (
            funnel_lead_id, kind, amount_cents, currency, source, happened_at, note, dedupe_key
        )
        select l.id, $2, $3, $4, $5, $6, $7, $8::text || ':' || l.id
        from funnel_leads as l where l.id = any ($1)
        on conflict (dedupe_key) do nothing
        returning id
        """,
        list(lead_ids),
        kind,
        amount_cents,
        currency,
        source,
        happened_at,
        note,
        dedupe_key,
    )
    return len(rows)


async def delete_outcome(tx: Tx, *, lead_id: UUID, outcome_id: UUID) -> None:
    """Take an outcome back. Raises NotFound when it is invisible, or not a person's word."""
    found = await tx.fetchval(
        """
        delete from funnel_lead_outcomes
        where id = $2 and funnel_lead_id = $1 and source = 'person'
        returning id
        """,
        lead_id,
        outcome_id,
    )
    if found is None:
        raise NotFound("There is nothing of that kind to take back.")
