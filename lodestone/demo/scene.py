"""Where the demo plays: its people, its clock, and ids that are the same on every machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

Row = dict[str, Any]
Rows = Sequence[tuple[str, Sequence[Row]]]
"""Rows by table, in the order of their foreign keys; all rows of a table name the same columns."""

_NAMESPACE = UUID("1f0a4b3e-6f5c-5d64-9a0e-3c1d27f4a9b2")


@dataclass(frozen=True, slots=True)
class Scene:
    """The demo's tenant, its people and teams, and the time at which it is made (UTC)."""

    now: datetime
    tenant_id: UUID
    owner_id: UUID
    writer_id: UUID
    manager_id: UUID
    workspace_id: UUID
    client_team_id: UUID

    def id(self, name: str) -> str:
        """Return the id of the thing of this name."""
        return str(uuid5(_NAMESPACE, f"{self.tenant_id}:{name}"))

    def ago(self, *, days: float = 0, hours: float = 0) -> str:
        """Return a time before now, as JSON has it; negative numbers lie ahead."""
        return (self.now - timedelta(days=days, hours=hours)).isoformat()

    def day(self, ahead: int = 0) -> str:
        """Return a date so many days ahead of today."""
        return (self.now.date() + timedelta(days=ahead)).isoformat()

    def month(self, back: int = 0) -> date:
        """Return the first day of a month, so many months back."""
        months = self.now.year * 12 + self.now.month - 1 - back
        return date(months // 12, months % 12 + 1, 1)
