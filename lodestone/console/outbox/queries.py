"""The SQL of the outbox page."""

from uuid import UUID

import asyncpg

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def get_message(tx: Tx, *, message_id: UUID) -> asyncpg.Record:
    """Return a message without what it says. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        """
        select id, kind, status, recipient, recipient_name, subject, attempts, error_message,
            not_before, sent_at, created_at, dedupe_key, provider
        from public.email_outbox
        where id = $1
        """,
        message_id,
    )
    if row is None:
        raise NotFound("There is no such mail.")
    return row
