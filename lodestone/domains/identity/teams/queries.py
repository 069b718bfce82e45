"""The SQL of teams, their people and what they did."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_TEAM = """
    t.id, t.owner_id, t.name, t.description, t.industry, t.target_audience, t.shared_goal,
    t.whitelabel_enabled, t.hide_branding, t.custom_favicon_url, t.custom_site_name,
    t.custom_email_sender_name, t.custom_from_email, t.is_personal, t.deletion_requested_at,
    t.created_at
"""
_PROFILE = """
    p.id, p.team_id, p.user_id, p.email, p.full_name, p.title, p.linkedin_url, p.bio, p.avatar_url,
    coalesce(p.expertise_areas, '[]') as expertise_areas,
    coalesce(p.voice_profile, '{}') as voice_profile, p.role, p.status,
    coalesce(p.is_default, false) as is_default, p.invited_at, p.accepted_at
"""


async def list_workspaces(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the teams in which a person works, their personal one first, then by name."""
    return await tx.fetch(
        """
        select
            t.id as team_id, t.name, t.owner_id, t.is_personal and t.owner_id = $1 as is_own,
            t.owner_id <> $1 and not exists (
                select from team_profiles as p
                where p.team_id = t.id and p.user_id = $1 and p.confirmed_at is not null
            ) as is_new
        from team_access as a
        join teams as t on t.id = a.team_id
        where a.user_id = $1 and a.via in ('ownership', 'profile')
            and t.id = any ((select access.team_ids())::uuid[])
        group by t.id
        order by is_own desc, lower(t.name), t.id
        """,
        user_id,
    )


async def list_cards(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the teams in which a person works, each with its people."""
    return await tx.fetch(
        """
        select
            t.id, t.name, t.is_personal, t.owner_id = $1 as is_owner, t.description, t.industry,
            t.owner_id <> $1 and not coalesce(bool_or(p.confirmed_at is not null)
                filter (where p.user_id = $1), false) as is_new,
            min(p.full_name) filter (where p.user_id = t.owner_id) as owner_name,
            coalesce(
                array_agg(p.full_name order by p.role desc, p.created_at, p.id)
                    filter (where p.status = 'active'), '{}') as people,
            count(*) filter (where p.status = 'pending') as pending
        from teams as t
        left join team_profiles as p on p.team_id = t.id
        where t.id = any ((select access.team_ids())::uuid[])
        group by t.id
        order by t.is_personal and t.owner_id = $1 desc, lower(t.name), t.id
        """,
        user_id,
    )


async def get_team(tx: Tx, *, team_id: UUID) -> Record:
    """Return a team. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"""
        select {_TEAM}, d.domain as verified_email_domain
        from teams as t
        left join team_email_domains as d on d.team_id = t.id and d.status = 'verified'
        where t.id = $1
        """,
        team_id,
    )
    if row is None:
        raise NotFound("There is no such team.")
    return row


async def insert_team(tx: Tx, *, owner_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Insert a team and return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into teams (owner_id, name, description, industry, target_audience, shared_goal)
        select $1, g.name, g.description, g.industry, g.target_audience, g.shared_goal
        from jsonb_populate_record(null::teams, $2) as g
        returning id
        """,
        owner_id,
        dict(values),
    )
    return identifier


async def insert_owner_profile(tx: Tx, *, team_id: UUID, owner_id: UUID) -> None:
    """Give the owner their place in a new team, and the voice of their personal workspace."""
    await tx.execute(
        """
        insert into team_profiles (
            team_id, user_id, email, full_name, title, linkedin_url, bio, avatar_url,
            expertise_areas, voice_profile, role, status, is_default, accepted_at, confirmed_at
        )
        select
            $1, u.id, u.email, coalesce(own.full_name, u.name, u.email), own.title,
            own.linkedin_url, own.bio, coalesce(own.avatar_url, u.avatar_url),
            coalesce(own.expertise_areas, '[]'), coalesce(own.voice_profile, '{}'), 'owner',
            'active', true, now(), now()
        from users as u
        left join teams as t on t.owner_id = u.id and t.is_personal
        left join team_profiles as own on own.team_id = t.id and own.user_id = u.id
            and own.status = 'active'
        where u.id = $2
        """,
        team_id,
        owner_id,
    )


async def update_team(tx: Tx, *, team_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write the named columns, leaving all others; raises NotFound when it isn't the actor's."""
    found = await tx.fetchval(
        """
        with given as (
            select g.*
            from teams as held
            cross join lateral jsonb_populate_record(held, $2) as g
            where held.id = $1
        )
        update teams as t set
            name = g.name, description = g.description, industry = g.industry,
            target_audience = g.target_audience, shared_goal = g.shared_goal,
            whitelabel_enabled = g.whitelabel_enabled, hide_branding = g.hide_branding,
            custom_favicon_url = g.custom_favicon_url, custom_site_name = g.custom_site_name,
            custom_email_sender_name = g.custom_email_sender_name,
            custom_from_email = g.custom_from_email
        from given as g
        where t.id = g.id
        returning t.id
        """,
        team_id,
        dict(changes),
    )
    if found is None:
        raise NotFound("There is no such team.")


async def hand_over_team(tx: Tx, *, team_id: UUID, profile_id: UUID) -> None:
    """Make somebody of the team its owner."""
    await tx.execute("select access.hand_over_team($1, $2)", team_id, profile_id)


async def leave_team(tx: Tx, *, team_id: UUID) -> None:
    """End the place that the acting person has in a team."""
    await tx.execute("select access.leave_team($1)", team_id)


async def list_profiles(tx: Tx, *, team_id: UUID, status: str | None = None) -> list[Record]:
    """List the people of a team, the owner first; removed ones only when they are asked for."""
    return await tx.fetch(
        f"""
        select {_PROFILE}
        from team_profiles as p
        where p.team_id = $1
            and case when $2::text is null then p.status <> 'removed' else p.status = $2 end
        order by p.role = 'owner' desc, p.status, p.created_at, p.id
        """,
        team_id,
        status,
    )


async def get_profile(tx: Tx, *, team_id: UUID, profile_id: UUID) -> Record:
    """Return somebody's place in a team. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        f"select {_PROFILE} from team_profiles as p where p.team_id = $1 and p.id = $2",
        team_id,
        profile_id,
    )
    if row is None:
        raise NotFound("There is nobody like that in this team.")
    return row


async def find_profile_by_email(tx: Tx, *, team_id: UUID, email: str) -> Record | None:
    """Find the place of an address in a team, whatever became of it."""
    return await tx.fetchrow(
        f"select {_PROFILE} from team_profiles as p where p.team_id = $1 and p.email = $2",
        team_id,
        email,
    )


async def insert_profile(
    tx: Tx, *, team_id: UUID, email: str | None, full_name: str, title: str | None
) -> Record:
    """Insert a member: waiting for the person, or a voice alone when there is no address."""
    return await fetch_one(
        tx,
        f"""
        insert into team_profiles as p (team_id, email, full_name, title, role, status, invited_at)
        values (
            $1, $2, $3, $4, 'member', case when $2::text is null then 'active' else 'pending' end,
            case when $2::text is not null then now() end
        )
        returning {_PROFILE}
        """,
        team_id,
        email,
        full_name,
        title,
    )


async def update_profile(
    tx: Tx, *, team_id: UUID, profile_id: UUID, changes: Mapping[str, Any]
) -> None:
    """Write the named columns, leaving all others; raises NotFound when the actor may not."""
    found = await tx.fetchval(
        """
        with given as (
            select g.*
            from team_profiles as held
            cross join lateral jsonb_populate_record(held, $3) as g
            where held.team_id = $1 and held.id = $2
        )
        update team_profiles as p set
            full_name = g.full_name, title = g.title, linkedin_url = g.linkedin_url, bio = g.bio,
            avatar_url = g.avatar_url, expertise_areas = g.expertise_areas,
            voice_profile = g.voice_profile
        from given as g
        where p.id = g.id
        returning p.id
        """,
        team_id,
        profile_id,
        dict(changes),
    )
    if found is None:
        raise NotFound("There is nobody like that in this team.")


async def set_profile_status(tx: Tx, *, profile_id: UUID, status: str) -> Record:
    """Move somebody's place to a status; leaving it forgets that they had entered."""
    return await fetch_one(
        tx,
        f"""
        update team_profiles as p
        set status = $2,
            confirmed_at = case when $2 = 'removed' then null else p.confirmed_at end,
            is_default = p.is_default and $2 <> 'removed',
            invited_at = case when $2 = 'pending' then now() else p.invited_at end
        where p.id = $1
        returning {_PROFILE}
        """,
        profile_id,
        status,
    )


async def set_default_profile(tx: Tx, *, team_id: UUID, profile_id: UUID) -> None:
    """Let one persona speak for the team when none is chosen."""
    await tx.execute(
        "update team_profiles set is_default = false where team_id = $1 and is_default", team_id
    )
    await tx.execute(
        "update team_profiles set is_default = true where team_id = $1 and id = $2",
        team_id,
        profile_id,
    )


async def confirm_profile(tx: Tx, *, team_id: UUID, user_id: UUID) -> None:
    """Note that a person entered a team of their own accord."""
    await tx.execute(
        """
        update team_profiles set confirmed_at = now()
        where team_id = $1 and user_id = $2 and status = 'active' and confirmed_at is null
        """,
        team_id,
        user_id,
    )


async def list_activity(tx: Tx, *, team_id: UUID, limit: int, offset: int) -> list[Record]:
    """List what people did in a team, newest first, with the names that it has now."""
    return await tx.fetch(
        """
        select
            l.id, l.action, l.target_type, l.target_id, l.created_at,
            coalesce(l.details -> 'fields', '[]') as fields,
            coalesce(
                (
                    select a.full_name from team_profiles as a
                    where a.team_id = l.team_id and a.user_id = l.user_id
                    order by a.status, a.id
                    limit 1
                ), 'Somebody') as actor,
            coalesce(p.full_name, m.title, f.optin_headline) as subject
        from (
            select
                n.*,
                case when n.target_id ~ '^[0-9a-f-]{36}$' then n.target_id::uuid end as target
            from team_activity_log as n
            where n.team_id = $1
            order by n.created_at desc, n.id
            limit $2 offset $3
        ) as l
        left join team_profiles as p on l.target_type = 'profile' and p.id = l.target
        left join lead_magnets as m on l.target_type = 'lead_magnet' and m.id = l.target
        left join funnel_pages as f on l.target_type = 'funnel' and f.id = l.target
        order by l.created_at desc, l.id
        """,
        team_id,
        limit,
        offset,
    )


async def count_activity(tx: Tx, *, team_id: UUID) -> int:
    """Count what `list_activity` would list without its limit."""
    count: int = await tx.fetchval(
        "select count(*) from team_activity_log where team_id = $1", team_id
    )
    return count
