"""The SQL of tools and of the conversations that visitors have with them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound


async def get_tool(tx: Tx, *, lead_magnet_id: UUID) -> Record:
    """Return a magnet with its tool. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        """
        select id, user_id, team_id, title, archetype, interactive_config, short_description,
            target_audience, pain_point, extracted_content, polished_content, updated_at
        from lead_magnets where id = $1
        """,
        lead_magnet_id,
    )
    if row is None:
        raise NotFound("There is no such lead magnet.")
    return row


async def update_tool(tx: Tx, *, lead_magnet_id: UUID, config: Mapping[str, Any]) -> None:
    """Write the tool that a magnet is. Raises NotFound when it is not the person's to change."""
    written = await tx.fetchval(
        "update lead_magnets set interactive_config = $2 where id = $1 returning true",
        lead_magnet_id,
        dict(config),
    )
    if not written:
        raise NotFound("There is no such lead magnet.")


async def enter_chat(
    tx: Tx,
    *,
    lead_magnet_id: UUID,
    session_hash: str,
    funnel_lead_id: UUID | None,
    title: str,
) -> UUID:
    """Return the conversation of a session, begun now if it is new."""
    chat_id: UUID = await tx.fetchval(
        """
        insert into interactive_chats (lead_magnet_id, session_token, funnel_lead_id, title)
        values ($1, $2, $3, $4)
        on conflict (lead_magnet_id, session_token) do update set updated_at = now()
        returning id
        """,
        lead_magnet_id,
        session_hash,
        funnel_lead_id,
        title,
    )
    return chat_id


async def insert_message(
    tx: Tx, *, chat_id: UUID, role: str, content: str, is_complete: bool = True
) -> None:
    """Keep what was said."""
    await tx.execute(
        """
        insert into interactive_chat_messages (chat_id, role, content, is_complete, created_at)
        values ($1, $2, $3, $4, clock_timestamp())
        """,
        chat_id,
        role,
        content,
        is_complete,
    )


async def list_messages(
    tx: Tx, *, lead_magnet_id: UUID, session_hash: str, limit: int
) -> list[Record]:
    """Return the last messages of a session, oldest first."""
    return await tx.fetch(
        """
        select role, content from (
            select m.role, m.content, m.created_at, m.id
            from interactive_chat_messages as m
            join interactive_chats as c on c.id = m.chat_id
            where c.lead_magnet_id = $1 and c.session_token = $2
            order by m.created_at desc, m.id
            limit $3
        ) as last
        order by created_at, id
        """,
        lead_magnet_id,
        session_hash,
        limit,
    )


async def list_chats(tx: Tx, *, lead_magnet_id: UUID, limit: int) -> list[Record]:
    """Return the newest conversations with a magnet, with how much was said and by whom."""
    return await tx.fetch(
        """
        select c.id, c.title, c.created_at, c.updated_at, l.id as lead_id, l.email,
            (select count(*) from interactive_chat_messages as m where m.chat_id = c.id) as messages
        from interactive_chats as c
        left join funnel_leads as l on l.id = c.funnel_lead_id
        where c.lead_magnet_id = $1
        order by c.created_at desc
        limit $2
        """,
        lead_magnet_id,
        limit,
    )


async def list_said(tx: Tx, *, chat_id: UUID) -> list[Record]:
    """Return what was said in a conversation, oldest first."""
    return await tx.fetch(
        """
        select role, content, created_at from interactive_chat_messages
        where chat_id = $1 order by created_at, id limit 500
        """,
        chat_id,
    )
