"""The SQL of own domains."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx

_DOMAIN = """
    d.team_id, d.domain, d.status, d.dns_config, d.ownership_proof, d.vercel_domain_id,
    d.last_error, d.last_checked_at, d.verified_at, d.created_at
"""


async def find_domain(tx: Tx, *, team_id: UUID) -> Record | None:
    """Find a team's domain; its owner sees it, nobody else."""
    return await tx.fetchrow(f"select {_DOMAIN} from team_domains as d where team_id = $1", team_id)


async def find_state(tx: Tx, *, domain: str) -> str | None:
    """Find how far a domain is, whosever it is."""
    state: str | None = await tx.fetchval("select find_domain_state($1)", domain)
    return state


async def insert_domain(
    tx: Tx,
    *,
    team_id: UUID,
    domain: str,
    dns_config: Mapping[str, Any],
    ownership_proof: str,
    vercel_domain_id: str | None,
) -> bool:
    """Insert a team's domain; False when it, or the team's place, is taken."""
    found = await tx.fetchval(
        """
        insert into team_domains (team_id, domain, dns_config, ownership_proof, vercel_domain_id)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        returning id
        """,
        team_id,
        domain,
        dict(dns_config),
        ownership_proof,
        vercel_domain_id,
    )
    return found is not None


async def update_domain(
    tx: Tx,
    *,
    team_id: UUID,
    domain: str,
    status: str,
    last_error: str | None,
    dns_config: Mapping[str, Any],
) -> None:
    """Note what a check found."""
    await tx.execute(
        """
        update team_domains
        set status = $3, last_error = $4, dns_config = $5, last_checked_at = now(),
            verified_at = case
                when $3 in ('verified', 'active') then coalesce(verified_at, now())
            end
        where team_id = $1 and domain = $2
        """,
        team_id,
        domain,
        status,
        last_error,
        dict(dns_config),
    )


async def delete_domain(tx: Tx, *, team_id: UUID) -> bool:
    """Delete a team's domain; False when it has none."""
    found = await tx.fetchval("delete from team_domains where team_id = $1 returning id", team_id)
    return found is not None


async def delete_unproven(tx: Tx, *, domain: str, days: int) -> None:
    """Delete a claim on a domain that nobody has shown to be right in that time."""
    await tx.execute(
        """
        delete from team_domains
        where domain = $1 and status = 'pending_dns'
            and created_at < now() - make_interval(days => $2)
        """,
        domain,
        days,
    )


async def list_due(tx: Tx, *, limit: int) -> list[Record]:
    """List domains that a check may find changed: new ones often, served ones once a day."""
    return await tx.fetch(
        """
        select d.team_id, t.owner_id
        from team_domains as d
        join teams as t on t.id = d.team_id
        where coalesce(d.last_checked_at, d.created_at) < now() - case
            when d.status = 'active' then interval '1 day'
            when d.created_at > now() - interval '2 days' then interval '10 minutes'
            else interval '6 hours'
        end
        order by d.last_checked_at nulls first, d.team_id
        limit $1
        """,
        limit,
    )
