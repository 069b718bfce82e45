"""The SQL of the list: who is on it, what they said, and how they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_ORDERS = {
    "email": "s.email",
    "status": "s.status",
    "created_at": "s.created_at",
}
_NARROWED = """
    s.team_id = $1
    and ($2::text is null or s.email || ' ' || coalesce(s.first_name, '') || ' '
        || coalesce(s.last_name, '') || ' ' || coalesce(s.company, '') ilike '%' || $2 || '%')
    and ($3::text is null or s.status = $3)
    and ($4::text is null or s.source = $4)
"""


async def find_tenant_of_team(tx: Tx, *, team_id: UUID) -> UUID | None:
    """Find the tenant of a team: its owner's."""
    tenant_id: UUID | None = await tx.fetchval(
        """
        select p.tenant_id from teams as t join profiles as p on p.id = t.owner_id where t.id = $1
        """,
        team_id,
    )
    return tenant_id


async def list_subscribers(
    tx: Tx,
    *,
    team_id: UUID,
    search: str | None,
    status: str | None,
    source: str | None,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a team's subscribers, sorted by a key of `_ORDERS`."""
    return await tx.fetch(
        f"""
        select s.id, s.email, s.first_name, s.last_name, s.company, s.status, s.source,
            s.subscribed_at, s.unsubscribed_at, s.created_at
        from email_subscribers as s
        where {_NARROWED}
        order by {_ORDERS[sort]} {"desc" if descending else "asc"}, s.id
        limit $5 offset $6
        """,
        team_id,
        search,
        status,
        source,
        limit,
        offset,
    )


async def count_subscribers(
    tx: Tx, *, team_id: UUID, search: str | None, status: str | None, source: str | None
) -> int:
    """Count what `list_subscribers` would list without its limit."""
    count: int = await tx.fetchval(
        f"select count(*) from email_subscribers as s where {_NARROWED}",
        team_id,
        search,
        status,
        source,
    )
    return count


async def count_by_status(tx: Tx, *, team_id: UUID) -> dict[str, int]:
    """Count a team's subscribers in each status."""
    rows = await tx.fetch(
        """
        select status, count(*) as count from email_subscribers where team_id = $1 group by status
        """,
        team_id,
    )
    return {row["status"]: row["count"] for row in rows}


async def get_subscriber(tx: Tx, *, subscriber_id: UUID) -> Record:
    """Return somebody on a list. Raises NotFound when they are missing or invisible."""
    row = await tx.fetchrow(
        """
        select id, email, first_name, last_name, company, status, source, source_id,
            subscribed_at, unsubscribed_at, created_at, team_id, muted_kinds, timezone,
            coalesce(metadata, '{}') as metadata
        from email_subscribers
        where id = $1
        """,
        subscriber_id,
    )
    if row is None:
        raise NotFound("There is no such subscriber.")
    return row


async def list_history(tx: Tx, *, subscriber_id: UUID, limit: int) -> list[Record]:
    """List what happened between somebody and the list, newest first."""
    return await tx.fetch(
        """
        select c.given_at as at, c.act as what,
            case c.act
                when 'added' then u.name
                when 'chose' then c.details ->> 'unwanted'
                when 'opted_in' then m.title
            end as text,
            null::uuid as message_id
        from email_consents as c
        left join users as u on u.id = c.user_id
        left join lead_magnets as m on m.id = c.source_id
        where c.subscriber_id = $1
        union all
        select i.finished_at, 'imported', i.file_name, null
        from email_subscribers as s
        join email_imports as i on i.id::text = s.metadata ->> 'import_id'
        where s.id = $1 and i.finished_at is not null
        union all
        select e.created_at, e.event_type,
            coalesce(e.subject, e.bounce_type, e.metadata ->> 'by'), e.outbox_id
        from email_events as e
        where e.subscriber_id = $1 and e.event_type <> 'sent'
        union all
        select coalesce(o.sent_at, o.created_at), 'mail_' || o.status,
            o.subject || coalesce(': ' || o.error_message, ''), o.id
        from email_outbox as o
        where o.subscriber_id = $1
        order by 1 desc
        limit $2
        """,
        subscriber_id,
        limit,
    )


async def upsert_subscriber(
    tx: Tx,
    *,
    tenant_id: UUID,
    team_id: UUID,
    email: str,
    names: Mapping[str, str | None],
    status: str,
    source: str,
    source_id: UUID | None,
) -> Record:
    """Keep an address; one that is known keeps its status, and takes the names that are given.

    A further source is noted in the metadata. Returns id, status and whether the address is new.
    """
    return await fetch_one(
        tx,
        """
        insert into email_subscribers as s (
            tenant_id, team_id, email, first_name, last_name, company, status, source, source_id
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (team_id, email) do update set
            first_name = coalesce(excluded.first_name, s.first_name),
            last_name = coalesce(excluded.last_name, s.last_name),
            company = coalesce(excluded.company, s.company),
            metadata = case
                when s.source = excluded.source
                    and s.source_id is not distinct from excluded.source_id
                    or coalesce(s.metadata -> 'sources', '[]')
                        @> jsonb_build_array(jsonb_build_object('source', $8::text, 'id', $9::uuid))
                    then s.metadata
                else coalesce(s.metadata, '{}') || jsonb_build_object(
                    'sources',
                    coalesce(s.metadata -> 'sources', '[]')
                        || jsonb_build_array(jsonb_build_object('source', $8::text, 'id', $9::uuid))
                )
            end
        returning s.id, s.status, (xmax = 0) as is_new
        """,
        tenant_id,
        team_id,
        email,
        names.get("first_name"),
        names.get("last_name"),
        names.get("company"),
        status,
        source,
        source_id,
    )


async def insert_consent(
    tx: Tx,
    *,
    subscriber_id: UUID,
    act: str,
    given_at: datetime | None = None,
    source_id: UUID | None = None,
    user_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down what somebody said about being on the list; the same again changes nothing."""
    await tx.execute(
        """
        insert into email_consents (
            tenant_id, team_id, subscriber_id, act, given_at, source_id, user_id, details
        )
        select s.tenant_id, s.team_id, s.id, $2, coalesce($3, clock_timestamp()), $4, $5, $6
        from email_subscribers as s
        where s.id = $1
        on conflict (subscriber_id, act, given_at) do nothing
        """,
        subscriber_id,
        act,
        given_at,
        source_id,
        user_id,
        dict(details or {}),
    )


async def reactivate_subscriber(
    tx: Tx, *, subscriber_id: UUID, given_at: datetime | None = None
) -> bool:
    """Begin a subscription again; False when it ended after `given_at`, or is not to begin."""
    changed = await tx.fetchval(
        """
        with back as (
            update email_subscribers
            set status = 'active', unsubscribed_at = null,
                metadata = coalesce(metadata, '{}') || case
                    when status = 'pending' then '{}'
                    else jsonb_build_object('resubscribed_at', now())
                end
            where id = $1 and status in ('pending', 'unsubscribed')
                and (unsubscribed_at is null or $2::timestamptz is null or unsubscribed_at < $2)
            returning tenant_id, team_id, email, id
        ),
        lifted as (
            delete from suppressions as b
            using back
            where b.tenant_id = back.tenant_id and b.team_id = back.team_id and b.channel = 'email'
                and b.identity_hash = platform.identity_hash(back.email)
                and b.reason in ('unsubscribed', 'erased')
        )
        select id from back
        """,
        subscriber_id,
        given_at,
    )
    return changed is not None


async def unsubscribe(
    tx: Tx, *, subscriber_ids: Sequence[UUID], team_id: UUID | None, by: str | None
) -> int:
    """End subscriptions, stop the flows and cancel what waits; return how many ended now.

    With a team, only those of its list. `by` is kept for the history: who of the team did it.
    """
    count: int = await tx.fetchval(
        """
        with ended as (
            update email_subscribers
            set status = 'unsubscribed', unsubscribed_at = clock_timestamp()
            where id = any ($1) and status in ('active', 'pending')
                and ($2::uuid is null or team_id = $2)
            returning id, email, team_id, tenant_id
        ),
        stopped as (
            update email_flow_contacts as c
            set status = 'unsubscribed'
            from ended as e
            where c.subscriber_id = e.id and c.status in ('active', 'paused')
        ),
        cancelled as (
            update email_outbox as o
            set status = 'cancelled', error_message = 'suppressed: unsubscribed'
            from ended as e
            where o.subscriber_id = e.id and o.status = 'queued'
                and o.kind not in ('resource', 'transactional', 'test')
        ),
        noted as (
            insert into email_events (
                event_type, recipient_email, team_id, tenant_id, subscriber_id, metadata
            )
            select 'unsubscribed', e.email, e.team_id, e.tenant_id, e.id,
                jsonb_strip_nulls(jsonb_build_object('by', $3::text))
            from ended as e
        )
        select count(*) from ended
        """,
        list(subscriber_ids),
        team_id,
        by,
    )
    return count


async def update_subscriber(
    tx: Tx,
    *,
    subscriber_id: UUID,
    first_name: str | None,
    last_name: str | None,
    company: str | None,
    timezone: str | None,
) -> bool:
    """Set somebody's names and time zone; False when they are missing or invisible."""
    changed = await tx.fetchval(
        """
        update email_subscribers
        set first_name = $2, last_name = $3, company = $4, timezone = $5
        where id = $1
        returning id
        """,
        subscriber_id,
        first_name,
        last_name,
        company,
        timezone,
    )
    return changed is not None


async def find_preferences(tx: Tx, *, subscriber_id: UUID) -> Record | None:
    """Find what somebody wants of a team's mail."""
    return await tx.fetchrow(
        """
        select s.id, s.email, s.status, s.muted_kinds, t.name as team_name
        from email_subscribers as s
        join teams as t on t.id = s.team_id
        where s.id = $1
        """,
        subscriber_id,
    )


async def set_muted_kinds(tx: Tx, *, subscriber_id: UUID, kinds: Sequence[str]) -> None:
    """Set what kinds of mail somebody does not want, and cancel what waits of them."""
    await tx.execute(
        """
        with chosen as (
            update email_subscribers set muted_kinds = $2 where id = $1 returning id
        )
        update email_outbox as o
        set status = 'cancelled', error_message = 'suppressed: not wanted'
        from chosen
        where o.subscriber_id = chosen.id and o.status = 'queued' and o.kind = any ($2)
        """,
        subscriber_id,
        list(kinds),
    )


async def is_double_opt_in(tx: Tx, *, team_id: UUID) -> bool:
    """Say whether somebody who opts in confirms the address first."""
    found: bool = await tx.fetchval(
        "select exists (select from email_list_settings where team_id = $1 and double_opt_in)",
        team_id,
    )
    return found


async def upsert_list_settings(tx: Tx, *, team_id: UUID, double_opt_in: bool) -> None:
    """Set how a list takes new people."""
    await tx.execute(
        """
        insert into email_list_settings (team_id, double_opt_in) values ($1, $2)
        on conflict (team_id) do update set double_opt_in = excluded.double_opt_in
        """,
        team_id,
        double_opt_in,
    )
