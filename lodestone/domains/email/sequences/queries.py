"""The SQL of welcome sequences and who gets them."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_sequence(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Find the sequence of a lead magnet."""
    return await tx.fetchrow(
        """
        select id, lead_magnet_id, user_id, team_id, status, emails, written_by, updated_at
        from email_sequences where lead_magnet_id = $1
        """,
        lead_magnet_id,
    )


async def lock_sequence(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Lock the sequence of a lead magnet."""
    return await tx.fetchrow(
        """
        select id, lead_magnet_id, user_id, team_id, status, emails, written_by, updated_at
        from email_sequences where lead_magnet_id = $1
        for update
        """,
        lead_magnet_id,
    )


async def insert_sequence(
    tx: Tx,
    *,
    lead_magnet_id: UUID,
    user_id: UUID,
    team_id: UUID | None,
    emails: list[dict[str, Any]],
    written_by: str,
) -> None:
    """Insert a draft."""
    await tx.execute(
        """
        insert into email_sequences (lead_magnet_id, user_id, team_id, emails, written_by)
        values ($1, $2, $3, $4, $5)
        """,
        lead_magnet_id,
        user_id,
        team_id,
        emails,
        written_by,
    )


async def update_emails(
    tx: Tx, *, sequence_id: UUID, emails: list[dict[str, Any]], written_by: str
) -> None:
    """Replace the mails; a trigger makes the sequence a draft again."""
    await tx.execute(
        "update email_sequences set emails = $2, written_by = $3 where id = $1",
        sequence_id,
        emails,
        written_by,
    )


async def set_status(tx: Tx, *, sequence_id: UUID, status: str) -> None:
    """Switch a sequence on or off."""
    await tx.execute("update email_sequences set status = $2 where id = $1", sequence_id, status)


async def get_context(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Return what mails about a magnet may tell: of the magnet and of the brand kit."""
    return await tx.fetchrow(
        """
        select m.title, m.archetype::text as archetype, m.short_description, m.target_audience,
            m.pain_point, m.polished_content, m.user_id, m.team_id,
            k.business_description, k.best_video_url, k.best_video_title, k.content_links,
            k.community_url, k.success_example
        from lead_magnets as m
        left join lateral (
            select b.* from brand_kits as b
            left join teams as t on t.id = m.team_id
            where b.team_id = m.team_id
                or (b.team_id is null and b.user_id = m.user_id
                    and (m.team_id is null or t.is_personal))
            order by b.team_id nulls last
            limit 1
        ) as k on true
        where m.id = $1
        """,
        lead_magnet_id,
    )


async def find_personal_team(tx: Tx, *, user_id: UUID) -> UUID | None:
    """Find the team that a person is alone."""
    identifier: UUID | None = await tx.fetchval(
        "select id from teams where owner_id = $1 and is_personal", user_id
    )
    return identifier


async def list_knowledge(tx: Tx, *, user_id: UUID, team_id: UUID | None, words: str) -> list[str]:
    """List what is known best about a subject: eight entries of some quality."""
    rows = await tx.fetch(
        """
        select content from cp_knowledge_entries
        where (team_id = $2 or (team_id is null and user_id = $1)) and quality_score >= 2
        order by ts_rank(to_tsvector('simple', content), plainto_tsquery('simple', $3)) desc,
            quality_score desc, id
        limit 8
        """,
        user_id,
        team_id,
        words,
    )
    return [row["content"] for row in rows]


async def insert_enrolment(tx: Tx, *, sequence_id: UUID, funnel_lead_id: UUID) -> UUID | None:
    """Enrol a lead; None when it is enrolled already."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into email_sequence_enrolments (email_sequence_id, funnel_lead_id)
        values ($1, $2)
        on conflict (email_sequence_id, funnel_lead_id) do nothing
        returning id
        """,
        sequence_id,
        funnel_lead_id,
    )
    return identifier


async def find_enrolment(tx: Tx, *, enrolment_id: UUID) -> Record | None:
    """Find an enrolment with all that decides about its next mail, and whose mail it is."""
    return await tx.fetchrow(
        """
        select e.id, e.status, e.enrolled_at, e.funnel_lead_id, q.status as sequence_status,
            q.emails, q.lead_magnet_id, l.email, l.name, l.funnel_page_id, t.id as team_id,
            t.owner_id, p.tenant_id, s.id as subscriber_id, s.status as subscriber_status,
            s.first_name, s.last_name, s.company, s.timezone,
            coalesce(g.timezone, 'UTC') as settings_timezone,
            (g.id is null or coalesce(g.is_active, false)) and g.sending_paused_at is null as is_on
        from email_sequence_enrolments as e
        join email_sequences as q on q.id = e.email_sequence_id
        join funnel_leads as l on l.id = e.funnel_lead_id
        join teams as t on t.id = coalesce(
            l.team_id, (select o.id from teams as o where o.owner_id = l.user_id and o.is_personal))
        left join profiles as p on p.id = t.owner_id
        left join email_settings as g on g.tenant_id = p.tenant_id
        left join email_subscribers as s on s.team_id = t.id and s.email = l.email
        where e.id = $1
        """,
        enrolment_id,
    )


async def end_enrolment(
    tx: Tx, *, enrolment_id: UUID, status: str, reason: str | None = None
) -> None:
    """Note that somebody has all the mails, or gets no more."""
    await tx.execute(
        """
        update email_sequence_enrolments set status = $2, stopped_reason = $3
        where id = $1 and status = 'active'
        """,
        enrolment_id,
        status,
        reason,
    )


async def count_enrolments(tx: Tx, *, sequence_id: UUID) -> dict[str, int]:
    """Count who gets, got and no longer gets the mails."""
    rows = await tx.fetch(
        """
        select status, count(*)::int as count from email_sequence_enrolments
        where email_sequence_id = $1 group by status
        """,
        sequence_id,
    )
    return {row["status"]: row["count"] for row in rows}


async def list_mail_stats(tx: Tx, *, sequence_id: UUID) -> list[Record]:
    """List how many got, opened and clicked each mail, by its place."""
    return await tx.fetch(
        """
        select split_part(o.dedupe_key, ':', 3)::int as place,
            count(*) filter (where o.status = 'sent')::int as sent,
            count(o.opened_at)::int as opened, count(o.clicked_at)::int as clicked
        from email_sequence_enrolments as e
        join email_outbox as o on o.funnel_lead_id = e.funnel_lead_id and o.kind = 'sequence'
        where e.email_sequence_id = $1
        group by 1
        """,
        sequence_id,
    )
