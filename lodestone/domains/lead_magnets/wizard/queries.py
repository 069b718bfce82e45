"""The SQL of drafts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_COLUMNS = "id, user_id, team_id, wizard_state, updated_at, created_at"


async def insert_draft(
    tx: Tx, *, draft_id: UUID, user_id: UUID, team_id: UUID | None, state: Mapping[str, Any]
) -> None:
    """Insert an empty draft; the same id a second time changes nothing."""
    await tx.execute(
        """
        insert into extraction_sessions (id, user_id, team_id, wizard_state, expires_at)
        values ($1, $2, $3, $4, null)
        on conflict (id) do nothing
        """,
        draft_id,
        user_id,
        team_id,
        dict(state),
    )


async def find_draft(tx: Tx, *, draft_id: UUID, is_put_away_too: bool = False) -> Record | None:
    """Find a draft; one put away only when asked for."""
    return await tx.fetchrow(
        f"select {_COLUMNS} from extraction_sessions where id = $1 and ($2 or expires_at is null)",
        draft_id,
        is_put_away_too,
    )


async def lock_draft(tx: Tx, *, draft_id: UUID, is_put_away_too: bool = False) -> Record | None:
    """Find a draft and hold it until the transaction ends; one put away only when asked for."""
    return await tx.fetchrow(
        f"""
        select {_COLUMNS} from extraction_sessions
        where id = $1 and ($2 or expires_at is null)
        for update
        """,
        draft_id,
        is_put_away_too,
    )


async def update_draft(
    tx: Tx, *, draft_id: UUID, version: datetime | None, state: Mapping[str, Any], title: str | None
) -> datetime | None:
    """Write a draft if it still has the version, and return its new one; None when it has not.

    Without a version the caller holds the row.
    """
    changed: datetime | None = await tx.fetchval(
        """
        update extraction_sessions
        set wizard_state = $3,
            current_step = ($3::jsonb ->> 'currentStep')::integer,
            selected_concept_index = ($3::jsonb ->> 'selectedConceptIndex')::integer,
            extraction_answers = coalesce($3::jsonb -> 'extractionAnswers', '{}'),
            chat_messages = coalesce($3::jsonb -> 'chatMessages', '[]'),
            draft_title = $4
        where id = $1
            and ($2::timestamptz is null or (updated_at = $2 and expires_at is null))
        returning updated_at
        """,
        draft_id,
        version,
        dict(state),
        title,
    )
    return changed


async def list_drafts(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, limit: int
) -> list[Record]:
    """List a team's drafts, or an author's without a team, the newest change first."""
    return await tx.fetch(
        """
        select s.id, s.draft_title, s.current_step, s.updated_at, u.name as author_name,
            case when s.wizard_state ->> 'isCustomIdea' = 'true'
                then s.wizard_state -> 'customConcept' ->> 'archetype'
                else s.wizard_state -> 'ideationResult' -> 'concepts'
                    -> s.selected_concept_index ->> 'archetype'
            end as archetype
        from extraction_sessions as s
        left join users as u on u.id = s.user_id
        where s.expires_at is null
            and (s.team_id = $1 or (s.team_id is null and s.user_id = $2))
        order by s.updated_at desc
        limit $3
        """,
        team_id,
        author_id,
        limit,
    )


async def put_away(tx: Tx, *, draft_id: UUID, hours: int) -> bool:
    """Hide a draft, to be deleted later; False when it is not there."""
    hidden = await tx.fetchval(
        """
        update extraction_sessions set expires_at = now() + make_interval(hours => $2)
        where id = $1 and expires_at is null
        returning true
        """,
        draft_id,
        hours,
    )
    return bool(hidden)


async def bring_back(tx: Tx, *, draft_id: UUID) -> bool:
    """Show a draft again that was put away; False when it is gone."""
    shown = await tx.fetchval(
        """
        update extraction_sessions set expires_at = null
        where id = $1 and expires_at > now()
        returning true
        """,
        draft_id,
    )
    return bool(shown)


async def delete_draft(tx: Tx, *, draft_id: UUID) -> bool:
    """Delete a draft that has become a lead magnet; False when it is not there."""
    gone = await tx.fetchval(
        "delete from extraction_sessions where id = $1 returning true", draft_id
    )
    return bool(gone)


async def delete_expired(tx: Tx) -> int:
    """Delete drafts whose time is over; return how many."""
    rows = await tx.fetch("delete from extraction_sessions where expires_at < now() returning id")
    return len(rows)


async def insert_lead_magnet(tx: Tx, *, lead_magnet_id: UUID, values: Mapping[str, Any]) -> bool:
    """Insert a magnet with all that the wizard made; False when the id is taken already."""
    made = await tx.fetchval(
        """
        insert into lead_magnets (
            id, user_id, team_id, title, archetype, concept, extracted_content, generated_content,
            interactive_config, polished_content, polished_at, post_variations, linkedin_post,
            dm_template, cta_word, pain_point, target_audience, short_description
        )
        select
            $1, m.user_id, m.team_id, m.title, m.archetype, m.concept, m.extracted_content,
            m.generated_content, m.interactive_config, m.polished_content,
            case when m.polished_content is not null then now() end, m.post_variations,
            m.linkedin_post, m.dm_template, m.cta_word, m.pain_point, m.target_audience,
            m.short_description
        from jsonb_populate_record(null::lead_magnets, $2) as m
        on conflict (id) do nothing
        returning true
        """,
        lead_magnet_id,
        dict(values),
    )
    return bool(made)


async def has_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> bool:
    """Say whether the actor sees a magnet of this id."""
    return bool(
        await tx.fetchval("select exists (select from lead_magnets where id = $1)", lead_magnet_id)
    )
