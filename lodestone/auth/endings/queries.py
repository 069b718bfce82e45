"""The SQL of the end of an account."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def list_shared_teams(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the teams that an account owns and others work in."""
    return await tx.fetch(
        """
        select t.id, t.name, count(distinct a.user_id) as people
        from public.teams as t
        join public.team_access as a on a.team_id = t.id and a.user_id <> t.owner_id
            and a.role <> 'catalogue'
        where t.owner_id = $1
        group by t.id
        order by t.name, t.id
        """,
        user_id,
    )


async def find_live_plan(tx: Tx, *, user_id: UUID) -> Record | None:
    """Find a subscription that would be billed again."""
    return await tx.fetchrow(
        """
        select plan, current_period_end from public.subscriptions
        where user_id = $1 and stripe_subscription_id is not null and status <> 'canceled'
            and not coalesce(cancel_at_period_end, false)
        """,
        user_id,
    )


async def is_last_super_admin(tx: Tx, *, user_id: UUID) -> bool:
    found: bool = await tx.fetchval(
        """
        select u.is_super_admin and not exists (
            select from public.users as o
            where o.id <> u.id and o.is_super_admin and o.deleted_at is null
                and coalesce(o.banned_until <= now(), true)
        )
        from public.users as u where u.id = $1
        """,
        user_id,
    )
    return found


async def empty_account(tx: Tx, *, user_id: UUID) -> dict[str, Any]:
    """Take the person out of their account; answers what went and what stayed."""
    found: dict[str, Any] = await tx.fetchval("select platform.empty_account($1)", user_id)
    return found


async def insert_note(tx: Tx, *, user_id: UUID, details: dict[str, Any]) -> None:
    """Note in the audit that an account was deleted with the service key."""
    await tx.execute(
        """
        insert into public.admin_audit_log (subject_id, action, details)
        values ($1, 'account.deleted', $2)
        """,
        user_id,
        details,
    )


async def begin_trying(tx: Tx) -> None:
    """Mark where to go back to when a deletion is refused."""
    await tx.execute("savepoint whole_deletion")


async def undo_trying(tx: Tx) -> None:
    await tx.execute("rollback to savepoint whole_deletion")


async def delete_account(tx: Tx, *, user_id: UUID) -> None:
    """Delete an account that holds nothing beyond what was made with it.

    Raises: asyncpg.IntegrityConstraintViolationError when it does.
    """
    await tx.execute("delete from public.usage_tracking where user_id = $1", user_id)
    await tx.execute(
        """
        delete from public.subscriptions
        where user_id = $1 and stripe_customer_id is null and stripe_subscription_id is null
        """,
        user_id,
    )
    await tx.execute("delete from public.teams where owner_id = $1 and is_personal", user_id)
    await tx.execute(
        """
        with place as (delete from public.profiles where id = $1 returning tenant_id)
        delete from public.tenants as t using place
        where t.id = place.tenant_id and t.auth_user_id = $1
            and not exists (
                select from public.profiles as p where p.tenant_id = t.id and p.id <> $1
            )
        """,
        user_id,
    )
    await tx.execute("delete from public.users where id = $1", user_id)
