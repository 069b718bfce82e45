"""The SQL of looks with another's eyes."""

from uuid import UUID

from lodestone.platform.database import Tx


async def start_view(tx: Tx, *, session_id: UUID, user_id: UUID, seconds: int) -> None:
    """Let a session look with another account's eyes; the database refuses who may not."""
    await tx.execute(
        """
        update public.user_sessions
        set acting_as_user_id = $2, acting_until = now() + make_interval(secs => $3),
            acting_may_write = false
        where id = $1
        """,
        session_id,
        user_id,
        seconds,
    )


async def allow_writing_in_view(tx: Tx, *, session_id: UUID) -> None:
    await tx.execute(
        """
        update public.user_sessions set acting_may_write = true
        where id = $1 and acting_until > now()
        """,
        session_id,
    )


async def end_view(tx: Tx, *, session_id: UUID) -> UUID | None:
    """Return with whose eyes the session looked, None when it did not any more."""
    found: UUID | None = await tx.fetchval(
        """
        with looked as (
            select id, acting_as_user_id from public.user_sessions
            where id = $1 and acting_as_user_id is not null
            for update
        )
        update public.user_sessions as s
        set acting_as_user_id = null, acting_until = null, acting_may_write = false
        from looked
        where s.id = looked.id
        returning looked.acting_as_user_id
        """,
        session_id,
    )
    return found


async def insert_audit(
    tx: Tx, *, admin_id: UUID, user_id: UUID, action: str, details: dict[str, str]
) -> None:
    await tx.execute(
        """
        insert into public.admin_audit_log (actor_id, subject_id, action, details)
        values ($1, $2, $3, $4)
        """,
        admin_id,
        user_id,
        action,
        details,
    )
