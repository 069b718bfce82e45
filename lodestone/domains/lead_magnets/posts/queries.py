"""The SQL of what promotes a magnet."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_promotion(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Find a magnet with its posts and what they are written from."""
    return await tx.fetchrow(
        """
        select id as lead_magnet_id, user_id, team_id, title, archetype, concept, pain_point,
            target_audience, short_description, extracted_content, polished_content,
            coalesce(post_variations, '[]') as variations, linkedin_post as chosen, dm_template,
            cta_word
        from lead_magnets
        where id = $1
        """,
        lead_magnet_id,
    )


async def update_promotion(tx: Tx, *, lead_magnet_id: UUID, changes: Mapping[str, Any]) -> bool:
    """Write the named columns, leaving all others; False when the magnet is invisible."""
    changed = await tx.fetchval(
        """
        update lead_magnets as m
        set (post_variations, linkedin_post, dm_template, cta_word) = (
            select p.post_variations, p.linkedin_post, p.dm_template, p.cta_word
            from jsonb_populate_record(m, $2) as p
        )
        where m.id = $1
        returning true
        """,
        lead_magnet_id,
        dict(changes),
    )
    return bool(changed)
