"""Rows of the content tables, written as the caller's transaction may."""

from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx


async def add(tx: Tx, table: str, **columns: Any) -> UUID:
    """Insert a row and return its id."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({', '.join(columns)}) values ({places}) returning id",
        *columns.values(),
    )
    return row_id


async def move(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    """Take a row through states, one after the other."""
    for state in states:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, state)
