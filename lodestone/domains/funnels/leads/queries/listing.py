"""The SQL of the list of leads and of one lead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.domains.funnels.leads.models import Cursor, Narrowing, Sort
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_ORDERS = {
    "created_at desc": "l.created_at desc, l.id desc",
    "created_at asc": "l.created_at, l.id",
    "name desc": "lower(coalesce(l.name, l.email)) desc, l.id desc",
    "name asc": "lower(coalesce(l.name, l.email)), l.id",
}

# The first comparison alone is one that an index answers.
_PLACES = {
    "start": "true",
    "created_at desc": "l.created_at <= $13::text::timestamptz"
    " and (l.created_at, l.id) < ($13::text::timestamptz, $14::uuid)",
    "created_at asc": "l.created_at >= $13::text::timestamptz"
    " and (l.created_at, l.id) > ($13::text::timestamptz, $14::uuid)",
    "name desc": "(lower(coalesce(l.name, l.email)), l.id) < ($13::text, $14::uuid)",
    "name asc": "(lower(coalesce(l.name, l.email)), l.id) > ($13::text, $14::uuid)",
}

# $1 to $9 narrow, $10 and $11 are the scope.
_NARROWED = """
    l.merged_into_id is null
    and case $8::text when 'archived' then l.archived_at is not null
        else l.archived_at is null end
    and ($8::text <> 'booked' or l.booked_at is not null)
    and ($8::text <> 'paid' or l.revenue_cents > 0)
    and ($8::text <> 'partial' or l.partial_at is not null and l.answered_at is null)
    and ($1::text is null or l.email ilike '%' || $1 || '%' or l.name ilike '%' || $1 || '%')
    and ($2::uuid is null or l.funnel_page_id = $2)
    and ($3::uuid is null or l.lead_magnet_id = $3)
    and case $4::text when 'yes' then l.is_qualified when 'no' then not l.is_qualified
        when 'unanswered' then l.is_qualified is null else true end
    and ($5::text is null or coalesce(l.utm_source, '') = $5)
    and ($6::date is null or l.created_at >= $6::timestamp at time zone 'utc')
    and ($7::date is null or l.created_at < ($7 + 1)::timestamp at time zone 'utc')
    and (cardinality($9::uuid[]) = 0 or l.id = any ($9))
"""

# What people may read: addresses of networks and click ids are not among it.
_FOUND = """
    l.id, l.user_id, l.team_id, l.email, l.name, l.is_qualified, l.answered_at, l.partial_at,
    l.booked_at, l.revenue_cents, l.utm_source, l.utm_medium, l.utm_campaign, l.created_at,
    l.archived_at, l.funnel_page_id, l.lead_magnet_id, l.qualification_answers,
    l.qualification_questions
"""

_LINE = """
    l.id, l.email, l.name, l.is_qualified, l.answered_at, l.partial_at, l.booked_at,
    l.revenue_cents, l.utm_source, l.utm_medium, l.utm_campaign, l.created_at, l.archived_at,
    l.funnel_page_id, f.slug, m.title as lead_magnet_title,
    (select count(*) from funnel_leads as p where p.merged_into_id = l.id) as parts
"""

_EXPORTED = """
    l.id, l.email, l.name, l.is_qualified, l.utm_source, l.utm_medium, l.utm_campaign, l.booked_at,
    l.revenue_cents, l.created_at, f.slug, m.title as lead_magnet_title,
    coalesce(l.qualification_answers, '{}') as answers,
    coalesce(l.qualification_questions, '{}') as texts
"""


def _values(given: Narrowing, team_id: UUID | None, author_id: UUID | None) -> list[Any]:
    return [
        given.search,
        given.funnel_page_id,
        given.lead_magnet_id,
        given.qualified,
        given.source,
        given.since,
        given.until,
        given.shown,
        list(given.ids),
        team_id,
        author_id,
    ]


async def list_leads(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    given: Narrowing,
    sort: Sort,
    descending: bool,
    cursor: Cursor | None,
    limit: int,
    is_export: bool = False,
) -> list[Record]:
    """List leads of a workspace from a place in the list on; before a place, they come backwards.

    A team's and an author's without a team are found by themselves, in the order of an index:
    together, as the policy has them, all would be read for the first few. The planner, which can't
    know how many are whose, would read all the same; so bitmap scans are off for what is left of
    the transaction.
    """
    await tx.execute("set local enable_bitmapscan = off")
    turned = descending is not (cursor is not None and cursor.is_before)
    key = f"{sort} {'desc' if turned else 'asc'}"
    place = "start" if cursor is None else key
    return await tx.fetch(
        f"""
        with found as (
            (
                select {_FOUND} from funnel_leads as l
                where {_NARROWED} and {_PLACES[place]} and l.user_id = $11 and l.team_id is null
                order by {_ORDERS[key]} limit $12
            )
            union all
            (
                select {_FOUND} from funnel_leads as l
                where {_NARROWED} and {_PLACES[place]} and l.team_id = $10
                order by {_ORDERS[key]} limit $12
            )
        )
        select {_EXPORTED if is_export else _LINE}
        from found as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        order by {_ORDERS[key]}
        limit $12
        """,
        *_values(given, team_id, author_id),
        limit,
        *((cursor.value, cursor.lead_id) if cursor else ()),
    )


async def count_leads(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, given: Narrowing, most: int
) -> int:
    """Count what `list_leads` lists, up to one more than `most`."""
    count: int = await tx.fetchval(
        f"""
        select count(*) from (
            (
                select from funnel_leads as l
                where {_NARROWED} and l.user_id = $11 and l.team_id is null limit $12::bigint + 1
            )
            union all
            (
                select from funnel_leads as l
                where {_NARROWED} and l.team_id = $10 limit $12::bigint + 1
            )
        ) as found
        """,
        *_values(given, team_id, author_id),
        most,
    )
    return min(count, most + 1)


async def list_sources(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, limit: int
) -> list[str]:
    """List where a workspace's leads came from, most first, from the sums by day."""
    rows = await tx.fetch(
        """
        select c.utm_source
        from funnel_page_source_counts as c
        where c.metric = 'lead' and c.utm_source <> '' and c.funnel_page_id in (
            select f.id from funnel_pages as f
            where f.team_id = $1 or (f.team_id is null and f.user_id = $2)
        )
        group by c.utm_source
        order by sum(c.amount) desc, c.utm_source
        limit $3
        """,
        team_id,
        author_id,
        limit,
    )
    return [row["utm_source"] for row in rows]


async def list_magnets(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, limit: int
) -> list[Record]:
    """List the magnets that have a funnel in a workspace, by title."""
    return await tx.fetch(
        """
        select m.id, m.title
        from funnel_pages as f
        join lead_magnets as m on m.id = f.lead_magnet_id
        where not f.is_variant and (f.team_id = $1 or (f.team_id is null and f.user_id = $2))
        order by lower(m.title), m.id
        limit $3
        """,
        team_id,
        author_id,
        limit,
    )


async def get_lead(tx: Tx, *, lead_id: UUID) -> Record:
    """Return a lead with its answers. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        f"""
        select {_LINE}, l.user_id, l.team_id, l.linkedin_url, l.user_agent, l.merged_into_id,
            coalesce(l.qualification_answers, '{{}}') as answers,
            coalesce(l.qualification_questions, '{{}}') as texts,
            coalesce(l.partial_answers, '{{}}') as partial,
            f.optin_headline as funnel_headline, v.label as arm
        from funnel_leads as l
        join funnel_pages as f on f.id = l.funnel_page_id
        left join lead_magnets as m on m.id = l.lead_magnet_id
        left join ab_experiment_variants as v on v.id = l.variant_id
        where l.id = $1
        """,
        lead_id,
    )
    if row is None:
        raise NotFound("There is no such lead.")
    return row


async def list_question_texts(tx: Tx, *, question_ids: list[UUID]) -> dict[str, str]:
    """Return the texts of questions as they read now, by id, in the order of their survey."""
    rows = await tx.fetch(
        """
        select id, question_text from qualification_questions
        where id = any ($1)
        order by question_order, created_at, id
        """,
        question_ids,
    )
    return {str(row["id"]): row["question_text"] for row in rows}


async def list_happenings(tx: Tx, *, lead_id: UUID, limit: int) -> list[Record]:
    """List what happened to a person, on all leads that one stands for, newest first."""
    return await tx.fetch(
        """
        with person as (
            select l.id, l.created_at, l.funnel_page_id, l.lead_magnet_id, l.is_qualified,
                l.answered_at, l.partial_at
            from funnel_leads as l where l.id = $1 or l.merged_into_id = $1
        )
        select 'opted_in' as kind, p.created_at as at,
            coalesce(m.title, f.optin_headline) as text, p.id as ref_id
        from person as p
        join funnel_pages as f on f.id = p.funnel_page_id
        left join lead_magnets as m on m.id = p.lead_magnet_id
        union all
        select case when p.is_qualified then 'qualified' else 'not_qualified' end, p.answered_at,
            null, p.id
        from person as p where p.answered_at is not null
        union all
        select 'stopped_half_way', p.partial_at, null, p.id
        from person as p where p.partial_at is not null and p.answered_at is null
        union all
        select o.kind, o.happened_at,
            concat_ws(' · ', case when o.amount_cents is not null then
                upper(o.currency) || ' ' || round(o.amount_cents / 100.0, 2)::text end, o.note),
            o.id
        from person as p join funnel_lead_outcomes as o on o.funnel_lead_id = p.id
        union all
        select 'mail_' || o.status, coalesce(o.sent_at, o.created_at), o.subject, o.id
        from person as p join email_outbox as o on o.funnel_lead_id = p.id
        union all
        select 'mail_' || e.event_type, e.created_at, coalesce(e.subject, e.link_url), e.id
        from person as p join email_events as e on e.lead_id = p.id
        where e.event_type <> 'sent'
        union all
        select 'webhook_' || d.status, coalesce(d.delivered_at, d.last_attempt_at, d.created_at),
            d.event, d.id
        from person as p join webhook_deliveries as d on d.funnel_lead_id = p.id
        union all
        select case when g.undone_at is null then 'merged' else 'merge_undone' end,
            coalesce(g.undone_at, g.merged_at), null, g.id
        from funnel_lead_merges as g where g.funnel_lead_id = $1
        order by at desc, kind
        limit $2
        """,
        lead_id,
        limit,
    )


async def set_archived(
    tx: Tx, *, user_id: UUID, team_ids: list[UUID], lead_ids: list[UUID], is_archived: bool
) -> tuple[int, datetime | None]:
    """Put leads away or back, those of a person and of teams; return how many, and the time."""
    rows = await tx.fetch(
        """
        update funnel_leads as l set archived_at = case when $4 then now() end
        where l.id = any ($3) and (l.archived_at is null) = $4
            and case when l.team_id is null then l.user_id = $1 else l.team_id = any ($2) end
        returning l.archived_at
        """,
        user_id,
        team_ids,
        lead_ids,
        is_archived,
    )
    return len(rows), rows[0]["archived_at"] if rows else None


async def restore_archived(
    tx: Tx, *, user_id: UUID, team_ids: list[UUID], archived_at: datetime
) -> int:
    """Put back what was put away at once at a time; return how many."""
    rows = await tx.fetch(
        """
        update funnel_leads as l set archived_at = null
        where l.archived_at = $3
            and case when l.team_id is null then l.user_id = $1 else l.team_id = any ($2) end
        returning l.id
        """,
        user_id,
        team_ids,
        archived_at,
    )
    return len(rows)
