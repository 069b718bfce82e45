"""The SQL of brand kits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_COLUMNS = """
    id, user_id, team_id, business_description, business_type,
    coalesce(urgent_pains, '{}') as urgent_pains, coalesce(results, '{}') as results,
    coalesce(credibility_markers, '{}') as credibility_markers,
    coalesce(processes, '{}') as processes, coalesce(templates, '{}') as templates,
    coalesce(tools, '{}') as tools, coalesce(frequent_questions, '{}') as frequent_questions,
    coalesce(audience_tools, '{}') as audience_tools, success_example,
    coalesce(preferred_tone, 'conversational') as preferred_tone, style_profile, sender_name,
    best_video_url, best_video_title, coalesce(content_links, '[]') as content_links,
    community_url, coalesce(logos, '[]') as logos, logo_url, default_testimonial, default_steps,
    default_theme, default_primary_color, default_background_style, font_family, font_url,
    website_url, saved_ideation_result, ideation_generated_at, updated_at
"""


async def find_kit(tx: Tx, *, user_id: UUID, team_id: UUID | None) -> Record | None:
    """Find the kit of a workspace: the team's, or the person's own."""
    return await tx.fetchrow(
        f"""
        select {_COLUMNS} from brand_kits
        where case when $2::uuid is null then user_id = $1 and team_id is null else team_id = $2 end
        """,
        user_id,
        team_id,
    )


async def insert_kit(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, description: str, business_type: str
) -> None:
    """Insert a workspace's kit, unless it has one."""
    await tx.execute(
        """
        insert into brand_kits (user_id, team_id, business_description, business_type)
        values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        user_id,
        team_id,
        description,
        business_type,
    )


async def update_kit(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, changes: Mapping[str, Any]
) -> Record | None:
    """Write the named columns, leaving all others; None when the workspace has no kit."""
    return await tx.fetchrow(
        f"""
        update brand_kits as k
        set (
            business_description, business_type, urgent_pains, results, credibility_markers,
            processes, templates, tools, frequent_questions, audience_tools, success_example,
            preferred_tone, sender_name, best_video_url, best_video_title, content_links,
            community_url, logos, logo_url, default_testimonial, default_steps, default_theme,
            default_primary_color, default_background_style, font_family, font_url, website_url,
            saved_ideation_result, ideation_generated_at
        ) = (
            select
                p.business_description, p.business_type, p.urgent_pains, p.results,
                p.credibility_markers, p.processes, p.templates, p.tools, p.frequent_questions,
                p.audience_tools, p.success_example, p.preferred_tone, p.sender_name,
                p.best_video_url, p.best_video_title, p.content_links, p.community_url, p.logos,
                p.logo_url, p.default_testimonial, p.default_steps, p.default_theme,
                p.default_primary_color, p.default_background_style, p.font_family, p.font_url,
                p.website_url, p.saved_ideation_result, p.ideation_generated_at
            from jsonb_populate_record(k, $3) as p
        )
        where case
            when $2::uuid is null then k.user_id = $1 and k.team_id is null else k.team_id = $2
        end
        returning {_COLUMNS}
        """,
        user_id,
        team_id,
        dict(changes),
    )


async def add_logo(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, logo: Mapping[str, str], most: int
) -> bool:
    """Append a logo, in one statement; False when there is no kit or no room."""
    added = await tx.fetchval(
        """
        update brand_kits
        set logos = coalesce(logos, '[]') || jsonb_build_array($3::jsonb),
            logo_url = coalesce(logo_url, $3::jsonb ->> 'imageUrl')
        where case when $2::uuid is null then user_id = $1 and team_id is null else team_id = $2 end
            and jsonb_array_length(coalesce(logos, '[]')) < $4
        returning true
        """,
        user_id,
        team_id,
        dict(logo),
        most,
    )
    return bool(added)


async def delete_logo(tx: Tx, *, user_id: UUID, team_id: UUID | None, image_url: str) -> bool:
    """Take a logo away; the main one becomes the first that is left. False when it is not there."""
    gone = await tx.fetchval(
        """
        update brand_kits as k
        set logos = left_over.logos,
            logo_url = case
                when k.logo_url = $3 then left_over.logos -> 0 ->> 'imageUrl' else k.logo_url
            end
        from (
            select b.id, coalesce(
                (
                    select jsonb_agg(e.value order by e.ordinality)
                    from jsonb_array_elements(b.logos) with ordinality as e
                    where e.value ->> 'imageUrl' <> $3
                ), '[]'
            ) as logos
            from brand_kits as b
        ) as left_over
        where left_over.id = k.id
            and case
                when $2::uuid is null then k.user_id = $1 and k.team_id is null else k.team_id = $2
            end
            and exists (
                select from jsonb_array_elements(k.logos) as e where e ->> 'imageUrl' = $3
            )
        returning true
        """,
        user_id,
        team_id,
        image_url,
    )
    return bool(gone)
