"""The SQL of who carries a team's mail, and how much of it."""

from datetime import date
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one


async def find_account(tx: Tx, *, team_id: UUID) -> Record | None:
    """Find how a team sends: its names, its verified domain, its tenant's settings."""
    return await tx.fetchrow(
        """
        select t.id as team_id, p.tenant_id, coalesce(t.custom_site_name, t.name) as team_name,
            t.custom_email_sender_name, t.custom_from_email, k.sender_name, d.domain,
            coalesce(u.name, u.email) as owner_name, u.email as owner_email,
            s.id is not null as has_settings, s.is_active, s.from_email, s.from_name,
            s.reply_to_email, s.resend_api_key, s.ps_template, s.append_ps_to_flows,
            s.postal_address, s.sending_paused_at, s.sending_paused_reason, s.tracks_opens,
            s.tracks_clicks, s.warmup_started_on, s.daily_cap
        from teams as t
        join profiles as p on p.id = t.owner_id
        join users as u on u.id = t.owner_id
        left join email_settings as s on s.tenant_id = p.tenant_id
        left join team_email_domains as d on d.team_id = t.id and d.status = 'verified'
        left join brand_kits as k on k.team_id = t.id
        where t.id = $1
        """,
        team_id,
    )


async def pause_sending(tx: Tx, *, tenant_id: UUID, reason: str) -> bool:
    """Stop a tenant's sending; False when it is stopped already."""
    paused = await tx.fetchval(
        """
        update email_settings set sending_paused_at = now(), sending_paused_reason = $2
        where tenant_id = $1 and sending_paused_at is null
        returning true
        """,
        tenant_id,
        reason,
    )
    return paused is not None


async def take_sends(
    tx: Tx, *, rate_key: str, wanted: int, per_second: float, most: float
) -> tuple[int, float]:
    """Take calls of an account; how many, and with none how many seconds to wait."""
    row = await fetch_one(
        tx,
        "select granted, wait_seconds from platform.take_sends($1, $2, $3, $4)",
        rate_key,
        wanted,
        per_second,
        most,
    )
    return row["granted"], row["wait_seconds"]


async def block_sends(tx: Tx, *, rate_key: str, seconds: float) -> None:
    """Have every worker leave an account alone for a while."""
    await tx.execute("select platform.block_sends($1, $2)", rate_key, seconds)


async def take_day_room(
    tx: Tx, *, tenant_id: UUID, domain: str, day: date, wanted: int, most: int
) -> int:
    """Take of what a domain may send on a day; how many, 0 when it is used up."""
    await tx.execute(
        """
        insert into email_sender_days (tenant_id, domain, day) values ($1, $2, $3)
        on conflict (tenant_id, domain, day) do nothing
        """,
        tenant_id,
        domain,
        day,
    )
    before: int = await tx.fetchval(
        """
        select taken from email_sender_days
        where tenant_id = $1 and domain = $2 and day = $3
        for update
        """,
        tenant_id,
        domain,
        day,
    )
    granted = min(wanted, max(most - before, 0))
    await tx.execute(
        """
        update email_sender_days set taken = taken + $4
        where tenant_id = $1 and domain = $2 and day = $3
        """,
        tenant_id,
        domain,
        day,
        granted,
    )
    return granted


async def give_day_room(tx: Tx, *, tenant_id: UUID, domain: str, day: date, count: int) -> None:
    """Give back what was taken and not used."""
    await tx.execute(
        """
        update email_sender_days set taken = greatest(taken - $4, 0)
        where tenant_id = $1 and domain = $2 and day = $3
        """,
        tenant_id,
        domain,
        day,
        count,
    )
