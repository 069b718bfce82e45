"""The SQL of accounts as super admins see them."""

from uuid import UUID

from asyncpg import Record

from lodestone.domains.identity.administration.models import AccountQuery
from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_STATE = """
    case
        when u.deleted_at is not null then 'deleted'
        when u.banned_until > now() then 'suspended'
        when exists (
            select from account_deletions as d
            where d.user_id = u.id and d.state in ('scheduled', 'blocked')
        ) then 'leaving'
        when u.invited_at is not null and u.last_sign_in_at is null and u.password_hash is null
            then 'invited'
        when u.must_confirm_email and u.email_verified_at is null then 'unconfirmed'
        else 'active'
    end
"""
_SEEN = """
    greatest(
        u.last_sign_in_at,
        (select max(s.last_seen_at) from user_sessions as s where s.user_id = u.id)
    )
"""
_LISTED = f"""
    select u.id, u.email, u.name, u.username, u.is_super_admin, u.created_at,
        coalesce(b.plan, 'free') as plan, coalesce(b.status, 'active') as plan_status,
        {_STATE} as state, {_SEEN} as last_seen_at
    from users as u
    left join subscriptions as b on b.user_id = u.id
"""
_MATCHES = """
    ($1::text is null or a.email ilike '%' || $1 || '%' or a.name ilike '%' || $1 || '%'
        or a.username ilike '%' || $1 || '%')
    and ($2::text is null or a.plan = $2)
    and ($3::text is null or a.state = $3)
    and ($4::boolean is null or a.is_super_admin = $4)
"""
_ORDERS = {
    "name": "lower(coalesce(a.name, a.email))",
    "plan": "a.plan",
    "state": "a.state",
    "last_seen_at": "coalesce(a.last_seen_at, '-infinity')",
    "created_at": "a.created_at",
}


async def list_accounts(tx: Tx, query: AccountQuery, *, limit: int, offset: int) -> list[Record]:
    """List accounts, sorted by a key of `_ORDERS`."""
    return await tx.fetch(
        f"""
        select * from ({_LISTED}) as a
        where {_MATCHES}
        order by {_ORDERS[query.sort]} {"desc" if query.descending else "asc"}, a.id
        limit $5 offset $6
        """,
        query.search,
        query.plan,
        query.state,
        query.is_super_admin,
        limit,
        offset,
    )


async def count_accounts(tx: Tx, query: AccountQuery) -> int:
    """Count what `list_accounts` would list without its limit."""
    count: int = await tx.fetchval(
        f"select count(*) from ({_LISTED}) as a where {_MATCHES}",
        query.search,
        query.plan,
        query.state,
        query.is_super_admin,
    )
    return count


async def get_totals(tx: Tx) -> Record:
    """Count accounts: all, seen in the last week, paying by plan, and new in 30 days before now."""
    return await fetch_one(
        tx,
        f"""
        select count(*) filter (where a.state <> 'deleted') as accounts,
            count(*) filter (where a.created_at > now() - interval '30 days'
                and a.state <> 'deleted') as joined,
            count(*) filter (where a.last_seen_at > now() - interval '7 days') as seen,
            count(*) filter (where a.plan <> 'free' and a.state <> 'deleted') as paying,
            count(*) filter (where a.state = 'suspended') as suspended,
            (
                select count(distinct e.customer_id) from stripe_events as e
                where e.status = 'unmatched'
            ) as unknown_customers
        from ({_LISTED}) as a
        """,
    )


async def get_account(tx: Tx, *, user_id: UUID) -> Record:
    """Return an account with its plan. Raises NotFound."""
    row = await tx.fetchrow(
        f"""
        select u.id, u.email, u.name, u.username, u.avatar_url, u.is_super_admin, u.created_at,
            u.email_verified_at, u.deleted_at, u.banned_until, u.password_hash is not null
            as has_password, {_STATE} as state, {_SEEN} as last_seen_at,
            coalesce(b.plan, 'free') as plan, coalesce(b.status, 'active') as plan_status,
            b.current_period_end, b.cancel_at_period_end, b.stripe_customer_id,
            b.stripe_subscription_id,
            exists (
                select from user_mfa_factors as f where f.user_id = u.id and f.status = 'verified'
            ) as has_second_factor,
            (select t.name from profiles as p join tenants as t on t.id = p.tenant_id
                where p.id = u.id) as tenant_name
        from users as u
        left join subscriptions as b on b.user_id = u.id
        where u.id = $1
        """,
        user_id,
    )
    if row is None:
        raise NotFound("There is no such account.")
    return row


async def lock_account(tx: Tx, *, user_id: UUID) -> Record:
    """Lock an account that is to be changed. Raises NotFound when it is missing or was deleted."""
    row = await tx.fetchrow(
        """
        select id, email, name, is_super_admin, banned_until > now() as is_suspended
        from users where id = $1 and deleted_at is null
        for update
        """,
        user_id,
    )
    if row is None:
        raise NotFound("There is no such account.")
    return row


async def list_teams(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the workspaces that an account works in, with how many people each has."""
    return await tx.fetch(
        """
        select distinct on (t.id) t.id, t.name, t.is_personal, a.role, t.created_at,
            (select count(*) from team_profiles as p
                where p.team_id = t.id and p.status = 'active') as people
        from team_access as a
        join teams as t on t.id = a.team_id
        where a.user_id = $1
        order by t.id, a.role = 'owner' desc
        """,
        user_id,
    )


async def list_sessions(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List where an account is signed in, the latest seen first."""
    return await tx.fetch(
        """
        select id, user_agent, created_at, last_seen_at, token_hash is null as is_client
        from user_sessions
        where user_id = $1 and expires_at > now()
        order by last_seen_at desc, id
        limit 50
        """,
        user_id,
    )


async def count_content(tx: Tx, *, user_id: UUID) -> Record:
    """Count what an account has made."""
    return await fetch_one(
        tx,
        """
        select
            (select count(*) from lead_magnets where user_id = $1) as lead_magnets,
            (select count(*) from funnel_pages where user_id = $1) as funnels,
            (select count(*) from funnel_pages where user_id = $1 and is_published) as published,
            (select count(*) from funnel_leads where user_id = $1) as leads,
            (select count(*) from api_keys where user_id = $1 and is_active) as api_keys
        """,
        user_id,
    )


async def list_activity(tx: Tx, *, user_id: UUID, limit: int) -> list[Record]:
    """List what an account did in teams, the newest first."""
    return await tx.fetch(
        """
        select l.id, l.action, l.target_type, l.created_at, t.name as team_name
        from team_activity_log as l
        join teams as t on t.id = l.team_id
        where l.user_id = $1
        order by l.created_at desc, l.id
        limit $2
        """,
        user_id,
        limit,
    )


async def list_usage(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List what an account has used of its plan."""
    return await tx.fetch(
        "select resource, name, period, used, most from access.plan_usage($1)", user_id
    )


async def set_plan(tx: Tx, *, user_id: UUID, plan: str) -> Record | None:
    """Give an account a plan; returns the earlier one, None while Stripe bills one."""
    return await tx.fetchrow(
        """
        with earlier as (
            select plan from subscriptions where user_id = $1 for update
        ),
        changed as (
            insert into subscriptions as s (user_id, plan, status) values ($1, $2, 'active')
            on conflict (user_id) do update
                set plan = excluded.plan, status = 'active', past_due_since = null
                where s.stripe_subscription_id is null or s.status = 'canceled'
            returning plan
        )
        select coalesce((select plan from earlier), 'free') as earlier from changed
        """,
        user_id,
        plan,
    )


async def set_suspended(tx: Tx, *, user_id: UUID, is_suspended: bool) -> None:
    """Bar an account from signing in, or let it in again; its sessions end by trigger."""
    await tx.execute(
        """
        update users
        set banned_until = case when $2 then now() + interval '100 years' end
        where id = $1
        """,
        user_id,
        is_suspended,
    )


async def set_super_admin(tx: Tx, *, user_id: UUID, is_super_admin: bool) -> None:
    """Make somebody a super admin, or no more; the database keeps the last one."""
    await tx.execute("update users set is_super_admin = $2 where id = $1", user_id, is_super_admin)


async def delete_sessions(tx: Tx, *, user_id: UUID, session_id: UUID | None) -> int:
    """End one session of an account, or all; returns how many."""
    count: int = await tx.fetchval(
        """
        with ended as (
            delete from user_sessions
            where user_id = $1 and ($2::uuid is null or id = $2)
            returning 1
        )
        select count(*) from ended
        """,
        user_id,
        session_id,
    )
    return count
