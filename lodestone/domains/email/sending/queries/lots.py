"""The SQL of lots: handfuls of a broadcast's messages that are claimed, sent and noted together."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def claim_lot(
    tx: Tx, *, broadcast_id: UUID, run_id: UUID, claim_id: UUID, way: str, limit: int
) -> list[Record]:
    """Take due messages of a broadcast; some may come back withheld.

    Until they are sent `provider` names the account by which they are to leave. None are taken
    once the broadcast is paused, cancelled or taken over by another run.
    """
    return await tx.fetch(
        """
        with due as (
            select o.id
            from email_outbox as o
            where o.broadcast_id = $1 and o.status = 'queued' and o.not_before <= now()
                and o.variant is not null
                and exists (
                    select from email_broadcasts as b
                    where b.id = $1 and b.status = 'sending' and b.run_id = $2)
            limit $4
            for update of o skip locked
        )
        update email_outbox as o
        set status = 'sending', claimed_at = now(), claim_id = $3, provider = $5,
            attempts = o.attempts + 1
        from due
        where o.id = due.id
        returning o.id, o.dedupe_key, o.recipient, o.subscriber_id, o.variant, o.merge_fields,
            o.status, o.attempts
        """,
        broadcast_id,
        run_id,
        claim_id,
        limit,
        way,
    )


async def list_interrupted_lots(tx: Tx, *, broadcast_id: UUID) -> list[Record]:
    """List messages that earlier runs claimed and left without an outcome, lot by lot."""
    return await tx.fetch(
        """
        select id, dedupe_key, recipient, subscriber_id, variant, merge_fields, status, attempts,
            claim_id, claimed_at, provider as way
        from email_outbox
        where broadcast_id = $1 and status = 'sending'
        order by claim_id, id
        """,
        broadcast_id,
    )


async def note_sent(
    tx: Tx,
    *,
    message_ids: Sequence[UUID],
    provider: str,
    provider_message_ids: Sequence[str | None],
) -> None:
    """Note that messages were taken, also those that were thought uncertain meanwhile."""
    await tx.execute(
        """
        update email_outbox as o
        set status = 'sent', sent_at = now(), provider = $3, provider_message_id = g.message_id,
            error_message = null
        from unnest($1::uuid[], $2::text[]) as g (id, message_id)
        where o.id = g.id and o.status in ('sending', 'uncertain')
        """,
        list(message_ids),
        list(provider_message_ids),
        provider,
    )


async def note_unsent(
    tx: Tx,
    *,
    message_ids: Sequence[UUID],
    status: str,
    errors: Sequence[str | None],
    wait_seconds: Sequence[float],
) -> None:
    """Note that messages were not taken, may have been, or are to be tried again after a while."""
    await tx.execute(
        """
        update email_outbox as o
        set status = $3, error_message = g.error,
            not_before = case when $3 = 'queued' then now() + make_interval(secs => g.wait)
                else o.not_before end,
            claimed_at = case when $3 = 'queued' then null else o.claimed_at end,
            claim_id = case when $3 = 'queued' then null else o.claim_id end
        from unnest($1::uuid[], $2::text[], $4::float8[]) as g (id, error, wait)
        where o.id = g.id and o.status = 'sending'
        """,
        list(message_ids),
        list(errors),
        status,
        list(wait_seconds),
    )


async def give_back(tx: Tx, *, message_ids: Sequence[UUID]) -> None:
    """Queue messages again that never left, as if they had not been taken."""
    await tx.execute(
        """
        update email_outbox
        set status = 'queued', claimed_at = null, claim_id = null, attempts = attempts - 1
        where id = any ($1) and status = 'sending'
        """,
        list(message_ids),
    )
