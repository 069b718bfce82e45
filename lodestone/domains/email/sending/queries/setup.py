"""The SQL of how a team's mail is set up."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_settings(tx: Tx, *, tenant_id: UUID) -> Record | None:
    """Find a tenant's settings, without secrets."""
    return await tx.fetchrow(
        """
        select is_active, from_name, from_email, reply_to_email, postal_address, ps_template,
            append_ps_to_flows, send_time, timezone, frequency_cap, frequency_days,
            warmup_started_on, daily_cap, tracks_opens, tracks_clicks, resend_key_suffix,
            sending_paused_at, sending_paused_reason
        from email_settings
        where tenant_id = $1
        """,
        tenant_id,
    )


async def has_signing_secret(tx: Tx, *, tenant_id: UUID) -> bool:
    """Say whether the reports of a tenant's own account can be checked."""
    found: bool | None = await tx.fetchval(
        "select resend_webhook_secret is not null from email_settings where tenant_id = $1",
        tenant_id,
    )
    return bool(found)


async def upsert_settings(tx: Tx, *, tenant_id: UUID, values: dict[str, Any]) -> None:
    """Keep a tenant's settings; a warm-up that is on goes on from its first day."""
    await tx.execute(
        """
        insert into email_settings as s (
            tenant_id, is_active, from_name, from_email, reply_to_email, postal_address,
            ps_template, append_ps_to_flows, send_time, timezone, frequency_cap, frequency_days,
            warmup_started_on, daily_cap, tracks_opens, tracks_clicks)
        values (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
            case when $13 then (now() at time zone 'utc')::date end, $14, $15, $16)
        on conflict (tenant_id) do update set
            is_active = excluded.is_active, from_name = excluded.from_name,
            from_email = excluded.from_email, reply_to_email = excluded.reply_to_email,
            postal_address = excluded.postal_address, ps_template = excluded.ps_template,
            append_ps_to_flows = excluded.append_ps_to_flows, send_time = excluded.send_time,
            timezone = excluded.timezone, frequency_cap = excluded.frequency_cap,
            frequency_days = excluded.frequency_days,
            warmup_started_on = case
                when $13 then coalesce(s.warmup_started_on, excluded.warmup_started_on) end,
            daily_cap = excluded.daily_cap, tracks_opens = excluded.tracks_opens,
            tracks_clicks = excluded.tracks_clicks
        """,
        tenant_id,
        values["is_active"],
        values["from_name"],
        values["from_email"],
        values["reply_to_email"],
        values["postal_address"],
        values["ps_template"],
        values["append_ps_to_flows"],
        values["send_time"],
        values["timezone"],
        values["frequency_cap"],
        values["frequency_days"],
        values["is_warming_up"],
        values["daily_cap"],
        values["tracks_opens"],
        values["tracks_clicks"],
    )


async def set_key(tx: Tx, *, tenant_id: UUID, sealed: str | None, suffix: str | None) -> None:
    """Keep or remove a tenant's own key; sending goes on if it stood still."""
    await tx.execute(
        """
        insert into email_settings (tenant_id, resend_api_key, resend_key_suffix)
        values ($1, $2, $3)
        on conflict (tenant_id) do update set
            resend_api_key = excluded.resend_api_key,
            resend_key_suffix = excluded.resend_key_suffix,
            sending_paused_at = null, sending_paused_reason = null
        """,
        tenant_id,
        sealed,
        suffix,
    )


async def set_signing_secret(tx: Tx, *, tenant_id: UUID, sealed: str | None) -> None:
    """Keep or remove what signs the reports of a tenant's own account."""
    await tx.execute(
        """
        insert into email_settings (tenant_id, resend_webhook_secret) values ($1, $2)
        on conflict (tenant_id) do update set resend_webhook_secret = excluded.resend_webhook_secret
        """,
        tenant_id,
        sealed,
    )


async def find_domain(tx: Tx, *, team_id: UUID) -> Record | None:
    """Find the domain that a team sends from."""
    return await tx.fetchrow(
        """
        select id, domain, resend_domain_id, status, dns_records, region, last_checked_at
        from team_email_domains
        where team_id = $1
        """,
        team_id,
    )


async def upsert_domain(
    tx: Tx,
    *,
    team_id: UUID,
    domain: str,
    resend_domain_id: str,
    status: str,
    records: list[dict[str, Any]],
    region: str,
) -> None:
    """Keep what the provider says about a team's domain."""
    await tx.execute(
        """
        insert into team_email_domains (
            team_id, domain, resend_domain_id, status, dns_records, region, last_checked_at)
        values ($1, $2, $3, $4, $5, $6, now())
        on conflict (team_id) do update set
            domain = excluded.domain, resend_domain_id = excluded.resend_domain_id,
            status = excluded.status, dns_records = excluded.dns_records,
            region = excluded.region, last_checked_at = now()
        """,
        team_id,
        domain,
        resend_domain_id,
        status,
        records,
        region,
    )


async def delete_domain(tx: Tx, *, team_id: UUID) -> None:
    """Forget a team's domain."""
    await tx.execute("delete from team_email_domains where team_id = $1", team_id)
