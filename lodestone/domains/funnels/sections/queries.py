"""The SQL of sections, as a page's people work on them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_SECTION = "id, section_type, page_location, sort_order, is_visible, is_placeholder, config"


async def insert_section(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    section_type: str,
    page_location: str,
    sort_order: int,
    config: Mapping[str, Any],
    is_visible: bool,
    is_placeholder: bool,
) -> UUID:
    """Insert a section."""
    identifier: UUID = await tx.fetchval(
        """
        insert into funnel_page_sections (
            funnel_page_id, section_type, page_location, sort_order, config, is_visible,
            is_placeholder
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        returning id
        """,
        funnel_page_id,
        section_type,
        page_location,
        sort_order,
        dict(config),
        is_visible,
        is_placeholder,
    )
    return identifier


async def insert_sections(
    tx: Tx, *, funnel_page_id: UUID, planned: Sequence[Mapping[str, Any]]
) -> None:
    """Insert sections that have just been planned."""
    await tx.execute(
        """
        insert into funnel_page_sections (
            funnel_page_id, section_type, page_location, sort_order, config, is_visible,
            is_placeholder
        )
        select $1, s.section_type, s.page_location, s.sort_order, s.config, not s.is_placeholder,
            s.is_placeholder
        from jsonb_to_recordset($2) as s (
            section_type text, page_location text, sort_order integer, config jsonb,
            is_placeholder boolean)
        """,
        funnel_page_id,
        list(planned),
    )


async def list_sections(tx: Tx, *, funnel_page_id: UUID) -> list[Record]:
    """Return every section of a page, hidden ones too, in order."""
    return await tx.fetch(
        f"""
        select {_SECTION} from funnel_page_sections
        where funnel_page_id = $1
        order by page_location, sort_order, id
        """,
        funnel_page_id,
    )


async def get_section(tx: Tx, *, funnel_page_id: UUID, section_id: UUID) -> Record:
    """Return a section. Raises NotFound when it is invisible, or another page's."""
    row = await tx.fetchrow(
        f"select {_SECTION} from funnel_page_sections where id = $2 and funnel_page_id = $1",
        funnel_page_id,
        section_id,
    )
    if row is None:
        raise NotFound("There is no such section.")
    return row


async def lock_sections(tx: Tx, *, funnel_page_id: UUID, page_location: str) -> list[Record]:
    """Return the sections of one of a funnel's pages in order, and keep them from moving."""
    return await tx.fetch(
        f"""
        select {_SECTION} from funnel_page_sections
        where funnel_page_id = $1 and page_location = $2
        order by sort_order, id
        for update
        """,
        funnel_page_id,
        page_location,
    )


async def update_section(
    tx: Tx,
    *,
    section_id: UUID,
    config: Mapping[str, Any],
    is_visible: bool,
    is_placeholder: bool,
) -> None:
    """Write what a section says and whether it is shown."""
    await tx.execute(
        """
        update funnel_page_sections
        set config = $2, is_visible = $3, is_placeholder = $4
        where id = $1
        """,
        section_id,
        dict(config),
        is_visible,
        is_placeholder,
    )


async def set_visible(tx: Tx, *, section_id: UUID, is_visible: bool) -> None:
    """Show or hide a section."""
    await tx.execute(
        "update funnel_page_sections set is_visible = $2 where id = $1", section_id, is_visible
    )


async def update_orders(tx: Tx, *, ids: Sequence[UUID], orders: Sequence[int]) -> None:
    """Write the orders of sections."""
    await tx.execute(
        """
        update funnel_page_sections as s
        set sort_order = given.sort_order
        from unnest($1::uuid[], $2::integer[]) as given (id, sort_order)
        where s.id = given.id and s.sort_order <> given.sort_order
        """,
        list(ids),
        list(orders),
    )


async def delete_section(tx: Tx, *, section_id: UUID) -> None:
    """Delete a section."""
    await tx.execute("delete from funnel_page_sections where id = $1", section_id)


async def delete_sections(tx: Tx, *, funnel_page_id: UUID, page_location: str) -> None:
    """Delete every section of one of a funnel's pages."""
    await tx.execute(
        "delete from funnel_page_sections where funnel_page_id = $1 and page_location = $2",
        funnel_page_id,
        page_location,
    )
