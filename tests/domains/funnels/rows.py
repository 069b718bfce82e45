"""Rows of funnels for tests, written by whoever the transaction acts for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from tests.people import Person


@dataclass(frozen=True, slots=True)
class Funnel:
    """A page with what it gives away, and whose they are."""

    id: UUID
    magnet_id: UUID
    slug: str
    author: Person
    service: Service


async def add_row(tx: Tx, table: str, **values: Any) -> UUID:
    columns = ", ".join(values)
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({columns}) values ({marks}) returning id", *values.values()
    )
    return row_id


async def add_funnel(tx: Tx, author: Person, **values: Any) -> Funnel:
    given: dict[str, Any] = {"slug": f"s{uuid4().hex[:12]}", "optin_headline": "Get it"} | values
    team = {"team_id": values["team_id"]} if "team_id" in values else {}
    magnet_id = await add_row(
        tx,
        "lead_magnets",
        user_id=author.id,
        title="Checklist",
        polished_content={"sections": []},
        interactive_config={"name": "Coach", "systemPrompt": "Hidden"},
        **team,
    )
    page_id = await add_row(
        tx, "funnel_pages", user_id=author.id, lead_magnet_id=magnet_id, **given
    )
    return Funnel(page_id, magnet_id, given["slug"], author, author.through(Writer.MAGNETLAB))


async def add_lead(tx: Tx, funnel: Funnel, *, email: str | None = None, **values: Any) -> UUID:
    return await add_row(
        tx,
        "funnel_leads",
        funnel_page_id=funnel.id,
        lead_magnet_id=funnel.magnet_id,
        user_id=funnel.author.id,
        email=email or f"{uuid4().hex}@example.com",
        **values,
    )


async def move(tx: Tx, table: str, row_id: UUID, *states: str) -> None:
    for state in states:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, state)
