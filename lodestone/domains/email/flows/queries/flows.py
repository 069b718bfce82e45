"""The SQL of flows and their steps."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_COLUMNS = """
    id, tenant_id, team_id, name, description, status, trigger_type, trigger_lead_magnet_id,
    trigger_event_type, goal_event, exit_events, allows_reentry, send_time, from_name, from_email,
    reply_to_email, ai_system_prompt, created_at, updated_at
"""


async def list_flows(
    tx: Tx, *, team_id: UUID, search: str | None, status: str | None, limit: int, offset: int
) -> list[Record]:
    """List a team's flows, the last changed first, with how their people fare."""
    return await tx.fetch(
        """
        select f.id, f.name, f.status, f.trigger_type, f.trigger_event_type, f.updated_at,
            m.title as lead_magnet_title,
            (select count(*) from email_flow_steps as s where s.flow_id = f.id)::int as steps,
            coalesce(c.active, 0)::int as active, coalesce(c.reached, 0)::int as reached,
            coalesce(c.failed, 0)::int as failed
        from email_flows as f
        left join lead_magnets as m on m.id = f.trigger_lead_magnet_id
        left join lateral (
            select count(*) filter (where k.status in ('active', 'paused')) as active,
                count(*) filter (where k.status = 'completed') as reached,
                count(*) filter (where k.status = 'failed') as failed
            from email_flow_contacts as k where k.flow_id = f.id
        ) as c on true
        where f.team_id = $1
            and ($2::text is null or concat_ws(' ', f.name, f.description) ilike '%' || $2 || '%')
            and ($3::text is null or f.status = $3)
        order by f.updated_at desc, f.id
        limit $4 offset $5
        """,
        team_id,
        search,
        status,
        limit,
        offset,
    )


async def count_flows(tx: Tx, *, team_id: UUID, search: str | None, status: str | None) -> int:
    """Count what `list_flows` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*) from email_flows as f
        where f.team_id = $1
            and ($2::text is null or concat_ws(' ', f.name, f.description) ilike '%' || $2 || '%')
            and ($3::text is null or f.status = $3)
        """,
        team_id,
        search,
        status,
    )
    return count


async def get_flow(tx: Tx, *, flow_id: UUID) -> Record:
    """Return a flow. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(f"select {_COLUMNS} from email_flows where id = $1", flow_id)
    if row is None:
        raise NotFound("There is no such flow.")
    return row


async def insert_flow(
    tx: Tx, *, tenant_id: UUID, team_id: UUID, user_id: UUID, values: Mapping[str, Any]
) -> UUID:
    """Insert a draft and return its id."""
    identifier: UUID = await tx.fetchval(
        """
        insert into email_flows (
            tenant_id, team_id, user_id, name, description, trigger_type, trigger_lead_magnet_id,
            trigger_event_type
        ) values ($1, $2, $3, $4, $5, $6, $7, $8)
        returning id
        """,
        tenant_id,
        team_id,
        user_id,
        values["name"],
        values["description"],
        values["trigger_type"],
        values["trigger_lead_magnet_id"],
        values["trigger_event_type"],
    )
    return identifier


async def update_flow(tx: Tx, *, flow_id: UUID, values: Mapping[str, Any]) -> None:
    """Change what a flow is."""
    await tx.execute(
        """
        update email_flows
        set name = $2, description = $3, trigger_type = $4, trigger_lead_magnet_id = $5,
            trigger_event_type = $6
        where id = $1
        """,
        flow_id,
        values["name"],
        values["description"],
        values["trigger_type"],
        values["trigger_lead_magnet_id"],
        values["trigger_event_type"],
    )


async def update_rules(tx: Tx, *, flow_id: UUID, values: Mapping[str, Any]) -> None:
    """Change how a flow ends, who it is from and when its mails go out."""
    await tx.execute(
        """
        update email_flows
        set goal_event = $2, exit_events = $3, allows_reentry = $4, send_time = $5, from_name = $6,
            from_email = $7, reply_to_email = $8, ai_system_prompt = $9
        where id = $1
        """,
        flow_id,
        values["goal_event"],
        values["exit_events"],
        values["allows_reentry"],
        values["send_time"],
        values["from_name"],
        values["from_email"],
        values["reply_to_email"],
        values["ai_system_prompt"],
    )


async def set_status(tx: Tx, *, flow_id: UUID, status: str) -> None:
    """Move a flow to a status; the database refuses what is no move."""
    await tx.execute("update email_flows set status = $2 where id = $1", flow_id, status)


async def find_active_flow_name(
    tx: Tx, *, lead_magnet_id: UUID, but_not: UUID | None
) -> str | None:
    """Find the name of the flow that people who opt in for a magnet enter."""
    name: str | None = await tx.fetchval(
        """
        select name from email_flows
        where trigger_lead_magnet_id = $1 and status = 'active' and trigger_type = 'lead_magnet'
            and id is distinct from $2
        """,
        lead_magnet_id,
        but_not,
    )
    return name


async def delete_flow(tx: Tx, *, flow_id: UUID) -> None:
    """Delete a flow with its steps and its people's ways; sent mails stay."""
    await tx.execute("delete from email_flows where id = $1", flow_id)


async def list_steps(tx: Tx, *, flow_id: UUID) -> list[Record]:
    """List the steps of a flow in their order."""
    return await tx.fetch(
        """
        select id, flow_id, step_number, subject, coalesce(preheader, '') as preheader, body,
            delay_days, design_id, wait_for, wait_otherwise, only_if
        from email_flow_steps
        where flow_id = $1
        order by step_number
        """,
        flow_id,
    )


async def insert_step(
    tx: Tx, *, flow_id: UUID, step_number: int | None, values: Mapping[str, Any]
) -> UUID:
    """Insert a step at the end; with a number, in its order."""
    identifier: UUID = await tx.fetchval(
        """
        insert into email_flow_steps (
            flow_id, step_number, subject, preheader, body, delay_days, design_id, wait_for,
            wait_otherwise, only_if
        ) values (
            $1,
            coalesce($2, (
                select coalesce(max(s.step_number) + 1, 0) from email_flow_steps as s
                where s.flow_id = $1)),
            $3, $4, $5, $6, $7, $8, $9, $10
        )
        returning id
        """,
        flow_id,
        step_number,
        *_step_values(values),
    )
    return identifier


async def update_step(tx: Tx, *, step_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a step."""
    await tx.execute(
        """
        update email_flow_steps
        set subject = $2, preheader = $3, body = $4, delay_days = $5, design_id = $6, wait_for = $7,
            wait_otherwise = $8, only_if = $9
        where id = $1
        """,
        step_id,
        *_step_values(values),
    )


def _step_values(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        values["subject"],
        values["preheader"] or None,
        values["body"],
        values["delay_days"],
        values["design_id"],
        values["wait_for"],
        values["wait_otherwise"],
        values["only_if"],
    )


async def delete_step(tx: Tx, *, flow_id: UUID, step_id: UUID, step_number: int) -> None:
    """Delete a step and renumber, so that people keep their place."""
    await tx.execute("delete from email_flow_steps where id = $1", step_id)
    await tx.execute(
        """
        update email_flow_steps set step_number = step_number - 1
        where flow_id = $1 and step_number > $2
        """,
        flow_id,
        step_number,
    )
    await tx.execute(
        """
        update email_flow_contacts set current_step = current_step - 1
        where flow_id = $1 and current_step > $2
        """,
        flow_id,
        step_number,
    )


async def delete_steps(tx: Tx, *, flow_id: UUID) -> None:
    """Delete every step of a flow."""
    await tx.execute("delete from email_flow_steps where flow_id = $1", flow_id)


async def renumber_steps(tx: Tx, *, flow_id: UUID, step_ids: list[UUID]) -> None:
    """Put the steps of a flow into an order, in one statement."""
    await tx.execute(
        """
        update email_flow_steps as s set step_number = o.position - 1
        from unnest($2::uuid[]) with ordinality as o (id, position)
        where s.flow_id = $1 and s.id = o.id
        """,
        flow_id,
        step_ids,
    )


async def list_step_stats(tx: Tx, *, flow_id: UUID) -> list[Record]:
    """List what became of each step: of its messages, distinct ones."""
    return await tx.fetch(
        """
        select s.id as step_id,
            count(*) filter (where p.outcome = 'sent')::int as sent,
            count(*) filter (where p.outcome in ('skipped', 'rejected'))::int as skipped,
            count(*) filter (where p.outcome = 'review')::int as waiting,
            count(o.opened_at)::int as opened, count(o.clicked_at)::int as clicked,
            count(*) filter (where o.status = 'failed')::int as failed
        from email_flow_steps as s
        left join email_flow_passages as p on p.step_id = s.id
        left join email_outbox as o on o.id = p.message_id
        where s.flow_id = $1
        group by s.id
        """,
        flow_id,
    )


async def list_lead_magnets(tx: Tx, *, team_id: UUID, user_id: UUID | None) -> list[Record]:
    """List the magnets that a flow of a team may begin with."""
    return await tx.fetch(
        """
        select id, title from lead_magnets
        where (team_id = $1 or (team_id is null and user_id = $2)) and status <> 'archived'
        order by title
        limit 200
        """,
        team_id,
        user_id,
    )


async def find_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Find what is said about a magnet."""
    return await tx.fetchrow(
        """
        select id, title, archetype, pain_point, target_audience, short_description, user_id,
            team_id
        from lead_magnets where id = $1
        """,
        lead_magnet_id,
    )
