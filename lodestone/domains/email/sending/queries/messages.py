"""The SQL of the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def enqueue_message(tx: Tx, *, message: Mapping[str, Any]) -> UUID:
    """Queue a message; the same dedupe key again answers with the first one's id."""
    identifier: UUID = await tx.fetchval("select platform.enqueue_email($1)", dict(message))
    return identifier


async def claim_message(tx: Tx, *, message_id: UUID, way: str) -> Record | None:
    """Take a due message to send; None when it is sent, being sent, withheld or not due.

    Until it is sent `provider` names the account by which it is to leave.
    """
    return await tx.fetchrow(
        """
        update email_outbox
        set status = 'sending', claimed_at = now(), provider = $2, attempts = attempts + 1
        where id = $1 and status = 'queued' and not_before <= now() and merge_fields is null
        returning id, dedupe_key, recipient, recipient_name, from_email, from_name,
            reply_to_email, subject, html, "text", headers, attempts, tenant_id, funnel_lead_id,
            kind, status, not_before
        """,
        message_id,
        way,
    )


async def find_message_place(tx: Tx, *, message_id: UUID) -> Record | None:
    """Find whose a message is, which waits or was interrupted."""
    return await tx.fetchrow(
        """
        select team_id, tenant_id, kind from email_outbox
        where id = $1 and status in ('queued', 'sending')
        """,
        message_id,
    )


async def find_interrupted_message(tx: Tx, *, message_id: UUID) -> Record | None:
    """Lock a message that an earlier attempt claimed and left without an outcome."""
    return await tx.fetchrow(
        """
        select id, dedupe_key, recipient, recipient_name, from_email, from_name, reply_to_email,
            subject, html, "text", headers, attempts, tenant_id, funnel_lead_id, kind, status,
            claimed_at, provider as way
        from email_outbox
        where id = $1 and status = 'sending' and merge_fields is null
        for update skip locked
        """,
        message_id,
    )


async def set_message_sent(
    tx: Tx, *, message_id: UUID, provider: str, provider_message_id: str | None
) -> None:
    """Note that the provider took the message."""
    await tx.execute(
        """
        update email_outbox
        set status = 'sent', sent_at = now(), provider = $2, provider_message_id = $3,
            error_message = null
        where id = $1 and status = 'sending'
        """,
        message_id,
        provider,
        provider_message_id,
    )


async def set_message_failed(tx: Tx, *, message_id: UUID, status: str, error: str) -> None:
    """Note that the message did not leave, or may have left."""
    await tx.execute(
        "update email_outbox set status = $2, error_message = $3 where id = $1",
        message_id,
        status,
        error,
    )


async def requeue_message(
    tx: Tx,
    *,
    message_id: UUID,
    statuses: Sequence[str],
    not_before: datetime,
    error: str | None,
) -> Record | None:
    """Queue a message again; None when it may not be sent again."""
    return await tx.fetchrow(
        """
        update email_outbox
        set status = 'queued', claimed_at = null, claim_id = null, not_before = $2,
            error_message = $3
        where id = $1 and status = any ($4)
        returning dedupe_key, broadcast_id
        """,
        message_id,
        not_before,
        error,
        list(statuses),
    )


async def list_messages(
    tx: Tx, *, search: str | None, status: str | None, limit: int, offset: int
) -> list[Record]:
    """List the outbox, newest first."""
    return await tx.fetch(
        """
        select id, kind, status, recipient, subject, attempts, error_message, not_before, sent_at,
            created_at
        from email_outbox
        where ($1::text is null or recipient || ' ' || subject ilike '%' || $1 || '%')
            and ($2::text is null or status = $2)
        order by created_at desc, id
        limit $3 offset $4
        """,
        search,
        status,
        limit,
        offset,
    )


async def count_messages(tx: Tx, *, search: str | None, status: str | None) -> int:
    """Count what `list_messages` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from email_outbox
        where ($1::text is null or recipient || ' ' || subject ilike '%' || $1 || '%')
            and ($2::text is null or status = $2)
        """,
        search,
        status,
    )
    return count


async def list_messages_to(tx: Tx, *, funnel_lead_ids: list[UUID]) -> list[Record]:
    """List what was written to some leads, newest first."""
    return await tx.fetch(
        """
        select id, kind, status, recipient, subject, attempts, error_message, not_before, sent_at,
            created_at
        from email_outbox
        where funnel_lead_id = any ($1)
        order by created_at desc, id
        """,
        funnel_lead_ids,
    )


async def get_message_body(tx: Tx, *, message_id: UUID) -> Record:
    """Return what a message says. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        """
        select id, kind, status, recipient, subject, html, "text", headers, attempts,
            error_message, not_before, sent_at, created_at, from_email, from_name
        from email_outbox
        where id = $1
        """,
        message_id,
    )
    if row is None:
        raise NotFound("There is no such message.")
    return row
