"""The SQL of designs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def list_designs(
    tx: Tx, *, team_id: UUID, search: str | None, limit: int, offset: int
) -> list[Record]:
    """List a team's designs, the last changed first, with how many mails use each."""
    return await tx.fetch(
        """
        select d.id, d.name, d.updated_at,
            (select count(*) from email_flow_steps as s where s.design_id = d.id)::int
                + (select count(*) from email_broadcasts as b where b.design_id = d.id)::int
                as used_by
        from email_designs as d
        where d.team_id = $1 and ($2::text is null or d.name ilike '%' || $2 || '%')
        order by d.updated_at desc, d.id
        limit $3 offset $4
        """,
        team_id,
        search,
        limit,
        offset,
    )


async def count_designs(tx: Tx, *, team_id: UUID, search: str | None) -> int:
    """Count what `list_designs` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from email_designs as d
        where d.team_id = $1 and ($2::text is null or d.name ilike '%' || $2 || '%')
        """,
        team_id,
        search,
    )
    return count


async def get_design(tx: Tx, *, design_id: UUID) -> Record:
    """Return a design. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(
        """
        select id, team_id, name, blocks, look, created_at, updated_at
        from email_designs where id = $1
        """,
        design_id,
    )
    if row is None:
        raise NotFound("There is no such design.")
    return row


async def insert_design(
    tx: Tx, *, team_id: UUID, name: str, blocks: list[Any], look: Mapping[str, Any]
) -> UUID:
    """Insert a design and return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into email_designs (team_id, name, blocks, look) values ($1, $2, $3, $4)
        returning id
        """,
        team_id,
        name,
        blocks,
        dict(look),
    )
    return identifier


async def update_design(
    tx: Tx, *, design_id: UUID, name: str, blocks: list[Any], look: Mapping[str, Any]
) -> None:
    """Change a design."""
    await tx.execute(
        "update email_designs set name = $2, blocks = $3, look = $4 where id = $1",
        design_id,
        name,
        blocks,
        dict(look),
    )


async def delete_design(tx: Tx, *, design_id: UUID) -> None:
    """Delete a design; the steps of flows that used it go plain."""
    await tx.execute("delete from email_designs where id = $1", design_id)


async def list_uses(tx: Tx, *, design_id: UUID) -> list[Record]:
    """List the flows with a mail that looks like the design."""
    return await tx.fetch(
        """
        select distinct f.id, f.name, f.status
        from email_flow_steps as s join email_flows as f on f.id = s.flow_id
        where s.design_id = $1
        order by f.name
        """,
        design_id,
    )


async def get_sender(tx: Tx, *, team_id: UUID) -> Record:
    """Return who writes for a team. Raises NotFound when the team is invisible."""
    row = await tx.fetchrow(
        """
        select t.owner_id, t.is_personal, coalesce(t.custom_site_name, t.name) as name,
            u.name as owner_name, s.postal_address, s.ps_template
        from teams as t
        join users as u on u.id = t.owner_id
        left join profiles as p on p.id = t.owner_id
        left join email_settings as s on s.tenant_id = p.tenant_id
        where t.id = $1
        """,
        team_id,
    )
    if row is None:
        raise NotFound("There is no such team.")
    return row


async def list_readers(tx: Tx, *, team_id: UUID, search: str | None) -> list[Record]:
    """List some people whom a preview may be for, the newest first."""
    return await tx.fetch(
        """
        select id, email, first_name, last_name, company
        from email_subscribers
        where team_id = $1 and status = 'active'
            and ($2::text is null or email || ' ' || coalesce(first_name, '') || ' '
                || coalesce(last_name, '') ilike '%' || $2 || '%')
        order by created_at desc, id
        limit 20
        """,
        team_id,
        search,
    )


async def find_reader(tx: Tx, *, team_id: UUID, subscriber_id: UUID) -> Record | None:
    """Find somebody on a team's list."""
    return await tx.fetchrow(
        """
        select id, email, first_name, last_name, company
        from email_subscribers where id = $1 and team_id = $2
        """,
        subscriber_id,
        team_id,
    )
