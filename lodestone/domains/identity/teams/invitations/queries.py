"""The SQL of invitations."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_INVITATION = """
    i.id, i.email, i.team_profile_id, i.team_member_id, i.expires_at,
    coalesce(t.owner_id, m.owner_id) as owner_id, coalesce(o.name, o.email) as owner_name,
    coalesce(b.name, b.email, o.name, o.email) as inviter_name, t.id as team_id,
    t.name as team_name, p.full_name
"""
_JOINS = """
    from team_invitations as i
    left join team_profiles as p on p.id = i.team_profile_id
    left join teams as t on t.id = p.team_id
    left join team_members as m on m.id = i.team_member_id
    join users as o on o.id = coalesce(t.owner_id, m.owner_id)
    left join users as b on b.id = i.invited_by
"""
_IS_OPEN = """
    i.used_at is null and i.withdrawn_at is null and i.expires_at > now()
    and coalesce(p.status, m.status) = 'pending'
"""


async def insert_invitation(
    tx: Tx,
    *,
    team_profile_id: UUID | None,
    team_member_id: UUID | None,
    email: str,
    token_hash: str,
    invited_by: UUID,
    lifetime_seconds: int,
) -> UUID:
    """Keep a new link; the earlier ones for the same place end with it."""
    await withdraw_invitations(tx, team_profile_id=team_profile_id, team_member_id=team_member_id)
    identifier: UUID = await tx.fetchval(
        """
        insert into team_invitations (
            team_profile_id, team_member_id, email, token_hash, invited_by, expires_at
        )
        values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
        returning id
        """,
        team_profile_id,
        team_member_id,
        email,
        token_hash,
        invited_by,
        lifetime_seconds,
    )
    return identifier


async def take_invitation(tx: Tx) -> int:
    """Count an invitation by the actor; return 0, or the seconds to wait."""
    seconds: int = await tx.fetchval("select access.take_invitation()")
    return seconds


async def find_waiting_place(tx: Tx, *, place_id: UUID) -> Record | None:
    """Find a place that waits for somebody, in a team or at a catalogue, without a link so far."""
    return await tx.fetchrow(
        """
        select w.team_profile_id, w.team_member_id, w.email
        from (
            select id as team_profile_id, null::uuid as team_member_id, email, status
            from team_profiles where id = $1
            union all
            select null, id, email, status from team_members where id = $1
        ) as w
        where w.status = 'pending' and w.email is not null and not exists (
            select from team_invitations as i
            where i.team_profile_id = w.team_profile_id or i.team_member_id = w.team_member_id
        )
        """,
        place_id,
    )


async def lock_place(tx: Tx, *, place_id: UUID) -> None:
    """Let those who make a link for the same place pass one by one."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('place ' || $1::uuid::text, 0))", place_id
    )


async def withdraw_invitations(
    tx: Tx, *, team_profile_id: UUID | None = None, team_member_id: UUID | None = None
) -> None:
    """End the open links for a place."""
    await tx.execute(
        """
        update team_invitations set withdrawn_at = now()
        where (team_profile_id = $1 or team_member_id = $2)
            and used_at is null and withdrawn_at is null
        """,
        team_profile_id,
        team_member_id,
    )


async def find_open(tx: Tx, *, token_hash: str) -> Record | None:
    """Find what a link opens, as long as it is good."""
    return await tx.fetchrow(
        f"select {_INVITATION} {_JOINS} where i.token_hash = $1 and {_IS_OPEN}", token_hash
    )


async def find_open_by_id(tx: Tx, *, invitation_id: UUID) -> Record | None:
    """Find an invitation, as long as its link is good."""
    return await tx.fetchrow(
        f"select {_INVITATION} {_JOINS} where i.id = $1 and {_IS_OPEN}", invitation_id
    )


async def use_invitation(tx: Tx, *, invitation_id: UUID) -> bool:
    """Use a link, and say whether nobody was faster."""
    used = await tx.fetchval(
        """
        update team_invitations set used_at = now()
        where id = $1 and used_at is null and withdrawn_at is null and expires_at > now()
        returning id
        """,
        invitation_id,
    )
    return used is not None


async def is_member(tx: Tx, *, team_id: UUID, user_id: UUID) -> bool:
    """Say whether somebody works in a team."""
    found: bool = await tx.fetchval(
        """
        select exists (
            select from team_profiles
            where team_id = $1 and user_id = $2 and status = 'active'
        )
        """,
        team_id,
        user_id,
    )
    return found


async def activate_profile(tx: Tx, *, profile_id: UUID, user_id: UUID) -> None:
    """Give a waiting place to the person who came for it."""
    await tx.execute(
        """
        update team_profiles
        set user_id = $2, status = 'active', accepted_at = now(), confirmed_at = now()
        where id = $1 and status = 'pending'
        """,
        profile_id,
        user_id,
    )


async def remove_profile(tx: Tx, *, profile_id: UUID) -> None:
    """Take a waiting place away: the invitation was declined."""
    await tx.execute(
        "update team_profiles set status = 'removed' where id = $1 and status = 'pending'",
        profile_id,
    )


async def find_open_ends(tx: Tx, *, team_id: UUID) -> list[Record]:
    """List until when the open links of a team's waiting places are good."""
    return await tx.fetch(
        """
        select p.id as team_profile_id, max(i.expires_at) as expires_at
        from team_profiles as p
        join team_invitations as i on i.team_profile_id = p.id
        where p.team_id = $1 and p.status = 'pending'
            and i.used_at is null and i.withdrawn_at is null
        group by p.id
        """,
        team_id,
    )


async def list_readers(tx: Tx, *, owner_id: UUID) -> list[Record]:
    """List who reads somebody's catalogue, or was invited to."""
    return await tx.fetch(
        """
        select id, email, status, invited_at, accepted_at
        from team_members
        where owner_id = $1 and status <> 'removed'
        order by invited_at desc, id
        """,
        owner_id,
    )


async def upsert_reader(tx: Tx, *, owner_id: UUID, email: str) -> Record | None:
    """Invite a reader, again when they were removed; None when they are there already."""
    return await tx.fetchrow(
        """
        insert into team_members as m (owner_id, email)
        values ($1, $2)
        on conflict (owner_id, email) do update
        set status = 'pending', member_id = null, invited_at = now(), accepted_at = null
        where m.status = 'removed'
        returning m.id, m.email, m.status, m.invited_at, m.accepted_at
        """,
        owner_id,
        email,
    )


async def find_reader(tx: Tx, *, owner_id: UUID, reader_id: UUID) -> Record | None:
    """Find a reader of somebody's catalogue."""
    return await tx.fetchrow(
        """
        select id, email, status, invited_at, accepted_at
        from team_members
        where owner_id = $1 and id = $2
        """,
        owner_id,
        reader_id,
    )


async def set_reader_status(
    tx: Tx, *, reader_id: UUID, status: str, member_id: UUID | None = None
) -> None:
    """Move a reader to a status; whoever comes for a waiting place gets it."""
    await tx.execute(
        """
        update team_members
        set status = $2, member_id = coalesce($3, member_id),
            accepted_at = case when $2 = 'active' then now() else accepted_at end
        where id = $1
        """,
        reader_id,
        status,
        member_id,
    )


async def find_place(tx: Tx, *, profile_id: UUID, inviter_id: UUID) -> Record | None:
    """Find a place that somebody has in a team, and who gave it to them."""
    return await tx.fetchrow(
        """
        select p.email, coalesce(p.invited_at, p.created_at) as invited_at, t.name as team_name,
            (select coalesce(u.name, u.email) from users as u where u.id = $2) as inviter_name
        from team_profiles as p
        join teams as t on t.id = p.team_id
        where p.id = $1 and p.status = 'active' and p.email is not null
        """,
        profile_id,
        inviter_id,
    )
