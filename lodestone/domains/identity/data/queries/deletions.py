"""The SQL of deletions."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_COLUMNS = "id, user_id, state, export_id, blockers, requested_at, due_at"


async def insert_deletion(
    tx: Tx, *, user_id: UUID, export_id: UUID | None, days: int
) -> Record | None:
    """Schedule a deletion; None when one is already."""
    return await tx.fetchrow(
        f"""
        insert into account_deletions (user_id, export_id, due_at)
        values ($1, $2, now() + make_interval(days => $3))
        on conflict (user_id) where state in ('scheduled', 'blocked') do nothing
        returning {_COLUMNS}
        """,
        user_id,
        export_id,
        days,
    )


async def find_open_deletion(tx: Tx, *, user_id: UUID) -> Record | None:
    return await tx.fetchrow(
        f"""
        select {_COLUMNS} from account_deletions
        where user_id = $1 and state in ('scheduled', 'blocked')
        """,
        user_id,
    )


async def cancel_deletion(tx: Tx, *, user_id: UUID) -> bool:
    """Take a deletion back; False when there is none any more."""
    done: UUID | None = await tx.fetchval(
        """
        update account_deletions set state = 'cancelled', ended_at = now()
        where user_id = $1 and state in ('scheduled', 'blocked')
        returning id
        """,
        user_id,
    )
    return done is not None


async def list_due(tx: Tx) -> list[Record]:
    """List deletions whose day has come; blocked ones are tried again each day."""
    return await tx.fetch(
        """
        select id, user_id from account_deletions
        where (state = 'scheduled' and due_at <= now())
            or (state = 'blocked' and updated_at < now() - interval '1 day')
        order by due_at, id
        limit 500
        """
    )


async def lock_due(tx: Tx, *, deletion_id: UUID) -> Record | None:
    """Lock a deletion that is to be carried out now, with its account."""
    return await tx.fetchrow(
        """
        select d.id, d.user_id, d.state, d.export_id, u.email, e.state as export_state
        from account_deletions as d
        join users as u on u.id = d.user_id
        left join account_exports as e on e.id = d.export_id
        where d.id = $1 and d.state in ('scheduled', 'blocked') and d.due_at <= now()
        for update of d
        """,
        deletion_id,
    )


async def set_export(tx: Tx, *, deletion_id: UUID, export_id: UUID | None) -> None:
    await tx.execute(
        "update account_deletions set export_id = $2 where id = $1", deletion_id, export_id
    )


async def set_blocked(tx: Tx, *, deletion_id: UUID, blockers: Sequence[str]) -> None:
    """Note what keeps the account, in sentences; `updated_at` moves even when they are the same."""
    await tx.execute(
        """
        update account_deletions
        set state = 'blocked', blockers = $2, ended_at = now()
        where id = $1
        """,
        deletion_id,
        list(blockers),
    )


async def set_done(tx: Tx, *, deletion_id: UUID, kept: dict[str, int]) -> None:
    await tx.execute(
        """
        update account_deletions set state = 'done', ended_at = now(), kept = $2 where id = $1
        """,
        deletion_id,
        kept,
    )
