"""Rows for tests, written by whoever acts in the transaction."""

from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx


async def add(tx: Tx, table: str, **values: Any) -> UUID:
    """Insert a row and return its id; columns that are not named take their defaults."""
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({names}) values ({places}) returning id", *values.values()
    )
    return row_id


async def change(tx: Tx, table: str, row_id: UUID, **values: Any) -> str:
    """Update a row and return PostgreSQL's answer, `UPDATE 0` when it was not there to see."""
    pairs = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(values, start=2))
    status: str = await tx.execute(
        f"update public.{table} set {pairs} where id = $1", row_id, *values.values()
    )
    return status


async def sees(tx: Tx, table: str, row_id: UUID) -> bool:
    """Return whether whoever acts sees the row."""
    found: bool = await tx.fetchval(
        f"select exists (select from public.{table} where id = $1)", row_id
    )
    return found


async def remove(tx: Tx, table: str, row_id: UUID) -> str:
    """Delete a row and return PostgreSQL's answer."""
    status: str = await tx.execute(f"delete from public.{table} where id = $1", row_id)
    return status
