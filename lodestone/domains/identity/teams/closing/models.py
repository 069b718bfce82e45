"""How it stands with the end of a team."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """When a team ends, if it was asked for, and what has to be settled first."""

    due_at: datetime | None
    blockers: list[str]
